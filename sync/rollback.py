"""An archive that meets its own signature over something it does not have was rolled back, from a backup or otherwise.

It opens a new epoch by itself: a number greater than any it used before, whatever the backup remembered. Phones then offer everything.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from sync import fault, record, statement
from sync.archive import Archive, Draft
from sync.certificate import EPOCH
from sync.error import SyncError
from sync.key import Jwk
from sync.table import ArchiveRow, RecordRow, RollbackRow


def meet(archive: Archive, receipts: Sequence[str]) -> int | None:
    """Look at receipts of this archive that a phone holds; return the new epoch when one names what is not here any more."""
    if not receipts:
        return None
    jwks, seen = archive.jwks(), archive.epoch
    for token in receipts:
        spoken = _spoken(token, archive.name, jwks)
        if spoken is None:
            continue
        if spoken["epoch"] > seen:
            # Its own seal of an epoch it does not know of: it was rolled back to before that one was opened.
            return open_epoch(archive, "contradicted", seen, token, above=spoken["epoch"])
        with archive.database.reading() as session:
            fact = contradiction(session, spoken, seen)
        if fact is not None:
            return open_epoch(archive, "contradicted", seen, token, fact)
    return None


def open_epoch(
    archive: Archive,
    reason: str,
    seen: int | None = None,
    evidence: str = "",
    fact: Mapping[str, Any] | None = None,
    above: int = 0,
) -> int | None:
    """Open a new epoch, noted for people and sealed in stream `keys`; None when somebody else did since epoch `seen`.

    Its number is greater than `above`, too.
    """
    present = archive.ready()
    with archive.database.writing() as session:
        opened = _next_epoch(session, present if seen is None else seen, archive.clock(), above)
        if opened is None:
            return None
        session.add(RollbackRow(epoch=opened, noticed_at=archive.now(), reason=reason, evidence=evidence))
        body = {"epoch": opened, "reason": reason, "evidence": dict(fact) if fact else None}
        draft = Draft(EPOCH, "keys", body, "archive")
        archive.appender(session, archive.name).append("keys", [archive.own_candidate(draft)])
        fault.passing("epoch-opened")
    return opened


def noticed(session: Session) -> list[RollbackRow]:
    """Return the epochs this archive opened, newest first."""
    return list(session.exec(select(RollbackRow).order_by(col(RollbackRow.epoch).desc())))


def _spoken(token: str, archive: str, jwks: Mapping[str, Jwk]) -> dict[str, Any] | None:
    """Return what a receipt or a time token of this archive says; None for what proves nothing."""
    for typ in (statement.RECEIPT, statement.TIME):
        try:
            payload = statement.read_any(token, typ, jwks)
        except SyncError:
            continue
        return (
            payload if payload.get("archive") == archive and isinstance(payload.get("epoch"), int) else None
        )
    return None


def contradiction(session: Session, payload: Mapping[str, Any], epoch: int) -> dict[str, Any] | None:
    """Return the first fact of a receipt of this epoch that does not hold here."""
    if payload["epoch"] != epoch:
        return None
    facts = [fact for fact in _facts(payload) if isinstance(fact, dict) and _is_named(fact)]
    here = _places(session, [fact["hash"] for fact in facts])
    for fact in facts:
        if here.get(fact["hash"]) != (fact.get("stream"), fact.get("position"), fact.get("head")):
            return fact
    return None


def _facts(payload: Mapping[str, Any]) -> Sequence[Any]:
    facts = payload.get("facts")
    return facts if isinstance(facts, list) else []


def _is_named(fact: Mapping[str, Any]) -> bool:
    return isinstance(fact.get("hash"), str) and record.HASH.fullmatch(fact["hash"]) is not None


def _places(session: Session, hashes: Sequence[str]) -> dict[str, tuple[str, int, str]]:
    statement = select(RecordRow.hash, RecordRow.stream, RecordRow.position, RecordRow.head)
    rows = session.exec(statement.where(col(RecordRow.hash).in_(hashes)))
    return {known: (stream, position, head) for known, stream, position, head in rows}


def _next_epoch(session: Session, seen: int, at: datetime, above: int) -> int | None:
    """Write the number of a new epoch; None when somebody else opened one since `seen`.

    The number is the time in seconds: two restores of one backup must not open the same epoch.
    """
    row = session.exec(select(ArchiveRow).where(ArchiveRow.id == 1).with_for_update()).one()
    if row.epoch != seen:
        return None
    row.epoch = max(row.epoch + 1, above + 1, int(at.timestamp()))
    session.add(row)
    session.flush()
    return row.epoch
