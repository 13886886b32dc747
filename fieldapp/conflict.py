"""Things of which two corrections stand at once, neither knowing of the other: what each says, and a person's choice between them.

Of shared master data an administrator chooses. What a person recorded, that person alone puts right, on the phone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fieldapp import access
from fieldapp.problem import Problem
from fieldapp.revision import changes
from fieldapp.services import Services
from fieldapp.subject import folded, tables
from sync.archive import Draft
from sync.fold import Leaf
from sync.record import Record
from sync.table import RecordRow


@dataclass(frozen=True)
class Conflict:
    """One thing with several wordings, the standing one first. `appended_at` says by record when each came here.

    `differing` are the members in which the wordings differ.
    """

    kind: str
    row: Any
    heads: Sequence[Leaf]
    appended_at: Mapping[str, str]
    is_shared: bool
    differing: frozenset[str]


def conflicts(session: Session, services: Services) -> list[Conflict]:
    """Return what is marked and may be read at this desk, the one that came last first."""
    rows = [
        row
        for table in tables()
        for row in session.exec(select(table).where(col(table.is_conflict)))
        if access.is_desk_stream(row.stream)
    ]
    found = [_conflict(session, services, row) for row in rows]
    return sorted(found, key=lambda one: max(one.appended_at.values()), reverse=True)


def _conflict(session: Session, services: Services, row: Any) -> Conflict:
    heads = services.archive.folder.heads(session, row.stream, row.entity)
    of_these = col(RecordRow.hash).in_([one.hash for one in heads])
    came = {one.hash: one.appended_at for one in session.exec(select(RecordRow).where(of_these))}
    kind = services.archive.rulebook.kinds[heads[0].payload["kind"]]
    return Conflict(kind.name, row, heads, came, kind.is_shared, _differing(kind.name, heads))


def _differing(kind: str, heads: Sequence[Leaf]) -> frozenset[str]:
    bodies = [head.payload["body"] for head in heads if "body" in head.payload]
    return frozenset(change.name for body in bodies[1:] for change in changes(kind, bodies[0], body))


def settle(services: Services, entity: str, chosen: str, seen: Sequence[str], by: str) -> Record:
    """Seal the chosen wording anew, in the place of all that were on screen.

    Raises problem `not-found`, `not-allowed` for what has an author of its own, `conflict-changed` for what reads otherwise by now.
    """
    # Two choices at once would be two wordings again.
    with services.database.alone():
        with services.database.reading() as session:
            row = folded(session, entity)
            if row is None or not access.is_desk_stream(row.stream):
                raise Problem("not-found")
            found = _conflict(session, services, row)
        if not found.is_shared:
            raise Problem("not-allowed")
        heads = {one.hash: one for one in found.heads}
        if (
            len(heads) < 2
            or sorted(heads) != sorted(seen)
            or "body" not in heads.get(chosen, _NOBODY).payload
        ):
            raise Problem("conflict-changed")
        body, v = heads[chosen].payload["body"], heads[chosen].payload["v"]
        draft = Draft(found.kind, row.stream, body, by, entity=entity, supersedes=tuple(sorted(heads)), v=v)
        return services.archive.seal([draft])[0]


_NOBODY = Leaf("", "", {})
