"""Photos in an S3-compatible service: the photo store that several machines share (`sync/photo.py` says what holds).

    part/<token>/<offset>-<random>   pieces of an upload; how far it is, their contiguity decides
    fresh/<random>                   what is being read back; nobody else knows the name
    sha256/ab/<hash>                 photos

Objects are never changed, so what a stalled writer still sends only adds a piece nobody counts. Relies on listings that show what was
written before (S3 since 2020, and every service that copies it). Bytes are read from the start: some services answer ranges wrongly.
"""

import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn, cast
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from sync.photo import (
    CHUNK_BYTES,
    OneByOne,
    StoreBusy,
    StoreFull,
    WrongBytes,
    WrongOffset,
    checked_hash,
    checked_token,
    fitting,
)

# Pieces of an upload, and of a multipart upload (5 MiB is the least that S3 takes): what one request holds in memory.
PIECE_BYTES = 5 * 1024 * 1024
RETRIES = {"max_retries": 3}
# Which of the two depends on the call.
NOT_FOUND = (NotFoundError, FileNotFoundError)
FULL = ("quotaexceeded", "storagefull", "insufficientstorage", "507 ", "notenoughspace", "no space left")


class NoStore(ValueError):
    """An address of a photo store that cannot be used; the message says why."""


@dataclass(frozen=True)
class Piece:
    """A piece of an upload as listed."""

    path: str
    offset: int
    size_bytes: int

    @property
    def end(self) -> int:
        """Return the offset behind it."""
        return self.offset + self.size_bytes


class ObjectStore:
    """One bucket, or what lies below a prefix of it. Keys come from the environment, as every S3 tool reads them."""

    def __init__(self, address: str, endpoint: str = "", region: str = "") -> None:
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise NoStore(f"{address!r} is not of the form s3://bucket/prefix")
        options: dict[str, Any] = {"endpoint": endpoint, "region": region}
        host = urlsplit(endpoint).netloc
        try:
            self._store = S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                client_options={
                    "timeout": "60s",
                    "connect_timeout": "5s",
                    "allow_http": endpoint.startswith("http://"),
                },
                retry_config=cast("Any", RETRIES),
                # A service that wants the bucket in its host name is given an endpoint that begins with it.
                virtual_hosted_style_request=host.startswith(f"{parts.netloc}."),
                **{name: value for name, value in options.items() if value},
            )
        except BaseError as error:
            raise NoStore(f"{address}: {_first_line(error)}") from error

    def check(self) -> None:
        """Raise `NoStore` when the bucket does not exist or the keys do not open it, `StoreBusy` when nobody answers."""
        try:
            next(iter(obstore.list(self._store, "part", chunk_size=1)), None)
        except (*NOT_FOUND, PermissionDeniedError, PermissionError, UnauthenticatedError) as error:
            raise NoStore(_first_line(error)) from error
        except BaseError as error:
            if any(word in str(error) for word in ("NoSuchBucket", "403 Forbidden", "AccessDenied")):
                raise NoStore(_first_line(error)) from error
            _raise(error)

    def has(self, sha256: str) -> bool:
        """Tell whether those bytes are here."""
        path = _whole(sha256)
        with _talking():
            try:
                obstore.head(self._store, path)
            except NOT_FOUND:
                return False
            return True

    def open(self, sha256: str) -> BinaryIO:
        """Open those bytes for reading."""
        path = _whole(sha256)
        with _talking():
            size_bytes = int(obstore.head(self._store, path)["size"])
        return io.BufferedReader(_Reader(self._store, path, size_bytes), CHUNK_BYTES)

    def offset(self, token: str) -> int:
        """Return how many bytes of an upload have come."""
        return sum(piece.size_bytes for piece in _chain(self._pieces(token)))

    def append(self, token: str, offset: int, chunks: Iterable[bytes], size_bytes: int) -> int:
        """Add bytes to an upload as objects of their own, and return where it stands."""
        stands = self.offset(token)
        if stands != offset:
            raise WrongOffset(stands)
        waiting = bytearray()
        try:
            for piece in fitting(chunks, size_bytes - offset):
                waiting += piece
                if len(waiting) >= PIECE_BYTES:
                    full, waiting = waiting, bytearray()
                    offset = self._put_piece(token, offset, full)
        finally:
            # What came before a cut stays.
            if waiting:
                offset = self._put_piece(token, offset, waiting)
        return offset

    def _put_piece(self, token: str, offset: int, content: bytearray) -> int:
        path = f"{_part(token)}/{offset:012d}-{secrets.token_hex(6)}"
        with _talking():
            obstore.put(self._store, path, content)
        return offset + len(content)

    def finish(self, token: str, sha256: str) -> None:
        """Make an upload durable under its hash and forget it."""
        pieces = self._pieces(token)
        chain = _chain(pieces)
        if not chain:
            raise FileNotFoundError(token)
        self._settle(sha256, (chunk for piece in chain for chunk in _chunks(self._store, piece.path)))
        self._forget(pieces)

    def take(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        """Store bytes that come in one go."""
        self._settle(sha256, fitting(chunks, size_bytes))

    def _settle(self, sha256: str, pieces: Iterable[bytes | memoryview]) -> None:
        """Write pieces under a name of our own, read it back, and only then copy it to the hash's name."""
        target, fresh = _whole(sha256), f"fresh/{secrets.token_hex(16)}"
        try:
            writer = obstore.open_writer(self._store, fresh, buffer_size=PIECE_BYTES)
            for piece in pieces:
                with _talking():
                    writer.write(piece)
            with _talking():
                writer.close()
            self._publish(fresh, target, sha256)
        finally:
            with _talking():
                obstore.delete(self._store, fresh)

    def _publish(self, fresh: str, target: str, sha256: str) -> None:
        found, size_bytes = hashlib.sha256(), 0
        for chunk in _chunks(self._store, fresh):
            found.update(chunk)
            size_bytes += len(chunk)
        if found.hexdigest() != sha256:
            raise WrongBytes(sha256)
        with _talking():
            obstore.copy(self._store, fresh, target)
            if obstore.head(self._store, target)["size"] != size_bytes:
                obstore.delete(self._store, target)
                raise StoreBusy(f"{target} was not copied whole")

    def batch(self) -> OneByOne:
        """Begin to store photos that come one after the other: there is nothing they could share."""
        return OneByOne(self.take)

    def drop(self, token: str) -> None:
        """Forget an upload under way."""
        self._forget(self._pieces(token))

    def _forget(self, pieces: Iterable[Piece]) -> None:
        # From the first on: an upload that is half forgotten stands at nought, never somewhere in between.
        for piece in sorted(pieces, key=lambda piece: piece.offset):
            with _talking():
                obstore.delete(self._store, piece.path)

    def erase(self, sha256: str) -> None:
        """Remove those bytes for ever."""
        path = _whole(sha256)
        with _talking():
            obstore.delete(self._store, path)

    def sweep(self, before: float) -> int:
        """Drop the pieces of uploads last written before an instant; what was left in the middle of reading back, too."""
        newest: dict[str, float] = {}
        paths: dict[str, list[str]] = {}
        with _talking():
            for found in self._list("part", "fresh"):
                path = str(found["path"])
                folder = path.rpartition("/")[0] if path.startswith("part/") else path
                paths.setdefault(folder, []).append(path)
                newest[folder] = max(newest.get(folder, 0.0), found["last_modified"].timestamp())
            old = [folder for folder, at in newest.items() if at < before]
            for folder in old:
                for path in sorted(paths[folder]):
                    obstore.delete(self._store, path)
        return len(old)

    def _pieces(self, token: str) -> list[Piece]:
        with _talking():
            return [_piece(found["path"], found["size"]) for found in self._list(_part(token))]

    def _list(self, *prefixes: str) -> Iterator[Any]:
        for prefix in prefixes:
            for page in obstore.list(self._store, prefix):
                yield from page


class _Reader(io.RawIOBase):
    """One object as a file: streamed from its start; going back begins anew, going forward reads over."""

    def __init__(self, store: S3Store, path: str, size_bytes: int) -> None:
        self._store, self._path, self._size_bytes = store, path, size_bytes
        self._at = self._wanted = 0
        self._stream: Iterator[bytes] = iter(())
        self._chunk = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._wanted

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._wanted, io.SEEK_END: self._size_bytes}[whence]
        self._wanted = max(0, start + offset)
        return self._wanted

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from where the last seek or read ended."""
        if self._wanted >= self._size_bytes:
            return 0
        if self._wanted < self._at or (self._at == 0 and not self._chunk):
            self._stream, self._chunk, self._at = iter(_chunks(self._store, self._path)), b"", 0
        while self._wanted >= self._at + len(self._chunk):
            self._at += len(self._chunk)
            self._chunk = next(self._stream, b"")
            if not self._chunk:
                raise StoreBusy(f"{self._path} ended before its size")
        begin = self._wanted - self._at
        piece = self._chunk[begin : begin + len(buffer)]
        buffer[: len(piece)] = piece
        self._wanted += len(piece)
        return len(piece)


def _whole(sha256: str) -> str:
    return f"sha256/{checked_hash(sha256)[:2]}/{sha256}"


def _part(token: str) -> str:
    return f"part/{checked_token(token)}"


def _piece(path: str, size_bytes: int) -> Piece:
    return Piece(path, int(path.rpartition("/")[2].partition("-")[0]), size_bytes)


def _chain(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces that follow each other from the start and reach furthest; others are of writers that came too late."""
    chains: dict[int, list[Piece]] = {0: []}
    for piece in sorted(pieces, key=lambda piece: (piece.offset, piece.path)):
        before = chains.get(piece.offset)
        if before is not None and piece.size_bytes:
            chains.setdefault(piece.end, [*before, piece])
    return chains[max(chains)]


def _chunks(store: S3Store, path: str) -> Iterator[bytes]:
    with _talking():
        for chunk in obstore.get(store, path).stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)


@contextmanager
def _talking() -> Iterator[None]:
    """Turn what the service says, or does not, into what a photo store raises."""
    try:
        yield
    except NOT_FOUND as error:
        raise FileNotFoundError(_first_line(error)) from error
    except BaseError as error:
        _raise(error)
    except OSError as error:
        # The streams of obstore say so in this way.
        raise StoreBusy(_first_line(error)) from error


def _raise(error: Exception) -> NoReturn:
    text = str(error).lower()
    raise (StoreFull if any(word in text for word in FULL) else StoreBusy)(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
