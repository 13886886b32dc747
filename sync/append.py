"""Appending: one transaction for each stream, in which the stream's row is locked, records inserted, the chain extended.

Whether a record is new is decided by the UNIQUE constraint on its id and a comparison of hashes. Looking first only spares the
constraint the common cases; where it objects all the same, records go in one by one and it decides each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlalchemy import select as sql_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from sync import certificate, completeness, erasure, fault, instant, link, quarantine, stream
from sync.fold import Leaf
from sync.folding import leaf_of
from sync.judge import Candidate, Judgement
from sync.prepared import Prepared, among, insert_new, insertion, savepoint
from sync.quarantine import Quota
from sync.record import Record
from sync.rule import Media, Rulebook
from sync.table import Quarantined, RecordMedia, RecordRow, StreamRow

Row = dict[str, Any]
# What must be kept beside the database too, because no backup may undo it.
OUTLIVING = frozenset({erasure.NAME, certificate.ARCHIVE_KEY})
# By id: the hash that has it, and whether its bytes were erased by law.
Known = dict[str, tuple[str, bool]]


@dataclass
class Tail:
    """Where the locked stream ends while it grows."""

    position: int
    head: bytes


class Appender:
    """Appends inside a transaction that its caller opened for writing. `now` is instant text; `holds` asks the photo store;
    `outlives` is told, before the commit, of erasures and of the archive's keys.

    Afterwards `appended` are the records that went in, in order, `leaves` what folding needs of them, `before` is the stream's
    position before them, and `erased` the entities in which an erasure among them took bytes away.
    """

    def __init__(
        self,
        session: Session,
        archive: str,
        rulebook: Rulebook,
        quota: Quota,
        now: str,
        holds: Callable[[str], bool],
        outlives: Callable[[str], object] = lambda _jws: None,
    ) -> None:
        self.outlives = outlives
        self.session = session
        self.archive = archive
        self.rulebook = rulebook
        self.quota = quota
        self.now = now
        self.holds = holds
        self.appended: list[Record] = []
        self.leaves: list[Leaf] = []
        self.erased: list[str] = []
        self.before = 0

    def append(self, name: str, candidates: Sequence[Candidate]) -> list[Judgement]:
        """Append candidates without objections to the stream; verdicts in their order. The stream's row is locked meanwhile."""
        row = self._lock(name)
        self._require_sealing(name, candidates)
        hashes = [candidate.record.hash for candidate in candidates]
        aside = quarantine.decisions(self.session, hashes)
        able = [candidate for candidate in candidates if aside.get(candidate.record.hash) != "rejected"]
        known = self._grow(row, able)
        quarantine.release(self.session, aside, [record.hash for record in self.appended], self.now)
        return self._judgements(candidates, {candidate.line for candidate in able}, known)

    def admit(self, candidates: Sequence[Candidate]) -> None:
        """Append what a person admits, whatever objects to it; raise `CannotAdmit` when its id is another record's by now."""
        name = str(candidates[0].record.payload["stream"])
        row = self._lock(name)
        self._require_sealing(name, [candidate for candidate in candidates if candidate.objection is None])
        known = self._grow(row, candidates)
        for candidate in candidates:
            if known[candidate.record.payload["id"]][0] != candidate.record.hash:
                raise quarantine.CannotAdmit("id-taken")
        completeness.complete(self.session, [record.hash for record in self.appended], self.now)

    def set_aside(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        """Set candidates with objections aside, unless they are known; no stream is touched."""
        known = self._known(candidates)
        return [
            self._compared(candidate, known) or self._hold(candidate, *_objection(candidate))
            for candidate in candidates
        ]

    # -- growing a stream -----------------------------------------------------------------------------------------------------

    def _lock(self, name: str) -> StreamRow:
        found = _END.rows(self.session, of=name)
        if not found:
            head = stream.head0(self.archive, name).hex()
            insert_new(self.session, StreamRow, {"name": name, "position": 0, "head": head})
            found = _END.rows(self.session, of=name)
        ((position, head),) = found
        self.before = position
        return StreamRow(name=name, position=position, head=head)

    def _require_sealing(self, name: str, candidates: Sequence[Candidate]) -> None:
        """In stream `keys` only the archive's key so far seals what comes next, and another process may just have named a new one."""
        if name == "keys":
            certificate.require_sealing(self.session, (candidate.record.kid for candidate in candidates))

    def _grow(self, row: StreamRow, candidates: Sequence[Candidate]) -> Known:
        """Insert what is new; return what is known of every candidate's id then."""
        tail = Tail(row.position, bytes.fromhex(row.head))
        known = self._known(candidates)
        first: dict[str, Candidate] = {}
        for candidate in candidates:
            if candidate.record.payload["id"] not in known:
                first.setdefault(candidate.record.payload["id"], candidate)
        if not first:
            return known
        link.require_end(self.session, self.archive, row.name, row.position, row.head)
        known |= self._insert(tail, list(first.values()))
        _MOVE_END.count(self.session, of=row.name, position_=tail.position, head_=tail.head.hex())
        self._take_up()
        fault.passing("records-inserted")
        return known

    def _insert(self, tail: Tail, fresh: Sequence[Candidate]) -> Known:
        filing = Filing.of(self, fresh)
        try:
            with savepoint(self.session):
                grown = self._insert_all(tail, fresh, filing)
        except IntegrityError:
            # Another stream took one of the ids since we looked, or a record was set aside before with the bytes it names.
            for candidate in fresh:
                self._insert_one(tail, candidate, filing)
            return self._known(fresh)
        tail.position, tail.head = grown.position, grown.head
        return {
            candidate.record.payload["id"]: (candidate.record.hash, candidate.record.hash in filing.erased)
            for candidate in fresh
        }

    def _insert_all(self, tail: Tail, fresh: Sequence[Candidate], filing: "Filing") -> Tail:
        grown = Tail(tail.position, tail.head)
        rows = [filing.row(grown, candidate) for candidate in fresh]
        insertion(RecordRow).many(self.session, rows)
        media = [line for candidate in fresh for line in filing.media(candidate)]
        if media:
            insertion(RecordMedia).many(self.session, media)
        self._went_in(fresh, filing)
        return grown

    def _insert_one(self, tail: Tail, candidate: Candidate, filing: "Filing") -> None:
        grown = Tail(tail.position, tail.head)
        if not insert_new(self.session, RecordRow, filing.row(grown, candidate)):
            return
        tail.position, tail.head = grown.position, grown.head
        for line in filing.media(candidate):
            insert_new(self.session, RecordMedia, line)
        self._went_in([candidate], filing)

    def _went_in(self, candidates: Sequence[Candidate], filing: "Filing") -> None:
        for candidate in candidates:
            self.appended.append(candidate.record)
            self.leaves.append(leaf_of(candidate.record, candidate.record.hash in filing.erased))

    def _take_up(self) -> None:
        """Do what records about records ask for: certificates, and erasures by law."""
        for record in self.appended:
            if record.payload["stream"] == "keys":
                certificate.note(self.session, record, self.now)
            if record.payload["kind"] == erasure.NAME:
                self.erased += erasure.apply(self.session, record)
                fault.passing("erasure-applied")
            if record.payload["kind"] in OUTLIVING:
                self.outlives(record.token.text)
                fault.passing("lasting-told")

    # -- what is known --------------------------------------------------------------------------------------------------------

    def _known(self, candidates: Sequence[Candidate]) -> Known:
        """Return hash, and whether the bytes were erased, of the records of these ids that are here."""
        ids = [candidate.record.payload["id"] for candidate in candidates]
        rows = _OF_IDS.rows(self.session, ids=ids)
        return {identity: (known, bool(is_erased)) for identity, known, is_erased in rows}

    def _judgements(self, candidates: Sequence[Candidate], able: set[int], known: Known) -> list[Judgement]:
        """Say of each candidate what became of it; of equal ones in one batch the first was appended."""
        new = {record.hash for record in self.appended if not known[record.payload["id"]][1]}
        found = []
        for candidate in candidates:
            if candidate.line not in able:
                found.append(candidate.judged("quarantined", "rejected"))
            elif candidate.record.hash in new:
                new.discard(candidate.record.hash)
                found.append(candidate.judged("appended"))
            else:
                compared = self._compared(candidate, known)
                assert compared is not None, "only an id that is taken keeps a record out"
                found.append(compared)
        return found

    def _compared(self, candidate: Candidate, known: Known) -> Judgement | None:
        """Compare with the record of the same id, if there is one."""
        taken = known.get(candidate.record.payload["id"])
        if taken is None:
            return None
        if taken[0] != candidate.record.hash:
            return self._hold(candidate, "id-taken", None)
        return candidate.judged("known", "erased" if taken[1] else None)

    # -- setting aside --------------------------------------------------------------------------------------------------------

    def _hold(self, candidate: Candidate, reason: str, detail: str | None) -> Judgement:
        media = quarantine.media_if_readable(self.rulebook, candidate.record)
        judgement, row = quarantine.hold(
            self.session, candidate, media, (reason, detail), self.quota, self.now
        )
        if row is not None:
            insert_new(self.session, Quarantined, row)
            for line in Filing.of(self, [candidate], aside=True).media(candidate):
                insert_new(self.session, RecordMedia, line)
        return judgement


@dataclass(frozen=True)
class Filing:
    """The rows of candidates: what is possessed of the bytes they name, and what was erased before it came."""

    now: str
    named: Mapping[str, Sequence[Media]]
    possessed: frozenset[tuple[str, str]]
    erased: frozenset[str]

    @classmethod
    def of(cls, appender: Appender, candidates: Sequence[Candidate], aside: bool = False) -> "Filing":
        """Ask once for all candidates."""
        session = appender.session
        hashes = [candidate.record.hash for candidate in candidates]
        erased = frozenset() if aside else erasure.erased_before(session, hashes)
        media = {one.record.hash: _named(appender.rulebook, one) for one in candidates}
        named = {item.sha256 for items in media.values() for item in items}
        kids = {candidate.record.kid for candidate in candidates if not candidate.certificate.is_archive}
        possessed = completeness.possessed(session, kids, named) if named and kids else set()
        held = frozenset(pair for pair in possessed if appender.holds(pair[1]))
        return cls(appender.now, media, held, erased)

    def row(self, tail: Tail, candidate: Candidate) -> Row:
        """Return the row of a candidate at the end of the stream; `tail` is moved on."""
        record, payload = candidate.record, candidate.record.payload
        tail.position, tail.head = tail.position + 1, stream.extend(tail.head, record.hash)
        is_erased = record.hash in self.erased
        members = {
            name: payload[name] for name in ("id", "kind", "v", "stream", "entity", "author", "counter")
        }
        lacks = any(line["is_required"] and not line["received_at"] for line in self.media(candidate))
        return {
            **members,
            "hash": record.hash,
            "kid": record.kid,
            "supersedes": payload["supersedes"],
            "captured_at": instant.utc_column(payload["captured_at"])[0],
            "position": tail.position,
            "head": tail.head.hex(),
            "appended_at": self.now,
            "completed_at": None if lacks else self.now,
            "bytes": None if is_erased else record.token.text.encode("ascii"),
        }

    def media(self, candidate: Candidate) -> list[Row]:
        """Return the rows of the bytes a candidate names; those its own phone handed over before count at once."""
        record = candidate.record
        if record.hash in self.erased:
            return []
        return [
            {
                "record": record.hash,
                "part": item.part,
                "sha256": item.sha256,
                "size_bytes": item.size_bytes,
                "media_type": item.media_type,
                "is_required": item.is_required,
                "received_at": self.now if (record.kid, item.sha256) in self.possessed else None,
            }
            for item in self.named[record.hash]
        ]


def _named(rulebook: Rulebook, candidate: Candidate) -> list[Media]:
    """Return the bytes a candidate names; a body that nothing objects to was found readable when it was judged."""
    if candidate.objection is None:
        return rulebook.kinds[candidate.record.payload["kind"]].media(candidate.record.body)
    return quarantine.media_if_readable(rulebook, candidate.record)


def _end(_is_sqlite: bool) -> Executable:
    row = StreamRow.__table__.c  # type: ignore[attr-defined]
    return sql_select(row.position, row.head).where(row.name == bindparam("of")).with_for_update()


def _move_end(_is_sqlite: bool) -> Executable:
    table = StreamRow.__table__  # type: ignore[attr-defined]
    moved: Row = {"position": bindparam("position_"), "head": bindparam("head_")}
    return update(table).where(table.c.name == bindparam("of")).values(moved)


def _of_ids(is_sqlite: bool) -> Executable:
    row = RecordRow.__table__.c  # type: ignore[attr-defined]
    return sql_select(row.id, row.hash, row.bytes.is_(None)).where(among(row.id, "ids", is_sqlite))


_END = Prepared(_end)
_MOVE_END = Prepared(_move_end)
_OF_IDS = Prepared(_of_ids)


def _objection(candidate: Candidate) -> tuple[str, str | None]:
    assert candidate.objection is not None
    return candidate.objection
