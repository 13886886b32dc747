"""One visit as a reviewer reads it: everything captured, whose it is, when it was sealed, what came of it before.

All queries for the visit page stand here; templates ask nothing of the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import or_
from sqlmodel import Session, col, select

from fieldapp import visit_log
from fieldapp.domain.body import Folded
from fieldapp.domain.checklist import Answer, Checklist
from fieldapp.domain.entry import Entry, Recheck, Verification
from fieldapp.domain.interview import Interview
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Claim, Link, Milestone, Question
from fieldapp.domain.review import Review
from fieldapp.domain.unit import Official, Person, Team, Tenure, Unit
from fieldapp.domain.visit import DayLog, Meeting, Outcome, Progress, Reconciliation, Submission, Visit
from fieldapp.entry_state import EntryState, entry_state
from fieldapp.photo_history import Earlier, earlier
from fieldapp.place import Standing, standing
from fieldapp.sealing import Sealing, sealing_of
from sync.key import SealingKey
from sync.record import parse
from sync.table import CertificateRow, RecordRow

# What a visit is made of, in the order of the page.
PARTS: tuple[type[Any], ...] = (
    Progress, Reconciliation, Outcome, Recheck, Entry, Answer, Interview, Meeting, DayLog, Photo,
)  # fmt: skip

# Kind → the member that names what it is about.
POINTERS = (
    ("outcome", "about"),
    ("recheck", "entry"),
    ("reconciliation", "milestone"),
    ("photo", "about"),
    ("entry", "about"),
)


@dataclass(frozen=True)
class Item:
    """One thing captured. `is_changed`: not in the accepted submission; `returned` is the newest reviewer's words about it."""

    kind: str
    row: Any
    sealing: Sealing
    is_missing_photo: bool
    is_changed: bool
    returned: str


@dataclass(frozen=True)
class Responsible:
    """Somebody tied to the project on the day of the visit, with the post held that day."""

    role: str
    name: Official | Unit
    post: Tenure | None
    since: str


@dataclass(frozen=True)
class Event:
    """One step of a visit's review, as the archive received it: a submission (`review` is None) or a decision. `at` is UTC text."""

    at: str
    review: Review | None


@dataclass(frozen=True)
class Dossier:
    """A visit, whole. `parts` maps a kind to its items, in the order captured; `timeline` is all of them."""

    line: visit_log.Line
    own: Item
    parts: dict[str, list[Item]]
    timeline: list[Item]
    reviews: list[Review]
    history: list[Event]
    accepted: Review | None
    people: dict[str, Person]
    team: Team | None
    responsible: list[Responsible]
    recused: list[Person]
    about: dict[str, Any]
    checklists: dict[str, Checklist]
    states: dict[str, EntryState]
    standings: dict[str, Standing]
    earlier_photos: dict[str, list[Earlier]]
    before: visit_log.Line | None
    missing_records: int
    lacking: dict[str, dict[str, str]]

    def items(self, kind: str) -> list[Item]:
        """Return the items of a kind, none when there are none."""
        return self.parts.get(kind, [])


# What a visit may leave undone, and the member that names it.
LACKABLE: tuple[tuple[type[Any], str], ...] = (
    (Entry, "what"),
    (Question, "what"),
    (Claim, "what"),
    (Milestone, "name"),
)


def load(session: Session, streams: Iterable[str], key: SealingKey, visit: str) -> Dossier | None:
    """Return a submitted visit from these streams, or None."""
    line = visit_log.state_of(session, streams, visit)
    if line is None:
        return None
    reviews = _reviews(session, line.visit)
    rows = [line.visit, *(row for table in PARTS for row in _of_visit(session, table, line.visit))]
    items = _items(session, key, rows, reviews)
    parts: dict[str, list[Item]] = {}
    for item in items[1:]:
        parts.setdefault(item.kind, []).append(item)
    people = {one.person: one for one in session.exec(select(Person))}
    timeline = sorted(items[1:], key=lambda item: (item.row.captured_at, item.kind))
    return Dossier(
        line=line,
        own=items[0],
        parts=parts,
        timeline=timeline,
        reviews=reviews,
        history=_history(session, line.submission, reviews),
        accepted=next((one for one in reviews if one.decision == "accepted"), None),
        people=people,
        team=session.get(Team, line.project.team) if line.project else None,
        responsible=_responsible(session, line),
        recused=_recused(line, people),
        about=_about(session, parts),
        checklists={one.entity: one for one in session.exec(select(Checklist))},
        states=_states(session, parts),
        standings=_standings(line, parts),
        earlier_photos=earlier(session, [item.row for item in parts.get("photo", [])]),
        before=_before(session, streams, line),
        missing_records=_missing_records(session, line.submission),
        lacking=_lacking(session, line.submission),
    )


def _of_visit(session: Session, table: type[Any], visit: Visit) -> Sequence[Any]:
    own = (col(table.visit) == visit.entity, col(table.stream) == visit.stream)
    return session.exec(select(table).where(*own).order_by(col(table.captured_at), col(table.entity))).all()


def _reviews(session: Session, visit: Visit) -> list[Review]:
    """Return the decisions about a visit, newest first."""
    statement = (
        select(Review)
        .join(RecordRow, col(RecordRow.hash) == Review.record)
        .where(Review.visit == visit.entity, Review.stream == visit.stream)
        .order_by(col(RecordRow.position).desc())
    )
    return list(session.exec(statement))


def _history(session: Session, submission: Submission, reviews: Sequence[Review]) -> list[Event]:
    """Return every submission and decision in the order the archive received them."""
    decided = {review.record: review for review in reviews}
    rows = session.exec(
        select(RecordRow)
        .where(or_(col(RecordRow.entity) == submission.entity, col(RecordRow.hash).in_(decided)))
        .order_by(col(RecordRow.position))
    )
    return [Event(row.captured_at, decided.get(row.hash)) for row in rows]


def _items(
    session: Session, key: SealingKey, rows: Sequence[Folded], reviews: Sequence[Review]
) -> list[Item]:
    records = {row.hash: row for row in _records(session, [row.record for row in rows])}
    desks = {row.kid for row in session.exec(select(CertificateRow).where(col(CertificateRow.is_archive)))}
    returned = _returned(reviews)
    accepted = _accepted_hashes(session, reviews)
    items = []
    for row in rows:
        sealed = records[row.record]
        items.append(
            Item(
                kind=sealed.kind,
                row=row,
                sealing=sealing_of(sealed, key, sealed.kid in desks),
                is_missing_photo=sealed.completed_at is None,
                is_changed=accepted is not None and row.record not in accepted,
                returned=returned.get(row.entity, ""),
            )
        )
    return items


def _records(session: Session, hashes: Sequence[str]) -> list[RecordRow]:
    found: list[RecordRow] = []
    for start in range(0, len(hashes), 500):
        found += session.exec(select(RecordRow).where(col(RecordRow.hash).in_(hashes[start : start + 500])))
    return found


def _returned(reviews: Sequence[Review]) -> dict[str, str]:
    """Return the newest words about each item, as far as the last decision sent it back."""
    if not reviews or reviews[0].decision != "returned":
        return {}
    items: list[Any] = list(reviews[0].items)
    return {one["entity"]: one["reason"] for one in items}


def _accepted_hashes(session: Session, reviews: Sequence[Review]) -> set[str] | None:
    """Return what the newest acceptance accepted, None when nothing was. The list is sealed: it is read from its record."""
    accepted = next((one for one in reviews if one.decision == "accepted"), None)
    if accepted is None:
        return None
    row = session.get(RecordRow, accepted.submission)
    if row is None or not row.bytes:
        return None
    return set(parse(bytes(row.bytes)).body["records"])


def _responsible(session: Session, line: visit_log.Line) -> list[Responsible]:
    """Return who was tied to the project on the day of the visit, in the order of the roles."""
    if line.project is None:
        return []
    day = line.visit.arrived_at[:10]
    links = session.exec(
        select(Link).where(Link.project == line.project.entity, col(Link.from_on) <= day)
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
        .where(Tenure.official == official, col(Tenure.from_on) <= day)
        .order_by(col(Tenure.from_on).desc())
    )
    return next((one for one in session.exec(held) if one.to_on is None or one.to_on > day), None)


def _recused(line: visit_log.Line, people: dict[str, Person]) -> list[Person]:
    """Return members of the visit's team whose home unit leads or serves the project."""
    if line.project is None:
        return []
    units = {line.project.unit, *line.project.support}
    team = (people.get(person) for person in line.visit.team)
    return [one for one in team if one and one.home_unit in units]


def _about(session: Session, parts: dict[str, list[Item]]) -> dict[str, Any]:
    """Return what outcomes, rechecks, reconciliations and photos point at, by entity."""
    wanted = {
        entity
        for kind, name in POINTERS
        for item in parts.get(kind, [])
        if (entity := getattr(item.row, name))
    }
    found: dict[str, Any] = {}
    tables: tuple[type[Any], ...] = (Question, Claim, Entry, Milestone)
    for table in tables:
        found |= {row.entity: row for row in session.exec(select(table).where(col(table.entity).in_(wanted)))}
    return found


def _states(session: Session, parts: dict[str, list[Item]]) -> dict[str, EntryState]:
    ids = [item.row.entity for item in parts.get("entry", [])]
    rechecks: dict[str, list[Recheck]] = {}
    for one in session.exec(select(Recheck).where(col(Recheck.entry).in_(ids))):
        rechecks.setdefault(one.entry, []).append(one)
    statement = (
        select(Verification).where(col(Verification.entry).in_(ids)).order_by(col(Verification.captured_at))
    )
    verified = {one.entry: one for one in session.exec(statement)}
    return {entity: entry_state(rechecks.get(entity, []), verified.get(entity)) for entity in ids}


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
        .order_by(col(Visit.arrived_at).desc())
    )
    found = session.exec(earlier.limit(1)).first()
    return visit_log.state_of(session, streams, found) if found else None


def _lacking(session: Session, submission: Submission) -> dict[str, dict[str, str]]:
    """Return the names, in both languages, of what the submission says it lacks: things by their own words, items by their titles."""
    wanted: set[str] = {
        str(one["item"]) for one in cast("list[dict[str, str]]", submission.missing) if one["item"]
    }
    found: dict[str, dict[str, str]] = {}
    for sheet in session.exec(select(Checklist)):
        items = (item for group in sheet.groups for item in group["items"])
        found |= {
            item["id"]: {"name": item["zh"], "name_en": item["en"]} for item in items if item["id"] in wanted
        }
    for table, word in LACKABLE:
        for row in session.exec(select(table).where(col(table.entity).in_(wanted))):
            found[row.entity] = {"name": getattr(row, word), "name_en": getattr(row, f"{word}_en", "")}
    return found


def _missing_records(session: Session, submission: Submission) -> int:
    """Return how many records of the submission's list have not come yet."""
    return len(submission.records) - len(_records(session, list(submission.records)))
