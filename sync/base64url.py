"""base64url without padding, canonical (PROTOCOL.md section 1): one text for each bytes, one bytes for each text."""

import base64
import binascii
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")
_STANDARD = bytes.maketrans(b"-_", b"+/")
# By how many characters stand behind the last four: those that may be the last, all bits below the bytes' being zero.
_LAST = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}


def encode(data: bytes) -> str:
    """Return the canonical text of bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of canonical text; raise `ValueError` for padding, other characters or stray trailing bits."""
    rest = len(text) % 4
    if not _ALPHABET.fullmatch(text) or rest == 1:
        raise ValueError("not base64url")
    if rest and text[-1] not in _LAST[rest]:
        raise ValueError("base64url with stray trailing bits")
    return binascii.a2b_base64(text.encode("ascii").translate(_STANDARD) + b"=" * (-len(text) % 4))
