"""Encrypting to an archive, piece by piece (PROTOCOL.md section 11), and letters to several persons (section 14).

A piece says, authenticated, which one of how many it is; a letter, what it belongs to.
"""

import json
import re
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap
from joserfc import jwe
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OctKey

from sync import base64url, ijson, key
from sync.error import NotIJson, NotOpened, PackageRefused

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

LETTER = "fieldapp-letter"
# What is written is filled up to one of these: the size of a letter tells little of it.
LETTER_BYTES = (4096, 16_384, 65_536)

KEY_FILE_ALG = "PBES2-HS512+A256KW"
_KEY_FILE_REGISTRY = jwe.JWERegistry(algorithms=[KEY_FILE_ALG, ENC], strict_check_header=False)


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


def write_letter(readers: Sequence[key.Jwk], of: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a letter (JWE, general JSON serialisation) that each of these keys opens; `of` is what it belongs to."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    letter = jwe.GeneralJSONEncryption({"enc": ENC, "typ": LETTER, "of": of}, _filled(text))
    for kid, jwk in sorted((key.kid_of(jwk), jwk) for jwk in readers):
        letter.add_recipient({"alg": ALG, "kid": kid}, ECKey.import_key(dict(jwk)))
    return dict(jwe.encrypt_json(letter, None, registry=_REGISTRY))


def _filled(text: bytes) -> bytes:
    size = next((size for size in LETTER_BYTES if len(text) <= size), None)
    if size is None:
        raise ValueError("more than a letter holds")
    return text.ljust(size)


class LetterKey(key.PrivateKey):
    """A key that opens letters: a reader's, or the one kept for recovery. Never on a server."""

    @classmethod
    def from_scalar(cls, scalar: int) -> Self:
        """Return the key of a private number; `ValueError` where there is none of it."""
        return cls(ECKey.import_key(ec.derive_private_key(scalar, ec.SECP256R1())))

    @classmethod
    def from_file(cls, token: str, passphrase: str) -> Self:
        """Open a file as a reader's browser saves it (RFC 7517 appendix C); raise `NotOpened`."""
        try:
            with warnings.catch_warnings():
                # Of short ones; whoever has the file has one that was long enough for the page.
                warnings.simplefilter("ignore", SecurityWarning)
                word = OctKey.import_key(unicodedata.normalize("NFC", passphrase).encode())
            opened = jwe.decrypt_compact(token, word, registry=_KEY_FILE_REGISTRY)
            return cls(ECKey.import_key(json.loads(opened.plaintext or b"")))
        except (JoseError, InvalidUnwrap, AssertionError, ValueError, KeyError) as error:
            raise NotOpened("wrong-passphrase") from error

    @property
    def scalar(self) -> int:
        """Return the private number."""
        private = self._key.private_key
        assert private is not None, "a letter key has its private half"
        return private.private_numbers().private_value

    def open(self, letter: Mapping[str, Any], of: str) -> dict[str, Any]:
        """Return what a letter says; raise `NotOpened` when it is not to this key, damaged, or belongs to something else."""
        try:
            protected = ijson.parse(base64url.decode(letter["protected"]))
            own = [one for one in letter["recipients"] if one["header"]["kid"] == self.kid]
            if not isinstance(protected, dict) or protected.get("typ") != LETTER:
                raise NotOpened("not-a-letter")
            if protected.get("of") != of:
                raise NotOpened("misplaced")
            if not own:
                raise NotOpened("other-key")
            whole: Any = {name: letter[name] for name in ("protected", "iv", "ciphertext", "tag")}
            opened = jwe.decrypt_json(whole | own[0], self._key, registry=_REGISTRY)
            return dict(json.loads(opened.plaintext or b""))
        except (JoseError, InvalidUnwrap, NotIJson, KeyError, TypeError, ValueError) as error:
            raise NotOpened("not-a-letter") from error


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
