"""What was erased by law of a visit: that it was there, what kind of thing it was, and when it went; never what it said."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from fieldapp.history import Event
from sync.table import Erased, RecordRow

CHUNK = 400


@dataclass(frozen=True)
class Gone:
    """An item whose content was erased by law: what kind it was, and when it went (UTC text)."""

    kind: str
    record: str
    at: str


def gone(session: Session, events: Iterable[Event], here: set[str]) -> dict[str, Gone]:
    """Return by entity what submissions listed, was erased, and stands in no wording any more; `here` are the entities that do."""
    listed = {one for event in events if event.manifest for one in event.manifest.records}
    rows = [row for row in _records(session, listed) if row.bytes is None and row.entity not in here]
    named = {row.hash: session.get_one(Erased, row.hash).erasure for row in rows}
    at = {row.hash: row.appended_at for row in _records(session, set(named.values()))}
    return {row.entity: Gone(row.kind, row.hash, at[named[row.hash]]) for row in rows}


def is_erased(session: Session, streams: Iterable[str], entity: str) -> bool:
    """Tell whether there was something of that name in these streams, erased by law since."""
    rows = session.exec(select(RecordRow).where(RecordRow.entity == entity))
    readable = set(streams)
    return any(row.bytes is None and row.stream in readable for row in rows)


def _records(session: Session, hashes: Iterable[str]) -> list[RecordRow]:
    wanted = sorted(hashes)
    found: list[RecordRow] = []
    for start in range(0, len(wanted), CHUNK):
        some = col(RecordRow.hash).in_(wanted[start : start + CHUNK])
        found += session.exec(select(RecordRow).where(some)).all()
    return found
