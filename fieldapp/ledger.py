"""The ledger of entries: what the lists hold, what became of each, and what the desk makes of it. Its queries and its decisions stand here.

An entry is a lead until a person verifies it at the desk; only verified entries reach profiles and reports.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from fieldapp.corroboration import AGAINST, FOR, OWN_WORD, Evidence
from fieldapp.domain.body import Body
from fieldapp.domain.entry import Entry, Recheck, RecheckBody, Reply, Verification, VerificationBody
from fieldapp.domain.interview import Interview
from fieldapp.domain.photo import Photo
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Unit
from fieldapp.domain.visit import Visit
from fieldapp.entry_state import EntryState, entry_state, overdue_days
from fieldapp.problem import Problem
from fieldapp.subject import places_of
from sync.archive import Draft

if TYPE_CHECKING:
    from fieldapp.services import Services

# The lists of the department; difficulties are apart from problems, because they blame nobody.
LISTS = ("problem", "difficulty", "achievement", "task", "progress", "duty", "later")
STANDINGS = ("lead", "verified")
# What a desk may enter of an entry; what was found on site comes from phones.
FOLLOWED = ("assigned", "reported")


@dataclass(frozen=True)
class Filter:
    """What a link to the ledger asks for; empty is no condition. `standing` is `lead` or `verified`."""

    list: str = ""
    standing: str = ""
    unit: str = ""
    project: str = ""

    def query(self, **changes: str) -> dict[str, str]:
        """Return the members of a link's query string that say something, `changes` made."""
        return {name: value for name, value in {**vars(self), **changes}.items() if value}


@dataclass(frozen=True)
class Line:
    """One entry in the ledger. `verification` is the newest decision, None before the first."""

    row: Entry
    place: Project | Unit | None
    state: EntryState
    overdue: int
    verification: Verification | None

    @property
    def key(self) -> str:
        """Return where the ledger goes on after this line."""
        return f"{self.row.seen_on}~{self.row.entity}"


@dataclass(frozen=True)
class Sheet:
    """One entry, whole: its evidence, what became of it, who decided what. All lists are oldest first."""

    line: Line
    visit: Visit | None
    evidence: list[Evidence]
    rechecks: list[Recheck]
    verifications: list[Verification]
    replies: list[Reply]


def page(
    session: Session, streams: Iterable[str], wanted: Filter, after: str, size: int, today: date
) -> tuple[list[Line], str]:
    """Return at most `size` entries after a key, the last seen first, and the key of the next page, empty at the end."""
    found = select(Entry).where(
        col(Entry.stream).in_(sorted(streams)), *_conditions(session, wanted), *_after(after)
    )
    rows = session.exec(
        found.order_by(col(Entry.seen_on).desc(), col(Entry.entity).desc()).limit(size + 1)
    ).all()
    lines = _lines(session, rows[:size], today)
    return lines, lines[-1].key if len(rows) > size else ""


def find(session: Session, streams: Iterable[str], entity: str, today: date) -> Sheet:
    """Return one entry of these streams; raise problem `not-found`."""
    row = session.get(Entry, entity)
    if row is None or row.stream not in set(streams):
        raise Problem("not-found")

    def about(table: Any, member: Any) -> list[Any]:
        return list(
            session.exec(
                select(table).where(member == entity).order_by(table.captured_at, table.entity)
            ).all()
        )

    rechecks = about(Recheck, col(Recheck.entry))
    replies = [
        one
        for one in session.exec(select(Reply).where(col(Reply.stream) == row.stream))
        if entity in one.about
    ]
    return Sheet(
        line=_lines(session, [row], today)[0],
        visit=session.get(Visit, row.visit) if row.visit else None,
        evidence=list(_evidence(session, row, rechecks, about(Photo, col(Photo.about)), replies)),
        rechecks=rechecks,
        verifications=about(Verification, col(Verification.entry)),
        replies=replies,
    )


def verify(services: "Services", sheet: Sheet, who: str, body: dict[str, Any]) -> None:
    """Seal a person's decision about an entry; raise problem `own-visit`, `pydantic.ValidationError`."""
    if sheet.visit is not None and who in (sheet.visit.author, *sheet.visit.team):
        raise Problem("own-visit")
    _seal(services, VerificationBody, sheet.line.row, who, body)


def follow(services: "Services", sheet: Sheet, who: str, body: dict[str, Any]) -> None:
    """Seal what was asked of a unit about an entry, or what it reports; raise `pydantic.ValidationError`. Neither closes anything."""
    known_by = "documented" if body["outcome"] == "assigned" else "said_by_unit"
    _seal(services, RecheckBody, sheet.line.row, who, {**body, "visit": None, "known_by": known_by})


def _seal(services: "Services", kind: type[Body], row: Entry, who: str, body: dict[str, Any]) -> None:
    whole = kind.model_validate({**body, "entry": row.entity}).model_dump(mode="json")
    services.archive.seal([Draft(kind.kind, row.stream, whole, who, v=kind.version)])


def _conditions(session: Session, wanted: Filter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.list == "difficulty":
        conditions.append(col(Entry.sort) == "difficulty")
    elif wanted.list == "problem":
        conditions += [
            col(Entry.list) == "problem",
            or_(col(Entry.sort).is_(None), col(Entry.sort) != "difficulty"),
        ]
    elif wanted.list:
        conditions.append(col(Entry.list) == wanted.list)
    if wanted.standing:
        conditions.append(is_verified() if wanted.standing == "verified" else ~is_verified())
    if wanted.project:
        conditions.append(col(Entry.stream) == f"project:{wanted.project}")
    if wanted.unit:
        projects = session.exec(select(Project.stream).where(col(Project.unit) == wanted.unit)).all()
        conditions.append(col(Entry.stream).in_([*projects, f"unit:{wanted.unit}"]))
    return conditions


def is_verified() -> ColumnElement[bool]:
    """The newest decision about the entry says that it is a fact."""
    decided: Any = aliased(Verification)
    newer: Any = aliased(Verification)
    later = or_(
        newer.captured_at > decided.captured_at,
        and_(newer.captured_at == decided.captured_at, newer.entity > decided.entity),
    )
    return (
        exists()
        .where(decided.entry == Entry.entity, decided.is_verified)
        .where(~exists().where(newer.entry == decided.entry, later))
    )


def _after(key: str) -> list[Any]:
    on, _, entity = key.partition("~")
    if not entity:
        return []
    same = and_(col(Entry.seen_on) == on, col(Entry.entity) < entity)
    return [or_(col(Entry.seen_on) < on, same)]


def _lines(session: Session, rows: Sequence[Entry], today: date) -> list[Line]:
    ids = [row.entity for row in rows]
    rechecks: dict[str, list[Recheck]] = {}
    for one in session.exec(select(Recheck).where(col(Recheck.entry).in_(ids))):
        rechecks.setdefault(one.entry, []).append(one)
    decided = select(Verification).where(col(Verification.entry).in_(ids))
    newest = {
        one.entry: one
        for one in session.exec(decided.order_by(col(Verification.captured_at), col(Verification.entity)))
    }
    places = places_of(session, {row.stream for row in rows})
    lines = []
    for row in rows:
        state = entry_state(rechecks.get(row.entity, []), newest.get(row.entity))
        late = overdue_days(row, state, today)
        lines.append(Line(row, places.get(row.stream), state, late, newest.get(row.entity)))
    return lines


def _evidence(
    session: Session,
    row: Entry,
    rechecks: Sequence[Recheck],
    photos: Sequence[Photo],
    replies: Sequence[Reply],
) -> Iterable[Evidence]:
    heard = session.get(Interview, row.heard_in) if row.heard_in else None
    if row.known_by:
        yield Evidence(row.known_by, _origin(row.known_by, heard), FOR, row.seen_on, row.what, row.entity)
    for photo in photos:
        yield Evidence("photo", "inspectors", FOR, photo.taken_at[:10], photo.caption, photo.entity)
    for recheck in rechecks:
        if recheck.outcome in FOLLOWED or recheck.outcome == "unverified":
            continue
        yield Evidence(
            recheck.known_by,
            _origin(recheck.known_by, None),
            FOR,
            recheck.checked_on,
            recheck.what,
            recheck.entity,
        )
    for reply in replies:
        if reply.reply == "refused":
            continue
        stance: Literal["for", "against"] = AGAINST if reply.reply == "dispute" else FOR
        yield Evidence("reply", OWN_WORD, stance, reply.replied_on, reply.what, reply.entity)


def _origin(known_by: str, heard: Interview | None) -> str:
    if known_by in ("seen", "measured"):
        return "inspectors"
    if known_by == "said_by_unit":
        return OWN_WORD
    if known_by == "documented":
        return "paper"
    return heard.code if heard else "others"
