"""P-256 keys: their public form, their name, and sealing with them (PROTOCOL.md section 2)."""

import contextlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from sync import base64url
from sync.error import BadSignature, NotARecord, SyncError

Jwk = Mapping[str, str]
_MEMBERS = {"crv", "kty", "x", "y"}


_ES256 = ECDSA(SHA256())


class WrongKey(SyncError):
    """Not the archive's present key: it seals and states nothing."""


def public_jwk(key: ECKey) -> dict[str, str]:
    """Return the public half with exactly the members the protocol names, in alphabetical order."""
    full = key.as_dict(private=False)
    return {name: str(full[name]) for name in sorted(_MEMBERS)}


def kid_of(jwk: Jwk) -> str:
    """Return the RFC 7638 thumbprint of a public JWK; raise `NotARecord` when it is not a P-256 key of the protocol's form."""
    if set(jwk) != _MEMBERS or jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise NotARecord("jwk: not a public P-256 key")
    try:
        sizes = {len(base64url.decode(jwk[name])) for name in ("x", "y")}
    except ValueError as error:
        raise NotARecord("jwk: x and y in canonical base64url") from error
    if sizes != {32}:
        raise NotARecord("jwk: x and y of 32 bytes each")
    return _imported(jwk["x"], jwk["y"]).thumbprint()


def verify(jwk: Jwk, token: str) -> None:
    """Check the seal of a compact JWS whose header was found to be the protocol's; raise `BadSignature` when it does not fit."""
    signing_input, _, signature = token.rpartition(".")
    try:
        _imported(jwk["x"], jwk["y"]).public_key.verify(
            _der(signature), signing_input.encode("ascii"), _ES256
        )
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("the signature does not fit the bytes") from error


def _der(signature: str) -> bytes:
    """Return r‖s of a JWS (RFC 7518 section 3.4) as OpenSSL takes it."""
    raw = base64url.decode(signature)
    if len(raw) != 64:
        raise ValueError("not 64 bytes")
    return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


@lru_cache(maxsize=4096)
def _imported(x: str, y: str) -> ECKey:
    try:
        return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
    except (JoseError, ValueError) as error:
        raise NotARecord("jwk: not a point of P-256") from error


class PrivateKey:
    """A private P-256 key with its public half and its name. What it does, its subclasses say."""

    def __init__(self, key: ECKey) -> None:
        self._key = key
        self.jwk = public_jwk(key)
        self.kid = kid_of(self.jwk)

    @classmethod
    def new(cls) -> Self:
        """Make a key from the system's randomness."""
        return cls(ECKey.generate_key("P-256"))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read an unencrypted PKCS #8 key."""
        return cls(ECKey.import_key(pem))

    @classmethod
    def kept_at(cls, path: Path) -> Self:
        """Read the key file, or make it (0600, durable) when there is none. Never inside the database or its backups."""
        try:
            return cls.from_pem(path.read_bytes())
        except FileNotFoundError:
            _make_at(path, cls.new().pem())
            return cls.from_pem(path.read_bytes())

    def pem(self) -> bytes:
        """Return the private key as unencrypted PKCS #8."""
        return self._key.as_pem(private=True)


class SealingKey(PrivateKey):
    """A private key that seals: the archive's own, or one of a test. Phones' keys never leave their phones."""

    def seal(self, typ: str, payload: bytes) -> str:
        """Return the compact JWS of a payload with the protocol's header."""
        header = f'{{"alg":"ES256","kid":"{self.kid}","typ":"{typ}"}}'.encode("ascii")
        signing_input = f"{base64url.encode(header)}.{base64url.encode(payload)}"
        private = self._key.private_key
        assert private is not None, "a sealing key has its private half"
        r, s = decode_dss_signature(private.sign(signing_input.encode("ascii"), _ES256))
        return f"{signing_input}.{base64url.encode(r.to_bytes(32) + s.to_bytes(32))}"


def _make_at(path: Path, pem: bytes) -> None:
    """Write the key under a name of its own and link it into place, so that of two starting processes one wins whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
