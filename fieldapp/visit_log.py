"""The visit log: submitted visits, newest first, with their state. All its queries stand here.

The state of a visit follows from its newest submission (by position in the stream: phone clocks order nothing) and the
reviews of it. A submission counts when it stands in the visit's own stream and comes from the visit's team: its author, or a member
the author names. Each submits what they recorded; together that is the visit.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from fieldapp.domain.entry import Entry
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Project
from fieldapp.domain.review import Review
from fieldapp.domain.unit import Team, Unit
from fieldapp.domain.visit import Progress, Submission, Visit
from sync.table import RecordRow

State = Literal["in_review", "resubmitted", "returned", "accepted"]
STATES: tuple[State, ...] = get_args(State)
# What waits for the reviewer.
WAITING: tuple[State, ...] = ("in_review", "resubmitted")
# What a filter may ask for beside a state.
VIEWS = (*STATES, "waiting", "incomplete")
# Among so many that wait, one is of a team the reviewer was not with.
MOST_ON_ONES_OWN = 100
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
KEY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+[+-][0-9]{2}:[0-9]{2}~[0-9a-f-]{36}")


@dataclass(frozen=True)
class Filter:
    """What a link to the log asks for; empty is no condition. `state` is a state, `waiting` or `incomplete`; `month` `YYYY-MM`."""

    project: str = ""
    unit: str = ""
    team: str = ""
    month: str = ""
    purpose: str = ""
    state: str = ""

    def misfits(self, known: Mapping[str, Collection[str]]) -> dict[str, str]:
        """Return the members that can mean nothing, with what they say; `known` are the values of those that name something."""
        given = self.query()
        is_known = {name: given[name] in known[name] for name in known if name in given}
        is_known |= {"state": self.state in VIEWS, "month": MONTH.fullmatch(self.month) is not None}
        return {name: value for name, value in given.items() if not is_known[name]}

    def query(self, **changes: str) -> dict[str, str]:
        """Return the members of a link's query string that say something, `changes` made."""
        given = {one.name: getattr(self, one.name) for one in fields(self)} | changes
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Line:
    """One visit in the log. Counts are of what stands now; `is_incomplete`: required photos have not arrived."""

    visit: Visit
    project: Project | None
    unit: Unit | None
    submission: Submission
    submitted_at: str
    state: State
    is_incomplete: bool
    photos: int
    problems: int
    progress: Progress | None

    @property
    def key(self) -> str:
        """Return where the log goes on after this line."""
        return f"{self.visit.arrived_at}~{self.visit.entity}"


def page(
    session: Session, streams: Iterable[str], wanted: Filter, after: str, size: int
) -> tuple[list[Line], str]:
    """Return at most `size` lines after a key (empty: from the newest on) and the key of the next page, empty at the end."""
    statement = _submitted(session, streams, wanted).where(*_after(after))
    rows = session.execute(statement.order_by(*_newest_first()).limit(size + 1)).all()
    lines = _lines(session, rows[:size])
    return lines, lines[-1].key if len(rows) > size else ""


def next_waiting(
    session: Session, streams: Iterable[str], wanted: Filter, here: Line, reviewer: str
) -> Line | None:
    """Return the visit that waits for this reviewer next: below `here` in a log, else from its top; None when no other does."""
    state = wanted.state if wanted.state in WAITING else "waiting"
    statement = _submitted(session, streams, replace(wanted, state=state))
    others = statement.where(col(Visit.entity) != here.visit.entity).order_by(*_newest_first())
    for place in (_after(here.key), []):
        for row in session.execute(others.where(*place).limit(MOST_ON_ONES_OWN)):
            if reviewer not in row.Visit.team:
                return _lines(session, [row])[0]
    return None


def _newest_first() -> tuple[Any, Any]:
    return col(Visit.arrived_at).desc(), col(Visit.entity).desc()


def counts(session: Session, streams: Iterable[str], wanted: Filter) -> Counter[str]:
    """Return how many visits are in each state, whatever state the filter asks for; and those `incomplete`."""
    inner = _submitted(session, streams, replace(wanted, state=""), only_state=True).subquery()
    statement = select(inner.c.state, inner.c.is_incomplete, func.count()).group_by(
        inner.c.state, inner.c.is_incomplete
    )
    found: Counter[str] = Counter()
    for state, is_incomplete, number in session.execute(statement):
        found[state] += number
        if is_incomplete:
            found["incomplete"] += number
    found["waiting"] = sum(found[state] for state in WAITING)
    return found


def months(session: Session, streams: Iterable[str]) -> list[str]:
    """Return the months in which there were visits, newest first."""
    month = func.substr(Visit.arrived_at, 1, 7)
    statement = select(month).where(col(Visit.stream).in_(sorted(streams))).distinct().order_by(month.desc())
    return list(session.execute(statement).scalars())


def state_of(session: Session, streams: Iterable[str], visit: str) -> Line | None:
    """Return one visit's line, or None when it is not submitted or not in these streams."""
    rows = session.execute(_submitted(session, streams, Filter()).where(col(Visit.entity) == visit)).all()
    return _lines(session, rows)[0] if rows else None


def submitted_between(
    session: Session, streams: Iterable[str], since: str, until: str
) -> list[tuple[Visit, State]]:
    """Return the submitted visits that began on these days or between them, with their states, in no order."""
    arrived = col(Visit.arrived_at)
    statement = _submitted(session, streams, Filter()).where(arrived >= since, arrived < until)
    return [(row.Visit, row.state) for row in session.execute(statement)]


def _submitted(
    session: Session, streams: Iterable[str], wanted: Filter, only_state: bool = False
) -> Select[Any]:
    newest = _newest_submission()
    state = _state(newest)
    columns = (Visit, Project, Unit, Submission, newest.c.record, newest.c.appended_at)
    rows: tuple[Any, ...] = () if only_state else columns
    return (
        select(*rows, state.label("state"), _is_incomplete().label("is_incomplete"))
        .select_from(Visit)
        .join(newest, and_(newest.c.visit == Visit.entity, newest.c.rank == 1))
        .outerjoin(Submission, col(Submission.entity) == newest.c.entity)
        .outerjoin(Project, col(Visit.stream) == literal("project:") + col(Project.entity))
        .outerjoin(
            Unit,
            or_(col(Project.unit) == Unit.entity, col(Visit.stream) == literal("unit:") + col(Unit.entity)),
        )
        .where(
            col(Visit.stream).in_(sorted(streams)),
            *_conditions(session, wanted),
            *_has_state(wanted.state, state),
        )
    )


def _newest_submission() -> Subquery:
    """Rank the submissions of each visit, the last appended first. One that was decided about counts after its erasure by law too."""
    its_visit: Any = aliased(Visit)
    standing = (
        select(col(Submission.entity), col(Submission.visit), col(Submission.record))
        .join(its_visit, and_(its_visit.entity == Submission.visit, its_visit.stream == Submission.stream))
        .where(_is_of_team(col(Submission.author), its_visit))
    )
    erased = (
        select(literal(None), col(Review.visit), col(Review.submission))
        .join(RecordRow, col(RecordRow.hash) == Review.submission)
        .where(col(RecordRow.bytes).is_(None))
        .distinct()
    )
    every = union_all(standing, erased).subquery()
    rank = func.row_number().over(partition_by=every.c.visit, order_by=col(RecordRow.position).desc())
    return (
        select(every.c.entity, every.c.visit, every.c.record, col(RecordRow.appended_at), rank.label("rank"))
        .join(RecordRow, col(RecordRow.hash) == every.c.record)
        .subquery()
    )


def _is_of_team(person: Any, visit: Any) -> ColumnElement[bool]:
    """Names of persons have no quotes and no wildcards, so the list's JSON text tells."""
    named = sql_cast(visit.team, Text).like(literal('%"') + person + literal('"%'))
    return or_(person == visit.author, named)


def _state(newest: Subquery) -> ColumnElement[str]:
    def reviewed(*conditions: Any) -> ColumnElement[bool]:
        own: Any = aliased(Review)
        found = exists().where(own.visit == Visit.entity, own.stream == Visit.stream)
        return found.where(*(condition(own) for condition in conditions))

    def of_this(review: Any) -> ColumnElement[bool]:
        return cast("ColumnElement[bool]", review.submission == newest.c.record)

    return case(
        (reviewed(of_this, lambda review: review.decision == "accepted"), "accepted"),
        (reviewed(of_this), "returned"),
        (reviewed(), "resubmitted"),
        else_="in_review",
    )


def _is_incomplete() -> ColumnElement[bool]:
    lacking = (
        exists()
        .where(col(Photo.visit) == Visit.entity, col(Photo.stream) == Visit.stream)
        .where(col(RecordRow.hash) == Photo.record, col(RecordRow.completed_at).is_(None))
    )
    return cast("ColumnElement[bool]", lacking)


def _conditions(session: Session, wanted: Filter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.project:
        conditions.append(col(Visit.stream) == f"project:{wanted.project}")
    if wanted.unit:
        conditions.append(col(Unit.entity) == wanted.unit)
    if wanted.team:
        conditions.append(or_(col(Project.team) == wanted.team, _at_units_of(session, wanted.team)))
    if wanted.month:
        conditions.append(func.substr(Visit.arrived_at, 1, 7) == wanted.month)
    if wanted.purpose:
        conditions.append(col(Visit.purpose) == wanted.purpose)
    return conditions


def _at_units_of(session: Session, team: str) -> ColumnElement[bool]:
    """Visits to a unit itself are its team's, too."""
    found = session.get(Team, team)
    return col(Visit.stream).in_([f"unit:{unit}" for unit in found.units] if found else [])


def _has_state(state: str, expression: ColumnElement[str]) -> list[Any]:
    if state == "incomplete":
        return [_is_incomplete()]
    states = WAITING if state == "waiting" else (state,)
    return [expression.in_(states)] if state else []


def is_key(after: str) -> bool:
    """Tell whether the log can go on after this."""
    return KEY.fullmatch(after) is not None


def _after(key: str) -> list[Any]:
    at, _, entity = key.partition("~")
    if not entity:
        return []
    same_time = and_(col(Visit.arrived_at) == at, col(Visit.entity) < entity)
    return [or_(col(Visit.arrived_at) < at, same_time)]


def _lines(session: Session, rows: Sequence[Any]) -> list[Line]:
    ids = [row.Visit.entity for row in rows]
    photos = _count(
        session,
        select(col(Photo.visit), func.count()).where(col(Photo.visit).in_(ids)).group_by(col(Photo.visit)),
    )
    problems = _count(
        session,
        select(col(Entry.visit), func.count())
        .where(col(Entry.visit).in_(ids), col(Entry.list) == "problem")
        .group_by(col(Entry.visit)),
    )
    progress = {
        one.visit: one for one in session.scalars(select(Progress).where(col(Progress.visit).in_(ids)))
    }
    return [
        Line(
            visit=row.Visit,
            project=row.Project,
            unit=row.Unit,
            submission=row.Submission or _erased(row.Visit, row.record),
            submitted_at=row.appended_at,
            state=row.state,
            is_incomplete=bool(row.is_incomplete),
            photos=photos.get(row.Visit.entity, 0),
            problems=problems.get(row.Visit.entity, 0),
            progress=progress.get(row.Visit.entity),
        )
        for row in rows
    ]


def _erased(visit: Visit, record: str) -> Submission:
    """Return what stands for a submission that was erased by law: its hash, and nothing of what it said."""
    said: dict[str, Any] = {"visit": visit.entity, "records": [], "missing": [], "reason": ""}
    return Submission(**said, stream=visit.stream, author=visit.author, record=record)


def _count(session: Session, statement: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(statement)}
