"""Packages for tests: written from records and photo bytes, and taken in by an archive."""

import hashlib
import io
import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from sync import base64url, instant
from sync.archive import Archive
from sync.container import Container, ContainerWriter
from sync.encryption import announce
from sync.intake import Intake, Report
from sync.jwe import DecryptionKey
from sync.package import KEYS, MANIFEST, RECEIPTS, Head, Item, Writer, plan
from sync.record import Record
from tests.sync.factory import NOON, sent

ID = base64url.encode(b"p" * 16)


def openable(home: Archive) -> DecryptionKey:
    """Return a new encryption key of an archive, announced."""
    key = DecryptionKey.new()
    announce(home, key)
    return key


def items(records: Iterable[Record], photos: Mapping[str, bytes]) -> list[Item]:
    """Return what is to be packed: records with those of their photos that are given."""
    found = []
    for one in records:
        body = json.dumps(one.body)
        at_hand = tuple((sha256, len(data)) for sha256, data in photos.items() if sha256 in body)
        found.append(Item(one.hash, len(sent(one)[0]), at_hand))
    return found


def packed(
    home: Archive,
    key: DecryptionKey,
    records: Iterable[Record],
    photos: Iterable[bytes] = (),
    part_bytes: int = 1 << 40,
    **head: Any,
) -> list[bytes]:
    """Return the files of a package."""
    texts = {one.hash: sent(one)[0] for one in records}
    by_hash = {hashlib.sha256(data).hexdigest(): data for data in photos}
    parts = plan(items(records, by_hash), part_bytes)
    files = []
    for number, part in enumerate(parts, 1):
        members = {
            "archive": home.name,
            "keys_of": home.name,
            "written_by": "command",
            "written_at": instant.write(NOON),
            "package": ID,
            "part": number,
            "parts": len(parts),
            "encrypted_to": key.kid,
        }
        file = io.BytesIO()
        writer = Writer(file, Head(**{**members, **head}), key.jwk)
        writer.plain(KEYS, [line.encode() for line in home.key_records()])
        writer.plain(RECEIPTS, [])
        writer.records(part.pieces, texts.__getitem__)
        for sha256, size in part.photos.items():
            writer.photo(sha256, size, io.BytesIO(by_hash[sha256]))
        writer.close()
        files.append(file.getvalue())
    return files


def taken(home: Archive, key: DecryptionKey, *files: bytes, vouch_for: str | None = None) -> Report:
    """Take files in, named 1, 2, 3."""
    named = [(str(number), io.BytesIO(data)) for number, data in enumerate(files, 1)]
    return Intake(home, key, "d04", vouch_for).take(named)


def members(data: bytes) -> dict[str, bytes]:
    """Return a file's members by name."""
    container = Container(io.BytesIO(data))
    return {name: container.read(name) for name in container.entries}


def zipped(parts: Mapping[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    """Return a container of members."""
    file = io.BytesIO()
    writer = ContainerWriter(file)
    for name, data in parts.items() if isinstance(parts, Mapping) else parts:
        writer.add(name, data)
    writer.close()
    return file.getvalue()


def with_directory(data: bytes, at: int, form: str, value: int | bytes) -> bytes:
    """Return a file with a field of its first directory entry replaced."""
    start = struct.unpack_from("<I", data, len(data) - 6)[0]
    changed = bytearray(data)
    struct.pack_into(form, changed, start + at, value)
    return bytes(changed)


def follow(parts: dict[str, bytes]) -> None:
    """Make the manifest name other members as they are."""
    manifest = json.loads(parts[MANIFEST])
    manifest["members"] = [
        {"name": name, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in parts.items()
        if name != MANIFEST
    ]
    parts[MANIFEST] = json.dumps(manifest).encode()
