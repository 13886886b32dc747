"""What single records point at and belong to, by name: for pages that show records outside any visit page."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from fieldapp.domain import TABLES, table_of
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Person, Unit
from fieldapp.edition import Editions
from sync.table import RecordRow

REF = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
CHUNK = 400


@dataclass(frozen=True)
class Subjects:
    """Rows by entity, people by their names in records, and the projects and units of streams."""

    about: Mapping[str, Any] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    checklists: Editions = field(default_factory=Editions)
    places: Mapping[str, Project | Unit] = field(default_factory=dict)
    site: Mapping[str, Any] | None = None


def subjects(session: Session, bodies: Iterable[Any], streams: Iterable[str]) -> Subjects:
    """Return what these bodies point at, and what these streams are about."""
    return Subjects(
        about=rows_of(session, sorted({ref for body in bodies for ref in refs(body)})),
        people={one.person: one for one in session.exec(select(Person))},
        checklists=Editions(session),
        places=places_of(session, sorted(set(streams))),
    )


def refs(value: Any) -> Iterator[str]:
    """Yield every text inside a body that has the form of an entity."""
    if isinstance(value, str) and REF.fullmatch(value):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from refs(one)
    elif isinstance(value, list):
        for one in value:
            yield from refs(one)


def rows_of(session: Session, entities: Sequence[str]) -> dict[str, Any]:
    """Return the rows of entities, of whatever kinds, by entity."""
    kinds: dict[str, list[str]] = {}
    for some in _chunks(entities):
        pairs = select(RecordRow.entity, RecordRow.kind).where(col(RecordRow.id).in_(some))
        for entity, kind in session.exec(pairs):
            kinds.setdefault(kind, []).append(entity)
    found: dict[str, Any] = {}
    for kind, wanted in kinds.items():
        table: Any = table_of(kind)
        for some in _chunks(wanted if table else ()):
            found |= {row.entity: row for row in session.exec(select(table).where(table.entity.in_(some)))}
    return found


def places_of(session: Session, streams: Iterable[str]) -> dict[str, Project | Unit]:
    """Return the projects and units these streams are about, by stream."""
    names = {stream.partition(":")[2]: stream for stream in streams}
    found: dict[str, Project | Unit] = {}
    tables: tuple[type[Any], ...] = (Project, Unit)
    for table in tables:
        for some in _chunks(sorted(names)):
            rows = session.exec(select(table).where(col(table.entity).in_(some)))
            found |= {names[row.entity]: row for row in rows}
    return found


def folded(session: Session, entity: str) -> Any | None:
    """Return the row an entity stands in, of whatever kind; None when none does."""
    return rows_of(session, [entity]).get(entity)


def tables() -> list[type[Any]]:
    """Return the tables of all kinds, in the order of the kinds."""
    return list(dict.fromkeys(TABLES.values()))


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
