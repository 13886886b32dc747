"""Deciding about a submitted visit: accept it with a number, or return it with reasons.

A decision is about one submission, the one the reviewer saw: a newer one, or a decision already there, is refused. What is
decided becomes a `review` record with the reviewer as author.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlmodel import Field, Session, SQLModel, col, select

from fieldapp import visit_log
from fieldapp.domain.project import Project
from fieldapp.domain.review import Review, ReviewBody
from fieldapp.domain.unit import Unit
from fieldapp.problem import Problem
from sync.archive import Draft
from sync.record import Record
from sync.rule import noun_of

if TYPE_CHECKING:
    from fieldapp.services import Services


class Decision(SQLModel, table=True):
    """Which review record decides a submission (its hash): reserved before sealing, so that a submission is decided once."""

    submission: str = Field(primary_key=True)
    review: str = Field(unique=True)


class DocumentNumber(SQLModel, table=True):
    """A number given to an accepted visit; it keeps it when accepted again."""

    __tablename__ = "document_number"

    number: str = Field(primary_key=True)
    visit: str = Field(unique=True)


@dataclass(frozen=True)
class Item:
    """One item sent back: the revision the reviewer saw, and why."""

    entity: str
    record: str
    reason: str


@dataclass(frozen=True)
class Wanted:
    """What a reviewer decided about what they saw."""

    visit: str
    submission: str
    decision: Literal["accepted", "returned"]
    reason: str = ""
    items: Sequence[Item] = ()


def is_open(line: visit_log.Line, reviewer: str) -> bool:
    """Tell whether a visit waits for this reviewer: nobody decides about a visit they were on."""
    return line.state in visit_log.WAITING and reviewer not in line.visit.team


def decide(services: "Services", streams: set[str], reviewer: str, wanted: Wanted) -> Record:
    """Seal a review; raise problem `not-found`, `submission-superseded`, `already-decided`, `photos-missing`, `own-visit`.

    `pydantic.ValidationError` when the body breaks its rules (a return without any reason).
    """
    # Decisions are rare and short: one after the other, whichever machine was asked.
    with services.database.alone():
        with services.database.writing() as session:
            line = _decidable(session, streams, wanted)
            if reviewer in line.visit.team:
                raise Problem("own-visit")
            number = _number(session, services, line) if wanted.decision == "accepted" else ""
            body = _body(wanted, number)
            identity = _reserve(session, services, wanted.submission)
        draft = Draft("review", line.visit.stream, body, reviewer, id=identity)
        return services.archive.seal([draft])[0]


def _decidable(session: Session, streams: set[str], wanted: Wanted) -> visit_log.Line:
    line = visit_log.state_of(session, streams, wanted.visit)
    if line is None:
        raise Problem("not-found")
    if line.submission.record != wanted.submission:
        raise Problem("submission-superseded")
    if line.state not in visit_log.WAITING:
        raise Problem("already-decided")
    if wanted.decision == "accepted" and line.is_incomplete:
        raise Problem("photos-missing")
    return line


def _body(wanted: Wanted, number: str) -> dict[str, object]:
    body = {
        "visit": wanted.visit,
        "submission": wanted.submission,
        "decision": wanted.decision,
        "reason": wanted.reason.strip(),
        "items": [
            {"entity": one.entity, "record": one.record, "reason": one.reason.strip()} for one in wanted.items
        ],
        "number": number,
    }
    return ReviewBody.model_validate(body).model_dump(mode="json")


def _reserve(session: Session, services: "Services", submission: str) -> str:
    """Return the id of the review that will decide; that of an attempt which never came to sealing is used again."""
    row = session.get(Decision, submission)
    if row is None:
        row = Decision(submission=submission, review=services.archive.new_id())
        session.add(row)
    return row.review


def _number(session: Session, services: "Services", line: visit_log.Line) -> str:
    """Give the visit its number, as `云一线走〔2026〕017-11 号`; a second visit in the month gets `-11-2`."""
    given = session.exec(select(DocumentNumber).where(DocumentNumber.visit == line.visit.entity)).first()
    if given is None:
        base = number_base(
            services.settings.number_prefix, line.visit.arrived_at, line.visit.stream, line.project, line.unit
        )
        taken = set(
            session.exec(select(DocumentNumber.number).where(col(DocumentNumber.number).startswith(base)))
        )
        taken |= set(session.exec(select(Review.number).where(col(Review.number).startswith(base))))
        given = DocumentNumber(number=first_free(base, taken), visit=line.visit.entity)
        session.add(given)
    return given.number


def number_base(prefix: str, arrived_at: str, stream: str, project: Project | None, unit: Unit | None) -> str:
    """Return a number without its end: prefix, year, the target's code (a project's digits), month."""
    subject = project if noun_of(stream) == "project" else unit
    code = (
        subject.code.removeprefix("p")
        if subject and noun_of(stream) == "project"
        else (subject.code if subject else "")
    )
    return f"{prefix}〔{arrived_at[:4]}〕{code.upper()}-{arrived_at[5:7]}"


def first_free(base: str, taken: set[str]) -> str:
    """Return the first number of a base not taken."""
    count = 1
    while (number := base + (f"-{count}" if count > 1 else "") + " 号") in taken:
        count += 1
    return number
