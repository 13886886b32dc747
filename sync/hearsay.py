"""What an archive stated, as a station reads it. Without the archive's keys form and name must do: phones check the seals themselves."""

from typing import Any

from sync import record, statement
from sync.error import NotARecord, SyncError
from sync.ring import Ring


def receipt(archive: str, token: str, ring: Ring | None) -> dict[str, Any]:
    """Return a receipt's payload. Without the archive's keys its form and name must do: phones check the seal themselves."""
    if ring is not None:
        return ring.receipt(token)
    payload = record.parse_token(token.encode("ascii", "replace"), statement.RECEIPT).payload
    if payload.get("archive") != archive or not isinstance(payload.get("facts"), list):
        raise NotARecord("a receipt of another archive")
    return payload


def epoch(archive: str, token: str, ring: Ring | None) -> int | None:
    """Return the epoch of a time token, None for what is none. Without the archive's keys its form and name must do, as for receipts."""
    try:
        if ring is not None:
            payload = ring.spoken(token, statement.TIME)
        else:
            payload = record.parse_token(token.encode("ascii", "replace"), statement.TIME).payload
    except SyncError:
        return None
    found = payload.get("epoch")
    return found if payload.get("archive") == archive and isinstance(found, int) else None
