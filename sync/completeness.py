"""Completeness as a query: a record is complete when no required bytes are missing. Asked again, it heals."""

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import ColumnElement, Executable, Update, and_, bindparam, exists, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from sync.statement import Fact
from sync.table import Media, RecordMedia, RecordRow


def complete(session: Session, hashes: Sequence[str], now: str) -> None:
    """Write `completed_at` of those records that lack nothing and do not have it yet."""
    for some in _batches(hashes):
        session.connection().execute(_completion(), {"hashes": list(some), "now": now})


@cache
def _completion() -> Update:
    # Made once: building the statement costs more than running it, and it runs for each photo.
    is_meant = col(RecordRow.hash).in_(bindparam("hashes", expanding=True))
    return (
        update(RecordRow)
        .where(is_meant, col(RecordRow.completed_at).is_(None), ~_lacks_something())
        .values(completed_at=bindparam("now"))
    )


def missing(session: Session, hashes: Sequence[str]) -> dict[str, list[str]]:
    """Return for each record that lacks required bytes their SHA-256, ascending; records set aside included."""
    return _by_record(session, _lacking(), hashes)


@cache
def _lacking() -> Executable:
    return (
        sql_select(col(RecordMedia.record), col(RecordMedia.sha256))
        .where(col(RecordMedia.record).in_(bindparam("hashes", expanding=True)), _is_lacking())
        .distinct()
        .order_by(RecordMedia.record, RecordMedia.sha256)
    )


def _by_record(session: Session, statement: Executable, hashes: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for some in _batches(hashes):
        for record, sha256 in session.connection().execute(statement, {"hashes": list(some)}):
            found.setdefault(record, []).append(sha256)
    return found


def facts(session: Session, hashes: Sequence[str]) -> list[Fact]:
    """Return what is a fact of the appended records among these hashes, by stream and position."""
    here = held(session, hashes)
    found = [
        Fact(**row._mapping, held=tuple(here.get(row.hash, ())))
        for some in _batches(hashes)
        for row in session.connection().execute(_standing(), {"hashes": list(some)})
    ]
    return sorted(found, key=lambda fact: (fact.stream, fact.position))


@cache
def _standing() -> Executable:
    """Name the members of `Fact` in their order."""
    table = RecordRow.__table__.c  # type: ignore[attr-defined]
    columns = (table.hash, table.stream, table.position, table.head, table.appended_at, table.completed_at)
    return sql_select(*columns).where(table.hash.in_(bindparam("hashes", expanding=True)))


def held(session: Session, hashes: Sequence[str]) -> dict[str, list[str]]:
    """Return for each record the SHA-256 of all named bytes that are here for it, ascending."""
    return _by_record(session, _holding(), hashes)


@cache
def _holding() -> Executable:
    is_meant = col(RecordMedia.record).in_(bindparam("hashes", expanding=True))
    return (
        sql_select(col(RecordMedia.record), col(RecordMedia.sha256))
        .join(Media, col(Media.sha256) == RecordMedia.sha256)
        .where(is_meant, col(RecordMedia.received_at).is_not(None))
        .distinct()
        .order_by(RecordMedia.record, RecordMedia.sha256)
    )


def possessed(session: Session, kids: Iterable[str], hashes: Iterable[str]) -> set[tuple[str, str]]:
    """Return which of these phones' keys have handed over which of these bytes before: those need not come again.

    Somebody else's upload gives nothing (PROTOCOL.md section 8); the archive's own key speaks for many people and is not asked about.
    """
    statement = (
        select(RecordRow.kid, RecordMedia.sha256)
        .join(RecordMedia, col(RecordRow.hash) == RecordMedia.record)
        .join(Media, col(Media.sha256) == RecordMedia.sha256)
        .where(
            col(RecordMedia.sha256).in_(hashes),
            col(RecordMedia.received_at).is_not(None),
            col(RecordRow.kid).in_(kids),
        )
    )
    return set(session.exec(statement.distinct()))


def _is_lacking() -> ColumnElement[bool]:
    has_bytes = exists().where(col(Media.sha256) == RecordMedia.sha256)
    return and_(col(RecordMedia.is_required), or_(col(RecordMedia.received_at).is_(None), ~has_bytes))


def _lacks_something() -> ColumnElement[bool]:
    return exists().where(col(RecordMedia.record) == RecordRow.hash, _is_lacking())


def _batches(hashes: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (hashes[start : start + size] for start in range(0, len(hashes), size))
