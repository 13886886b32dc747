"""What the archive signs besides records: receipts and time tokens; and a phone's request to be enrolled (PROTOCOL.md section 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync import base64url, ijson, instant, key, record
from sync.error import BadSignature, NotARecord, UnknownKey

RECEIPT = "fieldapp-receipt"
TIME = "fieldapp-time"
ENROL = "fieldapp-enrol"


@dataclass(frozen=True)
class Fact:
    """Where a record stands in the archive; `completed_at` is None while a required photo is missing. Instants in UTC.

    `held` are the SHA-256 of the photo bytes, required or not, that came for this record and were read back, ascending.
    """

    hash: str
    stream: str
    position: int
    head: str
    appended_at: str
    completed_at: str | None
    held: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the members as the receipt has them."""
        return {**vars(self), "held": list(self.held)}


@dataclass(frozen=True)
class Archive:
    """Who makes a statement: the archive's name, its epoch, and its present key."""

    name: str
    epoch: int
    key: key.SealingKey

    def receipt(self, facts: Sequence[Fact], at: datetime) -> str:
        """Sign facts; may be done any number of times."""
        return self._sign(
            RECEIPT, {"issued_at": instant.write(at), "facts": [fact.plain() for fact in facts]}
        )

    def time_token(self, at: datetime, nonce: bytes) -> str:
        """Sign the archive's clock with 128 random bits, so that nobody could have had the token before."""
        return self._sign(TIME, {"at": instant.write(at), "nonce": base64url.encode(nonce)})

    def _sign(self, typ: str, payload: dict[str, Any]) -> str:
        # Names, hashes, positions and instants of the archive's own tables: nothing a parser could read in two ways.
        return self.key.seal(typ, ijson.write({"archive": self.name, "epoch": self.epoch, **payload}))


def read(token: str, typ: str, jwk: key.Jwk) -> dict[str, Any]:
    """Return the payload of a statement; raise `NotARecord` for another form, `BadSignature` for another seal."""
    parsed = record.parse_token(token.encode("ascii", "replace"), typ)
    if parsed.kid != key.kid_of(jwk):
        raise BadSignature("sealed by another key")
    key.verify(jwk, token)
    return parsed.payload


def read_any(token: str, typ: str, jwks: Mapping[str, key.Jwk]) -> dict[str, Any]:
    """Return the payload of a statement by whichever of these keys (by kid) claims to have sealed it."""
    parsed = record.parse_token(token.encode("ascii", "replace"), typ)
    if parsed.kid not in jwks:
        raise UnknownKey(parsed.kid)
    key.verify(jwks[parsed.kid], token)
    return parsed.payload


@dataclass(frozen=True)
class Enrolling:
    """A phone's request: of which archive, for whom, the key it proved to hold, when, and what the phone calls itself."""

    archive: str
    person: str
    kid: str
    jwk: dict[str, str]
    beacon: str
    label: str


def read_enrolment(data: bytes) -> Enrolling:
    """Return a phone's request to be enrolled, its seal checked with the key it brings."""
    parsed = record.parse_token(data, ENROL)
    payload = parsed.payload
    jwk = payload.get("jwk")
    if set(payload) != {"archive", "person", "jwk", "beacon", "label"} or not isinstance(jwk, dict):
        raise NotARecord("enrolment: needs exactly archive, person, jwk, beacon, label")
    texts = [payload[name] for name in ("archive", "person", "beacon", "label")]
    if not all(isinstance(text, str) for text in (*texts, *jwk.values())) or len(payload["label"]) > 200:
        raise NotARecord("enrolment: archive, person, beacon and label are text")
    if key.kid_of(jwk) != parsed.kid:
        raise NotARecord("jwk: not the key that sealed the request")
    key.verify(jwk, parsed.text)
    return Enrolling(
        payload["archive"], payload["person"], parsed.kid, jwk, payload["beacon"], payload["label"]
    )
