"""Records set aside: kept with their reason and the bytes they name, within a quota, until a person admits or rejects them.

A decision is a record of its own, a `ruling`, sealed by the archive in the stream of the record it decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, func, update
from sqlmodel import Session, col, select

from sync.error import BodyInvalid, SyncError
from sync.judge import Candidate, Judgement
from sync.prepared import Prepared, among
from sync.record import HASH, PERSON, Record
from sync.rule import NOUNS, Kind, Media, Rulebook
from sync.table import Quarantined

RULING = "ruling"
Decisions = dict[str, str | None]


@dataclass(frozen=True)
class Quota:
    """How much of one person's may be set aside, photos included."""

    records: int = 500
    size_bytes: int = 512 * 1024 * 1024


class CannotAdmit(SyncError):
    """What can be set aside but never appended; `reason` is `id-taken`, `keys`, `own-kind`, `decided` or `unknown`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _ruling(body: Mapping[str, Any]) -> None:
    if set(body) != {"record", "decision", "objection", "reason", "person"}:
        raise BodyInvalid("", "needs exactly record, decision, objection, reason, person")
    if not isinstance(body["record"], str) or not HASH.fullmatch(body["record"]):
        raise BodyInvalid("record", "the hash of a record")
    if body["decision"] not in ("admitted", "rejected"):
        raise BodyInvalid("decision", "admitted or rejected")
    if not isinstance(body["person"], str) or not PERSON.fullmatch(body["person"]):
        raise BodyInvalid("person", "whose key sealed the record")
    for name in ("objection", "reason"):
        if not isinstance(body[name], str) or len(body[name]) > 2_000:
            raise BodyInvalid(name, "text of at most 2,000 characters")
    if not body["reason"].strip():
        raise BodyInvalid("reason", "why it was decided so")


KIND = Kind(RULING, {1: _ruling}, NOUNS)


def decisions(session: Session, hashes: Sequence[str]) -> Decisions:
    """Return what was decided about those of the records that were set aside; None while nobody has decided."""
    return dict(_DECIDED.rows(session, hashes=list(hashes)))


def _decided(is_sqlite: bool) -> Executable:
    is_meant = among(col(Quarantined.hash), "hashes", is_sqlite)
    return select(Quarantined.hash, Quarantined.decision).where(is_meant)


_DECIDED = Prepared(_decided)


def release(session: Session, aside: Decisions, appended: Iterable[str], now: str) -> None:
    """What was set aside once and could be appended now (a kind learned since) waits for nobody any more."""
    free = [known for known in appended if known in aside and aside[known] is None]
    if free:
        statement = update(Quarantined).where(col(Quarantined.hash).in_(free))
        session.execute(statement.values(decision="appended", decided_at=now))


def hold(
    session: Session,
    candidate: Candidate,
    media: Sequence[Media],
    objection: tuple[str, str | None],
    quota: Quota,
    now: str,
) -> tuple[Judgement, dict[str, Any] | None]:
    """Return the judgement of a record that is set aside, and the row to keep it in when it is new here."""
    reason, detail = objection
    record = candidate.record
    held = session.get(Quarantined, record.hash)
    if held is not None:
        said = "rejected" if held.decision == "rejected" else held.reason
        return candidate.judged("quarantined", said, held.detail), None
    size_bytes = len(record.token.text) + sum(item.size_bytes for item in media)
    if _is_full(session, candidate.certificate.person, size_bytes, quota):
        full = f"{reason}, and too much of this person's is set aside already"
        return candidate.judged("refused", "quarantine-full", full), None
    row = {
        "hash": record.hash,
        "id": record.payload["id"],
        "kid": record.kid,
        "person": candidate.certificate.person,
        "reason": reason,
        "detail": detail,
        "received_at": now,
        "size_bytes": size_bytes,
        "counter": record.payload["counter"],
        "bytes": record.token.text.encode("ascii"),
    }
    return candidate.judged("quarantined", reason, detail), row


def _is_full(session: Session, person: str, size_bytes: int, quota: Quota) -> bool:
    """Tell whether a person has too much set aside, the photos that may still come included."""
    count, size = session.exec(
        select(func.count(), func.coalesce(func.sum(Quarantined.size_bytes), 0)).where(
            Quarantined.person == person, col(Quarantined.decision).is_(None)
        )
    ).one()
    return bool(count >= quota.records or size + size_bytes > quota.size_bytes)


def media_if_readable(rulebook: Rulebook, record: Record) -> list[Media]:
    """Return the bytes a set-aside record names: only a body that its kind accepts can be believed to name any."""
    kind = rulebook.kinds.get(record.payload["kind"])
    if kind is None or record.payload["v"] not in kind.versions:
        return []
    try:
        kind.versions[record.payload["v"]](record.body)
    except BodyInvalid:
        return []
    return kind.media(record.body)


def waiting(session: Session) -> list[Quarantined]:
    """Return what was set aside and not decided yet, oldest first."""
    statement = select(Quarantined).where(col(Quarantined.decision).is_(None))
    return list(session.exec(statement.order_by(Quarantined.received_at, Quarantined.hash)))


def undecided(session: Session, known: str) -> Quarantined:
    """Return a record that waits for a decision, locked; raise `CannotAdmit` when there is none."""
    statement = select(Quarantined).where(Quarantined.hash == known).with_for_update()
    held = session.exec(statement).first()
    if held is None or held.bytes is None:
        raise CannotAdmit("unknown")
    if held.decision is not None:
        raise CannotAdmit("decided")
    return held
