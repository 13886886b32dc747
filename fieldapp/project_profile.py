"""The profile of a project (项目纪实档案): what is known of it, every figure with the record it comes from. All its queries stand here.

Only accepted records and verified entries; leads are counted. It reports and judges nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from fieldapp import chronicle, fact
from fieldapp.accepted import Accepted, Shown
from fieldapp.chronicle import Line
from fieldapp.domain.appraisal import Appraisal
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Claim, Link, Milestone, ProgressReport, Project, Question, Source
from fieldapp.domain.unit import Leadership, Official, Team, Tenure, Unit
from fieldapp.domain.visit import Meeting, Outcome, Progress, Reconciliation, Visit
from fieldapp.fact import Closure, Facts
from fieldapp.pair import Earlier, earlier
from fieldapp.plan import due_permille
from fieldapp.reach import within
from fieldapp.responsibility import Responsibility, Tie
from sync.table import RecordRow

PHOTOS = 24


@dataclass(frozen=True)
class Reading:
    """Progress on one day, in tenths of a percent: due by the plan; `reported` or `observed`, whichever `row` says."""

    on: str
    due: int
    row: Any
    reported: int | None = None
    observed: int | None = None
    is_changed: bool = False


@dataclass(frozen=True)
class Slip:
    """A milestone beside what was found of it last. `days` late (early below 0) when reached; else days over its date so far, or None."""

    milestone: Milestone
    found: Shown | None
    days: int | None

    @property
    def is_reached(self) -> bool:
        """Tell whether it was observed as reached."""
        return self.found is not None and self.found.row.state == "reached"


@dataclass(frozen=True)
class Picture:
    """One photo, whether its bytes are here, and the earlier one it is to be compared with."""

    shown: Shown
    is_missing: bool
    before: Earlier | None


@dataclass(frozen=True)
class Photos:
    """A page of photos, oldest first; `before` is where the page with earlier ones begins, empty when there are none."""

    pictures: list[Picture]
    before: str


@dataclass(frozen=True)
class Profile:
    """A project, whole. Lists are oldest first, but visits newest first. `ties` are today's, `names` rows by entity."""

    project: Project
    unit: Unit | None
    team: Team | None
    today: date
    readings: list[Reading]
    milestones: list[Slip]
    facts: Facts
    closure: Closure
    visits: list[Shown]
    numbers: dict[str, str]
    sources: list[Source]
    appraisals: list[Shown]
    claims: list[tuple[Claim, Shown | None]]
    photos: Photos
    chronicle: list[Line]
    ties: list[Tie]
    names: dict[str, Any]

    @property
    def due_now(self) -> int:
        """Return what is due today, in tenths of a percent."""
        return due_on(self.project, self.today)

    def newest(self, name: str) -> Reading | None:
        """Return the last reading that has `reported` or `observed`."""
        return next((one for one in reversed(self.readings) if getattr(one, name) is not None), None)


def page(
    session: Session, streams: Iterable[str], asked: str, after: str, size: int
) -> tuple[list[tuple[Project, Unit | None]], str]:
    """Return projects with the words asked for in name, code or unit, by code after a code; and where the next page begins."""
    found = select(Project, Unit).outerjoin(Unit, col(Unit.entity) == Project.unit)
    found = found.where(*within(Project.stream, streams), col(Project.code) > after)
    for word in asked.split():
        columns = (Project.code, Project.name, Project.name_en, Unit.name, Unit.name_en)
        found = found.where(or_(*(col(one).icontains(word, autoescape=True) for one in columns)))
    rows: list[Any] = list(session.exec(found.order_by(col(Project.code)).limit(size + 1)))
    listed = [(row[0], row[1]) for row in rows[:size]]
    return listed, listed[-1][0].code if len(rows) > size else ""


def load(session: Session, project: Project, today: date, photos_before: str = "") -> Profile:
    """Return the profile of a project the reader has. `photos_before` is an instant as photos have it: those taken before it."""
    stream = project.stream
    accepted = Accepted(session, [stream])
    rows = _Rows(session, accepted, stream)
    facts = fact.load(session, accepted, [stream], today)
    slips = _slips(rows, today)
    ties, names = _ties(session, project, today)
    names |= _names(session, facts)
    visits = rows.shown(Visit, "arrived_at")
    readings = _readings(rows, project)
    sources, claims = rows.all(Source, "dated_on"), _claims(rows)
    appraisals = rows.shown(Appraisal, "held_on")
    return Profile(
        project=project,
        unit=session.get(Unit, project.unit),
        team=session.get(Team, project.team),
        today=today,
        readings=readings,
        milestones=slips,
        facts=facts,
        closure=fact.closure(facts.facts),
        visits=list(reversed(visits)),
        numbers=accepted.visits,
        sources=sources,
        appraisals=appraisals,
        claims=claims,
        photos=_photos(session, accepted, stream, photos_before),
        chronicle=chronicle.in_order(
            [*_lines(rows, visits, slips, sources), *chronicle.of_facts(facts.facts)]
        ),
        ties=ties,
        names=names,
    )


def readings(session: Session, project: Project) -> list[Reading]:
    """Return reported and observed progress of a project, for its chart."""
    return _readings(_Rows(session, Accepted(session, [project.stream]), project.stream), project)


def due_on(project: Project, day: date) -> int:
    """Return what is due of a project on a day, in tenths of a percent."""
    plan: Any = project.plan
    return due_permille(plan, project.start_on, project.end_on, day)


class _Rows:
    """The rows of one stream, each kind read once."""

    def __init__(self, session: Session, accepted: Accepted, stream: str) -> None:
        self.session, self.accepted, self.stream = session, accepted, stream
        self.read: dict[type[Any], list[Shown]] = {}

    def shown(self, table: type[Any], day: str) -> list[Shown]:
        if table not in self.read:
            found = select(table).where(table.stream == self.stream)
            order = (getattr(table, day), table.captured_at, table.entity)
            self.read[table] = self.accepted.shown(self.session.exec(found.order_by(*order)))
        return self.read[table]

    def all(self, table: type[Any], day: str) -> list[Any]:
        return [one.row for one in self.shown(table, day)]


def _readings(rows: _Rows, project: Project) -> list[Reading]:
    def due(day: str) -> int:
        return due_on(project, date.fromisoformat(day))

    found = [
        Reading(one.reported_on, due(one.reported_on), one, reported=one.reported_permille)
        for one in rows.all(ProgressReport, "reported_on")
    ]
    found += [
        Reading(
            one.row.seen_on,
            due(one.row.seen_on),
            one.row,
            one.row.reported_permille,
            one.row.observed_permille,
            one.is_changed,
        )
        for one in rows.shown(Progress, "seen_on")
    ]
    return sorted(found, key=lambda one: (one.on, one.observed is not None, one.row.captured_at))


def _slips(rows: _Rows, today: date) -> list[Slip]:
    newest = {one.row.milestone: one for one in rows.shown(Reconciliation, "captured_at")}
    slips = []
    for milestone in rows.all(Milestone, "planned_on"):
        found, planned = newest.get(milestone.entity), date.fromisoformat(milestone.planned_on)
        reached_on = found.row.observed_on if found and found.row.state == "reached" else None
        days: int | None = (date.fromisoformat(reached_on) if reached_on else today).__sub__(planned).days
        if not reached_on and ((found and found.row.state == "reached") or today <= planned):
            days = None
        slips.append(Slip(milestone, found, days))
    return slips


def _claims(rows: _Rows) -> list[tuple[Claim, Shown | None]]:
    """Return what was claimed, each with what verifying it came to last."""
    outcomes = {one.row.about: one for one in rows.shown(Outcome, "captured_at")}
    return [(one, outcomes.get(one.entity)) for one in rows.all(Claim, "claimed_on")]


def _lines(
    rows: _Rows, visits: Sequence[Shown], slips: Sequence[Slip], sources: Sequence[Source]
) -> Iterable[Line]:
    yield from chronicle.of_rows("visit", "found", "arrived_at", visits)
    yield from chronicle.of_rows("question", "asked", "asked_on", rows.shown(Question, "asked_on"))
    yield from chronicle.of_rows("meeting", "decided", "held_on", rows.shown(Meeting, "held_on"))
    yield from chronicle.of_rows("source", "heard", "dated_on", [Shown(one) for one in sources])
    about: dict[str, Any] = {one.entity: one for one in rows.all(Claim, "claimed_on")}
    about |= {one.entity: one for one in rows.all(Question, "asked_on")}
    about |= {one.entity: one for one in rows.all(Meeting, "held_on")}
    arrived = {one.row.entity: one.row.arrived_at[:10] for one in visits}
    for one in rows.shown(Outcome, "captured_at"):
        on = arrived.get(one.row.visit, one.row.captured_at[:10])
        yield Line(on, "result", "outcome", one.row, about.get(one.row.about), one.is_changed)
    for slip in slips:
        if slip.found:
            on = slip.found.row.observed_on or arrived.get(
                slip.found.row.visit, slip.found.row.captured_at[:10]
            )
            yield Line(on, "result", "reconciliation", slip.found.row, slip.milestone, slip.found.is_changed)
        if slip.milestone.reported_on:
            yield Line(slip.milestone.reported_on, "done", "milestone", slip.milestone)


def _photos(session: Session, accepted: Accepted, stream: str, before: str) -> Photos:
    """Return the newest page of photos taken before an instant. Photos of a visit come only while it is accepted."""
    # Which visits count is known, so that a page of photos is read and no more.
    own = or_(col(Photo.visit).is_(None), col(Photo.visit).in_(sorted(accepted.visits)))
    found = (
        select(Photo, RecordRow.completed_at)
        .join(RecordRow, col(RecordRow.hash) == Photo.record)
        .where(Photo.stream == stream, own)
        .order_by(col(Photo.taken_at).desc(), col(Photo.entity).desc())
        .limit(PHOTOS + 1)
    )
    if before:
        found = found.where(col(Photo.taken_at) < before)
    completed: dict[str, Any] = {}
    rows = []
    for row, at in session.exec(found):
        completed[row.entity] = at
        rows.append(row)
    some = list(reversed(accepted.shown(rows[:PHOTOS])))
    pairs = earlier(session, stream, [one.row for one in some])
    pictures = [
        Picture(one, completed[one.row.entity] is None, pairs.get(one.row.pair_of or "")) for one in some
    ]
    return Photos(pictures, rows[PHOTOS - 1].taken_at if len(rows) > PHOTOS else "")


def _ties(session: Session, project: Project, today: date) -> tuple[list[Tie], dict[str, Any]]:
    """Return who is tied to the project today, and their names with those of the units they are tied through."""
    links = session.exec(select(Link).where(Link.project == project.entity)).all()
    units = {project.unit, *(one.unit for one in links if one.unit)}
    tenures = session.exec(select(Tenure).where(col(Tenure.unit).in_(units))).all()
    teams = session.exec(select(Leadership).where(col(Leadership.unit).in_(units))).all()
    known = Responsibility(tenures, links, teams, {project.entity: project.unit})
    ties = [one for one in known.on(project.stream, today.isoformat()) if one.role != "post"]
    people = {one.official for one in ties}
    names = {
        one.entity: one for one in session.exec(select(Official).where(col(Official.entity).in_(people)))
    }
    return ties, names


def _names(session: Session, facts: Facts) -> dict[str, Any]:
    people = {fact.row.responsible for fact in facts.facts if fact.row.responsible}
    people |= {reply.official for fact in facts.facts for reply in fact.replies if reply.official}
    return {one.entity: one for one in session.exec(select(Official).where(col(Official.entity).in_(people)))}
