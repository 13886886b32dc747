"""Completeness as a query: a record is complete when no required bytes are missing. Asked again, it heals."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Update,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from sync.prepared import Prepared, among
from sync.statement import Fact
from sync.table import Media, RecordMedia, RecordRow


def complete(session: Session | Connection, hashes: Sequence[str], now: str) -> None:
    """Write `completed_at` of those records that lack nothing and do not have it yet."""
    _COMPLETE.count(session, hashes=list(hashes), now=now)


def missing(session: Session | Connection, hashes: Sequence[str]) -> dict[str, list[str]]:
    """Return for each record that lacks required bytes their SHA-256, ascending; records set aside included."""
    return _by_record(_LACKING.rows(session, hashes=list(hashes)))


def held(session: Session | Connection, hashes: Sequence[str]) -> dict[str, list[str]]:
    """Return for each record the SHA-256 of all named bytes that are here for it, ascending."""
    return _by_record(_HOLDING.rows(session, hashes=list(hashes)))


def _by_record(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record, sha256 in rows:
        found.setdefault(record, []).append(sha256)
    return found


def facts(session: Session | Connection, hashes: Sequence[str]) -> list[Fact]:
    """Return what is a fact of the appended records among these hashes, by stream and position."""
    here = held(session, hashes)
    rows = _STANDING.rows(session, hashes=list(hashes))
    found = [
        Fact(known, stream, position, head, appended_at, completed_at, tuple(here.get(known, ())))
        for known, stream, position, head, appended_at, completed_at in rows
    ]
    return sorted(found, key=lambda fact: (fact.stream, fact.position))


def possessed(
    session: Session | Connection, kids: Iterable[str], hashes: Iterable[str]
) -> set[tuple[str, str]]:
    """Return which of these phones' keys have handed over which of these bytes before: those need not come again.

    Somebody else's upload gives nothing (PROTOCOL.md section 8); the archive's own key speaks for many people and is not asked about.
    """
    return set(_POSSESSED.rows(session, kids=list(kids), hashes=list(hashes)))


# -- statements ---------------------------------------------------------------------------------------------------------------

_RECORD, _NAMED = RecordRow.__table__.c, RecordMedia.__table__.c  # type: ignore[attr-defined]


def _is_lacking() -> ColumnElement[bool]:
    has_bytes = exists().where(col(Media.sha256) == _NAMED.sha256)
    return and_(_NAMED.is_required, or_(_NAMED.received_at.is_(None), ~has_bytes))


def _completion(is_sqlite: bool) -> Update:
    lacks_something = exists().where(_NAMED.record == _RECORD.hash, _is_lacking())
    return (
        update(RecordRow)
        .where(among(_RECORD.hash, "hashes", is_sqlite), _RECORD.completed_at.is_(None), ~lacks_something)
        .values(completed_at=bindparam("now", type_=String))
    )


def _of_records(is_sqlite: bool) -> Select[Any]:
    is_meant = among(_NAMED.record, "hashes", is_sqlite)
    listed = select(_NAMED.record, _NAMED.sha256).where(is_meant)
    return listed.distinct().order_by(_NAMED.record, _NAMED.sha256)


def _holding(is_sqlite: bool) -> Select[Any]:
    here = _of_records(is_sqlite).join(Media, col(Media.sha256) == _NAMED.sha256)
    return here.where(_NAMED.received_at.is_not(None))


def _standing(is_sqlite: bool) -> Select[Any]:
    """Name the members of `Fact` in their order."""
    names = ("hash", "stream", "position", "head", "appended_at", "completed_at")
    return select(*(_RECORD[name] for name in names)).where(among(_RECORD.hash, "hashes", is_sqlite))


def _possession(is_sqlite: bool) -> Select[Any]:
    return (
        select(_RECORD.kid, _NAMED.sha256)
        .join(RecordMedia, _RECORD.hash == _NAMED.record)
        .join(Media, col(Media.sha256) == _NAMED.sha256)
        .where(
            among(_NAMED.sha256, "hashes", is_sqlite),
            _NAMED.received_at.is_not(None),
            among(_RECORD.kid, "kids", is_sqlite),
        )
        .distinct()
    )


_COMPLETE = Prepared(_completion)
_LACKING = Prepared(lambda is_sqlite: _of_records(is_sqlite).where(_is_lacking()))
_HOLDING = Prepared(_holding)
_STANDING = Prepared(_standing)
_POSSESSED = Prepared(_possession)
