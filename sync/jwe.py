"""Encrypting to an archive, piece by piece (PROTOCOL.md section 11). A piece says, authenticated, which one of how many it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from sync import base64url, ijson, key
from sync.error import NotIJson, PackageRefused

ALG, ENC, TYP = "ECDH-ES+A256KW", "A256GCM", "fieldapp-piece"
PIECE_BYTES = 1024 * 1024
_MEMBERS = {"alg", "enc", "kid", "typ", "of", "name", "total", "epk"}
_COMPACT = re.compile(rb"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}")


# A piece as text: four thirds of its bytes, and a header.
TEXT_BYTES = PIECE_BYTES * 4 // 3 + 4096


class _Registry(jwe.JWERegistry):
    # The library's limit is for tokens; a piece has ours. It is compared with bytes and with their text.
    max_ciphertext_length = TEXT_BYTES


_REGISTRY = _Registry(algorithms=[ALG, ENC], strict_check_header=False)


@dataclass(frozen=True)
class Place:
    """Where a piece belongs: `of` which package and part, under which member `name`, of `total` pieces of that thing."""

    of: str
    name: str
    total: int


def encrypt(jwk: key.Jwk, place: Place, data: bytes) -> bytes:
    """Return a piece (at most `PIECE_BYTES`) as compact JWE that only the holder of the key opens, bound to its place."""
    if len(data) > PIECE_BYTES:
        raise ValueError("more than a piece")
    header = {"alg": ALG, "enc": ENC, "kid": key.kid_of(jwk), "typ": TYP, **vars(place)}
    return jwe.encrypt_compact(header, data, ECKey.import_key(dict(jwk)), registry=_REGISTRY).encode("ascii")


class DecryptionKey(key.PrivateKey):
    """The archive's second key: it opens what is encrypted to the archive and seals nothing."""

    def decrypt(self, token: bytes, place: Place) -> bytes:
        """Return the bytes of a piece; raise `PackageRefused` when it is another's, of another place, or damaged."""
        header = _header(token, place.name)
        if header["kid"] != self.kid:
            raise PackageRefused("other-key", place.name)
        if {name: header[name] for name in vars(place)} != vars(place):
            raise PackageRefused("misplaced", place.name)
        try:
            opened = jwe.decrypt_compact(token, self._key, registry=_REGISTRY)
        except (JoseError, ValueError) as error:
            raise PackageRefused("not-decrypted", place.name) from error
        return opened.plaintext or b""


def _header(token: bytes, member: str) -> Mapping[str, Any]:
    """Return the protected header of a compact JWE; it is authenticated by the decryption that follows."""
    try:
        if not _COMPACT.fullmatch(token):
            raise ValueError("not a compact JWE")
        header = ijson.parse(base64url.decode(token.partition(b".")[0].decode("ascii")))
        fits = isinstance(header, dict) and set(header) == _MEMBERS
        if not fits or (header["alg"], header["enc"], header["typ"]) != (ALG, ENC, TYP):
            raise ValueError("not the header of a piece")
    except (ValueError, NotIJson) as error:
        raise PackageRefused("not-decrypted", member) from error
    return dict(header)
