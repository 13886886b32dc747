"""Before and after: the earlier photos that photos of a visit were taken to be compared with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fieldapp.domain.photo import Photo
from sync.table import RecordRow


@dataclass(frozen=True)
class Earlier:
    """An earlier photo as it stands; `is_missing` while its bytes have not come."""

    row: Photo
    is_missing: bool


def earlier(session: Session, stream: str, photos: Iterable[Any]) -> dict[str, Earlier]:
    """Return the earlier photos that these name, by entity, as far as they are in the same stream: who reads one reads the other."""
    wanted = {row.pair_of for row in photos if row.pair_of}
    if not wanted:
        return {}
    statement = (
        select(Photo, RecordRow.completed_at)
        .join(RecordRow, col(RecordRow.hash) == col(Photo.record))
        .where(col(Photo.entity).in_(wanted), col(Photo.stream) == stream)
    )
    return {row.entity: Earlier(row, completed_at is None) for row, completed_at in session.exec(statement)}
