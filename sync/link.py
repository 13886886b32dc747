"""Heads computed a second time, from what was read back: nothing is appended to a stream that does not end where it should, and
no fact is signed whose head does not follow from the one before it (PROTOCOL.md section 5).

Each costs one look at the record before, by the index of stream and position.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice

from sqlalchemy import Executable, bindparam, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from sync import stream
from sync.error import SyncError
from sync.statement import Fact
from sync.table import RecordRow

log = logging.getLogger(__name__)

Place = tuple[str, int]
MOST_PLACES = 200


class StreamDamaged(SyncError):
    """A stream that does not end as its last record says: nothing may follow until a person has looked (`fieldapp verify`)."""


def require_end(session: Session, archive: str, name: str, position: int, head: str) -> None:
    """Raise `StreamDamaged` unless a stream ends where its last record stands; an empty one where every stream begins."""
    end = (name, position)
    if _heads(session, archive, [end]).get(end) != head:
        raise StreamDamaged(f"{name} at {position}: the stream ends at another head than its last record")


def proven(session: Session, archive: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts whose head follows from the one before; the others go to the log and are not to be signed."""
    heads = {(fact.stream, fact.position): fact.head for fact in facts}
    before = {(fact.stream, fact.position - 1) for fact in facts}
    heads |= _heads(session, archive, before - set(heads))
    found = []
    for fact in facts:
        if _follows(fact, heads.get((fact.stream, fact.position - 1))):
            found.append(fact)
        else:
            log.error(
                "%s at %d does not follow from the record before: not signed", fact.stream, fact.position
            )
    return found


def _follows(fact: Fact, before: str | None) -> bool:
    return before is not None and stream.extend(bytes.fromhex(before), fact.hash).hex() == fact.head


def _heads(session: Session, archive: str, places: Iterable[Place]) -> dict[Place, str]:
    """Return the heads at these places of streams; of one that is not there, none."""
    found: dict[Place, str] = {}
    wanted = []
    for name, position in places:
        if position:
            wanted.append((name, position))
        else:
            found[name, position] = stream.head0(archive, name).hex()
    left = iter(wanted)
    while some := list(islice(left, MOST_PLACES)):
        rows = session.connection().execute(_at_places(), {"places": some})
        found |= {(name, position): head for name, position, head in rows}
    return found


@cache
def _at_places() -> Executable:
    place = tuple_(col(RecordRow.stream), col(RecordRow.position))
    return sql_select(col(RecordRow.stream), col(RecordRow.position), col(RecordRow.head)).where(
        place.in_(bindparam("places", expanding=True))
    )
