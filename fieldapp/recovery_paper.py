"""The recovery key on paper: 32 bytes as four numbered lines to be typed in again, each with three signs that tell a wrong one.

A line is 13 signs of the key and 3 that check them, in groups of four. The signs are Crockford's: no I, L, O, U; small letters
are read, and I, L and O as the digits they look like.
"""

import hashlib
import re

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LINES, OF_KEY, OF_CHECK = 4, 13, 3
_LINE = re.compile(
    rf"^[ \t]*([1-{LINES}])[ \t.:]+([0-9A-Za-z](?:[ \t-]*[0-9A-Za-z]){{15}})[ \t]*$", re.MULTILINE
)
_READ_AS = str.maketrans("ILO", "110")


class PaperRefused(ValueError):
    """Not the lines of a recovery key; `line` is the first that is missing or mistyped, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def lines(scalar: int) -> list[str]:
    """Return the lines of a private number."""
    value = scalar << (LINES * OF_KEY * 5 - 256)
    signs = _signs(value, LINES * OF_KEY)
    parts = [signs[at : at + OF_KEY] for at in range(0, len(signs), OF_KEY)]
    return [f"{n}  {_grouped(part + _check(n, part))}" for n, part in enumerate(parts, 1)]


def is_paper(text: str) -> bool:
    """Tell whether a text has a line of a recovery key."""
    return _LINE.search(text) is not None


def read(text: str) -> int:
    """Return the private number of the lines in a text, whatever stands around them; raise `PaperRefused`."""
    found = {
        int(n): re.sub(r"[ \t-]", "", signs).upper().translate(_READ_AS) for n, signs in _LINE.findall(text)
    }
    value = 0
    for n in range(1, LINES + 1):
        signs = found.get(n, "")
        part = signs[:OF_KEY]
        if not signs or set(signs) - set(SIGNS) or signs[OF_KEY:] != _check(n, part):
            raise PaperRefused(n)
        for sign in part:
            value = value * 32 + SIGNS.index(sign)
    return value >> (LINES * OF_KEY * 5 - 256)


def _signs(value: int, count: int) -> str:
    return "".join(SIGNS[(value >> (5 * at)) & 31] for at in reversed(range(count)))


def _check(n: int, part: str) -> str:
    return _signs(int.from_bytes(hashlib.sha256(f"{n}{part}".encode()).digest()[:2]) >> 1, OF_CHECK)


def _grouped(signs: str) -> str:
    return " ".join(signs[at : at + 4] for at in range(0, len(signs), 4))
