"""Degrees as people write them, to degrees × 10⁷ as records hold them, and back. Pure."""

import re
from decimal import Decimal, InvalidOperation

E7 = 10_000_000
FULL_WIDTH = str.maketrans("０１２３４５６７８９．－，", "0123456789.-,")
SIDE = {"北": 1, "东": 1, "N": 1, "E": 1, "南": -1, "西": -1, "S": -1, "W": -1}
PARTS = re.compile(r"[°º度′'’分″\"”秒\s:]+")


def parse(text: str) -> int:
    """Return degrees × 10⁷, rounded, of `26.4733`, `26°28′24.03″`, `26 28 24 N` or `北纬26度28分24秒`; raise `ValueError`."""
    told = text.translate(FULL_WIDTH).strip().upper().replace("纬", "").replace("经", "").replace("''", "″")
    sides = [SIDE[sign] for sign in told if sign in SIDE]
    bare = "".join(sign for sign in told if sign not in SIDE).strip()
    is_negative, bare = bare.startswith("-"), bare.removeprefix("-")
    parts = [part for part in PARTS.split(bare) if part]
    if len(sides) > 1 or (sides and is_negative) or not 1 <= len(parts) <= 3:
        raise ValueError(f"{text!r} is no angle")
    try:
        degrees, minutes, seconds = (Decimal(part) for part in (*parts, "0", "0")[:3])
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no angle") from error
    whole_before = all(
        "." not in part for part in parts[:-1]
    )  # only the last part may go on behind the point
    is_angle = degrees >= 0 and 0 <= minutes < 60 and 0 <= seconds < 60
    if not (whole_before and is_angle and degrees.is_finite() and minutes.is_finite()):
        raise ValueError(f"{text!r} is no angle")
    sign = -1 if is_negative or sides == [-1] else 1
    return sign * int(((degrees + minutes / 60 + seconds / 3600) * E7).to_integral_value())


def write(value_e7: int) -> str:
    """Return degrees with seven decimals: `264733410` → `26.4733410`."""
    whole, rest = divmod(abs(value_e7), E7)
    return f"{'-' if value_e7 < 0 else ''}{whole}.{rest:07d}"
