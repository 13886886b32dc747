"""Appending: one transaction for each stream, in which the stream's row is locked, records inserted, the chain extended, entities folded.

Whether a record is new is decided by the UNIQUE constraint on its id and a comparison of hashes, never by looking first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Executable, func, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, SQLModel, col, select

from sync import certificate, completeness, instant, stream
from sync.error import BodyInvalid
from sync.judge import Candidate, Judgement
from sync.record import Record
from sync.rule import Media, Rulebook
from sync.table import Quarantined, RecordMedia, RecordRow, StreamRow


@dataclass(frozen=True)
class Quota:
    """How much of one person's may be set aside, photos included."""

    records: int = 500
    size_bytes: int = 512 * 1024 * 1024


def insert_new(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Insert a row unless a constraint says it is there; tell whether it was inserted. `values` names every column that matters."""
    statement = _insert_or_nothing(table, session.get_bind().dialect.name == "sqlite")
    return bool(session.connection().execute(statement, values).rowcount)


@cache
def _insert_or_nothing(table: type[SQLModel], is_sqlite: bool) -> Executable:
    # Made once for each table: building the statement costs more than running it.
    target = table.__table__  # type: ignore[attr-defined]
    statement = (sqlite_insert if is_sqlite else postgresql_insert)(target).on_conflict_do_nothing()
    # Without being asked, not every driver says how many rows an INSERT made.
    return statement.execution_options(preserve_rowcount=True)


@dataclass
class Tail:
    """Where the locked stream ends while it grows."""

    position: int
    head: bytes


class Appender:
    """Appends inside a transaction that its caller opened for writing. `now` is instant text; `holds` asks the photo store."""

    def __init__(
        self,
        session: Session,
        archive: str,
        rulebook: Rulebook,
        quota: Quota,
        now: str,
        holds: Callable[[str], bool],
    ) -> None:
        self.session = session
        self.archive = archive
        self.rulebook = rulebook
        self.quota = quota
        self.now = now
        self.holds = holds
        self.appended: list[Record] = []

    def append(self, name: str, candidates: Sequence[Candidate]) -> list[Judgement]:
        """Append candidates without objections to the stream; verdicts in their order. The stream's row is locked meanwhile."""
        rejected = self._rejected(candidates)
        row = self._lock(name)
        tail = Tail(row.position, bytes.fromhex(row.head))
        judgements = [
            candidate.judged("quarantined", "rejected")
            if candidate.record.hash in rejected
            else self._one(tail, candidate)
            for candidate in candidates
        ]
        row.position, row.head = tail.position, tail.head.hex()
        self.session.add(row)
        self.session.flush()
        hashes = [record.hash for record in self.appended]
        completeness.complete(self.session, hashes, self.now)
        self._release(hashes)
        return judgements

    def set_aside(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        """Set candidates with objections aside, unless they are known; no stream is touched."""
        return [
            self._known(candidate) or self._hold(candidate, *_objection(candidate))
            for candidate in candidates
        ]

    def _rejected(self, candidates: Sequence[Candidate]) -> set[str]:
        """What a person has rejected stays rejected, even when nothing objects to it any more."""
        hashes = [candidate.record.hash for candidate in candidates]
        statement = select(Quarantined.hash).where(
            col(Quarantined.hash).in_(hashes), Quarantined.decision == "rejected"
        )
        return set(self.session.exec(statement))

    def _release(self, hashes: Sequence[str]) -> None:
        """What was set aside once and can be appended now (a kind learned since) waits for nobody any more."""
        statement = update(Quarantined).where(
            col(Quarantined.hash).in_(hashes), col(Quarantined.decision).is_(None)
        )
        self.session.execute(statement.values(decision="appended", decided_at=self.now))

    def _lock(self, name: str) -> StreamRow:
        head = stream.head0(self.archive, name).hex()
        insert_new(self.session, StreamRow, {"name": name, "position": 0, "head": head})
        return self.session.exec(select(StreamRow).where(StreamRow.name == name).with_for_update()).one()

    def _one(self, tail: Tail, candidate: Candidate) -> Judgement:
        if self._insert(tail, candidate):
            return candidate.judged("appended")
        known = self._known(candidate)
        assert known is not None, "only an id that is taken keeps a record out"
        return known

    def _known(self, candidate: Candidate) -> Judgement | None:
        """Compare with the record of the same id, if there is one."""
        known = self.session.exec(
            select(RecordRow.hash, col(RecordRow.bytes).is_(None)).where(
                RecordRow.id == candidate.record.payload["id"]
            )
        ).first()
        if known is None:
            return None
        if known[0] != candidate.record.hash:
            return self._hold(candidate, "id-taken", None)
        return candidate.judged("known", "erased" if known[1] else None)

    def _insert(self, tail: Tail, candidate: Candidate) -> bool:
        record, payload = candidate.record, candidate.record.payload
        head = stream.extend(tail.head, record.hash)
        captured_at, _ = instant.utc_column(payload["captured_at"])
        members = {
            name: payload[name] for name in ("id", "kind", "v", "stream", "entity", "author", "counter")
        }
        is_new = insert_new(
            self.session,
            RecordRow,
            {
                **members,
                "hash": record.hash,
                "kid": record.kid,
                "supersedes": payload["supersedes"],
                "captured_at": captured_at,
                "position": tail.position + 1,
                "head": head.hex(),
                "appended_at": self.now,
                "bytes": record.token.text.encode("ascii"),
            },
        )
        if is_new:
            tail.position, tail.head = tail.position + 1, head
            self.appended.append(record)
            self._name_media(candidate, self.rulebook.kinds[payload["kind"]].media(payload["body"]))
            if payload["stream"] == "keys":
                certificate.note(self.session, record, self.now)
        return is_new

    def _name_media(self, candidate: Candidate, media: Iterable[Media]) -> None:
        for item in media:
            row = {
                "record": candidate.record.hash,
                "part": item.part,
                "sha256": item.sha256,
                "size_bytes": item.size_bytes,
                "media_type": item.media_type,
                "is_required": item.is_required,
                "received_at": None,
            }
            # The photo store is asked last: it may be another machine, and the stream is locked.
            if completeness.is_possessed(self.session, candidate.certificate, item.sha256) and self.holds(
                item.sha256
            ):
                row["received_at"] = self.now
            insert_new(self.session, RecordMedia, row)

    def _hold(self, candidate: Candidate, reason: str, detail: str | None) -> Judgement:
        record = candidate.record
        held = self.session.get(Quarantined, record.hash)
        if held is not None:
            return candidate.judged(
                "quarantined", "rejected" if held.decision == "rejected" else held.reason, held.detail
            )
        media = _media_if_readable(self.rulebook, record)
        if self._is_full(candidate, media):
            full = f"{reason}, and too much of this person's is set aside already"
            return candidate.judged("refused", "quarantine-full", full)
        row = {
            "hash": record.hash,
            "id": record.payload["id"],
            "kid": record.kid,
            "person": candidate.certificate.person,
            "reason": reason,
            "detail": detail,
            "received_at": self.now,
            "size_bytes": _size(record, media),
            "bytes": record.token.text.encode("ascii"),
        }
        insert_new(self.session, Quarantined, row)
        self._name_media(candidate, media)
        return candidate.judged("quarantined", reason, detail)

    def _is_full(self, candidate: Candidate, media: Sequence[Media]) -> bool:
        """Tell whether a person has too much set aside, the photos that may still come included."""
        count, size = self.session.exec(
            select(func.count(), func.coalesce(func.sum(Quarantined.size_bytes), 0)).where(
                Quarantined.person == candidate.certificate.person, col(Quarantined.decision).is_(None)
            )
        ).one()
        size += _size(candidate.record, media)
        return bool(count >= self.quota.records or size > self.quota.size_bytes)


def _objection(candidate: Candidate) -> tuple[str, str | None]:
    assert candidate.objection is not None
    return candidate.objection


def _size(record: Record, media: Sequence[Media]) -> int:
    return len(record.token.text) + sum(item.size_bytes for item in media)


def _media_if_readable(rulebook: Rulebook, record: Record) -> list[Media]:
    """Return the bytes a set-aside record names: only a body that its kind accepts can be believed to name any."""
    kind = rulebook.kinds.get(record.payload["kind"])
    if kind is None or record.payload["v"] not in kind.versions:
        return []
    try:
        kind.versions[record.payload["v"]](record.body)
    except BodyInvalid:
        return []
    return kind.media(record.body)
