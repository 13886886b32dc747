"""The container of a package: a ZIP file of the plainest sort (PROTOCOL.md section 11). Any unpacker opens it; only this sort is read.

Members are stored, one behind the other from the first byte on, without gap, overlap, extra field, comment or ZIP64.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from sync.error import PackageRefused

MOST_MEMBERS = 20_000
MOST_MEMBER_BYTES = 32 * 1024 * 1024
# ZIP without ZIP64 ends here; parts of a package stay far below.
MOST_BYTES = 2**31 - 1

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _DATE = 20, 0x21  # 1980-01-01: when a package was written, its manifest says
_TRICK = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.{1,2}(/|$)|//|/$|[\x00-\x1f]|^$")


@dataclass(frozen=True)
class Entry:
    """One member: its name, where its bytes begin, how many there are, and their CRC-32."""

    name: str
    offset: int
    size_bytes: int
    crc: int


class ContainerWriter:
    """Writes members one by one, each given whole, and the directory at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.position = 0
        self.entries: list[Entry] = []

    def add(self, name: str, data: bytes) -> None:
        """Append a member."""
        entry = Entry(name, self.position, len(data), zlib.crc32(data))
        self._write(_local_header(entry))
        self._write(data)
        self.entries.append(entry)

    def close(self) -> None:
        """Write the directory."""
        start = self.position
        for one in self.entries:
            self._write(_central_header(one))
        count = len(self.entries)
        self._write(_END.pack(b"PK\x05\x06", 0, 0, count, count, self.position - start, start, 0))

    def _write(self, data: bytes) -> None:
        self.file.write(data)
        self.position += len(data)


def _local_header(entry: Entry) -> bytes:
    raw, sizes = entry.name.encode("ascii"), (entry.crc, entry.size_bytes, entry.size_bytes)
    return _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, 0, 0, _DATE, *sizes, len(raw), 0) + raw


def _central_header(entry: Entry) -> bytes:
    raw, sizes = entry.name.encode("ascii"), (entry.crc, entry.size_bytes, entry.size_bytes)
    fixed = (_VERSION, _VERSION, 0, 0, 0, _DATE, *sizes, len(raw), 0, 0, 0, 0, 0, entry.offset)
    return _CENTRAL.pack(b"PK\x01\x02", *fixed) + raw


class Container:
    """A file's members, all checked against each other before any is read. Raises `PackageRefused`."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.entries = {one.name: one for one in _directory(file)}

    def read(self, name: str) -> bytes:
        """Return the bytes of a member."""
        entry = self.entries[name]
        self.file.seek(entry.offset)
        data = self.file.read(entry.size_bytes)
        if len(data) != entry.size_bytes or zlib.crc32(data) != entry.crc:
            raise PackageRefused("hash-differs", name)
        return data


def _directory(file: BinaryIO) -> list[Entry]:
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise PackageRefused("not-a-package")
    if size > MOST_BYTES:
        raise PackageRefused("too-large")
    count, length, start = _end(file, size)
    if start + length != size - _END.size:
        raise PackageRefused("sizes-disagree", detail="where the directory stands")
    file.seek(start)
    raw = file.read(length)
    entries: list[Entry] = []
    names: set[str] = set()
    at, position = 0, 0
    for _ in range(count):
        entry, at = _central(raw, at)
        if entry.name in names:
            raise PackageRefused("duplicate-member", entry.name)
        names.add(entry.name)
        entries.append(_placed(file, entry, position))
        position = entries[-1].offset + entry.size_bytes
    if at != length or position != start:
        raise PackageRefused("sizes-disagree", detail="bytes that belong to no member")
    return entries


def _end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Return number of members, length and place of the directory."""
    file.seek(max(0, size - _END.size))
    raw = file.read(_END.size)
    if len(raw) != _END.size or raw[:4] != b"PK\x05\x06":
        raise PackageRefused("truncated")
    _, disk, first, here, count, length, start, comment = _END.unpack(raw)
    if disk or first or here != count or comment:
        raise PackageRefused("unknown-feature", detail="several disks, or a comment")
    if count > MOST_MEMBERS:
        raise PackageRefused("too-many-members")
    return count, length, start


def _central(raw: bytes, at: int) -> tuple[Entry, int]:
    """Return the entry at a place of the directory, and where the next one begins. `offset` is still that of its local header."""
    if len(raw) < at + _CENTRAL.size or raw[at : at + 4] != b"PK\x01\x02":
        raise PackageRefused("sizes-disagree", detail="the directory")
    found = _CENTRAL.unpack_from(raw, at)
    method, crc, packed, size, length, offset = found[4], *found[7:11], found[16]
    behind = at + _CENTRAL.size + length
    name = _name(raw[at + _CENTRAL.size : behind])
    if method != 0:
        raise PackageRefused("compressed", name)
    if packed != size:
        raise PackageRefused("sizes-disagree", name)
    if size > MOST_MEMBER_BYTES:
        raise PackageRefused("too-large", name)
    entry = Entry(name, offset, size, crc)
    if raw[at:behind] != _central_header(entry):
        raise PackageRefused("unknown-feature", name)
    return entry, behind


def _name(raw: bytes) -> str:
    name = raw.decode("ascii", "backslashreplace")
    if _TRICK.search(name):
        raise PackageRefused("path-trick", repr(name[:200]))
    return name


def _placed(file: BinaryIO, entry: Entry, position: int) -> Entry:
    """Return an entry with the place of its bytes; its local header must stand next and say what the directory says."""
    if entry.offset != position:
        raise PackageRefused("overlap" if entry.offset < position else "sizes-disagree", entry.name)
    file.seek(position)
    header = _local_header(entry)
    if file.read(len(header)) != header:
        raise PackageRefused("headers-disagree", entry.name)
    return Entry(entry.name, position + len(header), entry.size_bytes, entry.crc)
