"""The photo store's twin in memory: the plainest thing that keeps the promises of `sync/photo.py`."""

import hashlib
import io
import threading
import time
from collections.abc import Iterable
from typing import BinaryIO

from sync.photo import OneByOne, WrongBytes, WrongOffset, checked_hash, checked_token, fitting


class MemoryStore:
    def __init__(self) -> None:
        self._whole: dict[str, bytes] = {}
        self._parts: dict[str, bytearray] = {}
        self._written: dict[str, float] = {}
        self._lock = threading.Lock()

    def has(self, sha256: str) -> bool:
        return checked_hash(sha256) in self._whole

    def open(self, sha256: str) -> BinaryIO:
        if not self.has(sha256):
            raise FileNotFoundError(sha256)
        return io.BytesIO(self._whole[sha256])

    def offset(self, token: str) -> int:
        return len(self._parts.get(checked_token(token), b""))

    def append(self, token: str, offset: int, chunks: Iterable[bytes], size_bytes: int) -> int:
        if self.offset(token) != offset:
            raise WrongOffset(self.offset(token))
        for piece in fitting(chunks, size_bytes - offset):
            with self._lock:
                part = self._parts.setdefault(token, bytearray())
                part[offset : offset + len(piece)] = piece
                self._written[token] = time.time()
            offset += len(piece)
        return offset

    def finish(self, token: str, sha256: str) -> None:
        with self._lock:
            part = self._parts.get(checked_token(token))
            if part is None:
                raise FileNotFoundError(token)
            whole = bytes(part)
        self.take(sha256, [whole], len(whole))
        self.drop(token)

    def take(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        whole = b"".join(fitting(chunks, size_bytes))
        if hashlib.sha256(whole).hexdigest() != checked_hash(sha256):
            raise WrongBytes(sha256)
        self._whole[sha256] = whole

    def batch(self) -> OneByOne:
        return OneByOne(self.take)

    def drop(self, token: str) -> None:
        self._parts.pop(checked_token(token), None)
        self._written.pop(token, None)

    def erase(self, sha256: str) -> None:
        self._whole.pop(checked_hash(sha256), None)

    def sweep(self, before: float) -> int:
        old = [token for token, at in self._written.items() if at < before]
        for token in old:
            self.drop(token)
        return len(old)
