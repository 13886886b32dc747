"""Where photo bytes live, named by SHA-256: one interface, here in a folder. What is not read back and equal does not exist.

Never decodes an image. `sync/object_store.py` is the same on an S3-compatible service; one contract suite holds for all.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from sync import fault
from sync.error import SyncError

CHUNK_BYTES = 256 * 1024
SHA256 = re.compile(r"^[0-9a-f]{64}$")
TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,60}$")


class WrongBytes(SyncError):
    """Bytes that came whole and are not the ones the record names."""


class WrongOffset(SyncError):
    """A part that would leave a hole or overlap; `offset` is where the upload really is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload stands at {offset}")
        self.offset = offset


class StoreBusy(SyncError):
    """A store that cannot be reached or fails just now: the same call may succeed later."""


class StoreFull(SyncError):
    """A store that has no room left."""


class PhotoStore(Protocol):
    """Photos, and uploads under way. Processes on several machines may work in one store at once: nothing is kept in memory.

    Every call may raise `StoreBusy` or `StoreFull` (a folder: `OSError`); `ValueError` for what is no hash or no token.
    """

    def has(self, sha256: str) -> bool:
        """Tell whether those bytes are here."""

    def open(self, sha256: str) -> BinaryIO:
        """Open those bytes for reading, seekable; raise `FileNotFoundError` when they are not here."""

    def offset(self, token: str) -> int:
        """Return how many bytes of an upload have come."""

    def append(self, token: str, offset: int, chunks: Iterable[bytes], size_bytes: int) -> int:
        """Add bytes to an upload and return where it stands; raise `WrongOffset` when it stands elsewhere.

        A body that ends early or raises has still added what came; what goes beyond `size_bytes` is left out. Two writers at one
        offset write the same honest bytes; dishonest ones spoil only their own upload.
        """

    def finish(self, token: str, sha256: str) -> None:
        """Make an upload durable under its hash and forget it; raise `WrongBytes` when it is not what it should be: to be dropped.

        What is counted is read back from where no writer of the upload can reach. Raises `FileNotFoundError` when another process
        is finishing it.
        """

    def take(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        """Store bytes that come in one go; raise `WrongBytes`, and keep nothing, when they are not the ones named."""

    def batch(self) -> "Batch":
        """Begin to store photos that come one after the other."""

    def drop(self, token: str) -> None:
        """Forget an upload under way."""

    def erase(self, sha256: str) -> None:
        """Remove those bytes for ever; harmless when they are not here."""

    def sweep(self, before: float) -> int:
        """Drop parts last written before an instant (seconds since 1970) that nothing else would find; return how many."""


class Batch(Protocol):
    """Photos on their way into a store, durable together."""

    def write(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        """Add the bytes of one. What the pieces raise is raised; the others stay."""

    def settle(self) -> set[str]:
        """Store those whose bytes are the ones named, and keep nothing of the others; return the hashes of those stored.

        To be called once, whatever was raised before.
        """


class OneByOne:
    """A batch for stores in which photos share nothing: `take` stores one."""

    def __init__(self, take: Callable[[str, Iterable[bytes], int], None]) -> None:
        self._take = take
        self._stored: set[str] = set()

    def write(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        """Store the bytes of one at once."""
        with contextlib.suppress(WrongBytes):
            self._take(sha256, chunks, size_bytes)
            self._stored.add(sha256)

    def settle(self) -> set[str]:
        """Return the hashes of those stored."""
        return self._stored


def fitting(chunks: Iterable[bytes], size_bytes: int) -> Iterator[memoryview]:
    """Yield what of these pieces fits into a size; the rest is read and left out."""
    for chunk in chunks:
        piece = memoryview(chunk)[:size_bytes]
        size_bytes -= len(piece)
        if piece:
            yield piece


def checked_hash(sha256: str) -> str:
    """Return a SHA-256 in hexadecimal as it came; raise `ValueError` for anything else."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256")
    return sha256


def checked_token(token: str) -> str:
    """Return the name of an upload as it came; raise `ValueError` for anything else."""
    if not TOKEN.fullmatch(token):
        raise ValueError("not an upload")
    return token


class FolderStore:
    """A folder of photos and of uploads under way."""

    def __init__(self, folder: Path) -> None:
        self._whole = folder / "sha256"
        # Folders below it whose names this process made durable, whoever made them.
        self._durable: set[str] = set()
        self._parts = folder / "part"
        for made in (folder, self._whole, self._parts):
            made.mkdir(parents=True, exist_ok=True)
        for made in (folder.parent, folder):
            _sync_folder(made)

    def path(self, sha256: str) -> Path:
        """Return where those bytes are, or would be."""
        return self._whole / checked_hash(sha256)[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Tell whether those bytes are here."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Open those bytes for reading."""
        return self.path(sha256).open("rb")

    def offset(self, token: str) -> int:
        """Return how many bytes of an upload have come."""
        try:
            return self._part(token).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, token: str, offset: int, chunks: Iterable[bytes], size_bytes: int) -> int:
        """Add bytes to an upload and return where it stands."""
        if self.offset(token) != offset:
            raise WrongOffset(self.offset(token))
        file = os.open(self._part(token), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            for piece in fitting(chunks, size_bytes - offset):
                while piece:
                    written = os.pwrite(file, piece, offset)
                    piece, offset = piece[written:], offset + written
                fault.passing("part-written")
        finally:
            os.close(file)
        return offset

    def finish(self, token: str, sha256: str) -> None:
        """Make an upload durable under its hash and forget it.

        The bytes are copied to a file of our own first: a writer that still holds the part open cannot touch what is counted.
        """
        part = self._part(token)
        with part.open("rb") as source:
            self.take(sha256, iter(lambda: source.read(CHUNK_BYTES), b""), part.stat().st_size)
        part.unlink(missing_ok=True)

    def take(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        """Store bytes that come in one go: straight into a file that nobody else can name."""
        batch = self.batch()
        batch.write(sha256, chunks, size_bytes)
        if not batch.settle():
            raise WrongBytes(sha256)

    def batch(self) -> "FolderBatch":
        """Begin to store photos that come one after the other."""
        return FolderBatch(self)

    def fresh(self) -> Path:
        """Return the name of a file of our own."""
        return self._part(f"whole-{os.getpid()}-{os.urandom(12).hex()}")

    def name(self, fresh: Path, sha256: str) -> Path:
        """Give a file the name of its hash, whether or not equal bytes have it already; return its folder, which is to be made durable."""
        target = self.path(sha256)
        try:
            fresh.replace(target)
        except FileNotFoundError:
            target.parent.mkdir(exist_ok=True)
            fresh.replace(target)
        if target.parent.name not in self._durable:
            _sync_folder(self._whole)
            self._durable.add(target.parent.name)
        return target.parent

    def drop(self, token: str) -> None:
        """Forget an upload under way."""
        self._part(token).unlink(missing_ok=True)

    def erase(self, sha256: str) -> None:
        """Remove those bytes for ever."""
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync_folder(path.parent)

    def sweep(self, before: float) -> int:
        """Drop parts last written before an instant; another process may be sweeping too."""
        count = 0
        for part in self._parts.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if part.stat().st_mtime < before:
                    part.unlink()
                    count += 1
        return count

    def _part(self, token: str) -> Path:
        return self._parts / checked_token(token)


class FolderBatch:
    """Photos on their way into a folder: each in a file of our own, which gets its hash's name only when it was read back and fits."""

    def __init__(self, store: FolderStore) -> None:
        self._store = store
        self._written: list[tuple[str, Path]] = []

    def write(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        """Add the bytes of one."""
        checked_hash(sha256)
        fresh = self._store.fresh()
        try:
            _write(fresh, fitting(chunks, size_bytes))
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        self._written.append((sha256, fresh))

    def settle(self) -> set[str]:
        """Store those that came whole. Their folders are made durable last: what comes first may do it for all."""
        stored: set[str] = set()
        folders: set[Path] = set()
        try:
            for sha256, fresh in self._written:
                if _hash(fresh) == sha256:
                    fault.passing("photo-written")
                    folders.add(self._store.name(fresh, sha256))
                    fault.passing("photo-named")
                    stored.add(sha256)
        finally:
            for _, fresh in self._written:
                fresh.unlink(missing_ok=True)
        for folder in sorted(folders):
            _sync_folder(folder)
        fault.passing("photo-settled")
        return stored


def _write(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for piece in pieces:
            left = memoryview(piece)
            while left:
                left = left[os.write(file, left) :]
    finally:
        os.close(file)


def _hash(path: Path) -> str:
    """Return the hash of what was made durable just now."""
    with path.open("rb", buffering=0) as file:
        os.fsync(file)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
