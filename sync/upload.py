"""Photos coming in, resumable (tus 1.0), and counted only when read back whole (PROTOCOL.md section 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select

from sync import base64url, completeness, instant
from sync.append import insert_new
from sync.archive import Archive
from sync.error import SyncError
from sync.photo import WrongBytes
from sync.table import Media, RecordMedia, Upload

LIFE = timedelta(days=7)


class NotNamed(SyncError):
    """No record here names those bytes with that size: the text goes first."""


class NoUpload(SyncError):
    """An upload that does not exist, has expired, or is finished and forgotten."""


@dataclass(frozen=True)
class Progress:
    """Where an upload stands."""

    token: str
    offset: int
    size_bytes: int
    expires_at: str
    is_complete: bool = False


class Uploads:
    """The uploads under way to one archive. Nothing is kept in memory: any process continues any upload."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.database = archive.database
        self.photos = archive.photos

    def create(self, record: str, sha256: str, size_bytes: int) -> Progress:
        """Begin an upload; raise `NotNamed` unless a record here names just these bytes."""
        with self.database.writing() as session:
            named = session.exec(
                select(RecordMedia).where(RecordMedia.record == record, RecordMedia.sha256 == sha256)
            ).first()
            if named is None or named.size_bytes != size_bytes:
                raise NotNamed(sha256)
            token = base64url.encode(self.archive.randomness(24))
            expires_at = instant.write(self.archive.clock() + LIFE)
            session.add(
                Upload(
                    token=token, record=record, sha256=sha256, size_bytes=size_bytes, expires_at=expires_at
                )
            )
        return Progress(token, 0, size_bytes, expires_at)

    def find(self, token: str) -> Progress:
        """Return where an upload stands; raise `NoUpload` when it is gone."""
        upload = self._row(token)
        offset = self.photos.offset(token)
        return Progress(token, offset, upload.size_bytes, upload.expires_at)

    def add(self, token: str, offset: int, chunks: Iterable[bytes]) -> Progress:
        """Add bytes at an offset; with the last byte the whole is read back and, when equal, counted.

        Raise `WrongOffset` when the upload stands elsewhere, `WrongBytes` when the whole is not what the record names.
        """
        upload = self._row(token)
        offset = self.photos.append(token, offset, chunks, upload.size_bytes)
        if offset < upload.size_bytes:
            return Progress(token, offset, upload.size_bytes, upload.expires_at)
        self._finish(upload)
        return Progress(token, offset, upload.size_bytes, upload.expires_at, is_complete=True)

    def receive(self, record: str, sha256: str, size_bytes: int, chunks: Iterable[bytes]) -> None:
        """Take bytes that are whole already (a desk's, an import's, a demo's) for a record that names them."""
        progress = self.create(record, sha256, size_bytes)
        if not self.add(progress.token, 0, chunks).is_complete:
            self._forget(progress.token)
            raise WrongBytes(sha256)

    def _row(self, token: str) -> Upload:
        with self.database.reading() as session:
            upload = session.get(Upload, token)
        if upload is None or instant.parse(upload.expires_at) < self.archive.clock():
            raise NoUpload(token)
        return upload

    def _finish(self, upload: Upload) -> None:
        try:
            self.photos.finish(upload.token, upload.sha256)
        except WrongBytes:
            self._forget(upload.token)
            raise
        except FileNotFoundError as error:
            # Another request brought the last byte too and has finished it.
            raise NoUpload(upload.token) from error
        now = self.archive.now()
        with self.database.writing() as session:
            insert_new(
                session, Media, {"sha256": upload.sha256, "size_bytes": upload.size_bytes, "stored_at": now}
            )
            session.execute(
                update(RecordMedia)
                .where(
                    col(RecordMedia.record) == upload.record,
                    col(RecordMedia.sha256) == upload.sha256,
                    col(RecordMedia.received_at).is_(None),
                )
                .values(received_at=now)
            )
            completeness.complete(session, [upload.record], now)
            session.delete(session.get_one(Upload, upload.token))

    def _forget(self, token: str) -> None:
        self.photos.drop(token)
        with self.database.writing() as session:
            upload = session.get(Upload, token)
            if upload is not None:
                session.delete(upload)

    def sweep(self) -> int:
        """Forget uploads that have expired; return how many."""
        now = self.archive.now()
        with self.database.reading() as session:
            expired = session.exec(select(Upload.token).where(Upload.expires_at < now)).all()
        for token in expired:
            self._forget(token)
        return len(expired)
