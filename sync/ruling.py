"""What a person decides about a record that was set aside: a ruling, sealed by the archive in the stream of that record."""

from typing import Literal

from sync import certificate, erasure, fault, quarantine, record
from sync.archive import Archive, Draft, Objected
from sync.judge import Candidate
from sync.quarantine import CannotAdmit
from sync.record import Record
from sync.table import Quarantined

Decision = Literal["admitted", "rejected"]
# What only the archive itself seals.
OWN = frozenset({erasure.NAME, quarantine.RULING})


def rule(archive: Archive, known: str, decision: Decision, reason: str, by: str) -> Record:
    """Admit or reject, in one transaction with the ruling; raise `CannotAdmit`, or `Objected` without a reason."""
    archive.ready()
    with archive.database.writing() as session:
        held = quarantine.undecided(session, known)
        kept = record.parse(bytes(held.bytes))
        stream = str(kept.payload["stream"])
        ruling = _ruling(archive, held, stream, decision, reason, by)
        if decision == "admitted":
            _require_admissible(held, kept)
        held.decision, held.decided_at, held.decided_by = decision, archive.now(), by
        session.add(held)
        own = certificate.find(session, [kept.kid])[kept.kid]
        admitted = [Candidate(1, kept, own, (held.reason, held.detail))] if decision == "admitted" else []
        appender = archive.appender(session, archive.name)
        appender.admit([*admitted, ruling])
        archive.fold(session, stream, appender)
        fault.passing("ruling-inserted")
    return ruling.record


def _ruling(
    archive: Archive, held: Quarantined, stream: str, decision: Decision, reason: str, by: str
) -> Candidate:
    body = {
        "record": held.hash,
        "decision": decision,
        "objection": held.reason,
        "reason": reason,
        "person": held.person,
    }
    ruling = archive.own_candidate(Draft(quarantine.RULING, stream, body, by), line=2)
    objection = archive.rulebook.objection(ruling.record.payload, archive.own_certificate())
    if objection:
        raise Objected(*objection)
    return ruling


def _require_admissible(held: Quarantined, kept: Record) -> None:
    if held.reason == "id-taken":
        raise CannotAdmit("id-taken")
    # A certificate is the archive's word alone, and so are an erasure, which takes two, and a ruling.
    if kept.payload["stream"] == "keys":
        raise CannotAdmit("keys")
    if kept.payload["kind"] in OWN:
        raise CannotAdmit("own-kind")
