"""The visit log: submitted visits, newest first, with their state. All its queries stand here; what a visit's line says, `visit_line.py`.

Nothing here reads more rows when the archive has more: a page is read from the ends of indexes, and what is counted is counted up to
`MOST_COUNTED`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlmodel import Session, col

from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Project
from fieldapp.domain.review import Review
from fieldapp.domain.unit import Team, Unit
from fieldapp.domain.visit import MANNERS, PURPOSES, Progress, Submission, Visit
from fieldapp.reach import DeskStreams, within
from fieldapp.visit_line import BY_NUMBER, FACETS, STATES, Facet, VisitLine
from fieldapp.visit_line import State as State
from sync.newest import newest_of
from sync.rule import noun_of
from sync.table import RecordRow

# What waits for the reviewer.
WAITING: tuple[State, ...] = ("in_review", "resubmitted", "passed")
# What a filter may ask for beside a state.
VIEWS = (*STATES, "waiting", "incomplete")
# Among so many that wait, one is of a team the reviewer was not with.
MOST_ON_ONES_OWN = 100
# Whoever sees that there are more than so many narrows the view, whatever the number is.
MOST_COUNTED = 1_000
# Among so many of the newest a page is looked for first: most filters find theirs there.
NEAR = 1_000
CHUNK = 400
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
KEY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+[+-][0-9]{2}:[0-9]{2}~[0-9a-f-]{36}")


@dataclass(frozen=True)
class Filter:
    """What a link to the log asks for; empty is no condition. `since` and `until` are the first and last day of arrival; `state` is a
    state, `waiting` or `incomplete`; `problems`, `late` and `flagged` are `1`.
    """

    project: str = ""
    unit: str = ""
    team: str = ""
    since: str = ""
    until: str = ""
    purpose: str = ""
    manner: str = ""
    problems: str = ""
    late: str = ""
    flagged: str = ""
    state: str = ""

    def misfits(self, known: Mapping[str, Collection[str]]) -> dict[str, str]:
        """Return the members that can mean nothing, with what they say; `known` are the values of those that name something."""
        values: dict[str, Collection[str]] = {
            **dict.fromkeys(("problems", "late", "flagged"), ("1",)),
            "purpose": PURPOSES,
            "manner": MANNERS,
            "state": VIEWS,
            **known,
        }
        return {
            name: value
            for name, value in self.query().items()
            if not (_is_day(value) if name in ("since", "until") else value in values[name])
        }

    def query(self, **changes: str) -> dict[str, str]:
        """Return the members of a link's query string that say something, `changes` made."""
        given = {one.name: getattr(self, one.name) for one in fields(self)} | changes
        return {name: value for name, value in given.items() if value}

    def takes(self, facet: Facet) -> bool:
        """Tell whether visits of a facet are asked for."""
        states = (
            WAITING if self.state == "waiting" else STATES if self.state == "incomplete" else (self.state,)
        )
        return (
            (not self.state or facet.state in states)
            and self.purpose in ("", facet.purpose)
            and self.manner in ("", facet.manner)
            and (not self.problems or facet.has_problems)
            and (not self.late or facet.is_late)
            and (not self.flagged or facet.is_flagged)
        )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True)
class Line:
    """One visit in the log. Counts are of what stands now; `is_incomplete`: required photos have not arrived; `is_changed`: it was
    accepted once, and what stands now was not.
    """

    visit: Visit
    project: Project | None
    unit: Unit | None
    submission: Submission
    submitted_at: str
    facet: Facet
    is_incomplete: bool
    is_changed: bool
    photos: int
    problems: int
    progress: Progress | None

    @property
    def state(self) -> State:
        """Return the visit's state."""
        return self.facet.state

    @property
    def key(self) -> str:
        """Return where the log goes on after this line."""
        return f"{self.visit.arrived_at}~{self.visit.entity}"


def page(
    session: Session, streams: Iterable[str], wanted: Filter, after: str, size: int
) -> tuple[list[Line], str]:
    """Return at most `size` lines after a key (empty: from the newest on) and the key of the next page, empty at the end."""
    visits = _newest(session, streams, wanted, after, size + 1)
    lines = _lines(session, visits[:size])
    return lines, lines[-1].key if len(visits) > size else ""


def next_waiting(
    session: Session, streams: Iterable[str], wanted: Filter, here: Line, reviewer: str
) -> Line | None:
    """Return the visit that waits for this reviewer next: below `here` in a log, else from its top; None when no other does."""
    asked = replace(wanted, state=wanted.state if wanted.state in WAITING else "waiting")
    for key in (here.key, ""):
        visits = _newest(session, streams, asked, key, MOST_ON_ONES_OWN)
        if not visits:
            continue
        teams = {
            row.entity: row.team
            for row in session.execute(
                select(col(Visit.entity), col(Visit.team)).where(col(Visit.entity).in_(visits))
            )
        }
        signed = _signed_by(session, visits, reviewer)
        for visit in visits:
            if visit not in (here.visit.entity, *signed) and reviewer not in teams[visit]:
                return _lines(session, [visit])[0]
    return None


def _signed_by(session: Session, visits: Sequence[str], reviewer: str) -> set[str]:
    """Return those of some visits that wait for the second sign-off after this reviewer's first."""
    passed = [facet.number for facet in FACETS if facet.state == "passed"]
    statement = (
        select(col(Review.visit))
        .join(
            VisitLine, and_(col(VisitLine.visit) == Review.visit, col(VisitLine.record) == Review.submission)
        )
        .where(
            col(Review.visit).in_(visits), col(Review.author) == reviewer, col(Review.decision) == "passed"
        )
        .where(col(VisitLine.facet).in_(passed))
    )
    return set(session.scalars(statement))


def counts(session: Session, streams: Iterable[str], wanted: Filter) -> Counter[str]:
    """Return how many visits are in each state, whatever state the filter asks for, and those `waiting` and `incomplete`.

    Each is counted to one more than `MOST_COUNTED` at most.
    """
    asked = replace(wanted, state="")
    places = _places(session, streams, asked)
    line = VisitLine.__table__.c  # type: ignore[attr-defined]
    during = _during(asked, line)
    found: Counter[str] = Counter()
    if places is not None:
        # So few that all are read.
        rows = select(line.facet, func.count()).where(line.stream.in_(places), *during).group_by(line.facet)
        for number, count in session.execute(rows):
            if asked.takes(BY_NUMBER[number]):
                found[BY_NUMBER[number].state] += count
    else:
        parts = []
        for state in STATES:
            numbers = _numbers(replace(asked, state=state))
            some = select(line.facet).where(line.facet.in_(numbers), *during).limit(MOST_COUNTED + 1)
            parts.append(select(literal(state), func.count()).select_from(some.subquery()))
        found.update(dict(session.execute(union_all(*parts)).all()))
    found["waiting"] = sum(found[state] for state in WAITING)
    found["incomplete"] = len(
        _newest(session, streams, replace(asked, state="incomplete"), "", MOST_COUNTED + 1)
    )
    return found


def state_of(session: Session, streams: Iterable[str], visit: str) -> Line | None:
    """Return one visit's line, or None when it is not submitted or not in these streams."""
    return next(iter(_lines(session, [visit], *within(VisitLine.stream, streams))), None)


def _newest(session: Session, streams: Iterable[str], wanted: Filter, after: str, limit: int) -> list[str]:
    """Return the visits of a page, newest first."""
    places, numbers = _places(session, streams, wanted), _numbers(wanted)
    line = VisitLine.__table__.c  # type: ignore[attr-defined]

    def conditions(line: Any) -> list[Any]:
        return [*_during(wanted, line), *_after(after, line)]

    def of_facet(line: Any) -> list[Any]:
        return [*conditions(line), *([line.facet.in_(numbers)] if len(numbers) < len(FACETS) else [])]

    def newest(rows: Select[Any]) -> list[str]:
        return list(session.scalars(rows.order_by(line.arrived_at.desc(), line.visit.desc()).limit(limit)))

    if wanted.state == "incomplete":
        rows = select(line.visit).where(line.visit.in_(_incomplete(session)), *of_facet(line))
        return newest(rows.where(line.stream.in_(places)) if places is not None else rows)
    if places is not None:
        return newest_of(session, VisitLine, ("stream", "arrived_at", "visit"), places, of_facet, limit)
    if len(numbers) == len(FACETS):
        return newest(select(line.visit).where(*conditions(line)))
    near = select(line.visit, line.arrived_at, line.facet).where(*conditions(line))
    near = near.order_by(line.arrived_at.desc(), line.visit.desc()).limit(NEAR)
    some = near.subquery()
    found = session.scalars(
        select(some.c.visit)
        .where(some.c.facet.in_(numbers))
        .order_by(some.c.arrived_at.desc(), some.c.visit.desc())
        .limit(limit)
    ).all()
    if len(found) == limit:
        return list(found)
    return newest_of(session, VisitLine, ("facet", "arrived_at", "visit"), numbers, conditions, limit)


@lru_cache(maxsize=1_000)
def _numbers(wanted: Filter) -> Sequence[int]:
    return [facet.number for facet in FACETS if wanted.takes(facet)]


def _places(session: Session, streams: Iterable[str], wanted: Filter) -> list[str] | None:
    """Return the streams that a project, unit or team leaves of those that may be read; None for all of a desk's."""
    asked: list[set[str]] = []
    if wanted.project:
        asked.append({f"project:{wanted.project}"})
    if wanted.unit:
        asked.append(_of_projects(session, Project.unit, wanted.unit) | {f"unit:{wanted.unit}"})
    if wanted.team:
        team = session.get(Team, wanted.team)
        # Visits to a unit itself are its team's, too.
        units = {f"unit:{unit}" for unit in team.units} if team else set()
        asked.append(_of_projects(session, Project.team, wanted.team) | units)
    if asked:
        return sorted(set.intersection(*asked) & set(streams))
    return None if isinstance(streams, DeskStreams) else sorted(streams)


def _of_projects(session: Session, column: Any, value: str) -> set[str]:
    return {
        f"project:{entity}" for entity in session.scalars(select(col(Project.entity)).where(column == value))
    }


def _incomplete(session: Session) -> list[str]:
    """Return the visits with a photo whose required bytes have not come: few records are incomplete at any time.

    In two steps: in one, databases that know little of their tables begin with all photos.
    """
    lacking = session.scalars(select(col(RecordRow.hash)).where(col(RecordRow.completed_at).is_(None))).all()
    found: set[str] = set()
    for start in range(0, len(lacking), CHUNK):
        some = col(Photo.record).in_(lacking[start : start + CHUNK])
        found |= set(session.scalars(select(col(Photo.visit)).where(some, col(Photo.visit).is_not(None))))
    return sorted(found)


def _incomplete_of(visits: Sequence[str]) -> Select[Any]:
    """Return those of a page's visits with such a photo."""
    own = select(col(Photo.visit)).join(RecordRow, col(RecordRow.hash) == Photo.record)
    return own.where(col(Photo.visit).in_(visits), col(RecordRow.completed_at).is_(None))


def _during(wanted: Filter, line: Any) -> list[Any]:
    conditions = [line.arrived_at >= wanted.since] if wanted.since else []
    if wanted.until:
        following = date.fromisoformat(wanted.until) + timedelta(days=1)
        conditions.append(line.arrived_at < following.isoformat())
    return conditions


def is_key(after: str) -> bool:
    """Tell whether the log can go on after this."""
    return KEY.fullmatch(after) is not None


def _after(key: str, line: Any) -> list[Any]:
    at, _, entity = key.partition("~")
    if not entity:
        return []
    # The first condition is what an index is read by.
    return [
        line.arrived_at <= at,
        or_(line.arrived_at < at, and_(line.arrived_at == at, line.visit < entity)),
    ]


def _lines(session: Session, visits: Sequence[str], *conditions: Any) -> list[Line]:
    statement = (
        select(VisitLine, Visit, Submission)
        .join(Visit, col(Visit.entity) == VisitLine.visit)
        .outerjoin(Submission, col(Submission.entity) == VisitLine.submission)
        .where(col(VisitLine.visit).in_(visits), *conditions)
    )
    rows = {row.Visit.entity: row for row in session.execute(statement)}
    projects, units = _places_of(session, {row.VisitLine.stream for row in rows.values()})
    incomplete = set(session.scalars(_incomplete_of(visits)))
    accepted: dict[str, set[str]] = {}
    was = (col(Review.visit).in_(visits), col(Review.decision) == "accepted")
    for visit, record in session.execute(select(col(Review.visit), col(Review.submission)).where(*was)):
        accepted.setdefault(visit, set()).add(record)
    progress = {
        one.visit: one for one in session.scalars(select(Progress).where(col(Progress.visit).in_(visits)))
    }
    lines = []
    for visit in [one for one in visits if one in rows]:
        line, row, submission = rows[visit]
        project = projects.get(line.stream)
        lines.append(
            Line(
                visit=row,
                project=project,
                unit=units.get(project.unit if project else line.stream.partition(":")[2]),
                submission=submission or _erased(row, line.record),
                submitted_at=line.submitted_at,
                facet=BY_NUMBER[line.facet],
                is_incomplete=visit in incomplete,
                is_changed=visit in accepted and line.record not in accepted[visit],
                photos=line.photos,
                problems=line.problems,
                progress=progress.get(visit),
            )
        )
    return lines


def _places_of(session: Session, streams: Iterable[str]) -> tuple[dict[str, Project], dict[str, Unit]]:
    """Return the projects of streams by stream, and by entity the units they belong to or are about."""
    wanted: dict[str, set[str]] = {"project": set(), "unit": set()}
    for stream in streams:
        wanted[noun_of(stream)].add(stream.partition(":")[2])
    named = select(Project).where(col(Project.entity).in_(wanted["project"]))
    projects = {one.stream: one for one in session.scalars(named)} if wanted["project"] else {}
    belong = wanted["unit"] | {one.unit for one in projects.values()}
    units = session.scalars(select(Unit).where(col(Unit.entity).in_(belong)))
    return projects, {one.entity: one for one in units}


def _erased(visit: Visit, record: str) -> Submission:
    """Return what stands for a submission that was erased by law: its hash, and nothing of what it said."""
    said: dict[str, Any] = {"visit": visit.entity, "records": [], "missing": [], "reason": ""}
    return Submission(**said, stream=visit.stream, author=visit.author, record=record)
