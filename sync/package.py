"""A package: records and photos encrypted to one archive, receipts and keys plain, in a file anybody may carry (PROTOCOL.md section 11).

Pure about bytes: it reads and writes the file it is given and knows no archive, store, clock or network.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Literal

from sync import ijson, key
from sync.container import Container, ContainerWriter
from sync.error import NotIJson, PackageRefused
from sync.jwe import PIECE_BYTES, TEXT_BYTES, DecryptionKey, Place, encrypt
from sync.record import HASH, KID, is_instant

FORMAT = "fieldapp-package-1"
MANIFEST, KEYS, RECEIPTS = "manifest.json", "keys.ndjson", "receipts.ndjson"
PLAIN = (KEYS, RECEIPTS)
# One file of a package holds about as much, unless a single record with its photos is larger.
PART_BYTES = 512 * 1024 * 1024
# Their receipts fit into one member.
MOST_RECORDS = 40_000
MOST_PLAIN_BYTES = 30 * 1024 * 1024
_PIECE = re.compile(r"(?P<of>records|photos/[0-9a-f]{64})/(?P<number>[0-9]{4})\.jwe")
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_WRITERS = ("phone", "command", "station", "archive")
_COUNTS = ("records", "photos", "receipts", "keys")

By = Literal["phone", "command", "station", "archive"]


@dataclass(frozen=True)
class Head:
    """What a manifest says before it counts: for which archive, by whom, when, and which part of which package it is.

    `keys_of` is the archive whose key records come along; `encrypted_to` the kid of the archive's encryption key, None when nothing
    is encrypted.
    """

    archive: str
    keys_of: str
    written_by: By
    written_at: str
    package: str
    part: int = 1
    parts: int = 1
    encrypted_to: str | None = None

    @property
    def place(self) -> str:
        """Return what the pieces of this part are bound to."""
        return f"{self.package}.{self.part}of{self.parts}"


@dataclass(frozen=True)
class Item:
    """A record to be packed: its hash, its size, and the photos (SHA-256, size in bytes) that are at hand for it."""

    hash: str
    size_bytes: int
    photos: tuple[tuple[str, int], ...] = ()


@dataclass
class Part:
    """What goes into one file: every photo stands beside a record that names it, so that each file can be taken in alone."""

    pieces: list[list[str]] = field(default_factory=list)
    photos: dict[str, int] = field(default_factory=dict)
    size_bytes: int = 0
    _room: int = 0

    @property
    def hashes(self) -> list[str]:
        """Return the records of this file."""
        return [one for piece in self.pieces for one in piece]

    def add(self, item: Item) -> None:
        """Put a record with its photos in."""
        size = item.size_bytes + 1
        if size > self._room:
            self.pieces.append([])
            self._room = PIECE_BYTES
        self.pieces[-1].append(item.hash)
        self._room -= size
        self.size_bytes += self.growth(item)
        self.photos.update(item.photos)

    def growth(self, item: Item) -> int:
        """Return how many bytes the file would grow."""
        fresh = sum(size for sha256, size in item.photos if sha256 not in self.photos)
        return (item.size_bytes + fresh) * 4 // 3


def plan(items: Iterable[Item], part_bytes: int = PART_BYTES) -> list[Part]:
    """Return what goes into which file, in order; at least one file."""
    parts, count = [Part()], 0
    for item in items:
        is_full = count == MOST_RECORDS or parts[-1].size_bytes + parts[-1].growth(item) > part_bytes
        if count and is_full:
            parts.append(Part())
            count = 0
        parts[-1].add(item)
        count += 1
    return parts


class Writer:
    """Writes one file of a package: keys, receipts, records, photos, in this order; the manifest is last."""

    def __init__(self, file: BinaryIO, head: Head, recipient: key.Jwk | None = None) -> None:
        if (recipient and key.kid_of(recipient)) != head.encrypted_to:
            raise ValueError("encrypted_to names the recipient's key")
        self.head = head
        self.recipient = recipient
        self._container = ContainerWriter(file)
        self._members: list[dict[str, Any]] = []
        self._counts = dict.fromkeys(_COUNTS, 0)

    def plain(self, name: str, lines: Sequence[bytes]) -> None:
        """Write `keys.ndjson` or `receipts.ndjson`."""
        data = b"".join(line + b"\n" for line in lines)
        if len(data) > MOST_PLAIN_BYTES:
            raise PackageRefused("too-large", name)
        self._counts["keys" if name == KEYS else "receipts"] = len(lines)
        self._add(name, data)

    def records(self, pieces: Sequence[Sequence[str]], load: Callable[[str], bytes]) -> None:
        """Write records by hash, as they are planned in pieces; `load` returns the bytes of one."""
        for number, hashes in enumerate(pieces, 1):
            text = b"".join(load(one) + b"\n" for one in hashes)
            self._piece(f"records/{number:04d}.jwe", len(pieces), text)
            self._counts["records"] += len(hashes)

    def photo(self, sha256: str, size_bytes: int, file: BinaryIO) -> None:
        """Write a photo piece by piece; raise `PackageRefused` when the file does not hold that many bytes of that hash."""
        total, digest = max(1, -(-size_bytes // PIECE_BYTES)), hashlib.sha256()
        for number in range(1, total + 1):
            data = file.read(PIECE_BYTES)
            digest.update(data)
            self._piece(f"photos/{sha256}/{number:04d}.jwe", total, data)
        if digest.hexdigest() != sha256 or file.read(1):
            raise PackageRefused("hash-differs", f"photos/{sha256}")
        self._counts["photos"] += 1

    def _piece(self, name: str, total: int, data: bytes) -> None:
        assert self.recipient is not None, "records and photos need a recipient"
        self._add(name, encrypt(self.recipient, Place(self.head.place, name, total), data))

    def _add(self, name: str, data: bytes) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        self._members.append({"name": name, "size_bytes": len(data), "sha256": sha256})
        self._container.add(name, data)

    def close(self) -> None:
        """Write manifest and directory."""
        manifest = {"format": FORMAT, **asdict(self.head), "counts": self._counts, "members": self._members}
        self._container.add(MANIFEST, ijson.dump(manifest))
        self._container.close()


class Package:
    """One file of a package, its structure checked. Raises `PackageRefused` without a member for what concerns the whole file."""

    def __init__(self, file: BinaryIO) -> None:
        self._container = Container(file)
        names = list(self._container.entries)
        for name in names:
            if name not in (*PLAIN, MANIFEST) and not _PIECE.fullmatch(name):
                raise PackageRefused("unknown-member", name[:200])
        if MANIFEST not in names:
            raise PackageRefused("not-a-package", detail="without a manifest")
        self.head, self.counts, self._hashes = self._manifest(names)
        self._pieces = _grouped(names)

    def _manifest(self, names: Sequence[str]) -> tuple[Head, Mapping[str, int], Mapping[str, str]]:
        try:
            value = ijson.parse(self._container.read(MANIFEST))
        except (NotIJson, PackageRefused) as error:
            raise PackageRefused("manifest-differs", detail=str(error)) from error
        if not isinstance(value, dict) or not _is_manifest(value):
            raise PackageRefused("manifest-differs", detail="not of the form")
        members = {one["name"]: one for one in value["members"]}
        sizes = {name: one.size_bytes for name, one in self._container.entries.items() if name != MANIFEST}
        if {name: one["size_bytes"] for name, one in members.items()} != sizes or names[-1] != MANIFEST:
            raise PackageRefused("manifest-differs", detail="other members than it names")
        head = Head(**{name: value[name] for name in Head.__dataclass_fields__})
        return head, value["counts"], {name: one["sha256"] for name, one in members.items()}

    def damaged(self) -> list[PackageRefused]:
        """Go through the whole file once and return what is not as it was written, by member."""
        found = []
        for name in self._hashes:
            try:
                self._read(name)
            except PackageRefused as refused:
                found.append(refused)
        return found

    def lines(self, name: str) -> list[bytes]:
        """Return the lines of `keys.ndjson` or `receipts.ndjson`; none when the file has no such member."""
        return self._read(name).splitlines() if name in self._hashes else []

    def record_pieces(self) -> list[str]:
        """Return the names of the members that hold records, in order."""
        return self._pieces.get("records", [])

    def records(self, opener: DecryptionKey, name: str) -> list[bytes]:
        """Return the records of one member."""
        return self._opened(opener, name, len(self.record_pieces())).splitlines()

    def photos(self) -> list[str]:
        """Return the SHA-256 of the photos, in order."""
        return [group.partition("/")[2] for group in self._pieces if group != "records"]

    def photo(self, opener: DecryptionKey, sha256: str) -> Iterator[bytes]:
        """Yield the bytes of a photo, piece by piece; what they hash to is for the photo store to judge."""
        names = self._pieces[f"photos/{sha256}"]
        for name in names:
            yield self._opened(opener, name, len(names))

    def _opened(self, opener: DecryptionKey, name: str, total: int) -> bytes:
        if self._container.entries[name].size_bytes > TEXT_BYTES:
            raise PackageRefused("too-large", name)
        return opener.decrypt(self._read(name), Place(self.head.place, name, total))

    def _read(self, name: str) -> bytes:
        data = self._container.read(name)
        if hashlib.sha256(data).hexdigest() != self._hashes[name]:
            raise PackageRefused("hash-differs", name)
        return data


def _grouped(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the pieces of each thing; they must be numbered from 1 on, in order. How many there were, each says when it is opened."""
    groups: dict[str, list[str]] = {}
    for name in names:
        match = _PIECE.fullmatch(name)
        if match:
            group = groups.setdefault(match["of"], [])
            group.append(name)
            if int(match["number"]) != len(group):
                raise PackageRefused("piece-missing", detail=name)
    return groups


def _is_manifest(value: dict[str, Any]) -> bool:
    heads = set(Head.__dataclass_fields__)
    if set(value) != {"format", "counts", "members", *heads} or value["format"] != FORMAT:
        return False
    is_counts = isinstance(value["counts"], dict) and set(value["counts"]) == set(_COUNTS)
    return (
        is_counts
        and all(_is_count(one, 0) for one in value["counts"].values())
        and isinstance(value["members"], list)
        and all(_is_member(one) for one in value["members"])
        and all(_is_text(value[name], KID) for name in ("archive", "keys_of"))
        and (value["encrypted_to"] is None or _is_text(value["encrypted_to"], KID))
        and value["written_by"] in _WRITERS
        and is_instant(value["written_at"])
        and _is_text(value["package"], _ID)
        and _is_count(value["part"], 1)
        and _is_count(value["parts"], value["part"])
    )


def _is_member(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"name", "size_bytes", "sha256"}
        and isinstance(value["name"], str)
        and _is_count(value["size_bytes"], 0)
        and _is_text(value["sha256"], HASH)
    )


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_text(value: Any, form: re.Pattern[str]) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
