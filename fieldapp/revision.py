"""What an item said before: its revisions in the order the archive received them, and what each of them changed.

Nothing is ever edited: a correction is a record of its own, so the earlier wording is still there to be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fieldapp.domain import table_of
from fieldapp.domain.body import Folded
from sync.record import parse
from sync.table import RecordMedia, RecordRow

# What an item belongs to is no part of what it says.
SILENT = frozenset({"visit"})
# Members that point at something with a name of its own.
REFERENCES = ("about", "entry", "milestone", "responsible")
CHUNK = 400


@dataclass(frozen=True)
class Change:
    """One member of a body that reads otherwise than before."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Revision:
    """One wording of an item: what it says, and what that changed. `body` is None once it was erased by law.

    `is_standing`: this is the wording that stands. `at` is the phone's time of writing as sealed, of what was erased UTC.
    """

    record: str
    at: str
    author: str
    body: Mapping[str, Any] | None
    is_standing: bool
    changes: tuple[Change, ...] = ()


def revisions(session: Session, rows: Iterable[Folded]) -> dict[str, list[Revision]]:
    """Return the revisions of each entity that has more than one, the first wording first."""
    several = {row.entity: row for row in rows if row.revisions > 1}
    found: dict[str, list[RecordRow]] = {entity: [] for entity in several}
    for row in _records(session, list(several)):
        standing = several[row.entity]
        if (row.stream, row.author) == (standing.stream, standing.author):
            found[row.entity].append(row)
    return {entity: in_order(rows, several[entity].record) for entity, rows in found.items()}


def _records(session: Session, entities: Sequence[str]) -> Iterable[RecordRow]:
    for start in range(0, len(entities), CHUNK):
        some = col(RecordRow.entity).in_(entities[start : start + CHUNK])
        yield from session.exec(select(RecordRow).where(some).order_by(col(RecordRow.position)))


def in_order(rows: Sequence[RecordRow], standing: str) -> list[Revision]:
    """Return the wordings that records of one entity hold, in their order; `standing` is the hash of the one that stands."""
    payloads = {row.hash: parse(bytes(row.bytes)).payload for row in rows if row.bytes}
    bodies = {row.hash: payloads[row.hash]["body"] if row.hash in payloads else None for row in rows}
    told = []
    for row in rows:
        # What it supersedes was received before it, or is not known here.
        before = next((one.hash for one in reversed(rows) if one.hash in row.supersedes), None)
        was, now = bodies.get(before or ""), bodies[row.hash]
        changed = changes(row.kind, was, now) if was is not None and now is not None else ()
        at = payloads[row.hash]["captured_at"] if row.hash in payloads else row.captured_at
        told.append(Revision(row.hash, at, row.author, now, row.hash == standing, changed))
    return told


def changes(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the members in which two bodies of a kind differ, in the kind's order; what is left out says its default."""
    table = table_of(kind)
    if table is None:
        return ()
    found = []
    for name, field in table.model_fields.items():
        if name in SILENT or name in Folded.model_fields:
            continue
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        was, now = before.get(name, default), after.get(name, default)
        if was != now:
            found.append(Change(name, was, now))
    return tuple(found)


def since(kind: str, told: Sequence[Revision], seen: set[str]) -> tuple[Change, ...]:
    """Return what the standing wording changed against the one a reviewer decided about; `seen` are the hashes they had.

    Where none of the revisions was decided about yet, against the one before.
    """
    standing = next((one for one in told if one.is_standing), None)
    decided = next((one for one in reversed(told) if one.record in seen), None)
    if standing is None or standing.body is None:
        return ()
    if decided is None:
        return standing.changes
    return changes(kind, decided.body, standing.body) if decided.body is not None else ()


def references(told: Iterable[Sequence[Revision]]) -> set[str]:
    """Return every entity that an earlier or newer wording points at."""
    bodies = [one.body for several in told for one in several if one.body]
    return {body[name] for body in bodies for name in REFERENCES if body.get(name)}


def absent_images(session: Session, told: Mapping[str, Sequence[Revision]]) -> frozenset[str]:
    """Return the hashes of images that a revision names and that have not come."""
    names = [one.record for several in told.values() for one in several]
    found: set[str] = set()
    for start in range(0, len(names), CHUNK):
        lacking = select(RecordMedia.sha256).where(
            col(RecordMedia.record).in_(names[start : start + CHUNK]), col(RecordMedia.received_at).is_(None)
        )
        found |= set(session.exec(lacking))
    return frozenset(found)
