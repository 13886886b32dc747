"""The log of interviews: on visits and outside any, newest first. All its queries stand here.

An interview on a visit is read with the visit; one outside any has a page of its own, and nobody reviews it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from fieldapp import annex
from fieldapp.domain.interview import Interview
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Person, Unit
from fieldapp.subject import places_of


@dataclass(frozen=True)
class Filter:
    """What a link to the log asks for; empty is no condition. `outside` is `1` for interviews outside any visit alone."""

    project: str = ""
    unit: str = ""
    outside: str = ""

    def query(self, **changes: str) -> dict[str, str]:
        """Return the conditions there are, some changed."""
        return {name: value for name, value in {**vars(self), **changes}.items() if value}


@dataclass(frozen=True)
class Line:
    """One interview. `place` is the project or unit it was held at; `annexes` are those of it."""

    row: Interview
    place: Project | Unit | None
    author: Person | None
    annexes: tuple[annex.Known, ...]

    @property
    def key(self) -> str:
        """Return what comes after this line."""
        return f"{self.row.talked_on}~{self.row.entity}"


def page(
    session: Session, streams: Iterable[str], wanted: Filter, after: str, size: int
) -> tuple[list[Line], str]:
    """Return at most `size` interviews after a key (empty: from the newest on) and the key of the next page, empty at the end."""
    found = select(Interview).where(*_wanted(streams, wanted), *_after(after))
    newest = found.order_by(col(Interview.talked_on).desc(), col(Interview.entity).desc())
    rows = list(session.exec(newest.limit(size + 1)))
    lines = _lines(session, streams, rows[:size])
    return lines, lines[-1].key if len(rows) > size else ""


def find(session: Session, streams: Iterable[str], entity: str) -> Line | None:
    """Return one interview of these streams, or None."""
    row = session.get(Interview, entity)
    return _lines(session, streams, [row])[0] if row is not None and row.stream in streams else None


def outside(session: Session, stream: str) -> int:
    """Return how many interviews outside any visit there are at a place."""
    return len(session.exec(select(Interview.entity).where(*_wanted([stream], Filter(outside="1")))).all())


def _wanted(streams: Iterable[str], wanted: Filter) -> list[Any]:
    places = [f"{noun}:{entity}" for noun in ("project", "unit") if (entity := getattr(wanted, noun))]
    return [
        col(Interview.stream).in_(sorted(set(streams).intersection(places) if places else streams)),
        *([col(Interview.visit).is_(None)] if wanted.outside else []),
    ]


def _after(key: str) -> list[Any]:
    on, _, entity = key.partition("~")
    if not entity:
        return []
    same = and_(col(Interview.talked_on) == on, col(Interview.entity) < entity)
    return [or_(col(Interview.talked_on) < on, same)]


def _lines(session: Session, streams: Iterable[str], rows: list[Interview]) -> list[Line]:
    authors = [row.author for row in rows]
    people = {one.person: one for one in session.exec(select(Person).where(col(Person.person).in_(authors)))}
    places = places_of(session, {row.stream for row in rows})
    annexes = annex.of_interviews(session, streams, [row.entity for row in rows])
    return [
        Line(row, places.get(row.stream), people.get(row.author), tuple(annexes.get(row.entity, ())))
        for row in rows
    ]
