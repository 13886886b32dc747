"""Photos coming in, resumable (tus 1.0), and counted only when read back whole (PROTOCOL.md section 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from sync import base64url, completeness, instant
from sync.append import insert_new
from sync.archive import Archive
from sync.error import SyncError
from sync.photo import TOKEN, WrongBytes, WrongOffset
from sync.record import HASH
from sync.table import Media, RecordMedia, Upload

LIFE = timedelta(days=7)
# Uploads of the same bytes for the same record that may be under way together.
MOST_AT_ONCE = 3


class NotNamed(SyncError):
    """No record here names those bytes with that size: the text goes first."""


class NoUpload(SyncError):
    """An upload that does not exist, has expired, or is finished and forgotten."""


@dataclass(frozen=True)
class Progress:
    """Where an upload stands. It is complete when the bytes have been read back and count for its record."""

    token: str
    offset: int
    size_bytes: int
    expires_at: str

    @property
    def is_complete(self) -> bool:
        """Tell whether all is here and counted."""
        return self.offset == self.size_bytes


class Uploads:
    """The uploads under way to one archive. Nothing is kept in memory: any process continues any upload."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.database = archive.database
        self.photos = archive.photos

    def create(self, record: str, sha256: str, size_bytes: int) -> Progress:
        """Begin an upload; raise `NotNamed` unless a record here names just these bytes. Complete at once when they are here for it."""
        with self.database.writing() as session:
            named = _named(session, record, sha256)
            if named is None or named.size_bytes != size_bytes:
                raise NotNamed(sha256)
            dropped = self._make_room(session, record, sha256)
            token = base64url.encode(self.archive.randomness(24))
            expires_at = instant.write(self.archive.clock() + LIFE)
            upload = Upload(
                token=token, record=record, sha256=sha256, size_bytes=size_bytes, expires_at=expires_at
            )
            session.add(upload)
            offset = size_bytes if self._is_received(named) else 0
        for gone in dropped:
            self.photos.drop(gone)
        return Progress(token, offset, size_bytes, expires_at)

    def _make_room(self, session: Session, record: str, sha256: str) -> list[str]:
        """Forget the oldest uploads of the same bytes: a phone that lost its place begins anew, but not without end."""
        same = session.exec(
            select(Upload)
            .where(Upload.record == record, Upload.sha256 == sha256)
            .order_by(col(Upload.expires_at).desc())
        ).all()
        for upload in same[MOST_AT_ONCE - 1 :]:
            session.delete(upload)
        return [upload.token for upload in same[MOST_AT_ONCE - 1 :]]

    def find(self, token: str) -> Progress:
        """Return where an upload stands; raise `NoUpload` when it is gone. One that has all its bytes is finished now if it was not."""
        upload, is_received = self._row(token)
        offset = upload.size_bytes if is_received else self.photos.offset(token)
        if offset >= upload.size_bytes and not is_received:
            self._finish(upload)
        return Progress(token, offset, upload.size_bytes, upload.expires_at)

    def add(self, token: str, offset: int, chunks: Iterable[bytes]) -> Progress:
        """Add bytes at an offset; with the last byte the whole is read back and, when equal, counted.

        Raise `WrongOffset` when the upload stands elsewhere, `WrongBytes` when the whole is not what the record names.
        """
        upload, is_received = self._row(token)
        if is_received and offset != upload.size_bytes:
            raise WrongOffset(upload.size_bytes)
        if not is_received:
            offset = self.photos.append(token, offset, chunks, upload.size_bytes)
            if offset == upload.size_bytes:
                self._finish(upload)
        return Progress(token, offset, upload.size_bytes, upload.expires_at)

    def receive(self, record: str, sha256: str, size_bytes: int, chunks: Iterable[bytes]) -> None:
        """Take bytes that are whole already (a desk's, an import's, a demo's) for a record that names them."""
        progress = self.create(record, sha256, size_bytes)
        if progress.is_complete:
            return
        is_whole = False
        try:
            is_whole = self.add(progress.token, 0, chunks).is_complete
        finally:
            if not is_whole:
                self._forget(progress.token)
        if not is_whole:
            raise WrongBytes(sha256)

    def _row(self, token: str) -> tuple[Upload, bool]:
        """Return an upload and whether its bytes count for its record already."""
        if not TOKEN.fullmatch(token):
            raise NoUpload(token)
        with self.database.reading() as session:
            upload = session.get(Upload, token)
            if upload is None or instant.parse(upload.expires_at) < self.archive.clock():
                raise NoUpload(token)
            return upload, self._is_received(_named(session, upload.record, upload.sha256))

    def _is_received(self, named: RecordMedia | None) -> bool:
        return named is not None and named.received_at is not None and self.photos.has(named.sha256)

    def _finish(self, upload: Upload) -> None:
        try:
            self.photos.finish(upload.token, upload.sha256)
        except WrongBytes:
            self._forget(upload.token)
            raise
        except FileNotFoundError:
            # Another request brought the last byte too; unless that one finished it, this upload is lost.
            if not self._row(upload.token)[1]:
                raise NoUpload(upload.token) from None
            return
        self._count(upload)

    def _count(self, upload: Upload) -> None:
        now = self.archive.now()
        with self.database.writing() as session:
            insert_new(
                session, Media, {"sha256": upload.sha256, "size_bytes": upload.size_bytes, "stored_at": now}
            )
            session.execute(
                update(RecordMedia)
                .where(col(RecordMedia.record) == upload.record, col(RecordMedia.sha256) == upload.sha256)
                .where(col(RecordMedia.received_at).is_(None))
                .values(received_at=now)
            )
            completeness.complete(session, [upload.record], now)

    def _forget(self, token: str) -> None:
        self.photos.drop(token)
        with self.database.writing() as session:
            session.execute(delete(Upload).where(col(Upload.token) == token))

    def sweep(self) -> int:
        """Forget uploads that have expired and parts that nothing names any more; return how many."""
        now = self.archive.clock()
        with self.database.reading() as session:
            expired = session.exec(select(Upload.token).where(Upload.expires_at < instant.write(now))).all()
        for token in expired:
            self._forget(token)
        return len(expired) + self.photos.sweep((now - 2 * LIFE).timestamp())


def _named(session: Session, record: str, sha256: str) -> RecordMedia | None:
    if not HASH.fullmatch(record) or not HASH.fullmatch(sha256):
        return None
    return session.exec(
        select(RecordMedia).where(RecordMedia.record == record, RecordMedia.sha256 == sha256)
    ).first()
