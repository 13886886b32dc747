"""Checking an archive from the outside in: seals, chains, what was stated, every photo's bytes. Names what is damaged; mends nothing.

Trusts nothing but the archive's name: certificates are read anew from stream `keys`, hashes and heads are computed again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Row, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from sync import certificate, key, record, statement, stream, vouching
from sync.archive import Archive
from sync.error import BadSignature, Refused, SyncError
from sync.photo import CHUNK_BYTES
from sync.record import Record
from sync.table import CertificateRow, Erased, Media, RecordMedia, RecordRow, StreamRow

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was sealed, signed or stored. `where` names it: a stream with position, a photo, a receipt."""

    where: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.detail})" if self.detail else "")


@dataclass
class Report:
    """What was checked and what was found. `erased` are positions whose bytes went by law: nothing can be said of them any more."""

    records: int = 0
    photos: int = 0
    photo_bytes: int = 0
    erased: int = 0
    receipts: int = 0
    damages: list[Damage] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Tell whether everything that can be checked is as it should be."""
        return not self.damages


def verify(archive: Archive, receipts: Iterable[str] = (), progress: Progress = lambda _done: None) -> Report:
    """Check the whole archive, and receipts somebody holds against it. `progress` hears of each record and photo done."""
    report = Report()
    with archive.database.reading() as session:
        jwks = _check_keys(session, archive.name, report)
        _check_streams(session, archive.name, jwks, report, progress)
        _check_statements(session, report)
        stored = session.exec(select(Media.sha256, Media.size_bytes).order_by(Media.sha256)).all()
        _check_receipts(session, archive, receipts, report)
    for sha256, size_bytes in stored:
        _check_photo(archive, sha256, size_bytes, report)
        progress(1)
    return report


def size(archive: Archive) -> int:
    """Return how many records and photos there are to check."""
    return records(archive) + photos(archive)


def records(archive: Archive) -> int:
    """Return how many records there are."""
    with archive.database.reading() as session:
        return session.scalar(sql_select(func.count()).select_from(RecordRow)) or 0


def photos(archive: Archive) -> int:
    """Return how many photos there are."""
    with archive.database.reading() as session:
        return session.scalar(sql_select(func.count()).select_from(Media)) or 0


# -- keys and streams ---------------------------------------------------------------------------------------------------------


def _check_keys(session: Session, name: str, report: Report) -> dict[str, Mapping[str, str]]:
    """Return every key that stream `keys` certifies, by kid, read from the sealed records and nothing else."""
    jwks: dict[str, Mapping[str, str]] = {}
    statement_ = select(RecordRow.position, RecordRow.bytes).where(RecordRow.stream == "keys")
    for position, raw in session.exec(statement_.order_by(col(RecordRow.position))):
        try:
            for one, _origin in vouching.stated(record.parse(bytes(raw or b""))):
                if one.payload["kind"] in certificate.CERTIFYING:
                    jwks.setdefault(key.kid_of(one.body["jwk"]), one.body["jwk"])
        except (Refused, SyncError):
            report.damages.append(Damage(f"keys at {position}", "certificate-unreadable"))
    if name not in jwks:
        report.damages.append(Damage("keys", "first-key-missing", name))
    for row in session.exec(select(CertificateRow)):
        if dict(row.jwk) != jwks.get(row.kid):
            report.damages.append(Damage(f"key {row.kid}", "certificate-differs", row.person))
    return jwks


def _check_streams(
    session: Session, name: str, jwks: Mapping[str, Mapping[str, str]], report: Report, progress: Progress
) -> None:
    ends = {row.name: row for row in session.exec(select(StreamRow))}
    erased = set(session.exec(select(Erased.hash)))
    present, position, head = "", 0, b""
    for row in _rows(session):
        if row.stream != present:
            _check_end(ends.pop(present, None), position, head, report)
            present, position, head = row.stream, 0, stream.head0(name, row.stream)
        position, head = _check_row(row, position, head, erased, jwks, report)
        report.records += 1
        progress(1)
    _check_end(ends.pop(present, None), position, head, report)
    for end in ends.values():
        if end.position:
            report.damages.append(Damage(f"{end.name} at {end.position}", "stream-cut"))


def _rows(session: Session) -> Iterator[Row[tuple[str, str, int, str, str, str, str, bytes | None]]]:
    table = RecordRow.__table__.c  # type: ignore[attr-defined]
    columns = (
        table.stream,
        table.hash,
        table.position,
        table.head,
        table.kid,
        table.id,
        table.kind,
        table.bytes,
    )
    statement_ = sql_select(*columns).order_by(table.stream, table.position)
    return iter(session.execute(statement_.execution_options(yield_per=500)))


def _check_row(
    row: Row[tuple[str, str, int, str, str, str, str, bytes | None]],
    position: int,
    head: bytes,
    erased: set[str],
    jwks: Mapping[str, Mapping[str, str]],
    report: Report,
) -> tuple[int, bytes]:
    where = f"{row.stream} at {row.position}"
    if row.position != position + 1:
        report.damages.append(Damage(where, "position-missing", f"after {position}"))
    head = stream.extend(head, row.hash)
    if head.hex() != row.head:
        report.damages.append(Damage(where, "chain-broken", row.hash))
        head = bytes.fromhex(row.head)
    if row.bytes is None:
        report.erased += 1
        if row.hash not in erased:
            report.damages.append(Damage(where, "bytes-gone", "no erasure names this record"))
    else:
        what = _flaw(row, jwks)
        if what:
            report.damages.append(Damage(where, what, row.hash))
    return row.position, head


def _flaw(
    row: Row[tuple[str, str, int, str, str, str, str, bytes | None]], jwks: Mapping[str, Mapping[str, str]]
) -> str:
    """Say what is wrong with the bytes of a row; nothing when they are what was sealed and stand where they belong."""
    try:
        sealed = record.parse(bytes(row.bytes or b""))
    except Refused:
        return "record-unreadable"
    if sealed.hash != row.hash:
        return "hash-differs"
    if not _is_row_of(sealed, row):
        return "row-differs"
    if sealed.kid not in jwks:
        return "key-unknown"
    try:
        key.verify(jwks[sealed.kid], sealed.token.text)
    except BadSignature:
        return "bad-signature"
    return ""


def _is_row_of(sealed: Record, row: Row[tuple[str, str, int, str, str, str, str, bytes | None]]) -> bool:
    payload = sealed.payload
    return (row.stream, row.id, row.kind, row.kid) == (
        payload["stream"],
        payload["id"],
        payload["kind"],
        sealed.kid,
    )


def _check_end(end: StreamRow | None, position: int, head: bytes, report: Report) -> None:
    if end is not None and (end.position, end.head) != (position, head.hex()):
        report.damages.append(
            Damage(f"{end.name} at {position}", "stream-cut", f"the stream's row says {end.position}")
        )


# -- what was stated ----------------------------------------------------------------------------------------------------------


def _check_statements(session: Session, report: Report) -> None:
    """Whoever was told a record is complete, or bytes are held, was told so of something that must still be here."""
    gone = (
        select(RecordMedia.record, RecordMedia.sha256)
        .where(col(RecordMedia.received_at).is_not(None))
        .where(col(RecordMedia.sha256).not_in(select(Media.sha256)))
    )
    for known, sha256 in session.exec(gone):
        report.damages.append(Damage(f"photo {sha256}", "photo-gone", f"record {known} was told it is held"))
    early = (
        select(RecordRow.hash)
        .join(RecordMedia, col(RecordMedia.record) == RecordRow.hash)
        .where(col(RecordRow.completed_at).is_not(None), col(RecordMedia.is_required))
        .where(col(RecordMedia.received_at).is_(None))
        .distinct()
    )
    for known in session.exec(early):
        report.damages.append(Damage(f"record {known}", "complete-without-photo"))


def _check_receipts(session: Session, archive: Archive, receipts: Iterable[str], report: Report) -> None:
    jwks = certificate.archive_jwks(session)
    for number, token in enumerate(receipts, 1):
        where = f"receipt {number}"
        report.receipts += 1
        try:
            payload = statement.read_any(token, statement.RECEIPT, jwks)
        except SyncError as error:
            report.damages.append(Damage(where, "receipt-not-proven", str(error)))
            continue
        if payload.get("archive") != archive.name:
            report.damages.append(Damage(where, "receipt-of-another-archive", str(payload.get("archive"))))
            continue
        _check_facts(session, where, payload.get("facts"), report)


def _check_facts(session: Session, where: str, facts: object, report: Report) -> None:
    for fact in facts if isinstance(facts, list) else []:
        row = session.get(RecordRow, fact.get("hash"))
        stated = (fact.get("stream"), fact.get("position"), fact.get("head"))
        if row is None or (row.stream, row.position, row.head) != stated:
            report.damages.append(Damage(where, "fact-does-not-hold", f"{fact.get('hash')}"))


# -- photos -------------------------------------------------------------------------------------------------------------------


def _check_photo(archive: Archive, sha256: str, size_bytes: int, report: Report) -> None:
    digest, length = hashlib.sha256(), 0
    try:
        with archive.photos.open(sha256) as file:
            while piece := file.read(CHUNK_BYTES):
                digest.update(piece)
                length += len(piece)
    except FileNotFoundError:
        report.damages.append(Damage(f"photo {sha256}", "photo-gone"))
        return
    report.photos += 1
    report.photo_bytes += length
    if digest.hexdigest() != sha256:
        report.damages.append(Damage(f"photo {sha256}", "photo-differs", f"{length} of {size_bytes} bytes"))
