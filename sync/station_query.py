"""What a station is asked of its own tables: queries written to be read, without a word of their own."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from sync import record
from sync.record import HASH
from sync.station_table import HELD, PHOTO, RECEIPT


def receipts(connection: Connection, hashes: Sequence[str]) -> list[str]:
    """Return the archive's receipts for these records, each once."""
    found: dict[str, None] = {}
    for start in range(0, len(hashes), 500):
        query = select(RECEIPT.c.token).where(RECEIPT.c.hash.in_(hashes[start : start + 500]))
        found |= dict.fromkeys(connection.execute(query).scalars())
    return list(found)


def missing(connection: Connection, record_hash: str) -> list[str]:
    """Return the required photos of a record that are not here, unless a receipt calls it complete."""
    query = select(RECEIPT.c.is_complete).where(RECEIPT.c.hash == record_hash)
    if connection.execute(query).scalar():
        return []
    required = [sha256 for sha256, (_, is_required) in named(connection, record_hash).items() if is_required]
    return sorted(one for one in required if not has_photo(connection, record_hash, one))


def named(connection: Connection, record_hash: str) -> dict[str, tuple[int, bool]]:
    """Return the bytes a record here names, by SHA-256: size, and whether they are required. Kinds mean nothing to a station."""
    if not HASH.fullmatch(record_hash):
        return {}
    data = connection.execute(select(HELD.c.bytes).where(HELD.c.hash == record_hash).limit(1)).scalar()
    return dict(media(record.parse(bytes(data)).body)) if data else {}


def media(value: Any) -> Iterator[tuple[str, tuple[int, bool]]]:
    """Walk a body for what names bytes: an object with `sha256` and `size_bytes` (PROTOCOL.md section 8)."""
    if isinstance(value, dict):
        sha256, size = value.get("sha256"), value.get("size_bytes")
        if isinstance(sha256, str) and HASH.fullmatch(sha256) and isinstance(size, int):
            yield sha256, (size, value.get("required") is True)
        for item in value.values():
            yield from media(item)
    elif isinstance(value, list):
        for item in value:
            yield from media(item)


def has_photo(connection: Connection, record_hash: str, sha256: str) -> bool:
    """Tell whether a photo of a record is here."""
    which = (PHOTO.c.record == record_hash, PHOTO.c.sha256 == sha256)
    return connection.execute(select(PHOTO.c.record).where(*which)).first() is not None
