"""The protocol's calls (sync/PROTOCOL.md sections 8 and 9). Writing needs the seal only; reading needs a login.

Decides nothing: parses, calls the engine, answers. Photo bytes stream through in small pieces and never stand whole in memory.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, send_file
from sqlmodel import col, select
from werkzeug.http import http_date

from fieldapp import access, login, outage, services
from fieldapp.picture import TILE_PX
from fieldapp.problem import Problem
from fieldapp.view.original import download
from sync import instant, record, rollback
from sync.archive import KeyTaken, Objected
from sync.error import Refused
from sync.photo import CHUNK_BYTES, WrongBytes, WrongOffset
from sync.table import RecordMedia, RecordRow
from sync.upload import NotNamed, NoUpload, Progress, TooManyBytes, Uploads

PROTOCOL = "1"
TUS = "1.0.0"
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_LINES = 1_000
MAX_PRESENTED = 4
NUMBER = re.compile(r"[0-9]{1,15}")
MAX_PART_BYTES = 16 * 1024 * 1024

PREFIX = "/sync/1"
blueprint = Blueprint("exchange", __name__, url_prefix=PREFIX)


@blueprint.after_app_request
def name_yourself(response: Response) -> Response:
    """Say which archive answers and when: an answer without these headers did not come from here (captive portals say 200 too)."""
    if not request.path.startswith(f"{PREFIX}/"):
        return response
    archive = services.current().archive
    response.headers["Fieldapp-Archive"] = archive.name
    response.headers["Fieldapp-Protocol"] = PROTOCOL
    try:
        response.headers["Fieldapp-Time"] = archive.time_token()
    except Exception as error:
        # The epoch in the token stands in the database; while that is away the answer says so, and the token can wait.
        if outage.problem_of(error) is None:
            raise
    response.headers.setdefault("Cache-Control", "no-store")
    return response


# -- records ------------------------------------------------------------------------------------------------------------------


@blueprint.get("/time")
def time() -> Response:
    """Say the archive's time; the token is in the header."""
    return _json({"at": services.current().archive.now()})


@blueprint.post("/records")
def push() -> Response:
    """Judge each line of the body alone and append what may be appended."""
    lines = _lines(_whole_body())
    pushed = services.current().archive.push([data for _, data in lines])
    verdicts = [{**asdict(found), "line": lines[found.line - 1][0]} for found in pushed.judgements]
    return _json({"verdicts": verdicts, "receipts": pushed.receipts})


@blueprint.post("/receipts")
def receipts() -> Response:
    """Issue receipts again, for whoever knows the hashes; look at those a phone presents, which may prove a rollback."""
    body = _json_body()
    asked, presented = _list(body, "hashes", MAX_LINES), _list(body, "presented", MAX_PRESENTED)
    if "hashes" not in body or not all(record.HASH.fullmatch(item) for item in asked):
        raise Problem("bad-request", "hashes: 64 hexadecimal digits each")
    archive = services.current().archive
    rollback.meet(archive, presented)
    found, missing = archive.receipts(list(dict.fromkeys(asked)))
    return _json({"receipts": found, "missing": missing})


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
    after = _whole_number(request.args.get("after", "0"), "after: a position")
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
        sealed = archive.enrol(_whole_body(), who.person, who.name, who.role, who.person)
    except (Refused, Objected) as error:
        raise Problem("not-an-enrolment", error.detail or "") from error
    except KeyTaken as error:
        raise Problem("key-taken") from error
    person = {"person": who.person, "name": who.name, "role": who.role}
    return _json({"enrolment": sealed, "keys": archive.key_records(), "person": person})


# -- photos -------------------------------------------------------------------------------------------------------------------


@blueprint.route("/photos", methods=["OPTIONS"])
@blueprint.route("/photos/<upload>", methods=["OPTIONS"])
def tus_abilities(upload: str | None = None) -> Response:
    """Say what of tus is spoken here."""
    del upload
    headers = {"Tus-Version": TUS, "Tus-Extension": "creation,creation-with-upload,checksum,expiration"}
    return _tus(204, **headers, **{"Tus-Checksum-Algorithm": "sha1,sha256"})


@blueprint.post("/photos")
def create_upload() -> Response:
    """Begin an upload of bytes that a record here names."""
    _require_tus()
    metadata = _upload_metadata()
    size = _whole_number(request.headers.get("Upload-Length", ""), "Upload-Length: the size in bytes")
    uploads = Uploads(services.current().archive)
    named = (metadata.get("record", ""), metadata.get("sha256", ""), size)
    has_body = request.headers.get("Content-Type") == "application/offset+octet-stream"
    try:
        if has_body and request.content_length == size:
            with _told():
                progress = uploads.create_whole(*named, _body())
        else:
            progress = uploads.create(*named)
    except NotNamed as error:
        raise Problem("record-unknown") from error
    if has_body and not progress.is_complete:
        progress = _add(uploads, progress.token, 0)
    location = f"/sync/1/photos/{progress.token}"
    return _tus(201, Location=location, **_progress_headers(progress))


@blueprint.route("/photos/<upload>", methods=["HEAD"])
def upload_offset(upload: str) -> Response:
    """Say where an upload stands."""
    _require_tus()
    try:
        progress = Uploads(services.current().archive).find(upload)
    except (NoUpload, WrongBytes) as error:
        raise Problem("upload-unknown") from error
    return _tus(200, **_progress_headers(progress), **{"Upload-Length": str(progress.size_bytes)})


@blueprint.patch("/photos/<upload>")
def continue_upload(upload: str) -> Response:
    """Add bytes to an upload."""
    _require_tus()
    if request.headers.get("Content-Type") != "application/offset+octet-stream":
        raise Problem("unsupported-media-type")
    offset = _whole_number(
        request.headers.get("Upload-Offset", ""), "Upload-Offset: where these bytes belong"
    )
    progress = _add(Uploads(services.current().archive), upload, offset)
    return _tus(204, **_progress_headers(progress))


def _add(uploads: Uploads, token: str, offset: int) -> Progress:
    with _told():
        return uploads.add(token, offset, _body(), request.content_length or 0)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the engine raises about an upload into problems."""
    try:
        yield
    except NoUpload as error:
        raise Problem("upload-unknown") from error
    except WrongOffset as error:
        raise Problem("offset-differs", offset=error.offset) from error
    except TooManyBytes as error:
        raise Problem("too-large", max_bytes=error.size_bytes) from error
    except WrongBytes as error:
        raise Problem("hash-differs") from error


def _body() -> Iterator[bytes]:
    """Return the body's pieces; raise a problem for one that is too large or does not say how large it is."""
    length = request.content_length
    if length is None:
        raise Problem("bad-request", "Content-Length is needed: a cut body can look like a whole one")
    if length > MAX_PART_BYTES:
        raise Problem("too-large", max_bytes=MAX_PART_BYTES)
    return _chunks(_checksum())


def _chunks(check: Callable[[bytes], None] | None) -> Iterator[bytes]:
    """Yield the body in pieces; the server's stream raises when it ends before its Content-Length.

    With a checksum the part is held back until it is known to be right (at most 16 MiB).
    """
    if check is not None:
        part = request.get_data(cache=False)
        check(part)
        yield part
        return
    while piece := request.stream.read(CHUNK_BYTES):
        yield piece


def _checksum() -> Callable[[bytes], None] | None:
    stated = request.headers.get("Upload-Checksum")
    if stated is None:
        return None
    algorithm, _, encoded = stated.partition(" ")
    if algorithm not in ("sha1", "sha256"):
        raise Problem("bad-request", "Upload-Checksum: sha1 or sha256")
    expected = _base64(encoded)

    def check(part: bytes) -> None:
        if hashlib.new(algorithm, part, usedforsecurity=False).digest() != expected:
            raise Problem("hash-differs")

    return check


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


# -- bytes in, bytes out ------------------------------------------------------------------------------------------------------


def _json(value: dict[str, Any]) -> Response:
    return Response(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")), content_type="application/json"
    )


def _json_body() -> dict[str, Any]:
    try:
        value = json.loads(_whole_body())
    except (ValueError, RecursionError) as error:
        raise Problem("not-json") from error
    if not isinstance(value, dict):
        raise Problem("not-json")
    return value


def _list(body: dict[str, Any], name: str, most: int) -> list[str]:
    value = body.get(name, [])
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
        raise Problem("bad-request", f"{name}: a list of text, at most {most}")
    return value


def _whole_body() -> bytes:
    """Return the body, unpacked; raise a problem when it is cut short or larger than a push may be."""
    length = request.content_length
    if length is None:
        raise Problem("bad-request", "Content-Length is needed: a cut body can look like a whole one")
    if length > MAX_BODY_BYTES:
        raise Problem("too-large", max_bytes=MAX_BODY_BYTES)
    data = request.get_data(cache=False)
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding == "identity":
        return data
    if encoding != "gzip":
        raise Problem("unsupported-media-type")
    return _unpacked(data)


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(data, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise Problem("not-gzip") from error
    if len(body) > MAX_BODY_BYTES:
        raise Problem("too-large", max_bytes=MAX_BODY_BYTES)
    if not unpacker.eof:
        raise Problem("body-cut")
    if unpacker.unused_data:
        raise Problem("not-gzip", "more follows the end of the compressed body")
    return body


def _lines(body: bytes) -> list[tuple[int, bytes]]:
    """Return the lines that hold something, each with its number as the sender counts."""
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line]
    if len(lines) > MAX_LINES:
        raise Problem("too-many-lines", max_lines=MAX_LINES)
    return lines


def _whole_number(text: str, meaning: str) -> int:
    if not NUMBER.fullmatch(text):
        raise Problem("bad-request", meaning)
    return int(text)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Problem("bad-request", "not base64") from error


def _upload_metadata() -> dict[str, str]:
    pairs = (pair.strip().partition(" ") for pair in request.headers.get("Upload-Metadata", "").split(","))
    return {name: _base64(value).decode("ascii", "replace") for name, _, value in pairs if name}


def _require_tus() -> None:
    if request.headers.get("Tus-Resumable") != TUS:
        raise Problem("tus-version")


def _progress_headers(progress: Progress) -> dict[str, str]:
    return {
        "Upload-Offset": str(progress.offset),
        "Upload-Expires": http_date(instant.parse(progress.expires_at)),
    }


def _tus(status: int, **headers: str) -> Response:
    response = Response(status=status)
    response.headers.update({"Tus-Resumable": TUS, "Cache-Control": "no-store", **headers})
    return response
