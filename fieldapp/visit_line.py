"""One row for each submitted visit: what the log filters, orders and counts by. Made of the folded rows in the transaction that folds them.

Its rule is stated here: whose submissions count and which state follows. A submission counts when it stands in the visit's own stream
and comes from the visit's team: its author, or a member the author names. Each submits what they recorded; together that is the visit.
The newest one (by position in the stream: phone clocks order nothing) and the reviews of it give the state.
"""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, cast, get_args

from sqlalchemy import Connection, Index, bindparam, delete, func, literal_column, select
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col

from fieldapp.domain.entry import Entry
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Project
from fieldapp.domain.review import Review
from fieldapp.domain.visit import MANNERS, PURPOSES, Progress, Submission, Visit
from fieldapp.place import standing
from sync.follower import REMADE, Gone, Rows
from sync.prepared import Prepared, among, insertion
from sync.rule import noun_of
from sync.table import RecordRow

State = Literal["in_review", "resubmitted", "returned", "accepted", "passed"]
STATES: tuple[State, ...] = get_args(State)
# What came later than this after the team had left is marked: a week is enough to find a network.
LATE = timedelta(days=7)
# From here on a report is worth asking about, in tenths of a percent.
MUCH_LESS_PERMILLE = 10


@dataclass(frozen=True)
class Facet:
    """What the log asks of a visit beside where and when. Every combination has a number, so that one index answers for all."""

    state: State
    purpose: str
    manner: str
    has_problems: bool
    is_late: bool
    is_flagged: bool

    @cached_property
    def number(self) -> int:
        """Return the number of the combination; numbers are kept in tables, so values are only ever added at the end."""
        places = (STATES.index(self.state), PURPOSES.index(self.purpose), MANNERS.index(self.manner))
        number = 0
        for place, bits in zip(places, (3, 4, 3), strict=True):
            number = number << bits | place
        return number << 3 | self.has_problems << 2 | self.is_late << 1 | self.is_flagged


BOTH = (False, True)
FACETS = tuple(Facet(*values) for values in itertools.product(STATES, PURPOSES, MANNERS, BOTH, BOTH, BOTH))
BY_NUMBER = {facet.number: facet for facet in FACETS}


class VisitLine(SQLModel, table=True):
    """Submitted visits. `submission` is the newest one's entity, null once it was erased by law; `record` its hash."""

    __tablename__ = "visit_line"
    __table_args__ = (
        Index("ix_visit_line_newest", "arrived_at", "visit", "facet"),
        Index("ix_visit_line_facet", "facet", "arrived_at", "visit"),
        Index("ix_visit_line_stream", "stream", "arrived_at", "visit", "facet"),
        {"info": REMADE, "sqlite_with_rowid": False},
    )

    visit: str = Field(primary_key=True)
    stream: str
    arrived_at: str
    facet: int
    problems: int
    photos: int
    submission: str | None
    record: str
    submitted_at: str


@dataclass
class Found:
    """What is known of one visit: its row, its team's submissions, decisions about it, and its parts; each as the queries below give it."""

    visit: tuple[Any, ...]
    submissions: list[tuple[Any, ...]] = field(default_factory=list)
    reviews: list[tuple[Any, ...]] = field(default_factory=list)
    problems: int = 0
    photos: list[tuple[Any, ...]] = field(default_factory=list)
    progress: list[tuple[Any, ...]] = field(default_factory=list)


class VisitLines:
    """Keeps the lines in step with what is folded."""

    name = "visit_line"
    version = 2
    sources = (Visit,)

    def create(self, connection: Connection) -> None:
        """Make the table, empty."""
        table = VisitLine.__table__  # type: ignore[attr-defined]
        table.drop(connection, checkfirst=True)
        table.create(connection)

    def follow(self, session: Session, stream: str, rows: Rows, gone: Gone) -> None:
        """Write the lines of the visits that anything folded belongs to."""
        if noun_of(stream) not in ("project", "unit"):
            return
        visits = {
            row["entity"] if table is Visit else row["visit"]
            for table, some in rows.items()
            if table in _PARTS
            for row in some
        } - {None}
        folded = {row["entity"] for some in rows.values() for row in some}
        if Project in rows or any(
            table in _PARTS and not folded.issuperset(entities) for table, entities in gone.items()
        ):
            # A site moved, or something was erased by law and nothing says any more to which visit it belonged.
            visits |= {visit for (visit,) in _OF_STREAM.rows(session, of=stream)}
            visits |= {visit for (visit,) in _LINES_OF.rows(session, of=stream)}
        if visits:
            write(session, stream, sorted(visits))

    def leave(self, session: Session, stream: str) -> None:
        """Forget the lines of a stream."""
        _EMPTYING.count(session, of=stream)

    def erase(self, session: Session) -> None:
        """Nothing of what was erased stays in a line."""


_PARTS = frozenset({Visit, Submission, Review, Entry, Photo, Progress})


def write(session: Session, stream: str, visits: Sequence[str]) -> None:
    """Write the lines of visits of one stream anew; a visit nobody submitted has none."""
    found = {row[0]: Found(row) for row in _VISITS.rows(session, visits=visits, of=stream)}
    for row in _SUBMISSIONS.rows(session, visits=visits, of=stream):
        one = found.get(row[0])
        if one is not None and _is_of_team(row[1], one.visit):
            one.submissions.append(row)
    for row in _REVIEWS.rows(session, visits=visits, of=stream):
        if row[0] in found:
            found[row[0]].reviews.append(row)
    _REMOVAL.count(session, visits=visits)
    submitted = {visit: one for visit, one in found.items() if _newest(one) is not None}
    if submitted:
        _add_parts(session, stream, submitted)
        site = next((_plain(row[0]) for row in _SITE.rows(session, of=stream)), None)
        insertion(VisitLine).many(session, [line_of(stream, one, site) for one in submitted.values()])


def _add_parts(session: Session, stream: str, found: Mapping[str, Found]) -> None:
    visits = list(found)
    for visit, problems in _PROBLEMS.rows(session, visits=visits, of=stream):
        found[visit].problems = problems
    for row in _PHOTOS.rows(session, visits=visits, of=stream):
        found[row[0]].photos.append(row)
    for row in _PROGRESS.rows(session, visits=visits, of=stream):
        found[row[0]].progress.append(row)


def line_of(stream: str, one: Found, site: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the row of a submitted visit; `site` is its project's."""
    visit, _, _, arrived_at, left_at, purpose, manner, *_ = one.visit
    newest = _newest(one)
    assert newest is not None
    _, entity, record, submitted_at, first_at = newest
    left = datetime.fromisoformat(left_at)
    facet = Facet(
        state=_state(one, record),
        purpose=purpose,
        manner=manner,
        has_problems=one.problems > 0,
        # What a desk brought in was never on its way from a phone: its records count from nothing.
        is_late=datetime.fromisoformat(first_at) - left > LATE and any(row[8] for row in one.submissions),
        is_flagged=is_flagged(stream, one, site),
    )
    return {
        "visit": visit,
        "stream": stream,
        "arrived_at": arrived_at,
        "facet": facet.number,
        "problems": one.problems,
        "photos": len(one.photos),
        "submission": entity,
        "record": record,
        "submitted_at": submitted_at,
    }


def _newest(one: Found) -> tuple[int, str | None, str, str, str] | None:
    """Return position, entity, hash, and when it and the first one came. One that was decided about counts after its erasure by law too."""
    standing_ones = [
        (position, entity, record, at, first_at)
        for _, _, entity, record, _, position, at, first_at, _ in one.submissions
    ]
    erased = [
        (position, None, record, at, at)
        for _, record, _, position, at, is_erased, _ in one.reviews
        if is_erased and position is not None
    ]
    every = [*standing_ones, *erased]
    if not every:
        return None
    position, entity, record, at, _ = max(every)
    return position, entity, record, at, min(first_at for *_, first_at in every)


def _state(one: Found, record: str) -> State:
    """Return what the last decision about the newest submission made of it; reopened, it waits as one that came again does."""
    decisions = [(review[-1] or 0, review[2]) for review in one.reviews if review[1] == record]
    last = max(decisions)[1] if decisions else "reopened"
    if last != "reopened":
        return cast("State", last)
    return "resubmitted" if one.reviews else "in_review"


def _is_of_team(person: str, visit: Sequence[Any]) -> bool:
    return person == visit[1] or person in _plain(visit[2])


def is_flagged(stream: str, one: Found, site: Mapping[str, Any] | None) -> bool:
    """Tell whether what was recorded shows anything to look at: what `flag.py` says of team, times, progress and photos.

    What needs more than the visit's own rows (sealing, checklists, deadlines of today) the visit page alone says.
    """
    _, _, team, _, _, _, _, is_left_late, is_conflict = one.visit
    newest = {row[2]: _plain(row[4]) for row in one.submissions}
    return bool(
        is_left_late
        or is_conflict
        or len(_plain(team)) < 2
        or any(newest.values())
        or not one.photos
        or (noun_of(stream) == "project" and not one.progress)
        or any(_is_odd(*row[1:]) for row in one.progress)
        or any(_is_loose(row[1], _plain(row[2]), site) for row in one.photos)
    )


def _is_odd(reported: int | None, observed: int) -> bool:
    """Tell whether progress was copied, or much less was seen than reported."""
    if reported is None:
        return False
    return (observed == reported and reported > 0) or reported - observed >= MUCH_LESS_PERMILLE


def _is_loose(origin: str, fix: Mapping[str, Any] | None, site: Mapping[str, Any] | None) -> bool:
    """Tell whether a photo was imported, has no position, or one away from the site."""
    if origin == "gallery" or fix is None:
        return True
    return site is not None and not _is_at(site, fix) and standing(site, fix).nearness == "far"


def _is_at(site: Mapping[str, Any], fix: Mapping[str, Any]) -> bool:
    """Tell whether a fix is so near the middle that nothing has to be measured: no further than 0.7 of the radius along each axis."""
    if site["shape"] == "line":
        return False
    reach = site["radius_m"] * 0.7 * 1e7 / 111_700
    return all(abs(site[axis] - fix[axis]) <= reach for axis in ("lat_e7", "lon_e7"))


def _plain(value: Any) -> Any:
    """Return what a JSON column holds: one driver gives its text, the other the thing."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def _of(table: type[Any], *columns: Any, where: Any = None, visit: str = "visit") -> Prepared:
    """Prepare reading the rows of some visits of one stream."""
    return Prepared(
        lambda is_sqlite: select(*columns).where(
            among(col(getattr(table, visit)), "visits", is_sqlite),
            col(table.stream) == bindparam("of"),
            *([] if where is None else [where]),
        )
    )


def _submissions() -> Any:
    newest: Any = aliased(RecordRow)
    first: Any = aliased(RecordRow)
    told: Any = (
        Submission.visit, Submission.author, Submission.entity, Submission.record, Submission.missing,
    )  # fmt: skip
    return lambda is_sqlite: (
        select(*told, newest.position, newest.appended_at, first.appended_at, first.counter)
        .join(newest, newest.hash == Submission.record)
        .join(first, first.id == Submission.entity)
        .where(among(col(Submission.visit), "visits", is_sqlite), col(Submission.stream) == bindparam("of"))
    )


def _reviews(is_sqlite: bool) -> Any:
    own: Any = aliased(RecordRow)
    told: Any = (Review.visit, Review.submission, Review.decision)
    about: Any = (col(RecordRow.position), col(RecordRow.appended_at), col(RecordRow.bytes).is_(None))
    return (
        select(*told, *about, own.position)
        .outerjoin(RecordRow, col(RecordRow.hash) == Review.submission)
        .outerjoin(own, own.hash == Review.record)
        .where(among(col(Review.visit), "visits", is_sqlite), col(Review.stream) == bindparam("of"))
    )


_VISITS = _of(
    Visit, Visit.entity, Visit.author, Visit.team, Visit.arrived_at, Visit.left_at, Visit.purpose, Visit.manner,
    Visit.is_left_late, Visit.is_conflict, visit="entity",
)  # fmt: skip
_SUBMISSIONS = Prepared(_submissions())
_REVIEWS = Prepared(_reviews)
_PROBLEMS = Prepared(
    lambda is_sqlite: (
        select(col(Entry.visit), func.count())
        .where(
            among(col(Entry.visit), "visits", is_sqlite),
            col(Entry.stream) == bindparam("of"),
            col(Entry.list) == literal_column("'problem'"),
        )
        .group_by(col(Entry.visit))
    )
)
_PHOTOS = _of(Photo, Photo.visit, Photo.origin, Photo.fix)
_PROGRESS = _of(Progress, Progress.visit, Progress.reported_permille, Progress.observed_permille)
_SITE = Prepared(lambda _is_sqlite: select(col(Project.site)).where(col(Project.stream) == bindparam("of")))
_OF_STREAM = Prepared(
    lambda _is_sqlite: select(col(Visit.entity)).where(col(Visit.stream) == bindparam("of"))
)
_LINES_OF = Prepared(
    lambda _is_sqlite: select(col(VisitLine.visit)).where(col(VisitLine.stream) == bindparam("of"))
)
_REMOVAL = Prepared(
    lambda is_sqlite: delete(VisitLine).where(among(col(VisitLine.visit), "visits", is_sqlite))
)
_EMPTYING = Prepared(lambda _is_sqlite: delete(VisitLine).where(col(VisitLine.stream) == bindparam("of")))
