"""base64url without padding, canonical (PROTOCOL.md section 1): one text for each bytes, one bytes for each text."""

import base64
import binascii

# Into the standard alphabet, and what is only in that one into what is in none.
_STANDARD = bytes.maketrans(b"-_+/=", b"+/\0\0\0")
_PADDING = {0: b"", 2: b"==", 3: b"="}
# By how many characters stand behind the last four: those that may be the last, all bits below the bytes' being zero.
_LAST = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}


def encode(data: bytes) -> str:
    """Return the canonical text of bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of canonical text; raise `ValueError` for padding, other characters or stray trailing bits."""
    rest = len(text) % 4
    if rest == 1:
        raise ValueError("not base64url")
    if rest and text[-1] not in _LAST[rest]:
        raise ValueError("not base64url, or with stray trailing bits")
    return binascii.a2b_base64(text.encode("ascii").translate(_STANDARD) + _PADDING[rest], strict_mode=True)
