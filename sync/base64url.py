"""base64url without padding, canonical (PROTOCOL.md section 1): one text for each bytes, one bytes for each text."""

import base64
import re

_ALPHABET = re.compile(r"^[A-Za-z0-9_-]*$")


def encode(data: bytes) -> str:
    """Return the canonical text of bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of canonical text; raise `ValueError` for padding, other characters or stray trailing bits."""
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("base64url with stray trailing bits")
    return data
