"""tus 1.0 as calls speak it: what a request says of an upload, and what is answered (PROTOCOL.md section 8)."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from flask import Response, request
from werkzeug.http import http_date

from fieldapp.problem import Problem
from fieldapp.view import call
from sync import instant
from sync.photo import CHUNK_BYTES, WrongBytes, WrongOffset
from sync.upload import Item, NoUpload, Progress, TooManyBytes

VERSION = "1.0.0"
MAX_PART_BYTES = 16 * 1024 * 1024
STREAM = "application/offset+octet-stream"
# Of photos that come whole in one request (PROTOCOL.md section 8).
MOST_PHOTOS = 16
ITEM = re.compile(r"([0-9a-f]{64}) ([0-9a-f]{64}) ([1-9][0-9]{0,14})")


class Adds(Protocol):
    """What takes the bytes of uploads: an archive's, or a station's."""

    def add(self, token: str, offset: int, chunks: Iterable[bytes], length: int | None = None) -> Progress:
        """Add bytes at an offset."""


def add(uploads: Adds, token: str, offset: int) -> Progress:
    """Add the body of this request to an upload."""
    with told():
        return uploads.add(token, offset, body(), request.content_length or 0)


def continued(uploads: Adds, token: str) -> Response:
    """Answer a PATCH."""
    require()
    if request.headers.get("Content-Type") != STREAM:
        raise Problem("unsupported-media-type")
    offset = call.whole_number(
        request.headers.get("Upload-Offset", ""), "Upload-Offset: where these bytes belong"
    )
    return answer(204, **progress_headers(add(uploads, token, offset)))


def length() -> int:
    """Return the size that a request to create an upload states."""
    return call.whole_number(request.headers.get("Upload-Length", ""), "Upload-Length: the size in bytes")


@contextmanager
def told() -> Iterator[None]:
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


def body() -> Iterator[bytes]:
    """Return the body's pieces; raise a problem for one that is too large or does not say how large it is."""
    length = request.content_length
    if length is None:
        raise Problem("bad-request", "Content-Length is needed: a cut body can look like a whole one")
    if length > MAX_PART_BYTES:
        raise Problem("too-large", max_bytes=MAX_PART_BYTES)
    return _chunks(_checksum())


def items(text: str) -> list[Item]:
    """Read which photos a body holds: record, SHA-256 and size of each, joined by commas; raise a problem for anything else."""
    found = [ITEM.fullmatch(item.strip()) for item in text.split(",")]
    if not all(found) or len(found) > MOST_PHOTOS:
        raise Problem(
            "bad-request",
            f"Fieldapp-Photos: record, SHA-256 and size of each of at most {MOST_PHOTOS} photos",
        )
    return [(each[1], each[2], int(each[3])) for each in found if each]


def parts(size_bytes: int) -> Callable[[int], Iterator[bytes]]:
    """Return what gives the next so many bytes of the body; raise a problem unless it says to have just the size of all."""
    if request.content_length != size_bytes:
        raise Problem("bad-request", "Content-Length: the bytes of all photos, and nothing else")
    if size_bytes > MAX_PART_BYTES:
        raise Problem("too-large", max_bytes=MAX_PART_BYTES)

    def take(left: int) -> Iterator[bytes]:
        while left and (piece := request.stream.read(min(left, CHUNK_BYTES))):
            left -= len(piece)
            yield piece

    return take


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
    expected = call.base64_bytes(encoded)

    def check(part: bytes) -> None:
        if hashlib.new(algorithm, part, usedforsecurity=False).digest() != expected:
            raise Problem("hash-differs")

    return check


def metadata() -> dict[str, str]:
    """Read `Upload-Metadata`."""
    pairs = (pair.strip().partition(" ") for pair in request.headers.get("Upload-Metadata", "").split(","))
    return {name: call.base64_bytes(value).decode("ascii", "replace") for name, _, value in pairs if name}


def require() -> None:
    """Raise a problem unless the request speaks this version of tus."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem("tus-version")


def progress_headers(progress: Progress) -> dict[str, str]:
    """Return what tus says of an upload."""
    return {
        "Upload-Offset": str(progress.offset),
        "Upload-Expires": http_date(instant.parse(progress.expires_at)),
    }


def answer(status: int, **headers: str) -> Response:
    """Answer without a body, as tus does."""
    response = Response(status=status)
    response.headers.update({"Tus-Resumable": VERSION, "Cache-Control": "no-store", **headers})
    return response
