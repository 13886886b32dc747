"""The coverage board: projects by months, as their rules ask. Its queries stand here; the rule itself is `coverage`.

It says which projects lack visits. Nothing here counts people, and nothing may.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fieldapp import stay
from fieldapp.coverage import Decision, MonthState, Rule, SubmittedVisit, Window, state_of, window_of
from fieldapp.domain.project import Milestone, Project, Question
from fieldapp.domain.unit import Team, Unit
from fieldapp.domain.visit import Outcome, Progress
from fieldapp.plan import due_permille
from fieldapp.reach import within
from fieldapp.retirement import in_use
from fieldapp.stay import Stay

LampState = Literal["on_time", "behind", "far_behind", "unseen"]

MONTHS = 6
# More than so many projects are looked at by unit or team.
MOST_PROJECTS = 500
# A window reaches so far beyond its milestone at most.
WINDOW_DAYS = 90
# Outcomes that leave nothing open; the phone's `SETTLED`.
SETTLED = frozenset({"true", "partly_true", "untrue", "fixed"})
# What lacks a visit stands first.
ORDER: tuple[MonthState, ...] = ("overdue", "due", "in_review", "covered", "suspended", "closed")


@dataclass(frozen=True)
class Filter:
    """What a link to the board asks for; empty is no condition. `to` is the last month shown, `YYYY-MM`; `state` that of this month."""

    unit: str = ""
    team: str = ""
    state: str = ""
    to: str = ""

    def query(self, **changes: str) -> dict[str, str]:
        """Return the members of a link's query string that say something, `changes` made."""
        given = {"unit": self.unit, "team": self.team, "state": self.state, "to": self.to} | changes
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Cell:
    """A project in a month: how it stands, the visits that count or wait, their time on site, and the milestones planned in it."""

    month: str
    state: MonthState
    visits: int
    minutes: int
    milestones: tuple[tuple[Milestone, Window], ...]


@dataclass(frozen=True)
class Lamp:
    """Progress seen last against what was due on the day it was seen, in tenths of a percent."""

    state: LampState
    due_permille: int
    observed_permille: int | None = None
    seen_on: str = ""


@dataclass(frozen=True)
class Row:
    """One project; `cells` by month, ascending; the last one is what is asked now, unless an earlier month was asked for."""

    project: Project
    unit: Any
    team: Any
    cells: tuple[Cell, ...]
    lamp: Lamp


@dataclass(frozen=True)
class Board:
    """`months` ascend; `rows` by unit and code; counts are of states in the last month, of the unit and team asked for in any state.

    `is_too_large`: there are too many projects for one board, so that units and teams are only named.
    """

    months: tuple[str, ...]
    rows: list[Row]
    by_unit: list[tuple[Any, Counter[str]]]
    by_team: list[tuple[Any, Counter[str]]]
    counts: Counter[str]
    is_too_large: bool = False


def load(
    session: Session,
    streams: Iterable[str],
    wanted: Filter,
    today: date,
    thresholds: tuple[int, int],
    most: int = MOST_PROJECTS,
) -> Board:
    """Return the board of the projects in these streams. `thresholds` are tenths of a percent: behind from, far behind from."""
    months = months_to(wanted.to or f"{today:%Y-%m}")
    projects = session.exec(_projects(streams, wanted).limit(most + 1)).all()
    units, teams = named(session, Unit), named(session, Team)
    if len(projects) > most:
        by_unit = [(one, Counter[str]()) for one in units.values()]
        by_team = [(one, Counter[str]()) for one in teams.values()]
        return Board(months, [], by_unit, by_team, Counter(), is_too_large=True)
    facts = _Facts(session, projects, months, today)
    rows = [
        Row(one, units.get(one.unit), teams.get(one.team), facts.cells(one), facts.lamp(one, thresholds))
        for one in projects
    ]
    order = {entity: place for place, entity in enumerate(units)}
    rows.sort(key=lambda row: (order.get(row.project.unit, len(order)), row.project.code))
    return Board(
        months=months,
        rows=[row for row in rows if wanted.state in ("", row.cells[-1].state)],
        by_unit=_counted(units.values(), rows, lambda row: row.project.unit),
        by_team=_counted(teams.values(), rows, lambda row: row.project.team),
        counts=Counter(row.cells[-1].state for row in rows),
    )


def named(session: Session, table: type[Unit] | type[Team]) -> dict[str, Any]:
    """Return entity, code and names of every unit or team by entity, in the order of codes."""
    told = select(table.entity, table.code, table.name, table.name_en).order_by(col(table.code))
    return {row.entity: row for row in session.execute(told)}


def months_to(last: str) -> tuple[str, ...]:
    """Return the months of a board, the last one given."""
    first = date.fromisoformat(f"{last}-01")
    found = []
    for _ in range(MONTHS):
        found.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return tuple(reversed(found))


def _projects(streams: Iterable[str], wanted: Filter) -> Any:
    statement = (
        select(Project).where(*within(Project.stream, streams), in_use(Project)).order_by(col(Project.code))
    )
    for column, asked in ((col(Project.unit), wanted.unit), (col(Project.team), wanted.team)):
        statement = statement.where(column == asked) if asked else statement
    return statement


def _counted(named: Iterable[Any], rows: Sequence[Row], of: Any) -> list[tuple[Any, Counter[str]]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[of(row)][row.cells[-1].state] += 1
    return [(one, counts[one.entity]) for one in named if one.entity in counts]


class _Facts:
    """What the cells are made of, read once for all projects, and only what the months shown ask for."""

    def __init__(
        self, session: Session, projects: Sequence[Project], months: tuple[str, ...], today: date
    ) -> None:
        self.months, self.today = months, today
        streams = [project.stream for project in projects]
        # The month before the first one says whether that is overdue; a window may reach further back.
        since = (date.fromisoformat(f"{months[0]}-01") - timedelta(days=WINDOW_DAYS + 31)).isoformat()
        until = f"{months[-1]}-32"
        self.visits = _by_stream(stay.submitted_between(session, streams, since, until))

        def rows_of(table: Any, *conditions: Any) -> Any:
            return session.exec(select(table).where(col(table.stream).in_(streams), *conditions)).all()

        planned = col(Milestone.planned_on).between(f"{months[0]}-01", until)
        self.milestones = _by_stream(
            sorted(rows_of(Milestone, planned, in_use(Milestone)), key=lambda one: one.planned_on)
        )
        self.questions = _by_stream(rows_of(Question))
        self.observed = stay.with_progress(session, streams, since, until)
        self.newest = {one.stream: one for one in session.execute(_newest_progress(streams))}
        self.outcomes: dict[str, list[Outcome]] = defaultdict(list)
        for one in rows_of(Outcome):
            self.outcomes[one.about].append(one)
        self.submitted = {
            stream: [self._submitted(each) for each in self.visits[stream]] for stream in streams
        }
        self.by_month: dict[tuple[str, str], list[SubmittedVisit]] = defaultdict(list)
        for stream, visits in self.submitted.items():
            for visit in visits:
                self.by_month[stream, f"{visit.on:%Y-%m}"].append(visit)

    def cells(self, project: Project) -> tuple[Cell, ...]:
        rule = _rule(project)
        return tuple(self._cell(project, rule, month) for month in self.months)

    def _cell(self, project: Project, rule: Rule, month: str) -> Cell:
        visits = self.submitted[project.stream]
        own = [
            visit
            for visit in self.visits[project.stream]
            if visit.arrived_at[:7] == month and visit.state != "returned"
        ]
        planned = [one for one in self.milestones[project.stream] if one.planned_on[:7] == month]
        return Cell(
            month=month,
            state=state_of(rule, self._near(project.stream, month), month, self.today),
            visits=len(own),
            minutes=sum(map(_minutes, own)),
            milestones=tuple(
                (one, window_of(rule, visits, date.fromisoformat(one.planned_on), self.today))
                for one in planned
            ),
        )

    def _near(self, stream: str, month: str) -> list[SubmittedVisit]:
        """Return the visits that a month's state is told by: its own, and those of the month before."""
        before = f"{date.fromisoformat(f'{month}-01') - timedelta(days=1):%Y-%m}"
        return [*self.by_month[stream, before], *self.by_month[stream, month]]

    def _submitted(self, visit: Stay) -> SubmittedVisit:
        decision: Decision = (
            "accepted"
            if visit.state == "accepted"
            else "returned"
            if visit.state == "returned"
            else "waiting"
        )
        return SubmittedVisit(
            on=date.fromisoformat(visit.arrived_at[:10]),
            people=visit.people,
            has_progress=visit.entity in self.observed,
            unanswered=sum(self._is_unanswered(question, visit) for question in self.questions[visit.stream]),
            decision=decision,
        )

    def _is_unanswered(self, question: Question, visit: Stay) -> bool:
        """Tell whether a question was open on arrival and this visit has no outcome of it."""
        arrived = datetime.fromisoformat(visit.arrived_at)
        for outcome in self.outcomes[question.entity]:
            is_own = outcome.visit == visit.entity
            if is_own or (
                outcome.outcome in SETTLED and datetime.fromisoformat(outcome.captured_at) < arrived
            ):
                return False
        return question.asked_on < visit.arrived_at[:10]

    def lamp(self, project: Project, thresholds: tuple[int, int]) -> Lamp:
        def due_on(day: str) -> int:
            plan: Sequence[Mapping[str, Any]] = project.plan  # type: ignore[assignment]
            return due_permille(plan, project.start_on, project.end_on, date.fromisoformat(day))

        seen = self.newest.get(project.stream)
        if seen is None:
            return Lamp("unseen", due_on(self.today.isoformat()))
        due = due_on(seen.seen_on)
        behind, far = thresholds
        gap = due - seen.observed_permille
        state: LampState = "far_behind" if gap >= far else "behind" if gap >= behind else "on_time"
        return Lamp(state, due, seen.observed_permille, seen.seen_on)


def _newest_progress(streams: Sequence[str]) -> Any:
    """Return what was seen last of each project."""
    order = (col(Progress.seen_on).desc(), col(Progress.captured_at).desc())
    rank = func.row_number().over(partition_by=col(Progress.stream), order_by=order).label("rank")
    told = sql_select(col(Progress.stream), col(Progress.seen_on), col(Progress.observed_permille), rank)
    every = told.where(col(Progress.stream).in_(streams)).subquery()
    return sql_select(every).where(every.c.rank == 1)


def _by_stream(found: Iterable[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for one in found:
        grouped[one.stream].append(one)
    return grouped


def _rule(project: Project) -> Rule:
    said: Any = project.coverage
    return Rule(
        per_month=said["per_month"],
        days_before_milestone=said["days_before_milestone"],
        days_after_milestone=said["days_after_milestone"],
        suspended_months=tuple(said["suspended_months"]),
        start_on=date.fromisoformat(project.start_on),
        is_finished=project.state == "finished",
    )


def _minutes(visit: Stay) -> int:
    arrived, left = (
        datetime.fromisoformat(at).replace(second=0, microsecond=0)
        for at in (visit.arrived_at, visit.left_at)
    )
    return max(0, int((left - arrived).total_seconds() // 60))
