"""The protocol's calls (sync/PROTOCOL.md sections 8 and 9). Writing needs the seal only; reading needs a login.

Decides nothing: parses, calls the engine, answers. Photo bytes stream through in small pieces and never stand whole in memory.
"""

import hashlib
import json
import threading
from dataclasses import asdict

from flask import Blueprint, Response, request, send_file
from sqlmodel import col, select

from fieldapp import access, enrolment_code, login, outage, problem, services
from fieldapp.picture import TILE_PX
from fieldapp.problem import Problem
from fieldapp.view import call, tus
from fieldapp.view.original import download
from sync import record, rollback
from sync.archive import KeyTaken, Objected
from sync.error import Refused
from sync.photo import WrongBytes
from sync.table import RecordMedia, RecordRow
from sync.upload import NotNamed, NoUpload

MAX_PRESENTED = 4
# More at once would only share the same processor: all would end late, and hold their memory until then.
JUDGED_AT_ONCE = 4
_judging = threading.BoundedSemaphore(JUDGED_AT_ONCE)

blueprint = Blueprint("exchange", __name__, url_prefix=call.PREFIX)


@blueprint.after_app_request
def name_yourself(response: Response) -> Response:
    """Say which archive answers and when: an answer without these headers did not come from here (captive portals say 200 too)."""
    if not request.path.startswith(f"{call.PREFIX}/"):
        return response
    archive = services.current().archive
    response.headers["Fieldapp-Archive"] = archive.name
    response.headers["Fieldapp-Protocol"] = call.PROTOCOL
    try:
        response.headers["Fieldapp-Time"] = archive.time_token()
    except Exception as error:
        # The epoch in the token stands in the database. While that is away, or the key, the answer says so, and the token can wait.
        found = outage.problem_of(error)
        if found is None:
            raise
        if response.status_code < 500:
            response = problem.answer(found)
    response.headers.setdefault("Cache-Control", "no-store")
    # Nothing here is a page, whatever its type says; and it is short, which a phone with nothing to do pays for every time.
    response.headers.setdefault("Content-Security-Policy", "sandbox; default-src 'none'")
    return response


# -- records ------------------------------------------------------------------------------------------------------------------


@blueprint.get("/time")
def time() -> Response:
    """Say the archive's time; the token is in the header."""
    return call.answer({"at": services.current().archive.now()})


@blueprint.post("/records")
def push() -> Response:
    """Judge each line of the body alone and append what may be appended."""
    lines = call.lines(call.whole_body())
    with _judging:
        pushed = services.current().archive.push([data for _, data in lines])
    verdicts = [{**found.plain(), "line": lines[found.line - 1][0]} for found in pushed.judgements]
    return call.answer({"verdicts": verdicts, "receipts": pushed.receipts})


@blueprint.post("/receipts")
def receipts() -> Response:
    """Issue receipts again, for whoever knows the hashes; look at those a phone presents, which may prove a rollback."""
    body = call.json_body()
    asked, presented = (
        call.text_list(body, "hashes", call.MAX_LINES),
        call.text_list(body, "presented", MAX_PRESENTED),
    )
    if "hashes" not in body or not all(record.HASH.fullmatch(item) for item in asked):
        raise Problem("bad-request", "hashes: 64 hexadecimal digits each")
    archive = services.current().archive
    rollback.meet(archive, presented)
    found, missing = archive.receipts(list(dict.fromkeys(asked)))
    return call.answer({"receipts": found, "missing": missing})


@blueprint.get("/streams")
def streams() -> Response:
    """List what the person may read and where it ends; 304 when nothing changed."""
    who, archive = login.require(), services.current().archive
    with services.current().database.reading() as session:
        names = access.streams_for(session, who)
    rows = [
        {"stream": row.name, "position": row.position, "head": row.head}
        for row in archive.heads(sorted(names))
    ]
    listing = {"archive": archive.name, "epoch": archive.epoch, "person": who.person, "streams": rows}
    body = json.dumps(listing, separators=(",", ":"))
    response = Response(body, content_type="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)  # type: ignore[return-value]


@blueprint.get("/streams/<stream>/records")
def pull(stream: str) -> Response:
    """Return what follows a position of a stream, one line each."""
    who = login.require()
    after = call.whole_number(request.args.get("after", "0"), "after: a position")
    with services.current().database.reading() as session:
        if not access.may_read(session, who, stream):
            raise Problem("not-found")
    page = services.current().archive.page(stream, after)
    text = "".join(json.dumps(asdict(line), separators=(",", ":")) + "\n" for line in page)
    return Response(text, content_type="application/x-ndjson")


@blueprint.post("/enrolments")
def enrol() -> Response:
    """Certify the key that a phone made for the inspector who is logged in; other roles work at the desk."""
    who, archive = access.enrollable(login.require()), services.current().archive
    try:
        sealed = archive.enrol(call.whole_body(), who.person, who.name, who.role, who.person)
    except (Refused, Objected) as error:
        raise Problem("not-an-enrolment", error.detail or "") from error
    except KeyTaken as error:
        raise Problem("key-taken") from error
    enrolment_code.note_enrolled(services.current(), login.present_hash(), record.parse(sealed.encode()))
    person = {"person": who.person, "name": who.name, "role": who.role}
    return call.answer({"enrolment": sealed, "keys": archive.key_records(), "person": person})


# -- photos -------------------------------------------------------------------------------------------------------------------


@blueprint.route("/photos", methods=["OPTIONS"])
@blueprint.route("/photos/<upload>", methods=["OPTIONS"])
def tus_abilities(upload: str | None = None) -> Response:
    """Say what of tus is spoken here."""
    del upload
    headers = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": "creation,creation-with-upload,checksum,expiration",
    }
    return tus.answer(204, **headers, **{"Tus-Checksum-Algorithm": "sha1,sha256"})


@blueprint.post("/photos")
def create_upload() -> Response:
    """Begin an upload of bytes that a record here names."""
    tus.require()
    metadata = tus.metadata()
    size = tus.length()
    uploads = services.current().uploads
    named = (metadata.get("record", ""), metadata.get("sha256", ""), size)
    has_body = request.headers.get("Content-Type") == tus.STREAM
    try:
        if has_body and request.content_length == size:
            with tus.told():
                progress = uploads.create_whole(*named, tus.body())
        else:
            progress = uploads.create(*named)
    except NotNamed as error:
        raise Problem("record-unknown") from error
    if has_body and not progress.is_complete:
        progress = tus.add(uploads, progress.token, 0)
    location = f"/sync/1/photos/{progress.token}"
    return tus.answer(201, Location=location, **tus.progress_headers(progress))


@blueprint.post("/photos/whole")
def take_photos() -> Response:
    """Take several photos that come whole, one after the other, and say at once what their records lack and which are safe."""
    items = tus.items(request.headers.get("Fieldapp-Photos", ""))
    current = services.current()
    counted = current.uploads.receive_all(items, tus.parts(sum(size for _, _, size in items)))
    found, missing = current.archive.receipts(list(dict.fromkeys(record for record, _, _ in items)))
    here = [{"record": record, "sha256": sha256} for record, sha256, _ in counted]
    return call.answer({"counted": here, "receipts": found, "missing": missing})


@blueprint.route("/photos/<upload>", methods=["HEAD"])
def upload_offset(upload: str) -> Response:
    """Say where an upload stands."""
    tus.require()
    try:
        progress = services.current().uploads.find(upload)
    except (NoUpload, WrongBytes) as error:
        raise Problem("upload-unknown") from error
    return tus.answer(200, **tus.progress_headers(progress), **{"Upload-Length": str(progress.size_bytes)})


@blueprint.patch("/photos/<upload>")
def continue_upload(upload: str) -> Response:
    """Add bytes to an upload."""
    return tus.continued(services.current().uploads, upload)


@blueprint.get("/photos/<sha256>")
def photo(sha256: str) -> Response:
    """Return bytes to whoever may read a stream with a record that names them and handed them over.

    `size=small` asks for a picture to look at, without metadata: 202 while it is being made.
    """
    who, current = login.require(), services.current()
    if not record.HASH.fullmatch(sha256):
        raise Problem("not-found")
    with current.database.reading() as session:
        holders = session.exec(
            select(RecordRow.stream, RecordMedia.media_type)
            .join(RecordMedia, col(RecordMedia.record) == RecordRow.hash)
            .where(RecordMedia.sha256 == sha256, col(RecordMedia.received_at).is_not(None))
        ).all()
        readable = access.streams_for(session, who) if holders else set()
    media_type = next((media for stream, media in holders if stream in readable), None)
    if media_type is None:
        raise Problem("not-found")
    if request.args.get("size") == "small":
        current.drop_erased_pictures()
        return _small(sha256)
    # What a phone sent is never shown as a page: the type is one of the image types the kind allows, and it comes as a file.
    response = download(sha256, media_type, sha256)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _small(sha256: str) -> Response:
    current = services.current()
    state, path = current.pictures.find(sha256, TILE_PX)
    if path is None and (state == "none" or not current.photos.has(sha256)):
        raise Problem("not-found")
    if path is None:
        return Response(status=202, headers={"Retry-After": "2"})
    response = send_file(path, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=2592000"
    return response
