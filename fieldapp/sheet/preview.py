"""What a table would change: every row against the archive, before anything is written; and the taking over, all or nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sqlmodel import Session

from fieldapp.catalogue import DEFAULT_LANGUAGE
from fieldapp.sheet.book import Book
from fieldapp.sheet.column import Column, Table
from fieldapp.sheet.layout import Layout
from fieldapp.sheet.match import Match, body_of
from fieldapp.sheet.row import Asked, Fault, Reader
from fieldapp.sheet.target import Target, targets
from fieldapp.sheet.value import Cell, written
from sync import together
from sync.archive import Draft, Objected

if TYPE_CHECKING:
    from fieldapp.services import Services

State = Literal["new", "changed", "same"]


@dataclass(frozen=True)
class Member:
    """One column of a change: what stood there and what is to stand there, as the table writes it."""

    table: Table
    column: Column
    before: Cell
    after: Cell


@dataclass(frozen=True)
class Change:
    """What one row comes to; `row` is its number in the sheet, `draft` None where nothing changes."""

    row: int
    title: str
    state: State
    members: tuple[Member, ...]
    draft: Draft | None


@dataclass
class Preview:
    """What a table comes to. With any fault nothing is taken over; `digest` names what was shown."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def count(self, state: State) -> int:
        """Return how many rows are in a state."""
        return sum(change.state == state for change in self.changes)

    @property
    def drafts(self) -> list[Draft]:
        """Return what would be sealed, in the order of the rows."""
        return [change.draft for change in self.changes if change.draft]

    @property
    def digest(self) -> str:
        """Return a name of all that would be written and of what it supersedes: whatever changes meanwhile gives another."""
        told = [
            [one.kind, one.entity if one.supersedes else "", one.supersedes, one.body] for one in self.drafts
        ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class Changed(Exception):
    """The archive is not any more as it was when the table was shown."""


class Faulty(Exception):
    """The table has rows that cannot be taken over."""


def look(
    services: "Services",
    session: Session,
    table: Table,
    layout: Layout,
    asked: Asked,
    who: str,
    language: str,
) -> Preview:
    """Return what a table would change, told in a language; nothing is written."""
    reader = Reader(Book(session), table, layout, asked)
    found = Preview(faults=reader.faults)
    if lacking := _lacking(reader):
        found.faults = [Fault(layout.header_row, "", "", "no_column", {"column": name}) for name in lacking]
        return found
    grouped = targets(reader, list(reader.lines()))
    match = Match(services, reader.reading.book, grouped)
    for target in grouped:
        before = len(reader.faults)
        change = _change(match, reader, target, who, language)
        if change and len(reader.faults) == before:
            found.changes.append(change)
    order = {heading: at for at, heading in reversed([*enumerate(layout.headings)])}
    found.faults.sort(key=lambda fault: (fault.row, order.get(fault.heading, -1)))
    return found


def _lacking(reader: Reader) -> list[str]:
    """Return the columns without which it is not known what the rows are about: said once, not at every row."""
    given = reader.at.keys() | (
        {"month"} if reader.asked.month and reader.table.name == "progress_report" else set()
    )
    return [names[0] for names in reader.table.needed if not given & set(names)]


def _change(match: Match, reader: Reader, target: Target, who: str, language: str) -> Change | None:
    row = match.find(reader, target)
    if row is None and not target.can_add:
        return None
    before = body_of(target.table.body, row) if row is not None else None
    body = match.body(reader, target, before)
    if body is None:
        return None
    draft = None if body == before else match.draft(target, row, body, who)
    state: State = "same" if draft is None else "new" if row is None else "changed"
    members = tuple(_members(match.book, target.table, before or {}, body, language)) if draft else ()
    return Change(target.line.row, match.title(target, body), state, members, draft)


def _members(
    book: Book, table: Table, before: Mapping[str, Any], after: Mapping[str, Any], language: str
) -> Iterable[Member]:
    for column in table.columns:
        if column.is_extra:
            continue
        was, now = (_cell(book, table, column, body, language) for body in (before, after))
        if was != now:
            yield Member(table, column, was, now)


def _cell(book: Book, table: Table, column: Column, body: Mapping[str, Any], language: str) -> Cell:
    if table.name != "plan":
        return written(book, table, column, body, language)
    points: Sequence[Mapping[str, Any]] = body.get("plan") or []
    if column.name == "on":
        return "；".join(f"{one['on']} {one['due_permille'] / 10:g}%" for one in points)
    return None


def take(
    services: "Services", table: Table, layout: Layout, asked: Asked, who: str, digest: str | None = None
) -> Preview:
    """Seal what a table changes in one transaction; raise `Faulty`, and `Changed` when that is not what `digest` names."""
    with services.database.alone():
        with services.database.reading() as session:
            found = look(services, session, table, layout, asked, who, DEFAULT_LANGUAGE)
        if found.faults:
            raise Faulty
        if digest is not None and found.digest != digest:
            raise Changed
        try:
            together.seal(services.archive, found.drafts)
        except Objected as objected:
            if objected.reason == together.STALE:
                raise Changed from objected
            raise
    return found
