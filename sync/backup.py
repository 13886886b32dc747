"""A backup while others write, and the way back: one state of every table in one SQLite file, and the photos it names.

The same from SQLite and from PostgreSQL, and back into either. The archive's keys are never in it. A restored archive opens a new epoch,
so that phones offer again what the backup lacks.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, inspect, select
from sqlmodel import SQLModel

from sync import record
from sync.certificate import ARCHIVE_KEY
from sync.database import Database
from sync.error import SyncError
from sync.key import kid_of
from sync.photo import CHUNK_BYTES, FolderStore, PhotoStore
from sync.table import ArchiveRow, CertificateRow, Media, StreamRow

Progress = Callable[[int], object]

DATABASE, MANIFEST, PHOTOS = "archive.db", "backup.json", "photo"
FORM = "fieldapp-backup-1"
ROWS = 1_000


class BackupRefused(SyncError):
    """A folder that is no backup, is damaged, or does not fit where it is to go; `reason` is one word."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Contents:
    """What a backup holds: of which archive, how many records and photos."""

    archive: str
    records: int
    photos: int


# -- there --------------------------------------------------------------------------------------------------------------------


def back_up(
    database: Database, photos: PhotoStore, folder: Path, at: str, progress: Progress = lambda _done: None
) -> Contents:
    """Write a backup into a folder; one that is there is replaced when the new one is whole, its photos are kept and added to.

    What was erased by law since the last backup leaves this folder too.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f"{DATABASE}.new"
    fresh.unlink(missing_ok=True)
    counts = _copy_out(database, fresh)
    named = _media_of(fresh)
    copied = FolderStore(folder / PHOTOS)
    for sha256, size_bytes in named.items():
        if not copied.has(sha256):
            with contextlib.suppress(
                FileNotFoundError
            ):  # erased since the tables were read, or lost: `verify` says which
                copied.take(sha256, _pieces(photos, sha256), size_bytes)
        progress(1)
    contents = Contents(_name_of(fresh), counts["record"], len(named))
    manifest = {
        "form": FORM,
        "archive": contents.archive,
        "at": at,
        "records": contents.records,
        "photos": contents.photos,
        "sha256": _sha256(fresh),
    }
    _write_durably(folder / f"{MANIFEST}.new", json.dumps(manifest, indent=2).encode())
    fresh.replace(folder / DATABASE)
    (folder / f"{MANIFEST}.new").replace(folder / MANIFEST)
    _sync_folder(folder)
    for file in (folder / PHOTOS / "sha256").glob("*/*"):
        if file.name not in named:
            copied.erase(file.name)
    return contents


def _copy_out(database: Database, target: Path) -> dict[str, int]:
    """Copy every table as it stands at one moment into a new SQLite file, durable when this returns."""
    copy = Database(f"sqlite:///{target}")
    try:
        copy.create_tables()
        with database.reading() as session, copy.writing() as into:
            source = session.connection()
            counts = {table.name: _copy(source, into.connection(), table) for table in _tables()}
    finally:
        copy.close()  # with the last connection SQLite moves its log into the file, durably
    return counts


def _tables() -> list[Table]:
    """Every table but those that are made of the others when an archive finds them empty."""
    return [one for one in SQLModel.metadata.sorted_tables if not one.info.get("is_remade")]


def _copy(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    rows = source.execute(select(table).execution_options(yield_per=ROWS))
    for some in rows.mappings().partitions(ROWS):
        target.execute(insert(table), [dict(row) for row in some])
        count += len(some)
    return count


def _media_of(path: Path) -> dict[str, int]:
    media = Media.__table__.c  # type: ignore[attr-defined]
    return dict(_ask(path, select(media.sha256, media.size_bytes)))


def _name_of(path: Path) -> str:
    rows = _ask(path, select(ArchiveRow.__table__.c.name))  # type: ignore[attr-defined]
    return str(rows[0][0]) if rows else ""


def _ask(path: Path, statement: Any) -> list[Any]:
    copy = Database(f"sqlite:///{path}")
    try:
        with copy.reading() as session:
            return list(session.execute(statement))
    finally:
        copy.close()


# -- and back -----------------------------------------------------------------------------------------------------------------


def check(folder: Path) -> Contents:
    """Return what a backup holds; raise `BackupRefused` when it is none or its tables are not the ones that were written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise BackupRefused("no-backup", f"{folder} holds no readable {MANIFEST}") from error
    if not isinstance(manifest, dict) or manifest.get("form") != FORM:
        raise BackupRefused("no-backup", f"{MANIFEST} is not of a form known here")
    if not (folder / DATABASE).is_file() or _sha256(folder / DATABASE) != manifest.get("sha256"):
        raise BackupRefused("damaged", f"{DATABASE} is not the one the backup was made with")
    return Contents(str(manifest["archive"]), int(manifest["records"]), int(manifest["photos"]))


def archive_keys(folder: Path, lasting: Sequence[bytes]) -> set[str]:
    """Return the kids of every key that the archive of a backup has had, those that are newer than the backup included."""
    table = CertificateRow.__table__.c  # type: ignore[attr-defined]
    own = {kid for (kid,) in _ask(folder / DATABASE, select(table.kid).where(table.is_archive))}
    newer = (record.payload_of(line) for line in lasting)
    return own | {kid_of(one["body"]["jwk"]) for one in newer if one["kind"] == ARCHIVE_KEY}


def restore(
    folder: Path, database: Database, photos: PhotoStore, progress: Progress = lambda _done: None
) -> tuple[Contents, list[str]]:
    """Fill an empty database and a photo store from a backup; return what it held, and the SHA-256 of photos it lacks.

    Photos go first: a record whose photo was lost with the backup is not found complete. Raise `BackupRefused` for a database that
    is not empty: nothing is ever written over an archive.
    """
    contents = check(folder)
    database.create_tables()
    with database.reading() as session:
        if session.execute(select(StreamRow.__table__.c.name).limit(1)).first() is not None:  # type: ignore[attr-defined]
            raise BackupRefused("not-empty", "the database holds an archive already")
    kept, lacking = FolderStore(folder / PHOTOS), []
    for sha256, size_bytes in _media_of(folder / DATABASE).items():
        try:
            if not photos.has(sha256):
                photos.take(sha256, _pieces(kept, sha256), size_bytes)
        except (OSError, SyncError):
            lacking.append(sha256)
        progress(1)
    _copy_in(folder / DATABASE, database, lacking)
    return contents, lacking


def _copy_in(path: Path, database: Database, lacking: list[str]) -> None:
    copy = Database(f"sqlite:///{path}")
    try:
        with copy.reading() as source, database.writing() as session:
            target = session.connection()
            # A backup of an older version has not got every table.
            there = set(inspect(source.connection()).get_table_names())
            for table in _tables():
                if table.name in there:
                    _copy(source.connection(), target, table)
            media = Media.__table__  # type: ignore[attr-defined]
            for start in range(0, len(lacking), ROWS):
                target.execute(media.delete().where(media.c.sha256.in_(lacking[start : start + ROWS])))
    finally:
        copy.close()


# -- files --------------------------------------------------------------------------------------------------------------------


def _pieces(photos: PhotoStore, sha256: str) -> Iterator[bytes]:
    with photos.open(sha256) as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
