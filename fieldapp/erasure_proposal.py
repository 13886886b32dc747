"""Erasing by law, decided by two: one administrator proposes records of one stream with a ground, another confirms or declines.

What is erased is never kept here: a proposal holds hashes, kinds and the ground.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import JSON, String
from sqlmodel import Field, Session, SQLModel, col, select

from fieldapp import access
from fieldapp.domain.visit import Submission
from fieldapp.problem import Problem
from sync import record
from sync.erasure import MOST, NAME
from sync.record import HASH
from sync.table import Erased, Quarantined, RecordRow

if TYPE_CHECKING:
    from fieldapp.services import Services

GROUND_CHARS = 2_000
# What says what was decided is no content that the law asks to erase.
SPARED = frozenset({NAME, "ruling"})


class ErasureProposal(SQLModel, table=True):
    """What was proposed and what came of it; instants are UTC text. `erasure` is the hash of the sealed erasure."""

    __tablename__ = "erasure_proposal"

    id: str = Field(primary_key=True)
    stream: str
    hashes: Any = Field(sa_type=JSON)
    ground: str
    proposed_by: str
    proposed_at: str
    decision: Literal["confirmed", "declined"] | None = Field(default=None, sa_type=String)
    decided_by: str | None = None
    decided_at: str | None = None
    reason: str = ""
    erasure: str | None = None


@dataclass(frozen=True)
class Candidate:
    """One record that can be erased: an appended one, or one that was set aside. `payload` is what it says."""

    hash: str
    kind: str
    stream: str
    payload: Any


@dataclass(frozen=True)
class Done:
    """An erasure that was sealed: when, on what ground, by whom, of which hashes. Nothing of what was erased."""

    record: str
    at: str
    ground: str
    proposed_by: str
    confirmed_by: str
    hashes: Sequence[str]


def candidates(session: Session, name: str) -> list[Candidate]:
    """Return what can be erased together: all wordings of an entity, of a visit everything recorded on it, or one record by its hash."""
    if HASH.fullmatch(name):
        rows = session.exec(select(RecordRow).where(RecordRow.hash == name)).all()
        return _readable(rows) or _aside(session, name)
    rows = session.exec(select(RecordRow).where(col(RecordRow.entity).in_(_with_parts(session, name)))).all()
    return _readable(rows)


def _with_parts(session: Session, entity: str) -> list[str]:
    from fieldapp.dossier import PARTS

    tables: tuple[type[Any], ...] = (*PARTS, Submission)
    parts = [
        found for table in tables for found in session.exec(select(table.entity).where(table.visit == entity))
    ]
    return [entity, *parts]


def _readable(rows: Iterable[RecordRow]) -> list[Candidate]:
    """Leave out what is erased already, what is spared, and what no desk here may read."""
    found = [
        Candidate(row.hash, row.kind, row.stream, record.parse(bytes(row.bytes)).payload)
        for row in rows
        if row.bytes and row.kind not in SPARED and row.stream != "keys" and access.is_desk_stream(row.stream)
    ]
    # What was begun first stands first, all wordings of it together.
    return sorted(found, key=lambda one: (one.payload["entity"], one.payload["captured_at"], one.hash))


def _aside(session: Session, known: str) -> list[Candidate]:
    row = session.get(Quarantined, known)
    if row is None or row.bytes is None:
        return []
    payload = record.parse(bytes(row.bytes)).payload
    stream = str(payload["stream"])
    is_open = stream != "keys" and access.is_desk_stream(stream)
    return [Candidate(known, str(payload["kind"]), stream, payload)] if is_open else []


def proposals(session: Session) -> list[ErasureProposal]:
    """Return every proposal, the open ones first, then the newest."""
    rows = session.exec(select(ErasureProposal).order_by(col(ErasureProposal.proposed_at).desc()))
    return sorted(rows, key=lambda row: row.decision is not None)


def named(session: Session, proposal: ErasureProposal) -> list[Candidate]:
    """Return the records of a proposal that still say something, for the one who has to decide."""
    return [one for known in proposal.hashes for one in candidates(session, known)]


def done(session: Session) -> list[Done]:
    """Return every erasure, newest first."""
    rows = session.exec(
        select(RecordRow).where(RecordRow.kind == NAME).order_by(col(RecordRow.appended_at).desc())
    )
    found = []
    for row in rows:
        if row.bytes and access.is_desk_stream(row.stream):
            body = record.parse(bytes(row.bytes)).body
            words = (body["ground"], body["proposed_by"], body["confirmed_by"])
            found.append(Done(row.hash, row.appended_at, *words, body["hashes"]))
    return found


def propose(services: "Services", name: str, hashes: Sequence[str], ground: str, by: str) -> ErasureProposal:
    """Write a proposal; raise problem `not-found`, or `erasure-incomplete` without records, ground, or with records of two streams."""
    with services.database.writing() as session:
        known = {one.hash: one for one in candidates(session, name)}
        wanted = sorted({one for one in hashes if one in known})
        streams = {known[one].stream for one in wanted}
        if not known:
            raise Problem("not-found")
        if len(streams) != 1 or len(wanted) > MOST or not 1 <= len(ground.strip()) <= GROUND_CHARS:
            raise Problem("erasure-incomplete")
        row = ErasureProposal(
            id=services.archive.new_id(),
            stream=streams.pop(),
            hashes=wanted,
            ground=ground.strip(),
            proposed_by=by,
            proposed_at=services.archive.now(),
        )
        session.add(row)
        return row


def decide(
    services: "Services", identity: str, decision: Literal["confirmed", "declined"], reason: str, by: str
) -> None:
    """Erase what was proposed, or decline; raise problem `not-found`, `erasure-decided`, or `same-person` for who proposed it."""
    # Of two at once the second is told, whichever machine was asked.
    with services.database.alone():
        with services.database.reading() as session:
            row = session.get(ErasureProposal, identity)
            if row is None or not access.is_desk_stream(row.stream):
                raise Problem("not-found")
            if row.decision is not None:
                raise Problem("erasure-decided")
            if decision == "confirmed" and row.proposed_by == by:
                raise Problem("same-person")
        erasure = _erase(services, row, by) if decision == "confirmed" else None
        with services.database.writing() as session:
            row = session.get_one(ErasureProposal, identity)
            row.decision, row.reason, row.erasure = decision, reason.strip(), erasure
            row.decided_by, row.decided_at = by, services.archive.now()
            session.add(row)


def _erase(services: "Services", row: ErasureProposal, by: str) -> str:
    """Return the erasure's hash; what a crash erased before it was noted here is not erased a second time."""
    with services.database.reading() as session:
        before = session.exec(select(Erased).where(col(Erased.hash).in_(row.hashes))).all()
    if {one.hash for one in before} == set(row.hashes):
        return before[0].erasure
    sealed = services.archive.erase(row.hashes, row.stream, row.ground, row.proposed_by, by)
    return sealed.hash
