"""The station's application: the calls of the protocol that write, and receipts; no login, no pages, answers for any origin.

Phones keep one origin for ever and come here from it: CORS without credentials (sync/PROTOCOL.md section 12).
"""

import secrets
from dataclasses import asdict

from flask import Blueprint, Flask, Response, current_app

from fieldapp import header, message, outage, problem
from fieldapp.problem import Problem
from fieldapp.services import now
from fieldapp.settings import Settings
from fieldapp.view import call, tus
from sync import record
from sync.photo import WrongBytes
from sync.station import Station
from sync.upload import NotNamed, NoUpload

EXTENSION = "fieldapp-station"
blueprint = Blueprint("station", __name__, url_prefix=call.PREFIX)
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, HEAD, PATCH, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Content-Encoding, Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset",
    "Access-Control-Expose-Headers": "Fieldapp-Archive, Fieldapp-Protocol, Fieldapp-Station, Location, Upload-Offset, Retry-After",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Max-Age": "600",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def make(settings: Settings) -> Flask:
    """Return the application of a station's folder, opened before by the command."""
    app = Flask("fieldapp", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.request_bytes
    app.extensions[EXTENSION] = Station(settings.data, now, secrets.token_bytes)
    for part in (message, header, problem, outage):
        part.install(app)
    app.register_blueprint(blueprint)
    # Errors too, also those of the framework: an answer without these headers did not come from a station.
    app.after_request(name_yourself)
    return app


def current() -> Station:
    """Return the station that answers the present request."""
    station: Station = current_app.extensions[EXTENSION]
    return station


def name_yourself(response: Response) -> Response:
    """Say for which archive this station keeps, and that it is not that archive: there is no time token here."""
    response.headers["Fieldapp-Archive"] = current().archive
    response.headers["Fieldapp-Protocol"] = call.PROTOCOL
    response.headers["Fieldapp-Station"] = "1"
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(CROSS_ORIGIN)
    return response


@blueprint.get("/time")
def time() -> Response:
    """Say the station's time, which proves nothing."""
    return call.answer({"at": current().now()})


@blueprint.post("/records")
def push() -> Response:
    """Keep each line of the body."""
    lines = call.lines(call.whole_body())
    judged, receipts = current().take([data for _, data in lines])
    verdicts = [{**asdict(found), "line": lines[found.line - 1][0]} for found in judged]
    return call.answer({"verdicts": verdicts, "receipts": receipts})


@blueprint.post("/receipts")
def receipts() -> Response:
    """Return the archive's receipts that have come here."""
    body = call.json_body()
    asked = call.text_list(body, "hashes", call.MAX_LINES)
    if "hashes" not in body or not all(record.HASH.fullmatch(item) for item in asked):
        raise Problem("bad-request", "hashes: 64 hexadecimal digits each")
    found, missing = current().receipts(list(dict.fromkeys(asked)))
    return call.answer({"receipts": found, "missing": missing})


@blueprint.post("/photos")
def create_upload() -> Response:
    """Begin an upload of bytes that a record here names."""
    tus.require()
    metadata = tus.metadata()
    size = tus.length()
    try:
        progress = current().create(metadata.get("record", ""), metadata.get("sha256", ""), size)
    except NotNamed as error:
        raise Problem("record-unknown") from error
    location = f"{call.PREFIX}/photos/{progress.token}"
    return tus.answer(201, Location=location, **tus.progress_headers(progress))


@blueprint.route("/photos/<upload>", methods=["HEAD"])
def upload_offset(upload: str) -> Response:
    """Say where an upload stands."""
    tus.require()
    try:
        progress = current().find(upload)
    except (NoUpload, WrongBytes) as error:
        raise Problem("upload-unknown") from error
    headers = {**tus.progress_headers(progress), "Upload-Length": str(progress.size_bytes)}
    return tus.answer(200, **headers)


@blueprint.patch("/photos/<upload>")
def continue_upload(upload: str) -> Response:
    """Add bytes to an upload."""
    return tus.continued(current(), upload)
