"""Stream `keys` as somebody outside the archive reads it: whose key is which, from the archive's name alone (PROTOCOL.md section 2)."""

from collections.abc import Iterable
from typing import Any

from sync import certificate, key, record, statement, vouching
from sync.error import BadSignature, BodyInvalid, NotARecord, SyncError, UnknownKey
from sync.record import Record


class WrongArchive(SyncError):
    """A stream or a statement of another archive than the one asked for."""


class Ring:
    """The keys of one archive. Kinds that are not known here are left to newer programs; they must be the archive's all the same."""

    def __init__(self, archive: str, records: Iterable[bytes] = ()) -> None:
        self.archive = archive
        self.title = ""
        self.jwks: dict[str, key.Jwk] = {}
        # None for a key of an archive: this one, or one that it vouches for.
        self.persons: dict[str, str | None] = {}
        # Which archive certified a key, where it was another one.
        self.vouched: dict[str, str] = {}
        self.revoked: list[str] = []
        # The newest key that things are encrypted to.
        self.encryption: key.Jwk | None = None
        for jws in records:
            self.admit(record.parse(jws))

    @property
    def archive_keys(self) -> list[str]:
        """Return the kids of all keys the archive has had, in order."""
        return [name for name, person in self.persons.items() if person is None and name not in self.vouched]

    @property
    def current(self) -> str:
        """Return the kid of the archive's key so far; raise `UnknownKey` when none is known."""
        if not self.archive_keys:
            raise UnknownKey(self.archive)
        return self.archive_keys[-1]

    def admit(self, found: Record) -> None:
        """Take up the next record of the stream.

        Raise `UnknownKey`, `BadSignature`, `WrongArchive`, or `NotARecord` for what is no certificate.
        """
        if found.payload["stream"] != "keys":
            raise NotARecord("not of stream keys")
        kind = next((one for one in certificate.KINDS if one.name == found.payload["kind"]), None)
        validate = kind.versions.get(found.payload["v"]) if kind else None
        try:
            if not self.jwks and kind and kind.name == "archive_key" and validate:
                validate(found.body)
                self._begin(found)
            if found.kid != self.current:
                raise UnknownKey(found.kid)
            record.verify(found, self.jwks[found.kid])
            if kind and validate:
                validate(found.body)
                for one, origin in vouching.stated(found):
                    self._note(one, origin)
        except BodyInvalid as invalid:
            raise NotARecord(str(invalid)) from invalid

    def _begin(self, found: Record) -> None:
        first = key.kid_of(found.body["jwk"])
        if first != self.archive:
            raise WrongArchive("the first key has another name")
        self.jwks[first], self.persons[first] = found.body["jwk"], None
        self.title = found.body["name"]

    def _note(self, one: Record, origin: str | None) -> None:
        """Take up what a record says of keys; `origin` names the archive that is vouched for, if it is that one's."""
        kind, body = one.payload["kind"], one.body
        if kind == "encryption_key" and origin is None:
            self.encryption = body["jwk"]
        elif kind == "revocation":
            is_its_own = origin is None or self.vouched.get(body["kid"]) == origin
            if body["kid"] in self.jwks and body["kid"] not in self.revoked and is_its_own:
                self.revoked.append(body["kid"])
        elif kind in certificate.CERTIFYING:
            name = key.kid_of(body["jwk"])
            if name not in self.jwks:
                self.jwks[name], self.persons[name] = body["jwk"], body.get("person")
                if origin is not None:
                    self.vouched[name] = origin

    def receipt(self, token: str) -> dict[str, Any]:
        """Return the payload of a receipt that a key of this archive sealed; raise a `SyncError` for any other."""
        return self.spoken(token, statement.RECEIPT)

    def spoken(self, token: str, typ: str) -> dict[str, Any]:
        """Return the payload of a statement that a key of this archive sealed; raise a `SyncError` for any other."""
        parsed = record.parse_token(token.encode("ascii", "replace"), typ)
        if parsed.kid not in self.archive_keys:
            raise BadSignature("not a key of this archive")
        key.verify(self.jwks[parsed.kid], token)
        if parsed.payload.get("archive") != self.archive:
            raise WrongArchive("a statement of another archive")
        return parsed.payload
