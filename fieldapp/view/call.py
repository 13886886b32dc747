"""What all calls of the protocol share: bodies read whole or refused with a clear problem, answers in JSON (PROTOCOL.md section 9)."""

import base64
import binascii
import json
import re
import zlib
from typing import Any

from flask import Response, request

from fieldapp.problem import Problem

PREFIX = "/sync/1"
PROTOCOL = "1"
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_LINES = 1_000
NUMBER = re.compile(r"[0-9]{1,15}")


def answer(value: dict[str, Any]) -> Response:
    """Answer with JSON."""
    return Response(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")), content_type="application/json"
    )


def json_body() -> dict[str, Any]:
    """Return the object a body holds; raise a problem when it is none."""
    try:
        value = json.loads(whole_body())
    except (ValueError, RecursionError) as error:
        raise Problem("not-json") from error
    if not isinstance(value, dict):
        raise Problem("not-json")
    return value


def text_list(body: dict[str, Any], name: str, most: int) -> list[str]:
    """Return a member that is a list of text; raise a problem for another one, or a longer one."""
    value = body.get(name, [])
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
        raise Problem("bad-request", f"{name}: a list of text, at most {most}")
    return value


def whole_body() -> bytes:
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


def lines(body: bytes) -> list[tuple[int, bytes]]:
    """Return the lines that hold something, each with its number as the sender counts."""
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line]
    if len(lines) > MAX_LINES:
        raise Problem("too-many-lines", max_lines=MAX_LINES)
    return lines


def whole_number(text: str, meaning: str) -> int:
    """Read a number of at most 15 digits; `meaning` is what to say when it is none."""
    if not NUMBER.fullmatch(text):
        raise Problem("bad-request", meaning)
    return int(text)


def base64_bytes(text: str) -> bytes:
    """Read base64; raise a problem when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Problem("bad-request", "not base64") from error
