"""Sealing for the vectors, written apart from the engine so that a mistake in one is not repeated in the other.

Keys are fixed and public: they protect nothing. Signing is deterministic (RFC 6979), so the files come out the same
on every machine.
"""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SCALARS = {
    "phone": 1001,
    "second phone": 1002,
    "outer phone": 1003,
    "archive": 2001,
    "second archive key": 2002,
    "outer archive": 2003,
    "second outer key": 2004,
    "stranger": 3001,
    "reader": 4001,
    "second reader": 4002,
    "recovery": 4003,
}
RECORD = "fieldapp-record"


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def private(name: str) -> ec.EllipticCurvePrivateKey:
    """Return one of the fixed keys."""
    return ec.derive_private_key(SCALARS[name], ec.SECP256R1())


def jwk(name: str) -> dict[str, str]:
    """Return the public half of a fixed key."""
    numbers = private(name).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    return {"crv": "P-256", "kty": "EC", "x": b64(x), "y": b64(y)}


def padded(text: str) -> str:
    """Return a coordinate as some write it: the same number, with a zero byte before it."""
    return b64(b"\0" + base64.urlsafe_b64decode(text + "="))


def kid(name: str) -> str:
    """Return the name of a fixed key (RFC 7638)."""
    text = json.dumps(jwk(name), sort_keys=True, separators=(",", ":"))
    return b64(hashlib.sha256(text.encode()).digest())


def header(name: str, typ: str = RECORD) -> str:
    """Return the one allowed header."""
    return f'{{"alg":"ES256","kid":"{kid(name)}","typ":"{typ}"}}'


def text_of(payload: Any) -> bytes:
    """Return compact JSON in UTF-8."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def der(name: str, signing_input: str) -> bytes:
    """Return a signature as OpenSSL writes it."""
    return private(name).sign(signing_input.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def raw(name: str, signing_input: str, is_mirrored: bool = False) -> bytes:
    """Return r‖s; mirrored: r‖n−s, which verifies as well."""
    r, s = decode_dss_signature(der(name, signing_input))
    return r.to_bytes(32) + (ORDER - s if is_mirrored else s).to_bytes(32)


def seal(payload: bytes, name: str = "phone", head: str | None = None, typ: str = RECORD) -> str:
    """Return the compact JWS of any payload bytes under any header text."""
    signing_input = f"{b64((head or header(name, typ)).encode())}.{b64(payload)}"
    return f"{signing_input}.{b64(raw(name, signing_input))}"


def hash_of(jws: str) -> str:
    """Return the hash of a record."""
    return hashlib.sha256(jws.rpartition(".")[0].encode()).hexdigest()


def identifier(number: int) -> str:
    """Return a version 7 id that is easy to tell apart."""
    return f"01930000-0000-7000-8000-{number:012x}"


def payload(**changes: Any) -> dict[str, Any]:
    """Return the thirteen members of a good record, some of them changed; `...` takes a member out."""
    number = changes.pop("number", 1)
    members: dict[str, Any] = {
        "id": identifier(number),
        "kind": "entry",
        "v": 1,
        "stream": f"project:{identifier(0xAA)}",
        "entity": identifier(number),
        "supersedes": [],
        "author": "i05",
        "counter": 812,
        "captured_at": "2026-11-22T14:54:15.120+08:00",
        "clock": {"offset_ms": -320, "checked_at": "2026-11-22T08:01:02.000+08:00"},
        "beacon": None,
        "salt": "AAAAAAAAAAAAAAAAAAAAAA",
        "body": {"list": "problem", "what": "3号墩混凝土保护层不足"},
    }
    return {name: value for name, value in {**members, **changes}.items() if value is not ...}


def record(name: str = "phone", **changes: Any) -> str:
    """Return a sealed record, good unless a change makes it bad."""
    return seal(text_of(payload(**changes)), name)
