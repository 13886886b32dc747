"""Files of the application itself: css, js, images, browser libraries; compressed ones where they were made at build time."""

from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.security import safe_join

from fieldapp.place_of_files import place_of

blueprint = Blueprint("asset", __name__)

# What Python's own list says depends on the machine; browsers refuse modules and wasm of another type.
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@blueprint.get("/static/<path:name>", endpoint="static")
def static(name: str) -> Response:
    """Send a file; browsers ask again each time and mostly hear 304."""
    folder = place_of("static")
    suffix, encoding = _best(folder, name)
    response = send_from_directory(
        folder, name + suffix, mimetype=MEDIA_TYPES.get(Path(name).suffix), conditional=True
    )
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Encoding")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def _best(folder: Path, name: str) -> tuple[str, str]:
    for encoding, suffix in ENCODINGS:
        path = safe_join(str(folder), name + suffix)
        if request.accept_encodings[encoding] and path is not None and Path(path).is_file():
            return suffix, encoding
    return "", ""
