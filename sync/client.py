"""The protocol as a program speaks it to an archive (PROTOCOL.md section 9): push, receipts, photos, pull, enrol.

Network and progress are passed in. It waits and retries nothing by itself: whoever calls knows when to come again.
"""

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from sync import chain, ijson, statement
from sync.chain import Place
from sync.error import SyncError
from sync.key import SealingKey
from sync.wire import Answer, Transport, Unreachable

PREFIX = "/sync/1"
TUS = {"Tus-Resumable": "1.0.0"}
BATCH_LINES, BATCH_BYTES = 500, 1024 * 1024
FIRST_PIECE_BYTES, LEAST_PIECE_BYTES = 4 * 1024 * 1024, 16 * 1024
OURS = ("fieldapp-archive", "fieldapp-protocol", "fieldapp-time")
Progress = Callable[[int], None]


class NotTheArchive(SyncError):
    """An answer, but not from the archive expected: a captive portal, a proxy, another archive."""

    def __init__(self, detail: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(f"{detail} (status {status})")
        self.status = status
        self.retry_after_s = retry_after_s


class Rejected(SyncError):
    """The archive said no: `slug` of the problem, its HTTP status, and when to come again, in seconds."""

    def __init__(self, slug: str, status: int, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(f"{slug} (status {status}) {detail}".rstrip())
        self.slug = slug
        self.status = status
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Photo:
    """Bytes that a record names."""

    record: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Pushed:
    """The answer to a push: verdicts in the order of the lines, as the protocol writes them, and receipts (not checked)."""

    verdicts: list[dict[str, Any]]
    receipts: list[str]


class Client:
    """One archive as seen from outside. `archive` is its name; the first answer tells it when it is not given."""

    def __init__(self, transport: Transport, archive: str | None = None) -> None:
        self.transport = transport
        self.archive = archive
        # The newest time token heard, not checked.
        self.token = ""

    # -- calls --------------------------------------------------------------------------------------------------------------

    def time(self) -> str:
        """Return the archive's clock as instant text."""
        return str(self._object(self._send("GET", "/time"))["at"])

    def log_in(self, username: str, password: str) -> dict[str, Any]:
        """Log in for reading; return who it is."""
        body = json.dumps({"username": username, "password": password}).encode()
        headers = {"Content-Type": "application/json"}
        answer = self.transport("POST", "/session", headers, body)
        if answer.status >= 400:
            raise _rejected(answer)
        return self._object(answer)

    def enrol(self, key: SealingKey, person: str, label: str) -> dict[str, Any]:
        """Have a key certified for the person who is logged in; return enrolment, key records and person."""
        self.time()
        payload = {
            "archive": self.archive,
            "person": person,
            "jwk": key.jwk,
            "beacon": self.token,
            "label": label,
        }
        sealed = key.seal(statement.ENROL, ijson.dump(payload))
        return self._object(self._send("POST", "/enrolments", sealed.encode("ascii")))

    def push(self, lines: Sequence[bytes], progress: Progress = lambda _bytes: None) -> Pushed:
        """Push records in batches. What was sent before a failure has been judged; sending it again does no harm."""
        pushed = Pushed([], [])
        for batch in _batches(lines):
            body = b"".join(line + b"\n" for line in batch)
            headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
            answer = self._object(self._send("POST", "/records", gzip.compress(body), headers))
            if len(_list(answer, "verdicts")) != len(batch):
                raise Unreachable("the answer was cut short")
            pushed.verdicts.extend(answer["verdicts"])
            pushed.receipts.extend(_list(answer, "receipts"))
            progress(len(body))
        return pushed

    def receipts(self, hashes: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
        """Return receipts (not checked) and the missing photos of those records that the archive knows; at most 1,000."""
        body = json.dumps({"hashes": list(hashes)}).encode()
        answer = self._object(self._send("POST", "/receipts", body, {"Content-Type": "application/json"}))
        missing = answer.get("missing")
        return _list(answer, "receipts"), missing if isinstance(missing, dict) else {}

    def streams(self) -> list[dict[str, Any]]:
        """Return what may be read: stream, position, head of each."""
        return _list(self._object(self._send("GET", "/streams")), "streams")

    def pull(self, stream: str, place: Place) -> Iterator[tuple[dict[str, Any], Place]]:
        """Yield the lines behind a place, each with the place behind it; raise `ChainBroken` where one does not follow."""
        while True:
            path = f"/streams/{quote(stream, safe='')}/records?after={place.position}"
            page = _lines(self._send("GET", path))
            if not page:
                return
            for line in page:
                place = chain.advance(stream, place, line)
                yield line, place

    def send(self, photos: Sequence[tuple[Photo, bytes]]) -> set[Photo]:
        """Send small photos whole in one request; return those that count now. The others go by `upload`, which says what is wrong.

        At most 16, 16 MiB together: where a request is cut, only those that came whole before are kept.
        """
        listed = ", ".join(f"{photo.record} {photo.sha256} {photo.size_bytes}" for photo, _ in photos)
        headers = {"Content-Type": "application/octet-stream", "Fieldapp-Photos": listed}
        body = b"".join(content for _, content in photos)
        answer = self._object(self._send("POST", "/photos/whole", body, headers))
        counted = {(one["record"], one["sha256"]) for one in _list(answer, "counted")}
        return {photo for photo, _ in photos if (photo.record, photo.sha256) in counted}

    def upload(
        self,
        photo: Photo,
        file: BinaryIO,
        progress: Progress = lambda _bytes: None,
        at: str | None = None,
        begun: Callable[[str], None] = lambda _at: None,
    ) -> None:
        """Send the bytes of a photo, going on at the upload `at` if there is one; `begun` is told where a new one stands.

        Pieces shrink when something on the way finds them too large.
        """
        where, offset = self._resumed(photo, at)
        if where != at:
            begun(where)
        piece_bytes = FIRST_PIECE_BYTES
        progress(offset)
        while offset < photo.size_bytes:
            file.seek(offset)
            piece = file.read(min(piece_bytes, photo.size_bytes - offset))
            if not piece:
                raise EOFError(photo.sha256)
            try:
                reached = self._patch(where, offset, piece)
            except Rejected as rejected:
                if rejected.status == 413 and piece_bytes > LEAST_PIECE_BYTES:
                    piece_bytes = max(LEAST_PIECE_BYTES, len(piece) // 2)
                    continue
                if rejected.slug != "offset-differs":
                    raise
                reached = self._offset(where)
            if reached == offset:
                raise Unreachable("the upload does not move")
            progress(reached - offset)
            offset = reached

    # -- underneath ---------------------------------------------------------------------------------------------------------

    def _resumed(self, photo: Photo, at: str | None) -> tuple[str, int]:
        if at is not None:
            try:
                return at, self._offset(at)
            except Rejected as rejected:
                if rejected.status != 404:
                    raise
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}"
            for name, value in (("record", photo.record), ("sha256", photo.sha256))
        )
        headers = {**TUS, "Upload-Length": str(photo.size_bytes), "Upload-Metadata": metadata}
        answer = self._send("POST", "/photos", b"", headers)
        path = urlsplit(answer.headers.get("location", "")).path
        if not path.startswith(f"{PREFIX}/photos/"):
            raise NotTheArchive("an upload without an address", answer.status)
        is_told = "upload-offset" in answer.headers
        return path.removeprefix(PREFIX), _offset_of(answer) if is_told else 0

    def _offset(self, where: str) -> int:
        return _offset_of(self._send("HEAD", where, b"", TUS))

    def _patch(self, where: str, offset: int, piece: bytes) -> int:
        headers = {
            **TUS,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        return _offset_of(self._send("PATCH", where, piece, headers))

    def _send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        answer = self.transport(method, PREFIX + path, headers or {}, body)
        named = answer.headers.get("fieldapp-archive")
        is_ours = all(name in answer.headers for name in OURS)
        if answer.status == 413 and not is_ours:
            raise Rejected("too-large", 413, "from something on the way")
        if not is_ours or named != (self.archive or named):
            raise NotTheArchive("not an answer of this archive", answer.status, _retry_after(answer))
        self.archive, self.token = named, answer.headers["fieldapp-time"]
        if answer.status >= 400:
            raise _rejected(answer)
        return answer

    def _object(self, answer: Answer) -> dict[str, Any]:
        try:
            value = json.loads(answer.body)
        except ValueError as error:
            raise Unreachable("the answer was cut short") from error
        if not isinstance(value, dict):
            raise Unreachable("the answer was cut short")
        return value


def _rejected(answer: Answer) -> Rejected:
    try:
        problem = json.loads(answer.body)
        slug, detail = str(problem["type"]).rpartition(":")[2], str(problem.get("detail", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        slug, detail = "unknown", ""
    # A HEAD has no body: its status says enough.
    return Rejected(slug, answer.status, detail, _retry_after(answer))


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _offset_of(answer: Answer) -> int:
    text = answer.headers.get("upload-offset", "")
    if not text.isascii() or not text.isdigit():
        raise NotTheArchive("an upload without an offset", answer.status)
    return int(text)


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    if not isinstance(found, list):
        raise Unreachable("the answer was cut short")
    return found


def _lines(answer: Answer) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in answer.body.splitlines()]
    except ValueError as error:
        raise Unreachable("the answer was cut short") from error


def _batches(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and (len(batch) == BATCH_LINES or size + len(line) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line) + 1
    if batch:
        yield batch
