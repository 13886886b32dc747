"""Streams and their hash chains (PROTOCOL.md section 5)."""

import hashlib
from collections.abc import Iterable


def head0(archive: str, stream: str) -> bytes:
    """Return the head of an empty stream: 32 bytes."""
    return hashlib.sha256(f"fieldapp-1{archive}{stream}".encode("ascii")).digest()


def extend(head: bytes, record_hash: str) -> bytes:
    """Return the head after one more record, given its hash in hex."""
    return hashlib.sha256(head + bytes.fromhex(record_hash)).digest()


def heads(archive: str, stream: str, hashes: Iterable[str]) -> list[str]:
    """Return head₀ and the head after each record, hex."""
    head = head0(archive, stream)
    found = [head.hex()]
    for record_hash in hashes:
        head = extend(head, record_hash)
        found.append(head.hex())
    return found
