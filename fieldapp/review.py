"""Deciding about a submitted visit: accept it with a number, return it with reasons, or take an acceptance back.

A decision is about one submission, the one the reviewer saw: a newer one, or a decision already there, is refused. What is
decided becomes a `review` record with the reviewer as author. Where the project asks for two sign-offs, the first one passes the visit on
and somebody else accepts it. Nobody decides about a visit they were on or recorded anything of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlmodel import Field, Session, SQLModel, col, select

from fieldapp import visit_log
from fieldapp.domain.project import Project
from fieldapp.domain.review import Review, ReviewBody
from fieldapp.domain.unit import Unit
from fieldapp.domain.visit import Submission, Visit
from fieldapp.dossier import PARTS
from fieldapp.problem import Problem
from sync.archive import Draft
from sync.record import Record
from sync.rule import noun_of
from sync.table import RecordRow

if TYPE_CHECKING:
    from fieldapp.services import Services


class Decision(SQLModel, table=True):
    """Which review record takes a step with a submission: reserved before sealing, so that each step is taken once.

    `submission` is its hash, of later steps (a second sign-off, reopening) with `.` and how many were taken before.
    """

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


Sort = Literal["accepted", "returned", "reopened"]


@dataclass(frozen=True)
class Wanted:
    """What a reviewer decided about what they saw."""

    visit: str
    submission: str
    decision: Sort
    reason: str = ""
    items: Sequence[Item] = ()


def is_own(session: Session, visit: Visit, person: str) -> bool:
    """Tell whether somebody was on a visit or recorded anything of it."""
    if person in (visit.author, *visit.team):
        return True
    tables: tuple[type[Any], ...] = (*PARTS, Submission)
    own = (
        select(table.entity).where(table.visit == visit.entity, table.author == person) for table in tables
    )
    return any(session.exec(statement.limit(1)).first() for statement in own)


def first_of_two(session: Session, line: visit_log.Line) -> Review | None:
    """Return the first sign-off that a second one is to follow, None when none is."""
    if line.state != "passed":
        return None
    return next(iter(_decisions(session, line.visit.entity, line.submission.record)), None)


def decide(services: "Services", streams: set[str], reviewer: str, wanted: Wanted) -> Record:
    """Seal a review; raise problem `not-found`, `submission-superseded`, `already-decided`, `photos-missing`, `own-visit`, `second-person`.

    `pydantic.ValidationError` when the body breaks its rules (a return without any reason).
    """
    # Decisions are rare and short: one after the other, whichever machine was asked.
    with services.database.alone():
        with services.database.writing() as session:
            line = _decidable(session, streams, wanted)
            if is_own(session, line.visit, reviewer):
                raise Problem("own-visit")
            decision = _step(session, line, reviewer, wanted.decision)
            number = _number(session, services, line) if decision == "accepted" else ""
            body = _body(wanted, decision, number)
            taken = len(_decisions(session, line.visit.entity, wanted.submission))
            identity = _reserve(
                session, services, f"{wanted.submission}.{taken}" if taken else wanted.submission
            )
        draft = Draft("review", line.visit.stream, body, reviewer, id=identity, v=ReviewBody.version)
        return services.archive.seal([draft])[0]


def _step(session: Session, line: visit_log.Line, reviewer: str, wanted: str) -> str:
    """Return what an acceptance is by the project's rule: the first of two sign-offs, or the one that files the visit."""
    if wanted != "accepted" or line.project is None or line.project.sign_offs == 1:
        return wanted
    first = first_of_two(session, line)
    if first is None:
        return "passed"
    if first.author == reviewer:
        raise Problem("second-person")
    return "accepted"


def _decisions(session: Session, visit: str, submission: str) -> list[Review]:
    """Return the decisions about one submission, newest first."""
    statement = (
        select(Review)
        .join(RecordRow, col(RecordRow.hash) == Review.record)
        .where(Review.visit == visit, Review.submission == submission)
        .order_by(col(RecordRow.position).desc())
    )
    return list(session.exec(statement))


def _decidable(session: Session, streams: set[str], wanted: Wanted) -> visit_log.Line:
    line = visit_log.state_of(session, streams, wanted.visit)
    if line is None:
        raise Problem("not-found")
    if line.submission.record != wanted.submission:
        raise Problem("submission-superseded")
    open_states = ("accepted",) if wanted.decision == "reopened" else visit_log.WAITING
    if line.state not in open_states:
        raise Problem("already-decided")
    if wanted.decision == "accepted" and line.is_incomplete:
        raise Problem("photos-missing")
    return line


def _body(wanted: Wanted, decision: str, number: str) -> dict[str, object]:
    body = {
        "visit": wanted.visit,
        "submission": wanted.submission,
        "decision": decision,
        "reason": wanted.reason.strip(),
        "items": [
            {"entity": one.entity, "record": one.record, "reason": one.reason.strip()} for one in wanted.items
        ],
        "number": number,
    }
    return ReviewBody.model_validate(body).model_dump(mode="json")


def _reserve(session: Session, services: "Services", step: str) -> str:
    """Return the id of the review that will decide; that of an attempt which never came to sealing is used again."""
    row = session.get(Decision, step)
    if row is None:
        row = Decision(submission=step, review=services.archive.new_id())
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
