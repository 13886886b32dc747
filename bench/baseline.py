"""What everything is measured against: the same rows and files by one thread without a server, checks and inserts by themselves."""

import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from bench.phone import bytes_of
from fieldapp.domain import TABLES
from sync import base64url
from sync.database import Database

TIMES = 3
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY")
FOLDED = {str(table.__tablename__): "record" for table in TABLES.values()}
ALL = {"record": "hash", "record_media": "record", **FOLDED}


@dataclass(frozen=True)
class Inserts:
    """The rows of one table that go in together."""

    statement: str
    rows: list[tuple[Any, ...]]


Batch = list[Inserts]


def rows_of(database: Path, tables: Mapping[str, str], records: int = 1) -> list[Batch]:
    """Return what phones sent to an archive as rows of these tables, in the batches of at least so many records it came in.

    `tables` name the column in which each has the record's hash.
    """
    with sqlite3.connect(database) as connection:
        batches = connection.execute(
            "SELECT group_concat(hash) FROM record WHERE counter > 0 GROUP BY stream, appended_at HAVING count(*) >= ?",
            [records],
        ).fetchall()
        return [
            [found for one in tables.items() if (found := _inserts(connection, *one, hashes.split(",")))]
            for (hashes,) in batches
        ]


def _inserts(
    connection: sqlite3.Connection, table: str, column: str, hashes: Sequence[str]
) -> Inserts | None:
    marks = ",".join("?" * len(hashes))
    cursor = connection.execute(f'SELECT * FROM "{table}" WHERE "{column}" IN ({marks})', hashes)
    rows = cursor.fetchall()
    names = ",".join(f'"{one[0]}"' for one in cursor.description)
    places = ",".join("?" * len(cursor.description))
    return Inserts(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows) if rows else None


def phys_s(
    folder: Path,
    batches: Sequence[Batch],
    photos_per_batch: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> float:
    """Return how long one thread takes for these rows, a commit a batch, and for photos, each flushed to the disk."""
    return _median(lambda number: _phys(folder / f"{number}", batches, photos_per_batch, clock))


def _phys(folder: Path, batches: Sequence[Batch], photos_per_batch: int, clock: Callable[[], float]) -> float:
    folder.mkdir(parents=True)
    database = Database(f"sqlite:///{folder / 'phys.db'}")
    database.create_tables()
    database.close()
    connection = sqlite3.connect(folder / "phys.db", isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    began = clock()
    for batch in batches:
        if photos_per_batch:
            _files(folder, photos_per_batch)
        connection.execute("BEGIN IMMEDIATE")
        for one in batch:
            connection.executemany(one.statement, one.rows)
        connection.execute("COMMIT")
    took_s = clock() - began
    connection.close()
    return took_s


def _files(folder: Path, count: int) -> None:
    """Write photos, each flushed, then their folder."""
    for _ in range(count):
        tag = os.urandom(16)
        file = os.open(folder / tag.hex(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, bytes_of(tag))
        os.fsync(file)
        os.close(file)
    place = os.open(folder, os.O_RDONLY)
    os.fsync(place)
    os.close(place)


def checks_s(database: Path) -> tuple[int, float]:
    """Return how many seals phones put on records, and the processor time that checking those by themselves takes."""
    with sqlite3.connect(database) as connection:
        sealed = connection.execute("SELECT kid, bytes FROM record WHERE counter > 0").fetchall()
        points = connection.execute(
            "SELECT kid, json_extract(jwk, '$.x'), json_extract(jwk, '$.y') FROM certificate"
        ).fetchall()
    keys = {kid: _key(x, y) for kid, x, y in points}
    work = [(keys[kid], *_taken_apart(bytes(token))) for kid, token in sealed]
    algorithm = ec.ECDSA(SHA256())

    def check(_number: int) -> float:
        began = time.process_time()
        for key, signature, signed in work:
            key.verify(signature, signed, algorithm)
        return time.process_time() - began

    return len(work), _median(check)


def _key(x: str, y: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), b"\4" + base64url.decode(x) + base64url.decode(y)
    )


def _taken_apart(token: bytes) -> tuple[bytes, bytes]:
    signed, _, signature = token.rpartition(b".")
    raw = base64url.decode(signature.decode("ascii"))
    pair = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    return utils.encode_dss_signature(*pair), signed


def _median(measure: Callable[[int], float]) -> float:
    return statistics.median(measure(number) for number in range(TIMES))
