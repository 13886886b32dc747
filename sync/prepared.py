"""Statements run so often that SQLAlchemy's way of running one would cost several times what the database does for it.

What a statement means is said with the tables' columns as everywhere; it is written once for each kind of database and then handed
to the driver itself. Errors are raised as SQLAlchemy would raise them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from operator import attrgetter, itemgetter, methodcaller
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    String,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from sync.database import is_outage

Values = Mapping[str, Any]
# What the driver is given, and what makes its values of the ones given by name.
Text = tuple[str, Callable[[Values], tuple[Any, ...]]]
# How the drivers we use mark the place of a value, and take values in order.
_MARKS = {"sqlite": "qmark", "postgresql": "format"}
_FETCH, _COUNT = methodcaller("fetchall"), attrgetter("rowcount")


class Prepared:
    """A statement made by `make`, which is told whether it is for SQLite."""

    def __init__(self, make: Callable[[bool], Executable]) -> None:
        self._make = make
        self._texts: dict[str, Text] = {}

    def rows(self, session: Session | Connection, **given: Any) -> list[tuple[Any, ...]]:
        """Return the rows, as the driver gives them."""
        found: list[tuple[Any, ...]] = self._run(session, given, _FETCH)
        return found

    def count(self, session: Session | Connection, **given: Any) -> int:
        """Run it and return how many rows it touched."""
        touched: int = self._run(session, given, _COUNT)
        return touched

    def many(self, session: Session | Connection, rows: Sequence[Values]) -> None:
        """Run it once for each of the rows."""
        connection = _connection(session)
        text, ordered = self._text(connection.dialect)
        values = [ordered(row) for row in rows]
        with _told(connection, text):
            _driver(connection).cursor().executemany(text, values)

    def _run(self, session: Session | Connection, given: Values, read: Callable[[Any], Any]) -> Any:
        connection = _connection(session)
        text, ordered = self._text(connection.dialect)
        with _told(connection, text):
            # Reading too: SQLite goes on to the next row only then, and may fail there.
            return read(_driver(connection).execute(text, ordered(given)))

    def _text(self, dialect: Dialect) -> Text:
        found = self._texts.get(dialect.name)
        if found is None:
            found = self._texts[dialect.name] = _written(self._make(dialect.name == "sqlite"), dialect)
        return found


def among(column: Any, name: str, is_sqlite: bool) -> ColumnElement[bool]:
    """Say that a column of text is one of the list given under a name."""
    if is_sqlite:
        listed = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]
    return column == any_(bindparam(name, type_=ARRAY(String)))  # type: ignore[no-any-return]


@cache
def insertion(table: type[SQLModel]) -> Prepared:
    """Return what inserts rows that name every column of a table."""
    return Prepared(lambda _is_sqlite: insert(table.__table__))  # type: ignore[attr-defined]


def insert_new(session: Session | Connection, table: type[SQLModel], values: Values) -> bool:
    """Insert a row unless a constraint says it is there; tell whether it was inserted. `values` names every column that matters."""
    return bool(insertion_or_nothing(table, tuple(values)).count(session, **values))


@cache
def insertion_or_nothing(table: type[SQLModel], names: tuple[str, ...]) -> Prepared:
    """Return what inserts rows of these columns unless a constraint says that one is there."""
    target = table.__table__  # type: ignore[attr-defined]
    given: dict[str, Any] = {name: bindparam(name, type_=target.c[name].type) for name in names}

    def make(is_sqlite: bool) -> Executable:
        insert_ = sqlite_insert if is_sqlite else postgresql_insert
        return insert_(target).values(given).on_conflict_do_nothing()

    return Prepared(make)


@contextmanager
def savepoint(session: Session | Connection) -> Iterator[None]:
    """Undo what the block did, and nothing else, when it raises; an outage ends the transaction and leaves nothing to go back to.

    A session does not know of it: nothing in the block may be left to a session to write.
    """
    _say(session, "SAVEPOINT step")
    try:
        yield
    except BaseException as error:
        if not is_outage(error):
            _say(session, "ROLLBACK TO SAVEPOINT step")
            _say(session, "RELEASE SAVEPOINT step")
        raise
    _say(session, "RELEASE SAVEPOINT step")


def _say(session: Session | Connection, order: str) -> None:
    connection = _connection(session)
    with _told(connection, order):
        _driver(connection).execute(order)


def _connection(session: Session | Connection) -> Connection:
    return session if isinstance(session, Connection) else session.connection()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


@contextmanager
def _told(connection: Connection, text: str) -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy does, and give a connection up that is lost."""
    dialect = connection.dialect
    base = dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        is_lost = dialect.is_disconnect(error, _driver(connection), None)
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, None, error, base, connection_invalidated=is_lost, dialect=dialect
        ) from error


def _written(statement: Executable, dialect: Dialect) -> Text:
    """Return the text for a driver, and what puts given values in its order and form."""
    plain: Any = type(dialect)
    compiled: Any = cast("ClauseElement", statement).compile(dialect=plain(paramstyle=_MARKS[dialect.name]))
    names: list[str] = compiled.positiontup
    kinds = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
    changes = [
        (place, change) for place, kind in enumerate(kinds) if (change := kind.bind_processor(dialect))
    ]

    taken = itemgetter(*names) if len(names) > 1 else lambda given: tuple(given[name] for name in names)
    if not changes:
        return str(compiled), taken

    def changed(given: Values) -> tuple[Any, ...]:
        values = list(taken(given))
        for place, change in changes:
            values[place] = change(values[place])
        return tuple(values)

    return str(compiled), changed
