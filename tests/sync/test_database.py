"""What a session sees, what waits for what, and what text is ordered by: the same on every database."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select

from sync.database import Database
from sync.prepared import Prepared, among, insert_new, insertion, savepoint
from sync.table import StreamRow
from tests.store import SORTS, Postgresql, Store

NAMES = ["B", "a", "b", "a-b", "a:b", "ab", "é", "一", "丁", "𠀀"]


@pytest.fixture
def database(store: Store) -> Database:
    made = store.database()
    made.create_tables()
    return made


@pytest.fixture
def served(postgresql: Postgresql) -> Iterator[Database]:
    with postgresql.fresh() as address:
        database = Database(address)
        yield database
        database.close()


def add(database: Database, *names: str) -> list[bool]:
    with database.writing() as session:
        return [insert_new(session, StreamRow, {"name": name, "position": 0, "head": ""}) for name in names]


def test_what_is_there_is_not_inserted_again(database: Database) -> None:
    assert add(database, "a", "b", "a") == [True, True, False]
    assert add(database, "b") == [False]


def test_what_goes_straight_to_the_driver_means_and_raises_the_same(database: Database) -> None:
    names = Prepared(
        lambda is_sqlite: select(StreamRow.name).where(among(col(StreamRow.name), "names", is_sqlite))
    )
    rows = [{"name": name, "position": 0, "head": ""} for name in ("a", "b")]
    with database.transaction() as connection:
        insertion(StreamRow).many(connection, rows)
        with pytest.raises(IntegrityError), savepoint(connection):
            insertion(StreamRow).many(connection, [{"name": "c", "position": 0, "head": ""}, rows[0]])
    with database.snapshot() as connection:
        assert sorted(names.rows(connection, names=["b", "c", "a", "'"])) == [("a",), ("b",)]
    with database.reading() as session:
        assert names.rows(session, names=[]) == []


@pytest.mark.parametrize("store", SORTS, indirect=True)
def test_a_snapshot_is_one_state(database: Database) -> None:
    names = Prepared(lambda _is_sqlite: select(StreamRow.name))
    with database.snapshot() as connection:
        assert names.rows(connection) == []
        add(database, "a")
        assert names.rows(connection) == []
    with database.snapshot() as connection:
        assert names.rows(connection) == [("a",)]


def test_text_is_ordered_by_code_points(database: Database) -> None:
    add(database, *NAMES)
    with database.reading() as session:
        assert list(session.exec(select(StreamRow.name).order_by(StreamRow.name))) == sorted(NAMES)
        assert list(session.exec(select(StreamRow.name).where(col(StreamRow.name) > "a:"))) != []


def test_every_text_of_a_server_is_ordered_by_code_points(served: Database) -> None:
    # The locale of a server may be any; only what columns say holds everywhere.
    served.create_tables()
    others = text(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
    )
    with served.reading() as session:
        assert session.execute(others).scalars().all() == []


# SQLite in memory has no write-ahead log: there a writer waits for readers instead.
@pytest.mark.parametrize("store", SORTS, indirect=True)
def test_what_reads_sees_one_state(database: Database) -> None:
    add(database, "a")
    with database.reading() as session:
        before = session.exec(select(StreamRow.name)).all()
        add(database, "b")
        assert session.exec(select(StreamRow.name)).all() == before == ["a"]


def test_a_writer_waits_for_the_locked_stream_and_sees_what_the_other_wrote(database: Database) -> None:
    add(database, "a")
    is_locked, found = threading.Event(), []

    def second() -> None:
        is_locked.wait()
        with database.writing() as session:
            row = session.exec(select(StreamRow).where(StreamRow.name == "a").with_for_update()).one()
            found.append(row.position)
            row.position += 1

    waiting = threading.Thread(target=second)
    waiting.start()
    with database.writing() as session:
        row = session.exec(select(StreamRow).where(StreamRow.name == "a").with_for_update()).one()
        is_locked.set()
        row.position = 41
    waiting.join()
    assert found == [41]


def test_one_block_at_a_time_runs_alone(database: Database, store: Store) -> None:
    other, order = store.database() if not database.is_sqlite else database, []
    is_inside = threading.Event()

    def second() -> None:
        is_inside.wait()
        with other.alone():
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with database.alone():
        is_inside.set()
        with database.writing() as session:
            session.add(StreamRow(name="x", position=0, head=""))
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_tables_are_made_once_by_servers_that_start_together(postgresql: Postgresql) -> None:
    with postgresql.fresh() as address:
        databases, failed = [Database(address) for _ in range(3)], []

        def make(database: Database) -> None:
            try:
                database.create_tables()
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=make, args=(database,)) for database in databases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert set(inspect(databases[0].engine).get_table_names()) >= set(SQLModel.metadata.tables)
        for database in databases:
            database.close()


def test_a_commit_is_a_commit_whatever_the_server_prefers(postgresql: Postgresql) -> None:
    with postgresql.fresh() as address:
        for wish, given in (("off", "on"), ("remote_apply", "remote_apply")):
            database = Database(f"{address}&options=-csynchronous_commit%3D{wish}")
            with database.writing() as session:
                assert session.execute(text("SHOW synchronous_commit")).scalar() == given
            database.close()


def test_many_writers_of_one_process_wait_however_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite itself gives up at once here: what waits is ours.
    monkeypatch.setattr("sync.database.BUSY_TIMEOUT_S", 0)
    database, failed = Database(f"sqlite:///{tmp_path / 'archive.db'}"), []
    database.create_tables()

    def write(writer: int) -> None:
        try:
            for number in range(20):
                add(database, f"{writer}-{number}")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert (failed, len(session.exec(select(StreamRow.name)).all())) == ([], 160)
    database.close()
