"""Pieces of packages (PROTOCOL section 11), encrypted apart from the engine: ECDH-ES+A256KW with A256GCM by hand (RFC 7518 §4.6)."""

import base64
import hashlib
import struct
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from tests.vectors.seal import SCALARS, b64, jwk, kid, private, text_of

Case = tuple[str, str, dict[str, Any], dict[str, Any]]
RECIPIENT, EPHEMERAL = "archive", "stranger"
OF = "AAAAAAAAAAAAAAAAAAAAAA.1of2"


def cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every piece."""
    yield _case("good-records", "records", "records/0001.jwe", 1, '{"一":"条记录"}\n'.encode())
    yield _case("good-empty", "nothing in it", "records/0001.jwe", 1, b"")
    photo = f"photos/{'ab' * 32}/0002.jwe"
    yield _case("good-photo", "the second of three pieces", photo, 3, bytes(range(256)) * 3)


def _case(name: str, about: str, member: str, total: int, data: bytes) -> Case:
    key, iv = hashlib.sha256(name.encode()).digest(), hashlib.sha256(about.encode()).digest()[:12]
    place = {"of": OF, "name": member, "total": total}
    given = {
        "recipient": {"kid": kid(RECIPIENT), "jwk": jwk(RECIPIENT)},
        "place": place,
        "base64": base64.b64encode(data).decode(),
        "ephemeral": {**jwk(EPHEMERAL), "d": b64(SCALARS[EPHEMERAL].to_bytes(32))},
        "key": b64(key),
        "iv": b64(iv),
    }
    return name, about, given, {"jwe": _encrypted(place, data, key, iv)}


def _encrypted(place: dict[str, Any], data: bytes, key: bytes, iv: bytes) -> str:
    members = {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "kid": kid(RECIPIENT),
        "typ": "fieldapp-piece",
        **place,
        "epk": jwk(EPHEMERAL),
    }
    header = b64(text_of(members))
    sealed = AESGCM(key).encrypt(iv, data, header.encode())
    wrapped = aes_key_wrap(_wrapper(), key)
    return ".".join([header, *(b64(part) for part in (wrapped, iv, sealed[:-16], sealed[-16:]))])


def _wrapper() -> bytes:
    agreed = private(EPHEMERAL).exchange(ec.ECDH(), private(RECIPIENT).public_key())
    algorithm = b"ECDH-ES+A256KW"
    info = struct.pack(">I", len(algorithm)) + algorithm + struct.pack(">III", 0, 0, 256)
    return hashlib.sha256(struct.pack(">I", 1) + agreed + info).digest()
