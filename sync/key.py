"""P-256 keys: their public form, their name, and sealing with them (PROTOCOL.md section 2)."""

import contextlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Self

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from sync import base64url
from sync.error import BadSignature, NotARecord

Jwk = Mapping[str, str]
_MEMBERS = {"crv", "kty", "x", "y"}


class _Registry(jws.JWSRegistry):
    # The protocol has its own limit, checked before; the library's default is lower and would look like a bad seal.
    max_payload_length = 1 << 20


_ES256 = _Registry(algorithms=["ES256"])


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
    """Check the ES256 seal of a compact JWS; raise `BadSignature` when it does not fit."""
    try:
        jws.deserialize_compact(token, _imported(jwk["x"], jwk["y"]), registry=_ES256)
    except (JoseError, ValueError) as error:
        raise BadSignature("the signature does not fit the bytes") from error


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
        return jws.serialize_compact(
            {"alg": "ES256", "kid": self.kid, "typ": typ}, payload, self._key, registry=_ES256
        )


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
