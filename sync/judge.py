"""Judging pushed bytes before any lock is taken: form, key, seal, and what would set the record aside (PROTOCOL.md section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync import key, record
from sync.error import Refused, UnknownKey
from sync.record import Record, Sealed
from sync.rule import Certificate, Rulebook, Verdict


@dataclass(frozen=True)
class Judgement:
    """What became of one pushed line. `missing` are the SHA-256 of required bytes the archive does not hold for this record."""

    line: int
    hash: str | None
    id: str | None
    verdict: Verdict
    reason: str | None = None
    detail: str | None = None
    missing: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the members as an answer has them."""
        return {**vars(self), "missing": list(self.missing)}


@dataclass(frozen=True)
class Candidate:
    """A record whose seal fits its key, and the objection that would set it aside, if any."""

    line: int
    record: Record
    certificate: Certificate
    objection: tuple[str, str | None] | None

    def judged(self, verdict: Verdict, reason: str | None = None, detail: str | None = None) -> Judgement:
        """Return the judgement of this line."""
        return Judgement(self.line, self.record.hash, self.record.payload["id"], verdict, reason, detail)


def form(line: int, data: bytes) -> Sealed | Judgement:
    """Return the sealed bytes of a line, or why they are refused. What they say is not looked at yet."""
    try:
        return record.take_apart(data, record.TYP)
    except Refused as refused:
        return Judgement(line, None, None, "refused", refused.reason, refused.detail)


def seal(
    line: int, sealed: Sealed, certificates: Mapping[str, Certificate], rulebook: Rulebook
) -> Candidate | Judgement:
    """Check key and seal, then the form of what was sealed, then look for objections."""
    try:
        certificate = certificates.get(sealed.kid)
        if certificate is None:
            raise UnknownKey(sealed.kid)
        key.verify(certificate.jwk, sealed.text)
        opened = record.opened(sealed)
    except Refused as refused:
        return Judgement(line, sealed.hash, None, "refused", refused.reason, refused.detail)
    return Candidate(line, opened, certificate, rulebook.objection(opened.payload, certificate))
