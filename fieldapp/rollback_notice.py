"""Telling administrators that the archive found itself restored: until one of them takes note, or for a month."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, select

from sync import rollback
from sync.prepared import insert_new
from sync.table import RollbackRow

if TYPE_CHECKING:
    from fieldapp.services import Services

SHOWN = timedelta(days=30)


class RollbackNoted(SQLModel, table=True):
    """Who took note of a new epoch, the first time."""

    __tablename__ = "rollback_noted"

    epoch: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    noted_at: str
    noted_by: str


def open_notices(session: Session, now: datetime) -> list[RollbackRow]:
    """Return what nobody has taken note of yet and is younger than `SHOWN`, newest first."""
    noted = set(session.exec(select(RollbackNoted.epoch)))
    since = now - SHOWN
    return [
        row
        for row in rollback.noticed(session)
        if row.epoch not in noted and datetime.fromisoformat(row.noticed_at) >= since
    ]


def noted(session: Session) -> list[tuple[RollbackRow, RollbackNoted | None]]:
    """Return every time the archive found itself restored, newest first, and who took note."""
    return [(row, session.get(RollbackNoted, row.epoch)) for row in rollback.noticed(session)]


def take_note(services: "Services", epoch: int, by: str) -> bool:
    """Note that somebody read it; False when there is no such notice. The first to take note stands."""
    with services.database.writing() as session:
        if session.get(RollbackRow, epoch) is None:
            return False
        values = {"epoch": epoch, "noted_at": services.archive.now(), "noted_by": by}
        insert_new(session, RollbackNoted, values)
    return True
