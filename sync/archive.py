"""The archive: a growing set of sealed records, what it says about them, and the keys it knows. The one door to the engine.

Clock and randomness are passed in. Answers are given after the commit.
"""

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, String, bindparam, delete
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select

from sync import (
    base64url,
    certificate,
    completeness,
    enrolment,
    erasure,
    fault,
    instant,
    judge,
    link,
    page,
    quarantine,
    record,
    statement,
)
from sync.append import Appender
from sync.database import Database
from sync.draft import Draft as Draft
from sync.enrolment import KeyTaken as KeyTaken
from sync.error import Objected as Objected
from sync.folding import Folder, entities_of
from sync.follower import Follower
from sync.judge import Candidate, Judgement
from sync.key import SealingKey, WrongKey
from sync.link import StreamDamaged
from sync.page import PageLine
from sync.photo import PhotoStore
from sync.prepared import Prepared, insert_new
from sync.quarantine import Quota
from sync.record import Record, Sealed
from sync.rule import Certificate, Role, Rulebook
from sync.statement import Fact
from sync.table import ArchiveRow, CertificateRow, ErasedMedia, Media, StreamRow
from sync.uuid7 import uuid7

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Randomness = Callable[[int], bytes]

OWN_KINDS = (erasure.KIND, quarantine.KIND)
# A receipt is a JWS like a record and stays well below the same size.
FACTS = 200


# Every answer says the epoch, by a key that still seals.
_STANDING = Prepared(
    lambda _is_sqlite: (
        sql_select(col(ArchiveRow.epoch), col(CertificateRow.revoked_at))
        .select_from(ArchiveRow)
        .join(CertificateRow, col(CertificateRow.kid) == bindparam("kid", type_=String), isouter=True)
    )
)


@dataclass(frozen=True)
class Pushed:
    """The answer to a push: a judgement for each line, in order, and receipts for what is appended or known."""

    judgements: list[Judgement]
    receipts: list[str]


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
        on_destroyed: Callable[[str], object] = lambda _sha256: None,
        outlives: Callable[[str], object] = lambda _jws: None,
        lasting: Sequence[bytes] = (),
        find_key: Callable[[str], SealingKey | None] = lambda _kid: None,
        followers: Sequence[Follower] = (),
    ) -> None:
        """Open the archive. `outlives` is told of what no backup may undo, `lasting` is what it was told before.
        `find_key` looks for the key of that name where this process finds its keys: another process may have given the archive a new one.
        """
        self.find_key = find_key
        self.on_new_key: Callable[[SealingKey], object] = lambda _key: None
        self.outlives = outlives
        self.on_destroyed = on_destroyed
        self.database = database
        self.rulebook = Rulebook([*certificate.KINDS, *OWN_KINDS, *rulebook.kinds.values()])
        self.folder = Folder(self.rulebook, tables, followers)
        self.photos = photos
        self.key = key
        self.clock = clock
        self.randomness = randomness
        self.quota = quota or Quota()
        self.name = self._begin(title)
        self.is_rolled_back = self._relive(lasting)
        self._require_present_key()
        self.destroy_erased()

    # -- what it is ---------------------------------------------------------------------------------------------------------

    def _begin(self, title: str) -> str:
        """Find out which archive the database is, or make it one, with its key as the first record of stream `keys`."""
        with self.database.writing() as session:
            if insert_new(session, ArchiveRow, {"id": 1, "name": self.key.kid, "epoch": 1}):
                draft = Draft(
                    certificate.ARCHIVE_KEY, "keys", {"jwk": self.key.jwk, "name": title}, "archive"
                )
                self.appender(session, self.key.kid).append("keys", [self.own_candidate(draft)])
            return session.get_one(ArchiveRow, 1).name

    def _relive(self, lasting: Sequence[bytes]) -> bool:
        """Append again what outlived the database; tell whether it had lost any of it, because it was rolled back."""
        was_rolled_back = False
        # A key that is told of again opens what it sealed: until nothing is new.
        while lasting and any(one.verdict == "appended" for one in self._take(lasting)):
            was_rolled_back = True
        return was_rolled_back

    def _require_present_key(self) -> None:
        """Take up the archive's present key; raise `WrongKey` when this process does not have it."""
        with self.database.reading() as session:
            present = certificate.newest_archive_key(session)
        found = self.key if present == self.key.kid else self.find_key(present)
        if found is None:
            raise WrongKey(
                f"the key file holds {self.key.kid}, the present key of archive {self.name} is {present}"
            )
        if found is not self.key:
            self._take_up(found)

    def _take_up(self, fresh: SealingKey) -> None:
        self.key = fresh
        self.on_new_key(fresh)

    @property
    def epoch(self) -> int:
        """Return the present epoch, as `ready` does."""
        return self.ready()

    def ready(self) -> int:
        """Make ready to state or seal: take up the archive's present key; return its present epoch.

        Another process may have changed either, so both are asked for every time. Raise `WrongKey` when this one does not have the key.
        """
        with self.database.snapshot() as connection:
            ((epoch, retired_at),) = _STANDING.rows(connection, kid=self.key.kid)
        if retired_at is not None:
            self._require_present_key()
        return int(epoch)

    def jwks(self) -> dict[str, dict[str, str]]:
        """Return every key this archive has had, by kid."""
        with self.database.reading() as session:
            return certificate.archive_jwks(session)

    def own_candidate(self, draft: Draft, line: int = 1) -> Candidate:
        """Seal a draft with the archive's key, ready to be appended."""
        return Candidate(line, self._sealed(draft), self.own_certificate(), None)

    def own_certificate(self) -> Certificate:
        """Return what the archive's own key is."""
        return Certificate(self.key.kid, self.key.jwk, "archive", None, is_archive=True)

    def appender(self, session: Session, name: str) -> Appender:
        """Return what appends in a transaction opened for writing; `name` is the archive's."""
        return Appender(session, name, self.rulebook, self.quota, self.now(), self.photos.has, self.outlives)

    def now(self) -> str:
        """Return the archive's clock as instant text in UTC."""
        return instant.write(self.clock())

    def new_id(self) -> str:
        """Return a new id: a UUID version 7 of the archive's clock."""
        return uuid7(self.clock(), self.randomness(10))

    def statement(self) -> statement.Archive:
        """Return who signs what this archive states."""
        return statement.Archive(self.name, self.ready(), self.key)

    def time_token(self) -> str:
        """Return a new time token."""
        return self.statement().time_token(self.clock(), self.randomness(16))

    # -- taking in ----------------------------------------------------------------------------------------------------------

    def push(self, lines: Sequence[bytes]) -> Pushed:
        """Judge and append lines, each alone: one bad line never holds another. Streams are taken in order, one transaction each."""
        return self._answer(self._take(lines))

    def _take(self, lines: Sequence[bytes]) -> list[Judgement]:
        judged: dict[int, Judgement] = {}
        candidates: list[Candidate] = []
        for result in self._judge(lines):
            if isinstance(result, Candidate):
                candidates.append(result)
            else:
                judged[result.line] = result
        judged |= {judgement.line: judgement for judgement in self._append(candidates)}
        return [judged[line] for line in sorted(judged)]

    def _judge(self, lines: Sequence[bytes]) -> list[Candidate | Judgement]:
        formed = [judge.form(number, data) for number, data in enumerate(lines, 1)]
        kids = [item.kid for item in formed if isinstance(item, Sealed)]
        with self.database.snapshot() as connection:
            certificates = certificate.find(connection, kids)
        return [
            judge.seal(number, item, certificates, self.rulebook) if isinstance(item, Sealed) else item
            for number, item in enumerate(formed, 1)
        ]

    def _append(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        found: list[Judgement] = []
        objected = [candidate for candidate in candidates if candidate.objection]
        if objected:
            with self.database.writing() as session:
                found += self.appender(session, self.name).set_aside(objected)
        clean = [candidate for candidate in candidates if not candidate.objection]
        clean.sort(key=lambda candidate: (candidate.record.payload["stream"], candidate.line))
        for name, group in itertools.groupby(
            clean, key=lambda candidate: str(candidate.record.payload["stream"])
        ):
            some = list(group)
            try:
                with self.database.writing() as session:
                    appender = self.appender(session, self.name)
                    judged = appender.append(name, some)
                    self.fold(session, name, appender)
            except StreamDamaged as error:
                log.error("%s", error)
                found += [one.judged("refused", error.reason, error.detail) for one in some]
                continue
            found += judged
            fault.passing("records-committed")
            if any(one.payload["kind"] == erasure.NAME for one in appender.appended):
                fault.passing("erasure-committed")
                self.destroy_erased()
        return found

    def fold(self, session: Session, name: str, appender: Appender) -> None:
        """Bring the tables up to what was just appended to a stream, in the same transaction."""
        entities = list(dict.fromkeys([*entities_of(appender.appended), *appender.erased]))
        self.folder.bring_up(session, name, entities, appender.leaves, appender.before, bool(appender.erased))

    def _answer(self, judgements: list[Judgement]) -> Pushed:
        hashes = [found.hash for found in judgements if found.hash and found.verdict != "refused"]
        held = [found.hash for found in judgements if found.hash and found.verdict in ("appended", "known")]
        with self.database.snapshot() as connection:
            missing = completeness.missing(connection, hashes)
            facts = self._facts(connection, held)
        filled = [
            replace(found, missing=tuple(missing[found.hash])) if found.hash in missing else found
            for found in judgements
        ]
        return Pushed(filled, self._issue(facts, missing))

    def seal(self, drafts: Sequence[Draft]) -> list[Record]:
        """Seal what a desk, an import or a demo brings with the archive's key and append it; all or nothing is objected to first.

        Proves less than a phone's seal: only that the archive was told so by the logged-in author.
        """
        self.ready()
        records = [self._sealed(draft) for draft in drafts]
        for sealed in records:
            objection = self.rulebook.objection(sealed.payload, self.own_certificate())
            if objection:
                raise Objected(*objection)
        for judgement in self._take([sealed.token.text.encode("ascii") for sealed in records]):
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
        with self.database.snapshot() as connection:
            missing = completeness.missing(connection, hashes)
            facts = self._facts(connection, hashes)
        return self._issue(facts, missing), missing

    def _facts(self, connection: Connection, hashes: Sequence[str]) -> list[Fact]:
        return link.proven(connection, self.name, completeness.facts(connection, hashes))

    def _issue(self, facts: list[Fact], missing: Mapping[str, Sequence[str]]) -> list[str]:
        if not facts:
            return []
        late = [fact.hash for fact in facts if fact.completed_at is None and fact.hash not in missing]
        if late:
            with self.database.transaction() as connection:
                completeness.complete(connection, late, self.now())
                facts = self._facts(connection, [fact.hash for fact in facts])
        speaker = self.statement()
        batches = (facts[start : start + FACTS] for start in range(0, len(facts), FACTS))
        signed = [speaker.receipt(some, self.clock()) for some in batches]
        fault.passing("receipts-signed")
        return signed

    def heads(self, streams: Sequence[str]) -> list[StreamRow]:
        """Return where these streams end, by name; empty ones are left out."""
        with self.database.reading() as session:
            named = select(StreamRow).where(col(StreamRow.name).in_(streams)).order_by(StreamRow.name)
            return [row for row in session.exec(named) if row.position]

    def page(self, name: str, after: int, limit: int = page.PAGE) -> list[PageLine]:
        """Return what follows a position of a stream, in order."""
        with self.database.reading() as session:
            return page.read(session, name, after, limit)

    # -- erasure by law -------------------------------------------------------------------------------------------------------

    def erase(
        self, hashes: Sequence[str], stream: str, ground: str, proposed_by: str, confirmed_by: str
    ) -> Record:
        """Erase records of one stream by law: two administrators, one ground. Bytes, photos and folded rows go at once."""
        body = {
            "ground": ground,
            "hashes": sorted(set(hashes)),
            "proposed_by": proposed_by,
            "confirmed_by": confirmed_by,
        }
        return self.seal([Draft(erasure.NAME, stream, body, confirmed_by)])[0]

    def destroy_erased(self) -> list[str]:
        """Destroy photo bytes that an erasure freed; return their SHA-256. Broken off, the next call goes on."""
        with self.database.writing() as session:
            self.database.hold_photos(session, is_shared=False)
            gone = erasure.doomed(session)
            for sha256 in gone:
                self.photos.erase(sha256)
                fault.passing("photo-destroyed")
            session.execute(delete(Media).where(col(Media.sha256).in_(gone)))
            session.execute(delete(ErasedMedia).where(col(ErasedMedia.sha256).in_(gone)))
        for sha256 in gone:
            self.on_destroyed(sha256)
        return gone

    # -- keys ---------------------------------------------------------------------------------------------------------------

    def enrol(self, request: bytes, person: str, name: str, role: Role, by: str) -> str:
        """Certify the key a phone proved to hold as this person's; return the enrolment's JWS. Asked again, the same one."""
        return enrolment.enrol(self, request, person, name, role, by)

    def revoke(self, kid: str, reason: str, by: str) -> Record:
        """Revoke a key: what it seals from now on is set aside; what it sealed stays."""
        return self.seal([Draft("revocation", "keys", {"kid": kid, "reason": reason}, by)])[0]

    def rotate(self, fresh: SealingKey, title: str, by: str) -> Record:
        """Name a new key of the archive, sealed by the present one, which seals nothing more from then on."""
        (named,) = self.seal([Draft("archive_key", "keys", {"jwk": fresh.jwk, "name": title}, by)])
        self._take_up(fresh)
        return named

    def key_records(self) -> list[str]:
        """Return the archive's own key records, which a phone pins at enrolment: those it seals with, and those one encrypts to."""
        with self.database.reading() as session:
            return certificate.key_records(session)
