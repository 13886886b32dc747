"""Photos coming in, resumable (tus 1.0), and counted only when read back whole (PROTOCOL.md section 8)."""

import collections
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Update, bindparam, delete, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from sync import base64url, completeness, fault, instant
from sync.archive import Archive
from sync.error import SyncError
from sync.gathering import Gathering
from sync.photo import TOKEN, WrongBytes, WrongOffset
from sync.prepared import Prepared, among, insert_new, insertion_or_nothing
from sync.record import HASH
from sync.table import ErasedMedia, Media, RecordMedia, Upload

LIFE = timedelta(days=7)
# Uploads of the same bytes for the same record that may be under way together.
MOST_AT_ONCE = 3


class NotNamed(SyncError):
    """No record here names those bytes with that size: the text goes first."""


class NoUpload(SyncError):
    """An upload that does not exist, has expired, or is finished and forgotten."""


class TooManyBytes(SyncError):
    """More bytes than the record says the photo has; `size_bytes` is what it says."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"more than {size_bytes} bytes")
        self.size_bytes = size_bytes


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


# Bytes that a record names: its hash, their SHA-256, their size.
Item = tuple[str, str, int]


class Naming(NamedTuple):
    """Bytes as a record names them, and since when they count for it."""

    size_bytes: int
    received_at: str | None


class Uploads:
    """The uploads under way to one archive. Nothing is kept in memory: any process continues any upload."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.database = archive.database
        self.photos = archive.photos
        self._counting = Gathering(self._count)

    def create(self, record: str, sha256: str, size_bytes: int) -> Progress:
        """Begin an upload; raise `NotNamed` unless a record here names just these bytes. Complete at once when they are here for it."""
        token = self._new_token()
        with self.database.writing() as session:
            offset = size_bytes if self._is_here(session, record, sha256, size_bytes) else 0
            expires_at, dropped = self._enter(session, token, record, sha256, size_bytes)
        fault.passing("upload-created")
        self._drop(dropped)
        return Progress(token, offset, size_bytes, expires_at)

    def create_whole(self, record: str, sha256: str, size_bytes: int, chunks: Iterable[bytes]) -> Progress:
        """Begin an upload with a body that is all of it, and end it. Raises as `create` and `add` do.

        Nothing is kept of a body that is cut: whoever sent it was not told where to go on. Nor of the upload, which has no more to come:
        its name says what it was of.
        """
        self.receive(record, sha256, size_bytes, chunks)
        return Progress(f"{record}.{sha256}", size_bytes, size_bytes, self._ends())

    def receive(self, record: str, sha256: str, size_bytes: int, chunks: Iterable[bytes]) -> None:
        """Take bytes that are whole already (a desk's, an import's, a demo's) for a record that names them."""
        with self.database.snapshot() as connection:
            is_here = self._is_here(connection, record, sha256, size_bytes)
        if not is_here:
            self.photos.take(sha256, chunks, size_bytes)
            if self._counting.do((record, sha256, size_bytes)):
                raise NotNamed(sha256)

    def receive_all(self, items: Sequence[Item], take: Callable[[int], Iterable[bytes]]) -> list[Item]:
        """Take bytes that come whole, one photo after the other; return those that count for their records now.

        `take` gives the next so many bytes. One that nobody names, or whose bytes are others, holds no other; where `take` raises, those
        that came whole before count all the same.
        """
        with self.database.snapshot() as connection:
            named = {item: _named(connection, *item[:2]) for item in items}
        counted = {item for item, naming in named.items() if self._is_received(naming, item[1])}
        batch, written = self.photos.batch(), []
        try:
            for item in items:
                naming = named[item]
                if item not in counted and naming is not None and naming.size_bytes == item[2]:
                    batch.write(item[1], take(item[2]), item[2])
                    written.append(item)
                else:
                    collections.deque(take(item[2]), maxlen=0)
        finally:
            stored = batch.settle()
            whole = {item for item in written if item[1] in stored}
            counted |= whole - self._counting.do(*whole)
            fault.passing("photo-counted")
        return [item for item in items if item in counted]

    def _new_token(self) -> str:
        return base64url.encode(self.archive.randomness(24))

    def _enter(
        self, session: Session, token: str, record: str, sha256: str, size_bytes: int
    ) -> tuple[str, list[str]]:
        """Enter an upload; return when it expires, and which it pushed out."""
        dropped = self._make_room(session, record, sha256)
        expires_at = self._ends()
        values = {"token": token, "record": record, "sha256": sha256, "size_bytes": size_bytes}
        insert_new(session, Upload, values | {"expires_at": expires_at})
        return expires_at, dropped

    def _drop(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            self.photos.drop(token)

    def _make_room(self, session: Session, record: str, sha256: str) -> list[str]:
        """Forget the oldest uploads of the same bytes: a phone that lost its place begins anew, but not without end."""
        same = [token for (token,) in _SAME_BYTES.rows(session, of=record, named=sha256)]
        dropped = same[MOST_AT_ONCE - 1 :]
        if dropped:
            session.execute(delete(Upload).where(col(Upload.token).in_(dropped)))
        return dropped

    def find(self, token: str) -> Progress:
        """Return where an upload stands; raise `NoUpload` when it is gone. One that has all its bytes is finished now if it was not."""
        upload, is_received = self._row(token)
        offset = upload.size_bytes if is_received else self.photos.offset(token)
        if offset >= upload.size_bytes and not is_received:
            self._finish(upload)
        return Progress(token, offset, upload.size_bytes, upload.expires_at)

    def add(self, token: str, offset: int, chunks: Iterable[bytes], length: int | None = None) -> Progress:
        """Add bytes at an offset; with the last byte the whole is read back and, when equal, counted.

        `length` is how many bytes are said to come. Raise `WrongOffset` when the upload stands elsewhere, `TooManyBytes` before
        anything is written when they are more than the photo has, `WrongBytes` when the whole is not what the record names.
        """
        upload, is_received = self._row(token)
        if is_received and offset != upload.size_bytes:
            raise WrongOffset(upload.size_bytes)
        if length is not None and offset + length > upload.size_bytes:
            raise TooManyBytes(upload.size_bytes)
        if not is_received:
            offset = self.photos.append(token, offset, chunks, upload.size_bytes)
            if offset == upload.size_bytes:
                self._finish(upload)
        return Progress(token, offset, upload.size_bytes, upload.expires_at)

    def _row(self, token: str) -> tuple[Upload, bool]:
        """Return an upload and whether its bytes count for its record already."""
        record, _, sha256 = token.partition(".")
        if sha256:
            return self._ended(record, sha256), True
        if not TOKEN.fullmatch(token):
            raise NoUpload(token)
        with self.database.reading() as session:
            upload = session.get(Upload, token)
            if upload is None or instant.parse(upload.expires_at) < self.archive.clock():
                raise NoUpload(token)
            named = _named(session, upload.record, upload.sha256)
        return upload, self._is_received(named, upload.sha256)

    def _ended(self, record: str, sha256: str) -> Upload:
        """Return an upload that came whole; raise `NoUpload` when its bytes do not count for the record."""
        with self.database.snapshot() as connection:
            named = _named(connection, record, sha256)
        if named is None or not self._is_received(named, sha256):
            raise NoUpload(f"{record}.{sha256}")
        values = {"token": f"{record}.{sha256}", "record": record, "sha256": sha256}
        return Upload(**values, size_bytes=named.size_bytes, expires_at=self._ends())

    def _ends(self) -> str:
        return instant.write(self.archive.clock() + LIFE)

    def _is_here(self, session: Session | Connection, record: str, sha256: str, size_bytes: int) -> bool:
        """Tell whether bytes count for a record already; raise `NotNamed` unless it names just these."""
        named = _named(session, record, sha256)
        if named is None or named.size_bytes != size_bytes:
            raise NotNamed(sha256)
        return self._is_received(named, sha256)

    def _is_received(self, named: Naming | None, sha256: str) -> bool:
        return named is not None and named.received_at is not None and self.photos.has(sha256)

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
        if self._counting.do((upload.record, upload.sha256, upload.size_bytes)):
            raise NoUpload(upload.token)
        fault.passing("photo-counted")

    def _count(self, items: Sequence[Item]) -> set[Item]:
        """Count bytes that are in the store for the records that name them; return those that no record names any more.

        An erasure by law may have come between naming and storing. Rows are touched in one order everywhere: nobody waits in a ring.
        """
        now = self.archive.now()
        with self.database.transaction() as connection:
            self.database.hold_photos(connection, is_shared=True)
            here = sorted(item for item in items if self.database.is_sqlite or self.photos.has(item[1]))
            counted = self._received(connection, here, now)
            sizes = sorted({(sha256, size) for _, sha256, size in counted})
            stored = [{"sha256": one, "size_bytes": size, "stored_at": now} for one, size in sizes]
            if stored:
                _STORED.many(connection, stored)
                completeness.complete(connection, sorted({item[0] for item in counted}), now)
            left = set(items) - counted
            if left:
                _FREED.many(connection, [{"sha256": one} for one in sorted({item[1] for item in left})])
        if left:
            self.archive.destroy_erased()
        return left

    def _received(self, connection: Connection, items: Sequence[Item], now: str) -> set[Item]:
        """Write that these bytes came; return those whose record names them."""
        if not items:
            return set()
        _RECEIVE.many(
            connection, [{"of": record, "named": sha256, "now": now} for record, sha256, _ in items]
        )
        records, hashes = sorted({item[0] for item in items}), sorted({item[1] for item in items})
        standing = set(_RECEIVED.rows(connection, records=records, hashes=hashes))
        return {item for item in items if item[:2] in standing}

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


def _named(session: Session | Connection, record: str, sha256: str) -> Naming | None:
    """Return size and receipt of bytes as a record names them."""
    if not HASH.fullmatch(record) or not HASH.fullmatch(sha256):
        return None
    rows = _NAMING.rows(session, of=record, named=sha256)
    return Naming(*rows[0]) if rows else None


_OF_RECORD: tuple[Any, ...] = (
    RecordMedia.record == bindparam("of"),
    RecordMedia.sha256 == bindparam("named"),
)


def _receive(_is_sqlite: bool) -> Update:
    return (
        update(RecordMedia)
        .where(*_OF_RECORD, col(RecordMedia.received_at).is_(None))
        .values(received_at=bindparam("now"))
    )


def _same_bytes(_is_sqlite: bool) -> Any:
    same = (col(Upload.record) == bindparam("of"), col(Upload.sha256) == bindparam("named"))
    return sql_select(col(Upload.token)).where(*same).order_by(col(Upload.expires_at).desc())


_NAMING = Prepared(
    lambda _is_sqlite: select(RecordMedia.size_bytes, RecordMedia.received_at).where(*_OF_RECORD)
)
_RECEIVE = Prepared(_receive)
_SAME_BYTES = Prepared(_same_bytes)
_RECEIVED = Prepared(
    lambda is_sqlite: select(RecordMedia.record, RecordMedia.sha256).where(
        among(col(RecordMedia.record), "records", is_sqlite),
        among(col(RecordMedia.sha256), "hashes", is_sqlite),
        col(RecordMedia.received_at).is_not(None),
    )
)
_FREED = insertion_or_nothing(ErasedMedia, ("sha256",))
_STORED = insertion_or_nothing(Media, ("sha256", "size_bytes", "stored_at"))
