"""The sealed record: its form, its hash, making one and judging one (PROTOCOL.md section 3). Touches no store, clock or randomness."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sync import base64url, ijson, instant, key
from sync.error import NotARecord, NotIJson, TooLarge

MAX_BYTES = 262_144
MAX_SUPERSEDES = 16
TYP = "fieldapp-record"

# 32 bytes leave two bits over in the last of 43 characters; canonical text has them zero.
KID = re.compile(r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")
ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
HASH = re.compile(r"^[0-9a-f]{64}$")
PERSON = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
# 16 bytes leave four bits over in the last of 22.
_SALT = re.compile(r"^[A-Za-z0-9_-]{21}[AQgw]$")
KIND = re.compile(r"^[a-z][a-z_]{0,31}$")
_UUID = ID.pattern[1:-1]
STREAM = re.compile(rf"^(keys|commons|(project|unit|team|official):{_UUID})$")
_MEMBERS = frozenset(
    {"id", "kind", "v", "stream", "entity", "supersedes", "author", "counter"}
    | {"captured_at", "clock", "beacon", "salt", "body"}
)


@dataclass(frozen=True)
class Token:
    """A compact JWS taken apart: the bytes as they came, the key that claims to have sealed them, the payload."""

    text: str
    kid: str
    payload: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class Record:
    """A record of the right form. Whether its seal fits is `verify`'s to say."""

    token: Token

    @property
    def hash(self) -> str:
        """SHA-256 of the signing input, hex: the record's name everywhere."""
        return self.token.hash

    @property
    def kid(self) -> str:
        """The key that claims to have sealed it."""
        return self.token.kid

    @property
    def payload(self) -> dict[str, Any]:
        """The thirteen members."""
        return self.token.payload

    @property
    def body(self) -> dict[str, Any]:
        """What the record says, by kind and version."""
        body: dict[str, Any] = self.token.payload["body"]
        return body


@dataclass(frozen=True)
class Sealed:
    """A compact JWS of one `typ`, its payload not yet looked at."""

    text: str
    kid: str
    raw_payload: bytes
    hash: str


def parse(data: bytes) -> Record:
    """Return the record of compact JWS bytes; raise `TooLarge` or `NotARecord`, never anything else. Checks no signature."""
    return opened(take_apart(data, TYP))


def opened(sealed: Sealed) -> Record:
    """Return the record in a JWS; raise `NotARecord` when the payload is not of its form."""
    token = _read(sealed)
    _check_envelope(token.payload)
    return Record(token)


def payload_of(data: bytes) -> dict[str, Any]:
    """Return the payload of a record that was judged when it came and has been kept since; much cheaper than judging it again."""
    payload: dict[str, Any] = json.loads(base64url.decode(data.split(b".", 2)[1].decode("ascii")))
    return payload


def parse_token(data: bytes, typ: str) -> Token:
    """Take a compact JWS of one `typ` apart, strictly; its payload is an object but otherwise unchecked."""
    return _read(take_apart(data, typ))


def take_apart(data: bytes, typ: str) -> Sealed:
    """Check the size, form and header of a compact JWS. What is in it is not parsed: that costs, and its key may be unknown."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data)} bytes, at most {MAX_BYTES}")
    try:
        text = data.decode("ascii")
        header, payload, signature = text.split(".")
        raw_header, raw_payload = base64url.decode(header), base64url.decode(payload)
        is_signature = len(base64url.decode(signature)) == 64
    except ValueError as error:
        raise NotARecord("not a compact JWS in canonical base64url") from error
    if not is_signature:
        raise NotARecord("signature: not 64 bytes")
    match = _header_of(typ).fullmatch(raw_header)
    if not match:
        raise NotARecord("header: not exactly alg, kid, typ of this protocol")
    signing_input = text[: len(header) + 1 + len(payload)]
    return Sealed(
        text, match[1].decode("ascii"), raw_payload, hashlib.sha256(signing_input.encode("ascii")).hexdigest()
    )


def _read(sealed: Sealed) -> Token:
    try:
        value = ijson.parse(sealed.raw_payload)
    except NotIJson as error:
        raise NotARecord(f"payload: {error}") from error
    if not isinstance(value, dict):
        raise NotARecord("payload: not an object")
    return Token(sealed.text, sealed.kid, value, sealed.hash)


@cache
def _header_of(typ: str) -> re.Pattern[bytes]:
    return re.compile(rf'\{{"alg":"ES256","kid":"({KID.pattern[1:-1]})","typ":"{typ}"\}}'.encode("ascii"))


def verify(record: Record, jwk: key.Jwk) -> None:
    """Check the seal against the key that `kid` names; raise `BadSignature` when it does not fit."""
    key.verify(jwk, record.token.text)


def seal(sealing_key: key.SealingKey, payload: Mapping[str, Any]) -> Record:
    """Seal thirteen members into a record; raise `NotARecord` when they break the form, so that nobody can seal rubbish."""
    text = sealing_key.seal(TYP, ijson.dump(dict(payload)))
    return parse(text.encode("ascii"))


def _check_envelope(payload: dict[str, Any]) -> None:
    if payload.keys() != _MEMBERS:
        strange = sorted(payload.keys() ^ _MEMBERS)
        raise NotARecord(f"payload: missing or unknown member {', '.join(strange)[:200]}")
    for name, fits in _FORMS:
        if not fits(payload[name]):
            raise NotARecord(f"{name}: not of the protocol's form")
    if (payload["entity"] == payload["id"]) != (not payload["supersedes"]):
        raise NotARecord("supersedes: empty exactly when the entity begins with this record")


def _text(pattern: re.Pattern[str]) -> Any:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _integer(least: int) -> Any:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_hash_list(value: Any) -> bool:
    if not isinstance(value, list) or len(value) > MAX_SUPERSEDES:
        return False
    if not all(isinstance(item, str) and HASH.fullmatch(item) for item in value):
        return False
    return value == sorted(set(value))


def is_instant(value: Any) -> bool:
    """Tell whether a value is an instant of the protocol's form and a real date."""
    try:
        return isinstance(value, str) and bool(instant.parse(value))
    except ValueError:
        return False


def _is_clock(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or set(value) != {"offset_ms", "checked_at"}:
        return False
    offset = value["offset_ms"]
    return isinstance(offset, int) and not isinstance(offset, bool) and is_instant(value["checked_at"])


def _is_beacon(value: Any) -> bool:
    return value is None or (isinstance(value, str) and 0 < len(value) <= 2_000 and value.isascii())


_FORMS = (
    ("id", _text(ID)),
    ("kind", _text(KIND)),
    ("v", _integer(1)),
    ("stream", _text(STREAM)),
    ("entity", _text(ID)),
    ("supersedes", _is_hash_list),
    ("author", _text(PERSON)),
    ("counter", _integer(0)),
    ("captured_at", is_instant),
    ("clock", _is_clock),
    ("beacon", _is_beacon),
    ("salt", _text(_SALT)),
    ("body", lambda value: isinstance(value, dict)),
)
