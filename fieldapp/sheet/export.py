"""What is kept of projects, units and people as the rows of a table, in the columns in which a table is taken in."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, select

from fieldapp.catalogue import load
from fieldapp.domain import TABLES as FOLDED
from fieldapp.sheet.book import Book
from fieldapp.sheet.column import Column, Table
from fieldapp.sheet.file import Heading, Kind
from fieldapp.sheet.heading import heading_key
from fieldapp.sheet.match import body_of
from fieldapp.sheet.value import Cell, written

PAGE = 500
KINDS: dict[str, Kind] = {
    "day": "day",
    "percent": "percent",
    "amount": "number",
    "quantity": "number",
    "whole": "number",
    "degree": "number",
}


def columns(table: Table) -> list[Column]:
    """Return the columns our own files have."""
    return [column for column in table.columns if not column.is_extra]


def headings(table: Table, language: str) -> list[Heading]:
    """Return what heads them."""
    words = load(language)
    return [
        Heading(words[heading_key(table, column)], KINDS.get(column.sort, "text"))
        for column in columns(table)
    ]


def rows(
    session: Session, table: Table, streams: Sequence[str] | None, language: str, month: str = ""
) -> Iterator[list[Cell]]:
    """Yield the rows of a table, project by project or in the order of codes: of these streams (None: all), of one month with `month`."""
    book = Book(session)
    for row in _folded(session, book, table, streams, month):
        body = body_of(table.body, row)
        if table.name == "plan":
            name = book.name("project", row)
            for point in body["plan"]:
                told = {"project": row.entity, **point}
                yield [name, *(written(book, table, one, told, language) for one in columns(table)[1:])]
            continue
        if table.name == "claim":
            noun, _, entity = row.stream.partition(":")
            body |= {noun: entity}
        yield [written(book, table, column, body, language) for column in columns(table)]


def _folded(
    session: Session, book: Book, table: Table, streams: Sequence[str] | None, month: str
) -> Iterator[Any]:
    readable = None if streams is None else set(streams)
    if table.name in ("milestone", "link", "progress_report", "claim"):
        places = [f"project:{entity}" for entity in book.rows("project")]
        if table.name == "claim":
            places += [f"unit:{entity}" for entity in book.rows("unit")]
        yield from _of_places(
            session, table, [place for place in places if readable is None or place in readable], month
        )
        return
    for row in book.rows(table.body.kind).values():
        if readable is None or row.stream in readable:
            yield row


def _of_places(session: Session, table: Table, places: Sequence[str], month: str) -> Iterator[Any]:
    """Read some projects at a time: their rows are together in the file."""
    folded: Any = FOLDED[table.body]
    for start in range(0, len(places), PAGE // 10):
        some = places[start : start + PAGE // 10]
        wanted = [folded.stream.in_(some)]
        if table.name == "claim":
            # What was said on a visit is no table of an office.
            wanted.append(folded.visit.is_(None))
        if month and table.name == "progress_report":
            wanted.append(folded.month == month)
        found = session.exec(select(folded).where(*wanted).order_by(col(folded.captured_at), folded.entity))
        order = {place: number for number, place in enumerate(some)}
        yield from sorted(found, key=lambda row: (order[row.stream], _when(row)))


def _when(row: Any) -> str:
    return next(
        (
            str(value)
            for name in ("month", "planned_on", "claimed_on", "from_on")
            if (value := getattr(row, name, ""))
        ),
        "",
    )
