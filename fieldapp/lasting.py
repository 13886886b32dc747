"""What outlives the database: erasures by law and the archive's keys, as sealed, in a file outside every backup.

A restored backup may be older than an erasure, or than a key. Whenever the archive opens it is told of both again; what it did not
know shows that it was rolled back.
"""

import os
from pathlib import Path


class Lasting:
    """The file: one sealed record a line, in the order they were sealed, durable before the archive commits them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> list[bytes]:
        """Return the records, oldest first; a line that was cut short by a crash is left out."""
        try:
            whole = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return [line for line in whole.split(b"\n")[:-1] if line]

    def write(self, text: str) -> None:
        """Add a record unless it is there."""
        line = text.encode("ascii")
        if line in self.lines():
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(file).st_size
            is_cut = size > 0 and os.pread(file, 1, size - 1) != b"\n"
            os.write(file, (b"\n" if is_cut else b"") + line + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
