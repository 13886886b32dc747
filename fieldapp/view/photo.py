"""Photos at the desk: display images made in the jail, originals only as downloads.

Bytes that came from outside are never shown inline: an original is sent as an attachment in a sandbox of its own.
"""

from datetime import timedelta

from flask import Blueprint, Response, request, send_file
from sqlmodel import Session, col, select

from fieldapp import access, aside, login, services
from fieldapp.picture import PAGE_PX, TILE_PX
from fieldapp.place_of_files import place_of
from fieldapp.problem import Problem
from fieldapp.view.original import download
from sync.table import RecordMedia, RecordRow

blueprint = Blueprint("photo", __name__, url_prefix="/photo")

SIZES = {"small": TILE_PX, "large": PAGE_PX}
KEPT = timedelta(days=30)
RETRY_S = 1
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
}


@blueprint.get("/<sha256>")
def show(sha256: str) -> Response:
    """Send a display image; 202 and a placeholder while it is being made, 200 and the placeholder when it cannot be."""
    services.current().drop_erased_pictures()
    media = _readable(sha256)
    longest_px = SIZES.get(request.args.get("size", "small"))
    if longest_px is None:
        raise Problem("not-found")
    state, path = services.current().pictures.find(media.sha256, longest_px)
    if path is None:
        if not services.current().photos.has(sha256):
            raise Problem("not-found")
        return _placeholder(is_coming=state == "coming")
    response = send_file(path, mimetype="image/jpeg")
    # The hash names the bytes for ever, but a person's right to see them may end.
    response.headers["Cache-Control"] = f"private, max-age={int(KEPT.total_seconds())}"
    return response


def _placeholder(is_coming: bool) -> Response:
    name = "desk-coming.svg" if is_coming else "desk-none.svg"
    response = send_file(place_of("static") / "img" / name, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    if is_coming:
        response.status_code = 202
        response.headers["Retry-After"] = str(RETRY_S)
    return response


@blueprint.get("/<sha256>/original")
def original(sha256: str) -> Response:
    """Send the bytes as they were delivered, as a download."""
    media = _readable(sha256)
    name = f"{sha256[:16]}.{ENDINGS.get(media.media_type, 'bin')}"
    response = download(sha256, "application/octet-stream", name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _readable(sha256: str) -> RecordMedia:
    """Return one naming of these bytes in a stream the person has; raise problem `not-found` for everything else.

    What is not for somebody does not exist for them.
    """
    who = login.require()
    with services.current().database.reading() as session:
        streams = access.streams_for(session, who)
        media = _named(session, sha256, streams)
        if media is None and who.role != "inspector":
            media = aside.image(session, sha256)
    if media is None:
        raise Problem("not-found")
    return media


def _named(session: Session, sha256: str, streams: set[str]) -> RecordMedia | None:
    statement = (
        select(RecordMedia, RecordRow.stream)
        .join(RecordRow, col(RecordRow.hash) == RecordMedia.record)
        .where(RecordMedia.sha256 == sha256, col(RecordMedia.received_at).is_not(None))
    )
    return next((media for media, stream in session.exec(statement) if stream in streams), None)
