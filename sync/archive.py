"""The archive: a growing set of sealed records, what it says about them, and the keys it knows. The one door to the engine.

Clock and randomness are passed in. Answers are given after the commit.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from sync import base64url, certificate, completeness, instant, judge, record, statement
from sync.append import Appender, Quota, insert_new
from sync.database import Database
from sync.error import BadSignature, NotARecord, SyncError
from sync.folding import Folder, entities_of
from sync.judge import Candidate, Judgement
from sync.key import SealingKey
from sync.photo import PhotoStore
from sync.record import Record, Sealed
from sync.rule import Certificate, Role, Rulebook
from sync.table import ArchiveRow, CertificateRow, RecordRow, StreamRow

Clock = Callable[[], datetime]
Randomness = Callable[[int], bytes]

PAGE = 500
# A receipt is a JWS like a record and stays well below the same size.
FACTS = 200
PAGE_BYTES = 2 * 1024 * 1024
BEACON_LIFE = timedelta(hours=24)


class WrongKey(SyncError):
    """The archive's key file does not belong to its database."""


class Objected(SyncError):
    """What a desk wanted sealed would not be appended; nothing of it was."""

    def __init__(self, reason: str, detail: str | None) -> None:
        super().__init__(reason if detail is None else f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class KeyTaken(SyncError):
    """A key that is enrolled for somebody else, or revoked."""


@dataclass(frozen=True)
class Draft:
    """What a desk wants sealed. Without `id` a new one is made; without `entity` it begins an entity of that id."""

    kind: str
    stream: str
    body: Mapping[str, Any]
    author: str
    id: str | None = None
    entity: str | None = None
    supersedes: tuple[str, ...] = ()
    captured_at: str | None = None
    v: int = 1


@dataclass(frozen=True)
class Pushed:
    """The answer to a push: a judgement for each line, in order, and receipts for what is appended or known."""

    judgements: list[Judgement]
    receipts: list[str]


@dataclass(frozen=True)
class PageLine:
    """One position of a stream. When its bytes were erased by law `record` is None and `erased` says what folding still needs."""

    position: int
    head: str
    appended_at: str
    hash: str
    record: str | None
    erased: dict[str, Any] | None = None


class Archive:
    """One archive over one database, one photo store and one key."""

    def __init__(
        self,
        database: Database,
        rulebook: Rulebook,
        tables: Mapping[str, type[SQLModel]],
        photos: PhotoStore,
        key: SealingKey,
        clock: Clock,
        randomness: Randomness,
        title: str = "fieldapp",
        quota: Quota | None = None,
    ) -> None:
        self.database = database
        self.rulebook = Rulebook([*certificate.KINDS, *rulebook.kinds.values()])
        self.folder = Folder(self.rulebook, tables)
        self.photos = photos
        self.key = key
        self.clock = clock
        self.randomness = randomness
        self.quota = quota or Quota()
        self.name, self.epoch = self._begin(title)

    # -- what it is ---------------------------------------------------------------------------------------------------------

    def _begin(self, title: str) -> tuple[str, int]:
        """Find out which archive the database is, or make it one, with its key as the first record of stream `keys`."""
        with self.database.writing() as session:
            if insert_new(session, ArchiveRow, {"id": 1, "name": self.key.kid, "epoch": 1}):
                self._enter_own_key(session, title)
            row = session.get_one(ArchiveRow, 1)
            present = certificate.newest_archive_key(session)
        if present != self.key.kid:
            raise WrongKey(
                f"the key file holds {self.key.kid}, the present key of archive {row.name} is {present}"
            )
        return row.name, row.epoch

    def _enter_own_key(self, session: Session, title: str) -> None:
        own = Certificate(self.key.kid, self.key.jwk, "archive", None, is_archive=True)
        draft = Draft("archive_key", "keys", {"jwk": self.key.jwk, "name": title}, "archive")
        candidate = Candidate(1, self._sealed(draft), own, None)
        self._appender(session, self.key.kid).append("keys", [candidate])

    def _appender(self, session: Session, name: str) -> Appender:
        return Appender(session, name, self.rulebook, self.quota, self.now(), self.photos.has)

    def now(self) -> str:
        """Return the archive's clock as instant text in UTC."""
        return instant.write(self.clock())

    def new_id(self) -> str:
        """Return a new id: a UUID version 7 of the archive's clock."""
        return uuid7(self.clock(), self.randomness(10))

    def statement(self) -> statement.Archive:
        """Return who signs what this archive states."""
        return statement.Archive(self.name, self.epoch, self.key)

    def time_token(self) -> str:
        """Return a new time token."""
        return self.statement().time_token(self.clock(), self.randomness(16))

    # -- taking in ----------------------------------------------------------------------------------------------------------

    def push(self, lines: Sequence[bytes]) -> Pushed:
        """Judge and append lines, each alone: one bad line never holds another. Streams are taken in order, one transaction each."""
        judged: dict[int, Judgement] = {}
        candidates: list[Candidate] = []
        for result in self._judge(lines):
            if isinstance(result, Candidate):
                candidates.append(result)
            else:
                judged[result.line] = result
        judged |= {judgement.line: judgement for judgement in self._append(candidates)}
        return self._answer([judged[line] for line in sorted(judged)])

    def _judge(self, lines: Sequence[bytes]) -> list[Candidate | Judgement]:
        formed = [judge.form(number, data) for number, data in enumerate(lines, 1)]
        with self.database.reading() as session:
            kids = (item.kid for item in formed if isinstance(item, Sealed))
            certificates = certificate.find(session, kids)
        return [
            judge.seal(number, item, certificates, self.rulebook) if isinstance(item, Sealed) else item
            for number, item in enumerate(formed, 1)
        ]

    def _append(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        found: list[Judgement] = []
        objected = [candidate for candidate in candidates if candidate.objection]
        if objected:
            with self.database.writing() as session:
                found += self._appender(session, self.name).set_aside(objected)
        clean = [candidate for candidate in candidates if not candidate.objection]
        clean.sort(key=lambda candidate: (candidate.record.payload["stream"], candidate.line))
        for name, group in itertools.groupby(
            clean, key=lambda candidate: str(candidate.record.payload["stream"])
        ):
            with self.database.writing() as session:
                appender = self._appender(session, self.name)
                found += appender.append(name, list(group))
                self.folder.bring_up(session, name, entities_of(appender.appended))
        return found

    def _answer(self, judgements: list[Judgement]) -> Pushed:
        hashes = [found.hash for found in judgements if found.hash and found.verdict != "refused"]
        with self.database.reading() as session:
            missing = completeness.missing(session, hashes)
        filled = [replace(found, missing=tuple(missing.get(found.hash or "", ()))) for found in judgements]
        held = [found.hash for found in filled if found.hash and found.verdict in ("appended", "known")]
        return Pushed(filled, self.receipts(held)[0])

    def seal(self, drafts: Sequence[Draft]) -> list[Record]:
        """Seal what a desk, an import or a demo brings with the archive's key and append it; all or nothing is objected to first.

        Proves less than a phone's seal: only that the archive was told so by the logged-in author.
        """
        records = [self._sealed(draft) for draft in drafts]
        own = Certificate(self.key.kid, self.key.jwk, "archive", None, is_archive=True)
        for sealed in records:
            objection = self.rulebook.objection(sealed.payload, own)
            if objection:
                raise Objected(*objection)
        pushed = self.push([sealed.token.text.encode("ascii") for sealed in records])
        for judgement in pushed.judgements:
            if judgement.verdict not in ("appended", "known"):
                raise Objected(judgement.reason or judgement.verdict, judgement.detail)
        return records

    def _sealed(self, draft: Draft) -> Record:
        identity = draft.id or self.new_id()
        return record.seal(
            self.key,
            {
                "id": identity,
                "kind": draft.kind,
                "v": draft.v,
                "stream": draft.stream,
                "entity": draft.entity or identity,
                "supersedes": sorted(draft.supersedes),
                "author": draft.author,
                "counter": 0,
                "captured_at": draft.captured_at or self.now(),
                "clock": None,
                "beacon": None,
                "salt": base64url.encode(self.randomness(16)),
                "body": dict(draft.body),
            },
        )

    # -- what it says -------------------------------------------------------------------------------------------------------

    def receipts(self, hashes: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
        """Return receipts for the records among these hashes, and which required bytes are missing. Asking heals what can be healed."""
        if not hashes:
            return [], {}
        with self.database.reading() as session:
            missing = completeness.missing(session, hashes)
            rows = completeness.rows(session, hashes)
            held = completeness.held(session, hashes)
        late = [row.hash for row in rows if row.completed_at is None and row.hash not in missing]
        if late:
            with self.database.writing() as session:
                completeness.complete(session, late, self.now())
                rows = completeness.rows(session, hashes)
        facts = [_fact(row, held.get(row.hash, [])) for row in rows]
        batches = (facts[start : start + FACTS] for start in range(0, len(facts), FACTS))
        return [self.statement().receipt(some, self.clock()) for some in batches], missing

    def heads(self, streams: Sequence[str]) -> list[StreamRow]:
        """Return where these streams end, by name; empty ones are left out."""
        with self.database.reading() as session:
            rows = session.exec(
                select(StreamRow).where(col(StreamRow.name).in_(streams)).order_by(StreamRow.name)
            )
            return [row for row in rows if row.position]

    def page(self, name: str, after: int, limit: int = PAGE) -> list[PageLine]:
        """Return what follows a position of a stream, in order: at most `limit` records and, from the second on, about 2 MiB."""
        statement = (
            select(RecordRow)
            .where(RecordRow.stream == name, RecordRow.position > after)
            .order_by(col(RecordRow.position))
            .limit(limit)
        )
        lines: list[PageLine] = []
        left = PAGE_BYTES
        with self.database.reading() as session:
            for row in session.exec(statement.execution_options(yield_per=50)):
                text = bytes(row.bytes).decode("ascii") if row.bytes else None
                left -= len(text or "")
                if lines and left < 0:
                    break
                lines.append(
                    PageLine(
                        row.position, row.head, row.appended_at, row.hash, text, None if text else _rest(row)
                    )
                )
        return lines

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def enrol(self, request: bytes, person: str, name: str, role: Role, by: str) -> str:
        """Certify the key a phone proved to hold as this person's; return the enrolment's JWS. Asked again, the same one."""
        asked = statement.read_enrolment(request)
        if (asked.archive, asked.person) != (self.name, person):
            raise NotARecord("enrolment: asked of another archive or for another person")
        self._check_beacon(asked.beacon)
        if self._certificate(asked.kid) is None:
            body = {
                "jwk": asked.jwk,
                "person": person,
                "name": name[:200],
                "role": role,
                "label": asked.label,
            }
            self.seal([Draft("enrolment", "keys", body, by)])
        # The first certificate of a key stands, whoever else asked at the same time.
        row = self._certificate(asked.kid)
        if row is None or row.person != person or row.revoked_at or row.is_archive:
            raise KeyTaken(asked.kid)
        return self._bytes_of(row.record)

    def _certificate(self, kid: str) -> CertificateRow | None:
        with self.database.reading() as session:
            return session.get(CertificateRow, kid)

    def revoke(self, kid: str, reason: str, by: str) -> Record:
        """Revoke a key: what it seals from now on is set aside; what it sealed stays."""
        return self.seal([Draft("revocation", "keys", {"kid": kid, "reason": reason}, by)])[0]

    def key_records(self) -> list[str]:
        """Return the archive's own key records, which a phone pins at enrolment: those it seals with, and those one encrypts to."""
        with self.database.reading() as session:
            rows = session.exec(
                select(RecordRow)
                .where(RecordRow.stream == "keys", col(RecordRow.kind).in_(["archive_key", "encryption_key"]))
                .order_by(col(RecordRow.position))
            ).all()
        return [bytes(row.bytes).decode("ascii") for row in rows if row.bytes]

    def _bytes_of(self, record_hash: str) -> str:
        with self.database.reading() as session:
            return bytes(session.get_one(RecordRow, record_hash).bytes).decode("ascii")

    def _check_beacon(self, beacon: str) -> None:
        try:
            payload = statement.read(beacon, statement.TIME, self.key.jwk)
            age = self.clock() - instant.parse(payload["at"])
        except (SyncError, ValueError, KeyError, TypeError) as error:
            raise NotARecord("beacon: not a time token of this archive") from error
        if payload.get("archive") != self.name or age > BEACON_LIFE:
            raise BadSignature("beacon: of another archive, or older than a day")


def _rest(row: RecordRow) -> dict[str, Any]:
    """Return what stays known of an erased record, so that everybody folds alike."""
    return {name: getattr(row, name) for name in ("id", "kind", "entity", "author", "supersedes")}


def _fact(row: RecordRow, held: Sequence[str]) -> statement.Fact:
    return statement.Fact(
        row.hash, row.stream, row.position, row.head, row.appended_at, row.completed_at, tuple(held)
    )


def uuid7(at: datetime, randomness: bytes) -> str:
    """Return the UUID version 7 of an instant and ten random bytes (RFC 9562 §5.7)."""
    millis = int(at.astimezone(UTC).timestamp() * 1000)
    number = bytearray(millis.to_bytes(6, "big") + randomness[:10])
    number[6] = (number[6] & 0x0F) | 0x70
    number[8] = (number[8] & 0x3F) | 0x80
    text = number.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
