"""Records set aside until a person decides: what the page `待查` shows of them. All its queries stand here.

They are read from their bytes: nothing of them was folded, and their bodies may break every rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fieldapp import access
from sync import quarantine, record
from sync.quarantine import RULING
from sync.record import Record
from sync.ruling import OWN
from sync.table import CertificateRow, Media, Quarantined, RecordMedia, RecordRow

# What can be kept as it is, but never join the archive (sync/ruling.py).
NEVER = ("id-taken", "keys", "own-kind")
MOST = 100
CHUNK = 400


@dataclass(frozen=True)
class Image:
    """Bytes that a record names; `is_here` once they came for it."""

    sha256: str
    is_required: bool
    is_here: bool


@dataclass(frozen=True)
class Aside:
    """One record set aside. `phone` is what its owner called it; `payload` is None once it was erased by law.

    `reason` is the engine's word for why; `ruling` the decision as it was sealed. `twin` is the record that has the same number.
    """

    row: Quarantined
    reason: str
    phone: str
    payload: Mapping[str, Any] | None
    images: tuple[Image, ...]
    twin: RecordRow | None = None
    ruling: Record | None = None

    @property
    def can_be_admitted(self) -> bool:
        """Tell whether it could join the archive, were it decided so."""
        return self.payload is not None and self.reason not in NEVER


def waiting(session: Session) -> list[Aside]:
    """Return what waits for a decision and may be read at this desk, oldest first."""
    return _read(session, [row for row in quarantine.waiting(session) if row.bytes])


def decided(session: Session) -> list[Aside]:
    """Return what was decided, or appended after all, newest first, `MOST` at most."""
    statement = select(Quarantined).where(col(Quarantined.decision).is_not(None))
    newest = statement.order_by(col(Quarantined.decided_at).desc(), Quarantined.hash).limit(MOST)
    return _read(session, session.exec(newest).all())


def find(session: Session, known: str) -> Aside | None:
    """Return one record that was set aside, None when there is none or its stream is not for this desk."""
    row = session.get(Quarantined, known)
    return next(iter(_read(session, [row])), None) if row else None


def image(session: Session, sha256: str) -> RecordMedia | None:
    """Return one naming of bytes by a record set aside that may be read at this desk."""
    named = session.exec(
        select(RecordMedia, Quarantined)
        .join(Quarantined, col(Quarantined.hash) == RecordMedia.record)
        .where(RecordMedia.sha256 == sha256, col(RecordMedia.received_at).is_not(None))
    )
    return next((media for media, row in named if _read(session, [row])), None)


def _read(session: Session, rows: Sequence[Quarantined]) -> list[Aside]:
    opened = {row.hash: record.parse(bytes(row.bytes)).payload for row in rows if row.bytes}
    rows = [row for row in rows if row.hash not in opened or _is_open(opened[row.hash])]
    phones = {row.kid: row.label for row in session.exec(select(CertificateRow))}
    images, rulings = _images(session, opened), _rulings(session, opened.values())
    twins = _twins(session, [row for row in rows if row.reason == "id-taken"])
    return [
        Aside(
            row,
            _reason(row, opened.get(row.hash)),
            phones.get(row.kid, ""),
            opened.get(row.hash),
            tuple(images.get(row.hash, ())),
            twins.get(row.id),
            rulings.get(row.hash),
        )
        for row in rows
    ]


def _is_open(payload: Mapping[str, Any]) -> bool:
    return access.is_desk_stream(str(payload["stream"]))


def _reason(row: Quarantined, payload: Mapping[str, Any] | None) -> str:
    """Return why; what only the archive itself may say is a matter of its own, whatever else objected to it."""
    if payload and payload["stream"] == "keys":
        return "keys"
    return "own-kind" if payload and payload["kind"] in OWN else row.reason


def _images(session: Session, hashes: Iterable[str]) -> dict[str, list[Image]]:
    found: dict[str, list[Image]] = {}
    held = select(Media.sha256)
    for some in _chunks(list(hashes)):
        statement = select(RecordMedia, col(RecordMedia.sha256).in_(held)).where(
            col(RecordMedia.record).in_(some)
        )
        for one, is_stored in session.exec(statement.order_by(RecordMedia.record, RecordMedia.part)):
            is_here = bool(is_stored) and one.received_at is not None
            found.setdefault(one.record, []).append(Image(one.sha256, one.is_required, is_here))
    return found


def _rulings(session: Session, payloads: Iterable[Mapping[str, Any]]) -> dict[str, Record]:
    """Return the sealed decisions about these records, by the hash they are about."""
    streams = sorted({str(payload["stream"]) for payload in payloads})
    found: dict[str, Record] = {}
    for some in _chunks(streams):
        rows = session.exec(
            select(RecordRow).where(RecordRow.kind == RULING, col(RecordRow.stream).in_(some))
        )
        for row in rows:
            if row.bytes:
                ruling = record.parse(bytes(row.bytes))
                found[ruling.body["record"]] = ruling
    return found


def _twins(session: Session, rows: Sequence[Quarantined]) -> dict[str, RecordRow]:
    found: dict[str, RecordRow] = {}
    for some in _chunks([row.id for row in rows]):
        found |= {row.id: row for row in session.exec(select(RecordRow).where(col(RecordRow.id).in_(some)))}
    return found


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
