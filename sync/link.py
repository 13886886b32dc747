"""Heads computed a second time, from what was read back: nothing is appended to a stream that does not end where it should, and
no fact is signed whose head does not follow from the one before it (PROTOCOL.md section 5).

Each costs one look at the record before, by the index of stream and position.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Select, String, bindparam, literal_column, select
from sqlmodel import Session

from sync import stream
from sync.error import Refused
from sync.prepared import Prepared, among
from sync.statement import Fact
from sync.table import RecordRow

log = logging.getLogger(__name__)


class StreamDamaged(Refused):
    """A stream that does not end as its last record says: nothing may follow until a person has looked (`fieldapp verify`)."""

    reason = "stream-damaged"


def require_end(session: Session, archive: str, name: str, position: int, head: str) -> None:
    """Raise `StreamDamaged` unless a stream ends where its last record stands; an empty one where every stream begins."""
    last = _HEAD.rows(session, of=name, at=position) if position else [(stream.head0(archive, name).hex(),)]
    if last != [(head,)]:
        raise StreamDamaged(f"{name} at {position}: the stream ends at another head than its last record")


def proven(session: Session | Connection, archive: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts whose head follows from the one before; the others go to the log and are not to be signed."""
    heads = {(fact.stream, fact.position): fact.head for fact in facts}
    alone = [fact.hash for fact in facts if (fact.stream, fact.position - 1) not in heads]
    before = dict(_BEFORE.rows(session, hashes=alone)) if alone else {}
    found = []
    for fact in facts:
        first = stream.head0(archive, fact.stream).hex() if fact.position == 1 else None
        last = first or heads.get((fact.stream, fact.position - 1)) or before.get(fact.hash)
        if last and stream.extend(bytes.fromhex(last), fact.hash).hex() == fact.head:
            found.append(fact)
        else:
            log.error(
                "%s at %d does not follow from the record before: not signed", fact.stream, fact.position
            )
    return found


# -- statements ---------------------------------------------------------------------------------------------------------------

_RECORD: Any = RecordRow.__table__.alias("later")  # type: ignore[attr-defined]
_EARLIER: Any = RecordRow.__table__.alias("earlier")  # type: ignore[attr-defined]


def _before(is_sqlite: bool) -> Select[Any]:
    """Name records, and the head of the one before each."""
    is_before = (_EARLIER.c.stream == _RECORD.c.stream) & (
        _EARLIER.c.position == _RECORD.c.position - literal_column("1")
    )
    both = _RECORD.join(_EARLIER, is_before)
    return (
        select(_RECORD.c.hash, _EARLIER.c.head)
        .select_from(both)
        .where(among(_RECORD.c.hash, "hashes", is_sqlite))
    )


def _head(_is_sqlite: bool) -> Select[Any]:
    of, at = bindparam("of", type_=String), bindparam("at", type_=Integer)
    return select(_RECORD.c.head).where(_RECORD.c.stream == of, _RECORD.c.position == at)


_BEFORE = Prepared(_before)
_HEAD = Prepared(_head)
