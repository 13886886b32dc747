"""Judging pushed bytes before any lock is taken: form, key, seal, and what would set the record aside (PROTOCOL.md section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sync import record
from sync.error import Refused, UnknownKey
from sync.record import Record
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


def form(line: int, data: bytes) -> Record | Judgement:
    """Return the record of a line, or why it is refused."""
    try:
        return record.parse(data)
    except Refused as refused:
        return Judgement(line, None, None, "refused", refused.reason, refused.detail)


def seal(
    line: int, parsed: Record, certificates: Mapping[str, Certificate], rulebook: Rulebook
) -> Candidate | Judgement:
    """Check the seal of a record and look for objections; the key must be one that stream `keys` names."""
    judgement = Judgement(line, parsed.hash, parsed.payload["id"], "refused")
    certificate = certificates.get(parsed.kid)
    try:
        if certificate is None:
            raise UnknownKey(parsed.kid)
        record.verify(parsed, certificate.jwk)
    except Refused as refused:
        return replace(judgement, reason=refused.reason, detail=refused.detail)
    return Candidate(line, parsed, certificate, rulebook.objection(parsed.payload, certificate))
