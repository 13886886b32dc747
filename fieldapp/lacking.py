"""What the archive has not got, or could not put in its tables: photos that have not come, records no page shows. Queries only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal_column
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fieldapp import access
from fieldapp.domain.photo import Photo
from sync.table import RecordMedia, RecordRow, Unfolded

MOST = 200


@dataclass(frozen=True)
class Lack:
    """Photos that one person's records of one visit name and that have not come; `since` is when the first of them was named.

    `visit` is empty for photos outside any visit.
    """

    author: str
    stream: str
    visit: str
    photos: int
    since: str


@dataclass(frozen=True)
class Stray:
    """A record that was received and is kept, and that no page shows; `error` is for whoever mends the program."""

    row: RecordRow
    error: str


def lacks(session: Session) -> list[Lack]:
    """Return where required photos are missing, the longest first, `MOST` at most."""
    # Not a parameter: PostgreSQL would not see that the grouped and the selected expression are one.
    visit = func.coalesce(Photo.visit, literal_column("''"))
    record, media = RecordRow.__table__.c, RecordMedia.__table__.c  # type: ignore[attr-defined]
    since = func.min(record.appended_at)
    photos = func.count(media.sha256.distinct())
    statement = (
        sql_select(record.author, record.stream, visit, photos, since)
        .join(RecordMedia, media.record == record.hash)
        .outerjoin(Photo, col(Photo.entity) == record.entity)
        .where(record.completed_at.is_(None), media.is_required, media.received_at.is_(None))
        .group_by(record.author, record.stream, visit)
        .order_by(since)
        .limit(MOST)
    )
    found = (Lack(*row) for row in session.execute(statement))
    return [one for one in found if access.is_desk_stream(one.stream)]


def strays(session: Session) -> Sequence[Stray]:
    """Return what could not be folded, oldest first, `MOST` at most."""
    statement = (
        select(RecordRow, Unfolded.error)
        .join(Unfolded, col(Unfolded.entity) == RecordRow.entity)
        .where(col(RecordRow.stream) == Unfolded.stream)
        .order_by(RecordRow.appended_at, RecordRow.hash)
        .limit(MOST)
    )
    return [Stray(row, error) for row, error in session.exec(statement) if access.is_desk_stream(row.stream)]
