"""A photo's bytes as they were delivered, sent as a file from wherever they lie; never shown as a page."""

import os

from flask import Response, request
from werkzeug.wsgi import wrap_file

from fieldapp import services
from fieldapp.problem import Problem
from sync.photo import CHUNK_BYTES


def download(sha256: str, media_type: str, name: str) -> Response:
    """Send those bytes, or the range of them that is asked for; raise problem `not-found` when they are not here.

    What came from outside gets a sandbox of its own, should a browser open it all the same.
    """
    try:
        file = services.current().photos.open(sha256)
    except FileNotFoundError as error:
        raise Problem("not-found") from error
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    body = wrap_file(request.environ, file, CHUNK_BYTES)
    response = Response(body, mimetype=media_type, direct_passthrough=True)
    response.content_length = size_bytes
    response.set_etag(sha256)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size_bytes)
    return response
