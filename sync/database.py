"""One way to a database: SQLite set up so that a commit is a commit, or PostgreSQL. No business logic here."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Column, Connection, String, create_engine, event, inspect, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlmodel import Session, SQLModel

BUSY_TIMEOUT_S = 30
MOST_CONNECTIONS = 80
# Names of PostgreSQL's advisory locks: any two numbers that are ours in a database that is ours.
TABLES, ALONE, PHOTOS = 7_320_001, 7_320_002, 7_320_003
# SQLSTATE classes of a server that is full, stopping, starting, failing over, or undid one of two that waited for each other.
BUSY_CLASSES = frozenset({"08", "25", "40", "53", "55", "57", "58"})
DISK_FULL = "53100"


class Database:
    """Sessions over one database URL.

    SQLite: WAL, `synchronous=FULL`, foreign keys, and `BEGIN IMMEDIATE` for what writes, so that two writers wait instead of failing;
    writers of one process wait for each other outside SQLite, whose own waiting is a lottery that some lose when there are many.
    PostgreSQL: what reads sees one snapshot and cannot write; what writes is READ COMMITTED, so that after waiting for a locked row
    each statement sees what the other committed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        reading: dict[str, Any] = {}
        if not self.is_sqlite:
            reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**reading)
        self._writer = self.engine.execution_options(is_writing=True)
        self._turn = threading.Lock()
        self._writing: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    def create_tables(self) -> None:
        """Create the tables that are missing; of several processes that start at once, one does.

        A table of an earlier release gets the columns that have a default of the database's own, and its new indexes.
        """
        with self._writer.begin() as connection:
            self._lock(connection, TABLES)
            before = inspect(connection).get_multi_columns()
            SQLModel.metadata.create_all(connection)
            _complete(connection, {name: {one["name"] for one in some} for (_, name), some in before.items()})

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one state of the database and writes nothing."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open what `reading` does for `Prepared` statements only; a session costs several times what they do."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open what `writing` does for `Prepared` statements only."""
        with self._writing, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits when the block ends and leaves nothing behind when it fails."""
        with self._writing, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one block at a time run, of all processes on this database, across the transactions inside it.

        For what is rare and short. One process serves an SQLite file, so a lock in it is enough there.
        """
        with self._turn:
            if self.is_sqlite:
                yield
                return
            with self.engine.begin() as connection:
                self._lock(connection, ALONE)
                yield

    def hold_photos(self, session: Session | Connection, is_shared: bool) -> None:
        """Keep those that count photos, who may be many, and whoever destroys some out of each other's way until the commit.

        SQLite has one writer at a time anyway.
        """
        if not self.is_sqlite:
            kind = "_shared" if is_shared else ""
            session.execute(text(f"SELECT pg_advisory_xact_lock{kind}(:name)"), {"name": PHOTOS})

    def _lock(self, connection: Connection, name: int) -> None:
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": name})

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _complete(connection: Connection, columns: dict[str, set[str]]) -> None:
    """Add to the tables that were there what they lack; `columns` are their columns' names."""
    known = inspect(connection).get_multi_indexes()
    indexes = {one["name"] for some in known.values() for one in some}
    prepare = connection.dialect.identifier_preparer
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in columns:
            continue
        for column in table.columns:
            if column.name not in columns[table.name] and column.server_default is not None:
                words = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {prepare.format_table(table)} ADD COLUMN {words}")
        has_all = columns[table.name] >= {one.name for one in table.columns if one.server_default is None}
        for index in table.indexes:
            # The folded tables of another form are made anew, with their indexes.
            if index.name not in indexes and has_all:
                index.create(connection)


def is_outage(error: BaseException) -> bool:
    """Tell whether an error says nothing of what was asked, but that the database is away or full: the whole transaction is to end."""
    return is_busy(error) or is_full(error)


def is_busy(error: BaseException) -> bool:
    """Tell whether the database could not answer for now: asked again later it may."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = _sqlstate(error)
    return error.connection_invalidated or (
        isinstance(error, OperationalError) if state is None else state[:2] in BUSY_CLASSES
    )


def is_full(error: BaseException | None) -> bool:
    """Tell whether the database has no room left. SQLite ends the whole transaction then, so what is said last may only follow from it."""
    while error is not None:
        if isinstance(error, DBAPIError) and _says_full(error):
            return True
        error = error.__context__
    return False


def _says_full(error: DBAPIError) -> bool:
    words, state = str(error.orig).lower(), _sqlstate(error)
    return state == DISK_FULL or (state is None and ("is full" in words or "disk i/o" in words))


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _engine(url: str) -> Engine:
    # A connection for every thread of the server: those that wait for a slow body hold none, but may all finish at once.
    pool = {"pool_size": MOST_CONNECTIONS // 4, "max_overflow": MOST_CONNECTIONS - MOST_CONNECTIONS // 4}
    if not url.startswith("sqlite"):
        connect = {"connect_timeout": 10, "application_name": "fieldapp"}
        engine = create_engine(url, connect_args=connect, pool_pre_ping=True, **pool)
        event.listen(engine, "connect", _set_up_postgresql)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}, **pool)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_postgresql(connection: Any, _record: Any) -> None:
    was = connection.autocommit
    connection.autocommit = True
    # Nobody waits for ever, and a machine that is cut off in the middle does not hold a stream's row.
    for setting, value in (
        ("lock_timeout", f"{BUSY_TIMEOUT_S}s"),
        ("idle_in_transaction_session_timeout", f"{2 * BUSY_TIMEOUT_S}s"),
    ):
        connection.execute(f"SET {setting} = '{value}'")
    # A commit is a commit, whatever the server's default; what is stronger (replicas) stays.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.autocommit = was


@compiles(String, "postgresql")
def _collated(kind: String, compiler: Any, **given: Any) -> str:
    """Order text by code points, as SQLite and Python do, whatever the locale of the server."""
    written: str = compiler.visit_VARCHAR(kind, **given)
    is_column = isinstance(given.get("type_expression"), Column)
    return f'{written} COLLATE "C"' if is_column else written


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin late and read-only; we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
