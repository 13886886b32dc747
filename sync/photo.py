"""Where photo bytes live: a folder, named by SHA-256. What is not read back and equal does not exist. Never decodes an image."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from sync.error import SyncError

CHUNK_BYTES = 256 * 1024
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,60}$")


class WrongBytes(SyncError):
    """Bytes that came whole and are not the ones the record names."""


class WrongOffset(SyncError):
    """A part that would leave a hole or overlap; `offset` is where the upload really is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload stands at {offset}")
        self.offset = offset


class PhotoStore:
    """A folder of photos and of uploads under way. Several processes may work in it at once."""

    def __init__(self, folder: Path) -> None:
        self._whole = folder / "sha256"
        self._parts = folder / "part"
        for made in (folder, self._whole, self._parts):
            made.mkdir(parents=True, exist_ok=True)
        for made in (folder.parent, folder):
            _sync_folder(made)

    def path(self, sha256: str) -> Path:
        """Return where those bytes are, or would be."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._whole / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Tell whether those bytes are here."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> BinaryIO:
        """Open those bytes for reading; raise `FileNotFoundError` when they are not here."""
        return self.path(sha256).open("rb")

    def offset(self, token: str) -> int:
        """Return how many bytes of an upload have come."""
        try:
            return self._part(token).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, token: str, offset: int, chunks: Iterable[bytes], size_bytes: int) -> int:
        """Add bytes to an upload and return where it stands; raise `WrongOffset` when it stands elsewhere.

        A body that ends early or raises has still added what came. Two writers at one offset write the same honest bytes; dishonest
        ones spoil only their own upload: `finish` reads it into a file that no writer can reach.
        """
        if self.offset(token) != offset:
            raise WrongOffset(self.offset(token))
        file = os.open(self._part(token), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            for chunk in chunks:
                fitting = memoryview(chunk)[: size_bytes - offset]
                while fitting:
                    written = os.pwrite(file, fitting, offset)
                    fitting, offset = fitting[written:], offset + written
        finally:
            os.close(file)
        return offset

    def finish(self, token: str, sha256: str) -> None:
        """Make an upload durable under its hash; raise `WrongBytes` and drop it when it is not what it should be.

        The bytes are copied to a fresh file, made durable, and that file is read back: a writer that still holds the part open
        cannot touch what is counted.
        """
        part, fresh = self._part(token), self._part(f"whole-{os.getpid()}-{os.urandom(12).hex()}")
        try:
            _copy(part, fresh)
            if _hash(fresh) != sha256:
                raise WrongBytes(sha256)
            target = self.path(sha256)
            target.parent.mkdir(exist_ok=True)
            fresh.replace(target)  # equal bytes, should they be there already
            _sync_folder(target.parent)
            _sync_folder(self._whole)
        finally:
            fresh.unlink(missing_ok=True)
            part.unlink(missing_ok=True)

    def put(self, sha256: str, chunks: Iterable[bytes]) -> None:
        """Store bytes known to be whole; raise `WrongBytes` when they are not the ones named."""
        token = f"put-{os.getpid()}-{os.urandom(12).hex()}"
        self.append(token, 0, chunks, 1 << 62)
        self.finish(token, sha256)

    def drop(self, token: str) -> None:
        """Forget an upload under way."""
        self._part(token).unlink(missing_ok=True)

    def remove(self, sha256: str) -> None:
        """Destroy those bytes, by law; nothing else ever removes what is whole."""
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, before: float) -> int:
        """Drop parts last written before an instant (seconds since 1970) that nothing else would find; return how many."""
        old = [part for part in self._parts.iterdir() if part.stat().st_mtime < before]
        for part in old:
            part.unlink(missing_ok=True)
        return len(old)

    def _part(self, token: str) -> Path:
        if not TOKEN.fullmatch(token):
            raise ValueError("not an upload")
        return self._parts / token


def _copy(part: Path, fresh: Path) -> None:
    with part.open("rb") as source, fresh.open("xb") as target:
        shutil.copyfileobj(source, target, CHUNK_BYTES)
        target.flush()
        os.fsync(target.fileno())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
