"""One visit as a reviewer reads it: everything captured, whose it is, when it was sealed, what came of it before.

All queries for the visit page stand here; templates ask nothing of the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from fieldapp import history, look_back, revision, visit_log
from fieldapp.answer_sheet import lacked_item
from fieldapp.domain.appraisal import Appraisal
from fieldapp.domain.checklist import Answer
from fieldapp.domain.confirmation import Confirmation
from fieldapp.domain.entry import Entry, Recheck, Verification
from fieldapp.domain.interview import Interview
from fieldapp.domain.look_back import LookBack
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Claim, Link, Milestone, Question
from fieldapp.domain.review import Review
from fieldapp.domain.unit import Official, Person, Team, Tenure, Unit
from fieldapp.domain.visit import DayLog, Meeting, Outcome, Progress, Reconciliation, Submission, Visit
from fieldapp.edition import Editions
from fieldapp.entry_state import EntryState, entry_state, overdue_days
from fieldapp.gone import Gone, gone
from fieldapp.history import Event
from fieldapp.pair import Earlier, earlier
from fieldapp.place import Standing, standing
from fieldapp.retirement import in_use
from fieldapp.revision import Change, Revision
from fieldapp.sealing import Sealing, sealing_of
from sync.key import Jwk
from sync.table import CertificateRow, RecordRow

# What a visit is made of, in the order of the page.
PARTS: tuple[type[Any], ...] = (
    Progress, Reconciliation, Outcome, Recheck, LookBack, Claim, Entry, Answer, Interview, Meeting, DayLog, Confirmation, Appraisal, Photo,
)  # fmt: skip

# Kind → the member that names what it is about.
POINTERS = (
    ("outcome", "about"),
    ("recheck", "entry"),
    ("look_back", "entry"),
    ("reconciliation", "milestone"),
    ("photo", "about"),
    ("entry", "about"),
    ("entry", "responsible"),
)


@dataclass(frozen=True)
class Item:
    """One thing captured. `is_changed`: not in the accepted submission; `is_fresh`: not among what was last decided about,
    `is_added`: in no wording.

    `returned` is the newest reviewer's words about it, `is_answered` whether it was corrected since, or something new points
    at it. `revisions` are its wordings when there is more than one; `changes` what reads otherwise than the reviewer saw it.
    """

    kind: str
    row: Any
    sealing: Sealing
    is_missing_photo: bool
    is_changed: bool
    is_fresh: bool
    is_added: bool
    returned: str
    is_answered: bool
    revisions: Sequence[Revision]
    changes: tuple[Change, ...]

    @property
    def first_at(self) -> str:
        """Return when it was first recorded, as sealed; `sealing` is about the wording that stands."""
        return self.revisions[0].at if self.revisions else self.sealing.captured_at


@dataclass(frozen=True)
class Responsible:
    """Somebody tied to the project on the day of the visit, with the post held that day."""

    role: str
    name: Official | Unit
    post: Tenure | None
    since: str


@dataclass(frozen=True)
class Dossier:
    """A visit, whole. `parts` maps a kind to its items, in the order first recorded; `timeline` is all of them.

    `overdue` says by how many days an entry is over its deadline; `absent` which images have not come, by hash; `gone` what was
    erased by law, by entity; `earlier` the photos that the visit's were paired with.
    """

    line: visit_log.Line
    own: Item
    parts: dict[str, list[Item]]
    timeline: list[Item]
    reviews: list[Review]
    history: list[Event]
    accepted: Review | None
    people: dict[str, Any]
    team: Team | None
    responsible: list[Responsible]
    recused: list[Any]
    about: dict[str, Any]
    checklists: Editions
    states: dict[str, EntryState]
    overdue: dict[str, int]
    prospects: dict[str, look_back.Prospect]
    absent: frozenset[str]
    standings: dict[str, Standing]
    earlier: dict[str, Earlier]
    before: visit_log.Line | None
    missing_records: int
    lacking: dict[str, dict[str, str]]
    gone: dict[str, Gone]

    def items(self, kind: str) -> list[Item]:
        """Return the items of a kind, none when there are none."""
        return self.parts.get(kind, [])

    def photos_of(self, *about: str | None) -> list[Item]:
        """Return the photos that show one of some entities."""
        wanted = {entity for entity in about if entity}
        return [item for item in self.items("photo") if item.row.about in wanted]

    def answers_to(self, entity: str) -> list[Item]:
        """Return what is new since the last decision and points at an item."""
        return [
            item for item in self.timeline if item.is_fresh and getattr(item.row, "about", None) == entity
        ]

    @property
    def site(self) -> Mapping[str, Any] | None:
        """Return the site of the project, None for a visit to a unit."""
        return self.line.project.site if self.line.project else None  # type: ignore[return-value]

    @property
    def lacked(self) -> list[dict[str, str]]:
        """Return what the newest submissions of the team say they lack."""
        return [lack for one in history.standing(self.history) for lack in one.missing]

    @property
    def is_same_as_decided(self) -> bool:
        """Tell whether the newest submission lists the very records that the last decision was about."""
        decided = history.listed(self.history, self.reviews[0].submission) if self.reviews else None
        return decided is not None and decided == history.listed(self.history, self.line.submission.record)

    def find(self, entity: str) -> Item | None:
        """Return the item that is an entity, the visit itself included."""
        return next((item for item in (self.own, *self.timeline) if item.row.entity == entity), None)


# What a visit may leave undone, and the member that names it.
LACKABLE: tuple[tuple[type[Any], str], ...] = (
    (Entry, "what"), (Question, "what"), (Claim, "what"), (Milestone, "name"), (Meeting, "title"),
)  # fmt: skip


def load(
    session: Session, streams: Iterable[str], jwks: Mapping[str, Jwk], visit: str, now: datetime
) -> Dossier | None:
    """Return a submitted visit from these streams, or None; `now` is in the department's time zone."""
    line = visit_log.state_of(session, streams, visit)
    if line is None:
        return None
    decisions = history.reviews(session, line.visit)
    events = history.history(session, line.visit, decisions)
    rows = [line.visit, *(row for table in PARTS for row in _of_visit(session, table, line.visit))]
    told = revision.revisions(session, rows)
    own, *items = _items(session, jwks, rows, _Past(decisions, events, told))
    timeline = sorted(items, key=lambda item: (datetime.fromisoformat(item.first_at), item.kind))
    parts: dict[str, list[Item]] = {}
    for item in timeline:
        parts.setdefault(item.kind, []).append(item)
    named = select(Person.person, Person.name, Person.name_en, Person.home_unit)
    people: dict[str, Any] = {one.person: one for one in session.execute(named)}
    pointed = revision.references(told.values()) | {line.visit.milestone or ""}
    about = _about(session, parts, pointed)
    states = _states(session, parts)
    checklists = Editions(session)
    return Dossier(
        line=line,
        own=own,
        parts=parts,
        timeline=timeline,
        reviews=decisions,
        history=events,
        accepted=next((one for one in decisions if one.decision == "accepted"), None),
        people=people,
        team=_team(session, line),
        responsible=_responsible(session, line),
        recused=_recused(line, people),
        about=about,
        checklists=checklists,
        states=states,
        prospects=look_back.prospects(session, [item.row for item in parts.get("entry", [])], now.date()),
        overdue=_overdue(parts, about, states, now.date()),
        absent=revision.absent_images(session, told),
        standings=_standings(line, parts),
        earlier=earlier(session, line.visit.stream, [item.row for item in parts.get("photo", [])]),
        before=_before(session, streams, line),
        missing_records=_missing_records(session, line.submission, events),
        lacking=_lacking(session, events, checklists),
        gone=gone(session, events, {row.entity for row in rows}),
    )


def _of_visit(session: Session, table: type[Any], visit: Visit) -> Sequence[Any]:
    own = (col(table.visit) == visit.entity, col(table.stream) == visit.stream)
    return session.exec(select(table).where(*own).order_by(col(table.captured_at), col(table.entity))).all()


@dataclass(frozen=True)
class _Past:
    """What came before: decisions (newest first), submissions, revisions."""

    reviews: Sequence[Review]
    events: Sequence[Event]
    told: Mapping[str, Sequence[Revision]]

    def returned(self) -> dict[str, Mapping[str, str]]:
        """Return the newest words about each item, as far as the last decision sent it back."""
        if not self.reviews or self.reviews[0].decision != "returned":
            return {}
        items: list[Any] = list(self.reviews[0].items)
        return {one["entity"]: one for one in items}

    def decided(self) -> set[str]:
        """Return the records the last decision was about."""
        return set(self._listed(self.reviews[0]) or ()) if self.reviews else set()

    def accepted(self) -> frozenset[str] | None:
        """Return what the newest acceptance accepted, None when nothing was."""
        accepted = next((one for one in self.reviews if one.decision == "accepted"), None)
        return self._listed(accepted) if accepted else None

    def _listed(self, review: Review) -> frozenset[str] | None:
        return history.listed(self.events, review.submission)


def _items(session: Session, jwks: Mapping[str, Jwk], rows: Sequence[Any], past: _Past) -> list[Item]:
    records = {row.hash: row for row in _records(session, [row.record for row in rows])}
    desks = {row.kid for row in session.exec(select(CertificateRow).where(col(CertificateRow.is_archive)))}
    returned, accepted, decided = past.returned(), past.accepted(), past.decided()
    # What is new since the decision answers for what it points at.
    answering = {getattr(row, "about", None) for row in rows if row.record not in decided}
    items = []
    for row in rows:
        sealed, words = records[row.record], returned.get(row.entity)
        told = past.told.get(row.entity, ())
        items.append(
            Item(
                kind=sealed.kind,
                row=row,
                sealing=sealing_of(sealed, jwks, sealed.kid in desks),
                is_missing_photo=sealed.completed_at is None,
                is_changed=accepted is not None and row.record not in accepted,
                is_fresh=bool(decided) and row.record not in decided,
                is_added=bool(decided) and decided.isdisjoint({row.record, *(one.record for one in told)}),
                returned=words["reason"] if words else "",
                is_answered=words is not None and (row.record != words["record"] or row.entity in answering),
                revisions=told,
                changes=revision.since(sealed.kind, told, decided),
            )
        )
    return items


def _records(session: Session, hashes: Sequence[str]) -> list[RecordRow]:
    parts = [hashes[start : start + 500] for start in range(0, len(hashes), 500)]
    found = (session.exec(select(RecordRow).where(col(RecordRow.hash).in_(part))) for part in parts)
    return [row for rows in found for row in rows]


def _team(session: Session, line: visit_log.Line) -> Team | None:
    """Return the team that looks after the project, or after the unit that was visited."""
    if line.project:
        return session.get(Team, line.project.team)
    unit = line.unit.entity if line.unit else ""
    return next((team for team in session.exec(select(Team).where(in_use(Team))) if unit in team.units), None)


def _responsible(session: Session, line: visit_log.Line) -> list[Responsible]:
    """Return who was tied to the project on the day of the visit, in the order of the roles."""
    if line.project is None:
        return []
    day = line.visit.arrived_at[:10]
    links = session.exec(
        select(Link).where(Link.project == line.project.entity, col(Link.from_on) <= day, in_use(Link))
    ).all()
    roles = ("patron", "lead", "owner", "support", "local")
    found = []
    for link in sorted(links, key=lambda one: (roles.index(one.role), one.from_on)):
        name = session.get(Official, link.official) if link.official else session.get(Unit, link.unit)
        if name and (link.to_on is None or link.to_on > day):
            found.append(Responsible(link.role, name, _post(session, link.official, day), link.from_on))
    return found


def _post(session: Session, official: str | None, day: str) -> Tenure | None:
    if official is None:
        return None
    held = (
        select(Tenure)
        .where(Tenure.official == official, col(Tenure.from_on) <= day, in_use(Tenure))
        .order_by(col(Tenure.from_on).desc(), col(Tenure.entity))
    )
    return next((one for one in session.exec(held) if one.to_on is None or one.to_on > day), None)


def _recused(line: visit_log.Line, people: dict[str, Any]) -> list[Any]:
    """Return members of the visit's team whose home unit leads or serves the project."""
    if line.project is None:
        return []
    units = {line.project.unit, *line.project.support}
    team = (people.get(person) for person in line.visit.team)
    return [one for one in team if one and one.home_unit in units]


def _about(session: Session, parts: dict[str, list[Item]], others: set[str]) -> dict[str, Any]:
    """Return what outcomes, rechecks, reconciliations, entries and photos point at, and `others`, by entity."""
    wanted = others | {
        entity
        for kind, name in POINTERS
        for item in parts.get(kind, [])
        if (entity := getattr(item.row, name))
    }
    found: dict[str, Any] = {}
    tables: tuple[type[Any], ...] = (Question, Claim, Entry, Milestone, Official, Meeting)
    for table in tables if wanted else ():
        found |= {row.entity: row for row in session.exec(select(table).where(col(table.entity).in_(wanted)))}
    return found


def _states(session: Session, parts: dict[str, list[Item]]) -> dict[str, EntryState]:
    ids = [item.row.entity for item in parts.get("entry", [])]
    ids += [item.row.entry for item in parts.get("recheck", [])]
    rechecks: dict[str, list[Recheck]] = {}
    for one in session.exec(select(Recheck).where(col(Recheck.entry).in_(ids))):
        rechecks.setdefault(one.entry, []).append(one)
    made = select(Verification).where(col(Verification.entry).in_(ids))
    statement = made.order_by(col(Verification.captured_at), col(Verification.entity))
    verified = {one.entry: one for one in session.exec(statement)}
    return {entity: entry_state(rechecks.get(entity, []), verified.get(entity)) for entity in ids}


def _overdue(
    parts: dict[str, list[Item]], about: Mapping[str, Any], states: Mapping[str, EntryState], today: date
) -> dict[str, int]:
    """Return by how many days entries are overdue: those of the visit, and those it rechecked."""
    entries = [item.row for item in parts.get("entry", [])]
    entries += [about[item.row.entry] for item in parts.get("recheck", []) if item.row.entry in about]
    late = {row.entity: overdue_days(row, states[row.entity], today) for row in entries}
    return {entity: days for entity, days in late.items() if days > 0}


def _standings(line: visit_log.Line, parts: dict[str, list[Item]]) -> dict[str, Standing]:
    if line.project is None:
        return {}
    site: Any = line.project.site
    return {item.row.entity: standing(site, item.row.fix) for item in parts.get("photo", [])}


def _before(session: Session, streams: Iterable[str], line: visit_log.Line) -> visit_log.Line | None:
    """Return the visit to the same place before this one."""
    earlier = (
        select(Visit.entity)
        .where(Visit.stream == line.visit.stream, col(Visit.arrived_at) < line.visit.arrived_at)
        .order_by(col(Visit.arrived_at).desc(), col(Visit.entity).desc())
    )
    found = session.exec(earlier.limit(1)).first()
    return visit_log.state_of(session, streams, found) if found else None


def _lacking(session: Session, events: Iterable[Event], checklists: Editions) -> dict[str, dict[str, str]]:
    """Return the names, in both languages, of what submissions say they lack: things by their own words, items by their titles."""
    manifests = [event.manifest for event in events if event.manifest]
    wanted = {one["item"] for manifest in manifests for one in manifest.missing if one.get("item")}
    found: dict[str, dict[str, str]] = {}
    for name in wanted:
        said = lacked_item(checklists.values(), name, "zh-CN")
        if said:
            found[name] = {"name": said, "name_en": lacked_item(checklists.values(), name, "en")}
    for table, word in LACKABLE if wanted else ():
        for row in session.exec(select(table).where(col(table.entity).in_(wanted))):
            found[row.entity] = {"name": getattr(row, word), "name_en": getattr(row, f"{word}_en", "")}
    return found


def _missing_records(session: Session, submission: Submission, events: Sequence[Event]) -> int:
    """Return how many records of the team's lists have not come yet."""
    wanted = sorted(history.listed(events, submission.record) or submission.records)
    return len(wanted) - len(_records(session, wanted))
