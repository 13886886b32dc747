"""What a photo showed before it was corrected. Earlier records stay, and so do their bytes; a reviewer sees both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from fieldapp.domain.photo import Photo
from sync.record import parse
from sync.table import RecordRow


@dataclass(frozen=True)
class Earlier:
    """One revision of a photo that a later one replaced. `body` is as sealed; `is_missing` says that its bytes have not come."""

    body: dict[str, Any]
    is_missing: bool


def earlier(session: Session, photos: Sequence[Photo]) -> dict[str, list[Earlier]]:
    """Return by entity, oldest first, the revisions whose picture is not the one that stands. What was erased by law is not there."""
    standing = {photo.entity: photo for photo in photos if photo.revisions > 1}
    found: dict[str, list[Earlier]] = {}
    statement = (
        select(RecordRow)
        .where(col(RecordRow.entity).in_(sorted(standing)), col(RecordRow.bytes).is_not(None))
        .order_by(col(RecordRow.position))
    )
    for row in session.exec(statement):
        photo = standing[row.entity]
        body = parse(bytes(row.bytes)).body
        shown = [_picture(photo), *(_picture_of(one.body) for one in found.get(row.entity, []))]
        if row.author == photo.author and _picture_of(body) not in shown:
            found.setdefault(row.entity, []).append(Earlier(body, row.completed_at is None))
    return found


def _picture(photo: Photo) -> str:
    return _picture_of({"view": photo.view, "original": photo.original})


def _picture_of(body: dict[str, Any]) -> str:
    """Return the hash of the bytes that are looked at."""
    return str((body.get("view") or body.get("original") or {}).get("sha256", ""))
