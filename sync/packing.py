"""Writing packages to files: from whatever holds records and photos, in parts, each durable before it has its name."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlmodel import col, select

from sync import key
from sync.archive import Archive
from sync.package import KEYS, PART_BYTES, RECEIPTS, Head, Item, Part, Writer, plan
from sync.table import Media, RecordMedia, RecordRow

Progress = Callable[[int], None]


class Source(Protocol):
    """Where a package's content comes from."""

    def items(self) -> Iterable[Item]:
        """Return the records to pack, in order."""

    def load(self, record: str) -> bytes:
        """Return the bytes of a record."""

    def photo(self, sha256: str) -> BinaryIO:
        """Open the bytes of a photo."""

    def keys(self) -> Sequence[bytes]:
        """Return key records."""

    def receipts(self, records: Sequence[str]) -> Sequence[bytes]:
        """Return receipts for some of the records."""


class ArchiveSource:
    """Whole streams of an archive, with the photos it holds. Records erased by law are left out."""

    def __init__(self, archive: Archive, streams: Sequence[str]) -> None:
        self.archive = archive
        self.streams = streams

    def items(self) -> Iterator[Item]:
        """Yield the records of the streams by position."""
        for name in self.streams:
            photos = self._photos(name)
            with self.archive.database.reading() as session:
                rows = session.exec(
                    select(RecordRow.hash, RecordRow.bytes)
                    .where(RecordRow.stream == name, col(RecordRow.bytes).is_not(None))
                    .order_by(col(RecordRow.position))
                    .execution_options(yield_per=200)
                )
                for record, text in rows:
                    yield Item(record, len(text), tuple(photos.get(record, ())))

    def _photos(self, name: str) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        with self.archive.database.reading() as session:
            rows = session.exec(
                select(RecordMedia.record, Media.sha256, Media.size_bytes)
                .join(Media, col(Media.sha256) == RecordMedia.sha256)
                .join(RecordRow, col(RecordRow.hash) == RecordMedia.record)
                .where(RecordRow.stream == name, col(RecordMedia.received_at).is_not(None))
                .distinct()
                .order_by(RecordMedia.record, Media.sha256)
            )
            for record, sha256, size in rows:
                found.setdefault(record, []).append((sha256, size))
        return found

    def load(self, record: str) -> bytes:
        """Return the bytes of a record."""
        with self.archive.database.reading() as session:
            return bytes(session.get_one(RecordRow, record).bytes)

    def photo(self, sha256: str) -> BinaryIO:
        """Open the bytes of a photo."""
        return self.archive.photos.open(sha256)

    def keys(self) -> list[bytes]:
        """Return the whole stream `keys`."""
        return keys_of(self.archive)

    def receipts(self, records: Sequence[str]) -> list[bytes]:
        """Return receipts for all of the records."""
        batches = (records[start : start + 1000] for start in range(0, len(records), 1000))
        return [token.encode("ascii") for some in batches for token in self.archive.receipts(some)[0]]


def keys_of(archive: Archive) -> list[bytes]:
    """Return the stream `keys` of an archive from its beginning."""
    with archive.database.reading() as session:
        rows = session.exec(
            select(RecordRow.bytes).where(RecordRow.stream == "keys").order_by(col(RecordRow.position))
        )
        return [bytes(row) for row in rows if row]


def size_of(parts: Sequence[Part]) -> int:
    """Return how many bytes `write` will tell its progress, about."""
    return sum(part.size_bytes for part in parts) * 3 // 4


def write(
    target: Path,
    source: Source,
    head: Head,
    recipient: key.Jwk,
    parts: Sequence[Part] | None = None,
    progress: Progress = lambda _bytes: None,
) -> list[Path]:
    """Write a package to `target`, or to `target.1of3` and so on when it needs several files; return the files."""
    parts = plan(source.items(), PART_BYTES) if parts is None else parts
    made = []
    for number, part in enumerate(parts, 1):
        suffix = "" if len(parts) == 1 else f".{number}of{len(parts)}"
        path = target.with_name(target.name + suffix)
        _write_part(path, source, replace(head, part=number, parts=len(parts)), recipient, part, progress)
        made.append(path)
    return made


def _write_part(
    path: Path, source: Source, head: Head, recipient: key.Jwk, part: Part, progress: Progress
) -> None:
    fresh = path.with_name(f"{path.name}.part")
    try:
        with fresh.open("wb") as file:
            _fill(Writer(file, head, recipient), source, part, progress)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _fill(writer: Writer, source: Source, part: Part, progress: Progress) -> None:
    def load(record: str) -> bytes:
        data = source.load(record)
        progress(len(data))
        return data

    writer.plain(KEYS, source.keys())
    writer.plain(RECEIPTS, source.receipts(part.hashes))
    writer.records(part.pieces, load)
    for sha256, size in part.photos.items():
        with source.photo(sha256) as file:
            writer.photo(sha256, size, file)
        progress(size)
    writer.close()
