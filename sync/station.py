"""A station: a relay that keeps what phones send, as received, for one archive (PROTOCOL.md section 12).

It issues no facts and frees nothing. Its verdict is `held`, or what the archive has said since; its receipts are the archive's.
Own database, own tables: `commit` here means durable, as everywhere.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from sync import base64url, hearsay, instant, record, station_erasure
from sync.database import Database
from sync.error import Refused, SyncError
from sync.judge import Judgement
from sync.photo import TOKEN, FolderStore, WrongOffset
from sync.record import HASH, Record
from sync.ring import Ring, WrongArchive
from sync.station_table import EPOCH, HELD, META, MIRROR, PHOTO, PINNED, RECEIPT, UPLOAD
from sync.upload import LIFE, NotNamed, NoUpload, Progress, TooManyBytes

FILE = "station.db"
# Not erased by law.
_IS_HERE = HELD.c.reason.is_distinct_from(station_erasure.ERASED)


class Station:
    """One station over a folder, for one archive, pinned at the first opening. Clock and randomness are passed in."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes],
        archive: str | None = None,
    ) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database = Database(f"sqlite:///{(folder / FILE).absolute()}")
        self.photos = FolderStore(folder.absolute() / "photo")
        self.clock = clock
        self.randomness = randomness
        with self._writing() as connection:
            META.create_all(connection)
            pinned = connection.execute(select(PINNED.c.archive)).scalar()
            if pinned is None:
                if archive is None or not record.KID.fullmatch(archive):
                    raise WrongArchive("a new station needs the name of its archive")
                connection.execute(insert(PINNED).values(archive=archive))
            elif archive not in (None, pinned):
                raise WrongArchive(f"this station is for archive {pinned}")
        self.archive: str = pinned or str(archive)
        self._ring: tuple[int, Ring] | None = None

    def _writing(self) -> Any:
        # Options of the engine make this BEGIN IMMEDIATE, as for every writer.
        return self.database.engine.execution_options(is_writing=True).begin()

    def _reading(self) -> Any:
        return self.database.engine.connect()

    def now(self) -> str:
        """Return the station's clock as instant text."""
        return instant.write(self.clock())

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    # -- taking in ----------------------------------------------------------------------------------------------------------

    def take(self, lines: Sequence[bytes]) -> tuple[list[Judgement], list[str]]:
        """Keep lines as they are; return what is known of each, and the archive's receipts there are for them."""
        ring = self.ring()
        found = [_formed(number, line, ring) for number, line in enumerate(lines, 1)]
        good = [one for one in found if not isinstance(one, Judgement)]
        with self._writing() as connection:
            for one in good:
                connection.execute(insert_or(HELD).values(self._row(one)).on_conflict_do_nothing())
        with self._reading() as connection:
            judged = [
                one if isinstance(one, Judgement) else _judged(connection, number, one)
                for number, one in enumerate(found, 1)
            ]
            return judged, _receipts(connection, [one.hash for one in good])

    def _row(self, one: Record) -> dict[str, Any]:
        data = one.token.text.encode("ascii")
        return {
            "digest": hashlib.sha256(data).hexdigest(),
            "hash": one.hash,
            "id": one.payload["id"],
            "bytes": data,
            "received_at": self.now(),
            "is_final": 0,
        }

    def receipts(self, hashes: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
        """Return the archive's receipts for these records, and which required photos are missing here of those not yet safe."""
        with self._reading() as connection:
            missing = {one: _missing(connection, one) for one in hashes}
            return _receipts(connection, hashes), {one: some for one, some in missing.items() if some}

    def ring(self) -> Ring | None:
        """Return the archive's keys as mirrored, None while they are not known."""
        query = select(MIRROR.c.record).where(MIRROR.c.stream == "keys").order_by(MIRROR.c.position)
        with self._reading() as connection:
            rows = [str(row).encode() for row in connection.execute(query).scalars() if row]
        if not rows:
            return None
        if self._ring is None or self._ring[0] != len(rows):
            self._ring = len(rows), Ring(self.archive, rows)
        return self._ring[1]

    # -- photos, the same calls as `Uploads` ----------------------------------------------------------------------------------

    def create(self, record_hash: str, sha256: str, size_bytes: int) -> Progress:
        """Begin an upload; raise `NotNamed` unless a record here names just these bytes."""
        with self._reading() as connection:
            named = _named(connection, record_hash)
            is_here = _has_photo(connection, record_hash, sha256)
        if named.get(sha256, (None,))[0] != size_bytes:
            raise NotNamed(sha256)
        token = base64url.encode(self.randomness(24))
        expires_at = instant.write(self.clock() + LIFE)
        values = {"token": token, "record": record_hash, "sha256": sha256, "size_bytes": size_bytes}
        with self._writing() as connection:
            connection.execute(insert(UPLOAD).values(**values, expires_at=expires_at))
        is_whole = is_here and self.photos.has(sha256)
        return Progress(token, size_bytes if is_whole else 0, size_bytes, expires_at)

    def find(self, token: str) -> Progress:
        """Return where an upload stands; raise `NoUpload` when it is gone."""
        upload, is_here = self._upload(token)
        offset = upload["size_bytes"] if is_here else self.photos.offset(token)
        if offset == upload["size_bytes"] and not is_here:
            self._finish(upload)
        return Progress(token, offset, upload["size_bytes"], upload["expires_at"])

    def add(self, token: str, offset: int, chunks: Iterable[bytes], length: int | None = None) -> Progress:
        """Add bytes at an offset; with the last byte the whole is read back and, when equal, kept."""
        upload, is_here = self._upload(token)
        if length is not None and offset + length > upload["size_bytes"]:
            raise TooManyBytes(upload["size_bytes"])
        if is_here and offset != upload["size_bytes"]:
            raise WrongOffset(upload["size_bytes"])
        if not is_here:
            offset = self.photos.append(token, offset, chunks, upload["size_bytes"])
            if offset == upload["size_bytes"]:
                self._finish(upload)
        return Progress(token, offset, upload["size_bytes"], upload["expires_at"])

    def _upload(self, token: str) -> tuple[Mapping[str, Any], bool]:
        if not TOKEN.fullmatch(token):
            raise NoUpload(token)
        with self._reading() as connection:
            row = connection.execute(select(UPLOAD).where(UPLOAD.c.token == token)).mappings().first()
            if row is None or instant.parse(row["expires_at"]) < self.clock():
                raise NoUpload(token)
            is_here = _has_photo(connection, row["record"], row["sha256"])
            return dict(row), is_here and self.photos.has(row["sha256"])

    def _finish(self, upload: Mapping[str, Any]) -> None:
        try:
            self.photos.finish(upload["token"], upload["sha256"])
        except FileNotFoundError:
            if not self._upload(upload["token"])[1]:
                raise NoUpload(upload["token"]) from None
            return
        values = {name: upload[name] for name in ("record", "sha256", "size_bytes")}
        with self._writing() as connection:
            connection.execute(
                insert_or(PHOTO).values(**values, received_at=self.now()).on_conflict_do_nothing()
            )

    def sweep(self) -> int:
        """Forget uploads that have expired, and their parts; return how many."""
        now = self.now()
        with self._writing() as connection:
            gone = connection.execute(select(UPLOAD.c.token).where(UPLOAD.c.expires_at < now)).scalars().all()
            connection.execute(delete(UPLOAD).where(UPLOAD.c.expires_at < now))
        for token in gone:
            self.photos.drop(token)
        return len(gone) + self.photos.sweep((self.clock() - 2 * LIFE).timestamp())

    # -- what the archive said ------------------------------------------------------------------------------------------------

    def unsent(self, limit: int, after: int = 0) -> list[tuple[int, bytes]]:
        """Return records the archive has not decided about, oldest first: number and bytes."""
        query = (
            select(HELD.c.number, HELD.c.bytes)
            .where(HELD.c.is_final == 0, HELD.c.number > after)
            .order_by(HELD.c.number)
        )
        with self._reading() as connection:
            return [(number, bytes(data)) for number, data in connection.execute(query.limit(limit))]

    def answered(
        self, number: int, verdict: str, reason: str | None, detail: str | None, is_final: bool
    ) -> None:
        """Note what the archive said of a record."""
        values = {"verdict": verdict, "reason": reason, "detail": detail, "is_final": int(is_final)}
        with self._writing() as connection:
            connection.execute(update(HELD).where(HELD.c.number == number).values(**values))

    def keep_receipts(self, tokens: Iterable[str], ring: Ring | None = None) -> list[str]:
        """Keep receipts of the archive; return the records they are about. With the archive's keys known, others are left out."""
        ring = ring or self.ring()
        facts: list[tuple[str, str, bool]] = []
        for token in tokens:
            try:
                payload = hearsay.receipt(self.archive, token, ring)
                facts += [(one["hash"], token, one["completed_at"] is not None) for one in payload["facts"]]
            except (SyncError, KeyError, TypeError):
                continue
        with self._writing() as connection:
            for record_hash, token, is_complete in facts:
                row = {"hash": record_hash, "token": token, "is_complete": int(is_complete)}
                statement_ = insert_or(RECEIPT).values(row)
                connection.execute(statement_.on_conflict_do_update(index_elements=["hash"], set_=row))
                final = {"is_final": 1, "verdict": "known", "reason": None, "detail": None}
                is_meant = (HELD.c.hash == record_hash, _IS_HERE)
                connection.execute(update(HELD).where(*is_meant).values(**final))
        return [record_hash for record_hash, _, _ in facts]

    def hear(self, token: str) -> bool:
        """Learn from a time token in which epoch the archive speaks; tell whether it is another one than before.

        Then the archive may lack what it had (PROTOCOL.md section 7): all that is here is offered again, and mirrored anew.
        """
        epoch = hearsay.epoch(self.archive, token, self.ring())
        with self._reading() as connection:
            known = connection.execute(select(EPOCH.c.epoch)).scalar()
        if epoch is None or epoch == known:
            return False
        with self._writing() as connection:
            connection.execute(delete(EPOCH))
            connection.execute(insert(EPOCH).values(epoch=epoch))
            if known is None:
                return False
            open_again = {"is_final": 0, "verdict": None, "reason": None, "detail": None}
            connection.execute(update(HELD).where(_IS_HERE).values(**open_again))
            connection.execute(update(PHOTO).values(forwarded_at=None, upload=None))
            connection.execute(delete(RECEIPT))
            connection.execute(delete(MIRROR))
        self._ring = None
        return True

    def unsafe(self) -> list[str]:
        """Return the records the archive has, or has set aside, but has not called complete."""
        complete = select(RECEIPT.c.hash).where(RECEIPT.c.is_complete == 1)
        query = (
            select(HELD.c.hash)
            .where(
                HELD.c.verdict.in_(["appended", "known", "quarantined"]),
                HELD.c.hash.not_in(complete),
                _IS_HERE,
            )
            .group_by(HELD.c.hash)
            .order_by(HELD.c.hash)
        )
        with self._reading() as connection:
            return [str(one) for one in connection.execute(query).scalars()]

    def photos_to_forward(self) -> list[Mapping[str, Any]]:
        """Return photos whose record the archive knows and that were not handed over yet, small ones first."""
        known = select(HELD.c.hash).where(HELD.c.verdict.in_(["appended", "known", "quarantined"]))
        query = (
            select(PHOTO)
            .where(PHOTO.c.forwarded_at.is_(None), PHOTO.c.record.in_(known))
            .order_by(PHOTO.c.size_bytes, PHOTO.c.record, PHOTO.c.sha256)
        )
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def set_photo(self, record_hash: str, sha256: str, **values: Any) -> None:
        """Note where the archive takes a photo, or that it has it."""
        which = (PHOTO.c.record == record_hash, PHOTO.c.sha256 == sha256)
        with self._writing() as connection:
            connection.execute(update(PHOTO).where(*which).values(**values))

    # -- the mirror -----------------------------------------------------------------------------------------------------------

    def mirrored(self, stream: str) -> tuple[int, str] | None:
        """Return position and head up to which a stream is mirrored."""
        query = select(MIRROR.c.position, MIRROR.c.head).where(MIRROR.c.stream == stream)
        with self._reading() as connection:
            row = connection.execute(query.order_by(MIRROR.c.position.desc()).limit(1)).first()
        return (row[0], row[1]) if row else None

    def mirror(self, stream: str, lines: Sequence[Mapping[str, Any]]) -> None:
        """Keep lines of a stream that follow what is mirrored, with the archive's positions."""
        names = ("position", "hash", "head", "appended_at", "record", "erased")
        rows = [{"stream": stream, **{name: line[name] for name in names}} for line in lines]
        with self._writing() as connection:
            if rows:
                connection.execute(insert_or(MIRROR).on_conflict_do_nothing(), rows)
                self._drop(connection, station_erasure.named_by(lines))

    def drop_erased(self, hashes: Sequence[str]) -> None:
        """Drop records that were erased by law, and photos nothing else names."""
        with self._writing() as connection:
            self._drop(connection, hashes)

    def _drop(self, connection: Connection, hashes: Sequence[str]) -> None:
        for sha256 in station_erasure.drop(connection, hashes):
            self.photos.erase(sha256)

    def held(self) -> Iterator[Mapping[str, Any]]:
        """Yield what is not final or has photos to forward: number, hash, bytes."""
        waiting = select(PHOTO.c.record).where(PHOTO.c.forwarded_at.is_(None))
        query = select(HELD.c.hash, HELD.c.bytes).where((HELD.c.is_final == 0) | HELD.c.hash.in_(waiting))
        with self._reading() as connection:
            for row in connection.execute(query.order_by(HELD.c.number)).mappings():
                yield dict(row)

    def photos_of(self, record_hash: str) -> list[tuple[str, int]]:
        """Return SHA-256 and size of the photos here for a record."""
        query = select(PHOTO.c.sha256, PHOTO.c.size_bytes).where(PHOTO.c.record == record_hash)
        with self._reading() as connection:
            return [(row[0], row[1]) for row in connection.execute(query.order_by(PHOTO.c.sha256))]

    def counts(self) -> dict[str, int]:
        """Return how many records are held, not decided, and photos not forwarded."""
        return {"unsent": sum(1 for _ in self.held()), "photos": len(self.photos_to_forward())}


def _formed(number: int, line: bytes, ring: Ring | None) -> Record | Judgement:
    """Return the record of a line, or why it is kept nowhere. A key that is not known here may be known to the archive."""
    found = None
    try:
        found = record.parse(line)
        if ring is not None and found.kid in ring.jwks:
            record.verify(found, ring.jwks[found.kid])
    except Refused as refused:
        known = None if found is None else found.hash
        return Judgement(number, known, None, "refused", refused.reason, refused.detail)
    return found


def _judged(connection: Connection, number: int, one: Record) -> Judgement:
    digest = hashlib.sha256(one.token.text.encode("ascii")).hexdigest()
    query = select(HELD.c.verdict, HELD.c.reason, HELD.c.detail).where(HELD.c.digest == digest)
    verdict, reason, detail = connection.execute(query).one()
    missing = tuple(_missing(connection, one.hash))
    if verdict in ("quarantined", "refused") or reason == station_erasure.ERASED:
        return Judgement(number, one.hash, one.payload["id"], verdict, reason, detail, missing)
    return Judgement(number, one.hash, one.payload["id"], "held", None, None, missing)


def _receipts(connection: Connection, hashes: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for start in range(0, len(hashes), 500):
        query = select(RECEIPT.c.token).where(RECEIPT.c.hash.in_(hashes[start : start + 500]))
        found |= dict.fromkeys(connection.execute(query).scalars())
    return list(found)


def _missing(connection: Connection, record_hash: str) -> list[str]:
    query = select(RECEIPT.c.is_complete).where(RECEIPT.c.hash == record_hash)
    if connection.execute(query).scalar():
        return []
    named = _named(connection, record_hash)
    required = [sha256 for sha256, (_, is_required) in named.items() if is_required]
    return sorted(one for one in required if not _has_photo(connection, record_hash, one))


def _named(connection: Connection, record_hash: str) -> dict[str, tuple[int, bool]]:
    """Return the bytes a record here names, by SHA-256: size, and whether they are required. Kinds mean nothing to a station."""
    if not HASH.fullmatch(record_hash):
        return {}
    data = connection.execute(select(HELD.c.bytes).where(HELD.c.hash == record_hash).limit(1)).scalar()
    return dict(_media(record.parse(bytes(data)).body)) if data else {}


def _media(value: Any) -> Iterator[tuple[str, tuple[int, bool]]]:
    """Walk a body for what names bytes: an object with `sha256` and `size_bytes` (PROTOCOL.md section 8)."""
    if isinstance(value, dict):
        sha256, size = value.get("sha256"), value.get("size_bytes")
        if isinstance(sha256, str) and HASH.fullmatch(sha256) and isinstance(size, int):
            yield sha256, (size, value.get("required") is True)
        for item in value.values():
            yield from _media(item)
    elif isinstance(value, list):
        for item in value:
            yield from _media(item)


def _has_photo(connection: Connection, record_hash: str, sha256: str) -> bool:
    which = (PHOTO.c.record == record_hash, PHOTO.c.sha256 == sha256)
    return connection.execute(select(PHOTO.c.record).where(*which)).first() is not None
