"""Erasure by law at a station: whatever copy it has of a record goes when it meets the erasure (PROTOCOL.md section 13)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from sync import record
from sync.erasure import NAME
from sync.station_table import HELD, MIRROR, PHOTO, UPLOAD

ERASED = "erased"
REST = ("id", "kind", "entity", "author", "supersedes")


def named_by(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the records that erasures among lines of a stream name."""
    found: list[str] = []
    for line in lines:
        if line["record"] is None:
            found.append(line["hash"])
            continue
        opened = record.parse(line["record"].encode())
        if opened.payload["kind"] == NAME:
            found += opened.body["hashes"]
    return found


def drop(connection: Connection, hashes: Sequence[str]) -> list[str]:
    """Drop what is here of records that were erased; return the SHA-256 of photo bytes that nothing names any more."""
    gone = {"bytes": b"", "is_final": 1, "verdict": "known", "reason": ERASED, "detail": None}
    connection.execute(update(HELD).where(HELD.c.hash.in_(hashes)).values(**gone))
    named = select(PHOTO.c.sha256).where(PHOTO.c.record.in_(hashes))
    photos = set(connection.execute(named).scalars())
    for table in (PHOTO, UPLOAD):
        connection.execute(delete(table).where(table.c.record.in_(hashes)))
    _empty_mirror(connection, hashes)
    still = select(PHOTO.c.sha256).where(PHOTO.c.sha256.in_(photos))
    return sorted(photos - set(connection.execute(still).scalars()))


def _empty_mirror(connection: Connection, hashes: Sequence[str]) -> None:
    here = select(MIRROR.c.hash, MIRROR.c.record).where(
        MIRROR.c.hash.in_(hashes), MIRROR.c.record.is_not(None)
    )
    for known, text in connection.execute(here).all():
        payload = record.parse(text.encode()).payload
        rest = {name: payload[name] for name in REST}
        connection.execute(update(MIRROR).where(MIRROR.c.hash == known).values(record=None, erased=rest))
