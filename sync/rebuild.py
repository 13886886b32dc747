"""Folding everything from nothing: the folded tables hold no truth of their own and can be made again from the records at any time."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection, Engine, bindparam, delete, inspect
from sqlmodel import Session, SQLModel, col, select

from sync.archive import Archive
from sync.prepared import Prepared
from sync.table import RecordRow, StreamRow, Unfolded

BATCH = 2_000


def rebuild(archive: Archive, progress: Callable[[int], object] = lambda _done: None) -> int:
    """Fold every stream anew, one transaction a stream, so that a reader sees its old rows or its new ones; return how many records.

    `progress` hears how many records were folded since it last heard. Broken off, it has done whole streams only.
    """
    with archive.database.reading() as session:
        names = session.exec(select(StreamRow.name).order_by(StreamRow.name)).all()
    return sum(_stream(archive, name, progress) for name in names)


def fit(archive: Archive, progress: Callable[[int], object] = lambda _done: None) -> set[str]:
    """Make folded tables anew whose columns an earlier release made otherwise, and fold their kinds; return their names.

    One transaction: whoever dies in the middle leaves the old tables.
    """
    if not _misfits(archive, archive.database.engine):
        return set()
    with archive.database.alone(), archive.database.writing() as session:
        connection = session.connection()
        # Another process may have done it while this one waited.
        tables = _misfits(archive, connection)
        for table in tables:
            rows = table.__table__  # type: ignore[attr-defined]
            rows.drop(connection)
            rows.create(connection)
        kinds = [kind for kind, table in archive.folder.tables.items() if table in tables]
        roots = select(RecordRow.stream, RecordRow.entity).where(
            RecordRow.id == RecordRow.entity, col(RecordRow.kind).in_(kinds)
        )
        streams: dict[str, list[str]] = {}
        for stream, entity in session.exec(roots.order_by(RecordRow.stream, col(RecordRow.position))):
            streams.setdefault(stream, []).append(entity)
        for name, entities in streams.items():
            for start in range(0, len(entities), BATCH):
                some = entities[start : start + BATCH]
                session.execute(delete(Unfolded).where(col(Unfolded.entity).in_(some)))
                progress(archive.folder.fold_anew(session, name, some))
        return {str(table.__tablename__) for table in tables}


def _misfits(archive: Archive, database: Engine | Connection) -> list[type[SQLModel]]:
    """Return the folded tables whose columns in the database are not the model's."""
    found = inspect(database)
    return [
        table
        for table in sorted(set(archive.folder.tables.values()), key=lambda each: str(each.__tablename__))
        if {one["name"] for one in found.get_columns(str(table.__tablename__))}
        != set(table.__table__.c.keys())  # type: ignore[attr-defined]
    ]


def _stream(archive: Archive, name: str, progress: Callable[[int], object]) -> int:
    done = 0
    with archive.database.writing() as session:
        session.exec(select(StreamRow).where(StreamRow.name == name).with_for_update()).one()
        for table in set(archive.folder.tables.values()):
            _emptying(table).count(session, of=name)
        _emptying(Unfolded).count(session, of=name)
        archive.folder.leave(session, name)
        entities = _entities(session, name)
        for start in range(0, len(entities), BATCH):
            folded = archive.folder.fold_anew(session, name, entities[start : start + BATCH])
            done += folded
            progress(folded)
    return done


@cache
def _emptying(table: type[SQLModel]) -> Prepared:
    rows = table.__table__  # type: ignore[attr-defined]
    return Prepared(lambda _is_sqlite: delete(rows).where(rows.c.stream == bindparam("of")))


def _entities(session: Session, name: str) -> list[str]:
    """Return the entities of a stream, oldest first record first: tables are filled in the order things happened."""
    rows = session.exec(
        select(RecordRow.entity).where(RecordRow.stream == name).order_by(col(RecordRow.position))
    )
    return list(dict.fromkeys(rows))
