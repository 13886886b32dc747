"""What is kept beside the folded tables and made of them alone: summaries, an index of words.

It follows every fold in the same transaction. It holds no truth: no backup has it, and it is made again when an archive finds it
missing or of another version.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, select
from sqlmodel import Field, Session, SQLModel, col

from sync.database import Database
from sync.table import StreamRow

BATCH = 2_000
# Marks a table that backups leave out.
REMADE = {"is_remade": True}

Table = type[SQLModel]
Rows = Mapping[Table, Sequence[Mapping[str, Any]]]
Gone = Mapping[Table, Sequence[str]]


class FollowerRow(SQLModel, table=True):
    """How far a follower is: which version its tables are of, and whether everything folded before is in them."""

    __tablename__ = "follower"
    __table_args__ = {"info": REMADE}

    name: str = Field(primary_key=True)
    version: int
    is_filled: bool


class Follower(Protocol):
    """Something that follows. `version` goes up when the same rows would be followed otherwise; `sources` fill it."""

    @property
    def name(self) -> str:
        """Return its name."""

    @property
    def version(self) -> int:
        """Return the version of what it keeps."""

    @property
    def sources(self) -> Sequence[Table]:
        """Return the tables that fill it."""

    def create(self, connection: Connection) -> None:
        """Make its tables, empty; what was there goes."""

    def follow(self, session: Session, stream: str, rows: Rows, gone: Gone) -> None:
        """Take up rows that were folded just now; entities in `gone` had a row before, and have another one only if it is in `rows`."""

    def leave(self, session: Session, stream: str) -> None:
        """Forget everything of a stream."""

    def erase(self, session: Session) -> None:
        """Leave no trace of what was forgotten: an erasure by law was among it."""


def prepare(database: Database, followers: Iterable[Follower]) -> None:
    """Make the tables of followers that are missing or of another version, before anything is folded."""
    wanted = {one.name: one for one in followers}
    if not wanted or not _outdated(database, wanted):
        return
    with database.alone(), database.writing() as session:
        known = {row.name: row.version for row in session.scalars(select(FollowerRow))}
        for name, one in wanted.items():
            if known.get(name) != one.version:
                one.create(session.connection())
                session.merge(FollowerRow(name=name, version=one.version, is_filled=False))


def _outdated(database: Database, wanted: Mapping[str, Follower]) -> bool:
    with database.reading() as session:
        known = {row.name: row.version for row in session.scalars(select(FollowerRow))}
    return any(known.get(name) != one.version for name, one in wanted.items())


def fill(database: Database, followers: Iterable[Follower]) -> list[str]:
    """Let followers whose tables are new follow what was folded before; return their names. One transaction for each."""
    filled = []
    for one in followers:
        with database.reading() as session:
            if session.get_one(FollowerRow, one.name).is_filled:
                continue
        with database.alone(), database.writing() as session:
            row = session.get_one(FollowerRow, one.name, with_for_update=True)
            # Another process may have done it while this one waited.
            if not row.is_filled:
                _fill(session, one)
                row.is_filled = True
                filled.append(one.name)
    return filled


def _fill(session: Session, one: Follower) -> None:
    for name in session.scalars(select(col(StreamRow.name)).order_by(col(StreamRow.name))).all():
        one.leave(session, name)
        for table in one.sources:
            columns = table.__table__.c  # type: ignore[attr-defined]
            found = session.execute(select(columns).where(columns.stream == name).order_by(columns.entity))
            for rows in found.mappings().partitions(BATCH):
                one.follow(session, name, {table: [dict(row) for row in rows]}, {})
