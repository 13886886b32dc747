"""Instants as PROTOCOL.md section 1 writes them, and as tables keep them. Reads no clock."""

import re
from datetime import UTC, datetime, timedelta, timezone

_FORM = re.compile(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$", re.ASCII)
_WIDEST = timedelta(hours=14)


def parse(text: str) -> datetime:
    """Return the aware datetime of an instant; raise `ValueError` when it is not one, or no real date."""
    if not _FORM.fullmatch(text):
        raise ValueError("not an instant")
    value = datetime.fromisoformat(text)
    offset = value.utcoffset()
    if offset is None or abs(offset) > _WIDEST or text.endswith("-00:00") or int(text[-2:]) > 59:
        raise ValueError("not an offset")
    return value


def write(value: datetime, offset_min: int = 0) -> str:
    """Return an instant as text at an offset, cut (not rounded) to the millisecond."""
    local = value.astimezone(timezone(timedelta(minutes=offset_min)))
    return local.isoformat(timespec="milliseconds")


def utc_column(text: str) -> tuple[str, int]:
    """Return what tables keep of a sealed instant: UTC text that sorts, and the sealed offset in minutes."""
    value = parse(text)
    offset = value.utcoffset()
    assert offset is not None
    utc = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{utc.removesuffix('+00:00')}Z", int(offset.total_seconds() // 60)
