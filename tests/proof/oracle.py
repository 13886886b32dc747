"""The slow and plain reference of a run: every record ever sealed, everything ever said, kept in dictionaries and compared anew.

What an archive may lose is only what was lost with a restore or a roll-back, and only for those who had freed it before.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import select

from sync import statement
from sync.archive import Archive
from sync.table import CertificateRow, Media, Quarantined, RecordMedia, RecordRow
from tests.proof.phone import Owner


@dataclass(frozen=True)
class Sealed:
    """A record as it left the key: its text, the photos it names, who sealed it; `spoilt` says in which way it is none."""

    text: bytes
    photos: dict[str, bytes]
    person: str
    kid: str
    spoilt: str | None


@dataclass(frozen=True)
class Row:
    """A record as it stands in the archive."""

    hash: str
    id: str
    stream: str
    position: int
    head: str
    appended_at: str
    completed_at: str | None
    kid: str
    author: str
    text: bytes | None


@dataclass
class Holdings:
    """All an archive has at one moment."""

    rows: dict[str, Row]
    aside: set[str]
    pairs: set[tuple[str, str]]
    missing: dict[str, list[str]]
    persons: dict[str, str]
    bytes_of: dict[str, bytes]

    @classmethod
    def of(cls, archive: Archive, store: Any) -> "Holdings":
        """Read everything anew, photos from the store itself."""
        table = RecordRow.__table__.c  # type: ignore[attr-defined]
        columns = (table.hash, table.id, table.stream, table.position, table.head, table.appended_at)
        columns += (table.completed_at, table.kid, table.author, table.bytes)
        with archive.database.reading() as session:
            rows = [
                Row(*row[:9], None if row[9] is None else bytes(row[9]))
                for row in session.execute(select(*columns))
            ]
            aside = set(session.exec(select(Quarantined.hash)))
            media = set(session.exec(select(Media.sha256)))
            named = session.exec(
                select(RecordMedia.record, RecordMedia.sha256, RecordMedia.received_at)
            ).all()
            persons = dict(session.exec(select(CertificateRow.kid, CertificateRow.person)).all())
        missing: dict[str, list[str]] = {}
        pairs = set()
        for record, sha256, received_at in named:
            if received_at is not None and sha256 in media:
                pairs.add((record, sha256))
            else:
                missing.setdefault(record, []).append(sha256)
        bytes_of = {sha256: _read(store, sha256) for sha256 in media}
        return cls({row.hash: row for row in rows}, aside, pairs, missing, persons, bytes_of)

    def chains(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in sorted(self.rows.values(), key=lambda row: row.position):
            found.setdefault(row.stream, []).append(row)
        return found


def _read(store: Any, sha256: str) -> bytes:
    try:
        with store.open(sha256) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return b""


@dataclass
class Oracle:
    """What must be true of an archive and of everybody's phones."""

    archive: str
    allowed: dict[str, set[str]]
    sealed: dict[str, Sealed] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    chains: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    completed: dict[str, str] = field(default_factory=dict)
    # What a restore or a roll-back took away, and when.
    lost: dict[str, str] = field(default_factory=dict)
    lost_pairs: dict[tuple[str, str], str] = field(default_factory=dict)
    rolled_back_at: str = ""
    # When the receipt was issued on which a phone freed something.
    freed: dict[str, str] = field(default_factory=dict)
    freed_pairs: dict[tuple[str, str], str] = field(default_factory=dict)

    # -- what happens ---------------------------------------------------------------------------------------------------------

    def lose(self, before: Holdings, after: Holdings, at: str) -> None:
        """Note what was rolled back: only that may be missing from now on, and history may go on otherwise behind it."""
        self.rolled_back_at = at
        for known in set(before.rows) - set(after.rows):
            self.lost[known] = at
            self.completed.pop(known, None)
        for pair in before.pairs - after.pairs:
            self.lost_pairs[pair] = at
        for known, row in after.rows.items():
            # A backup may be of a history that did not become this one.
            if row.completed_at != self.completed.get(known):
                self.completed.pop(known, None)
        for name, rows in self.chains.items():
            here = [(row.hash, row.head, row.appended_at) for row in after.chains().get(name, [])]
            same = 0
            while same < min(len(here), len(rows)) and rows[same] == here[same]:
                same += 1
            self.chains[name] = rows[:same]

    def believe(self, owner: Owner, here: Holdings) -> None:
        """A phone believed facts: what they say is so at this moment, unless the archive was rolled back since (I2, I3, I4)."""
        for fact, issued_at, lacking in owner.believed:
            if issued_at <= self.rolled_back_at:
                continue
            row = here.rows[fact["hash"]]
            assert (fact["stream"], fact["position"], fact["head"], fact["appended_at"]) == (
                row.stream,
                row.position,
                row.head,
                row.appended_at,
            )
            if row.hash in self.erased:
                continue
            photos = self.sealed[row.hash].photos if row.hash in self.sealed else {}
            if fact["completed_at"] is not None and not lacking:
                assert set(photos) <= {sha256 for record, sha256 in here.pairs if record == row.hash}
            for sha256 in fact["held"]:
                assert here.bytes_of[sha256] == photos[sha256]
        for fact, issued_at, _ in owner.believed:
            own = owner.own[fact["hash"]]
            if own.text is not None:
                self.freed[own.hash] = issued_at
            for sha256 in fact["held"]:
                if own.photos.get(sha256) is not None:
                    self.freed_pairs[(own.hash, sha256)] = issued_at
        owner.believed.clear()

    # -- what holds at every moment -------------------------------------------------------------------------------------------

    def check(self, here: Holdings, owners: list[Owner]) -> None:
        self._check_chains(here)
        self._check_rows(here)
        self._check_complete(here)
        self._check_no_loss(here, owners)
        for owner in owners:
            self._check_reader(owner, here)

    def _check_chains(self, here: Holdings) -> None:
        """I3, I5: positions without gaps, heads that follow, and what was there before is there still, in its place."""
        chains = here.chains()
        for name in set(chains) | set(self.chains):
            rows = chains.get(name, [])
            head = hashlib.sha256(f"fieldapp-1{self.archive}{name}".encode()).digest()
            for position, row in enumerate(rows, 1):
                head = hashlib.sha256(head + bytes.fromhex(row.hash)).digest()
                assert (row.position, row.head) == (position, head.hex())
            now = [(row.hash, row.head, row.appended_at) for row in rows]
            seen = self.chains.get(name, [])
            assert now[: len(seen)] == seen, f"{name} was rewritten"
            self.chains[name] = now

    def _check_rows(self, here: Holdings) -> None:
        """I3, I7: each id once, the bytes that were sealed, and the author is the person whose key it is."""
        assert len({row.id for row in here.rows.values()}) == len(here.rows)
        for row in here.rows.values():
            sealed = self.sealed.get(row.hash)
            if sealed is None:
                continue
            assert row.kid == sealed.kid and sealed.spoilt is None
            assert row.author == sealed.person == here.persons[row.kid]
            if row.hash in self.erased:
                assert row.text is None
            else:
                assert row.text is not None and row.text == sealed.text

    def _check_complete(self, here: Holdings) -> None:
        """I4: whoever is called complete has every photo, read back; and is called so once and for ever."""
        for row in here.rows.values():
            sealed = self.sealed.get(row.hash)
            if row.completed_at is None or sealed is None or row.hash in self.erased:
                continue
            assert self.completed.setdefault(row.hash, row.completed_at) == row.completed_at
            for sha256, data in sealed.photos.items():
                if sha256 not in here.missing.get(row.hash, ()):
                    assert here.bytes_of[sha256] == data

    def _check_no_loss(self, here: Holdings, owners: list[Owner]) -> None:
        """I1: every record and every photo is on its phone or in the archive, bit for bit."""
        for owner in owners:
            for own in owner.own.values():
                sealed = self.sealed[own.hash]
                row = here.rows.get(own.hash)
                if own.hash in self.erased:
                    continue
                if own.text is not None:
                    assert own.text == sealed.text
                elif row is None:
                    assert self.freed[own.hash] <= self.lost.get(own.hash, ""), f"{own.hash} is lost"
                for sha256, data in sealed.photos.items():
                    if own.photos[sha256] is not None:
                        assert own.photos[sha256] == data
                    elif (own.hash, sha256) in here.pairs:
                        assert here.bytes_of[sha256] == data
                    else:
                        pair = (own.hash, sha256)
                        assert self.freed_pairs[pair] <= self.lost_pairs.get(pair, ""), (
                            f"photo {sha256} is lost"
                        )

    def _check_reader(self, owner: Owner, here: Holdings) -> None:
        """I5, I8, I10: a reader has only streams it may read, and of each what an auditor reads from the beginning."""
        may = self.allowed[owner.phone.person]
        assert set(owner.listed or ()) <= may and set(owner.pulled) <= may
        if self.is_out_of_date(owner):
            return
        for name, lines in owner.pulled.items():
            read = [(line["hash"], line["head"], line["appended_at"]) for line in lines]
            assert read == self.chains[name][: len(read)]
            for line in lines:
                row = here.rows[line["hash"]]
                assert line["record"] is None or row.text is None or line["record"].encode() == row.text

    def is_out_of_date(self, owner: Owner) -> bool:
        """Tell whether the archive was rolled back since this phone last heard of an epoch."""
        return self.epoch_heard_at(owner) <= self.rolled_back_at

    def epoch_heard_at(self, owner: Owner) -> str:
        """Return when the newest token this phone verified was made."""
        if not owner.token:
            return ""
        return str(statement.read_any(owner.token, statement.TIME, owner.ring.jwks)["at"])

    # -- what holds in the end ------------------------------------------------------------------------------------------------

    def check_drained(self, here: Holdings, owners: list[Owner]) -> None:
        """I6, I11: every outbox is empty, whatever happened, and everybody has read everything."""
        for owner in owners:
            for own in owner.own.values():
                sealed = self.sealed[own.hash]
                if own.text is None or own.is_complete:
                    continue
                said = own.verdict.get("archive") or own.verdict.get("station")
                wanted = {"signature": "refused"}.get(sealed.spoilt or "", "quarantined")
                is_photo_gone = any(
                    data is None and (own.hash, name) not in here.pairs for name, data in own.photos.items()
                )
                assert (sealed.spoilt and said == wanted) or is_photo_gone, (
                    f"{own.hash} of {owner.phone.person} never left: {own.verdict}, {own.missing}"
                )
            assert set(owner.pulled) == {
                name for name in self.allowed[owner.phone.person] if here.chains().get(name)
            }
            for name, lines in owner.pulled.items():
                assert [line["hash"] for line in lines] == [known for known, _, _ in self.chains[name]]
        for known, sealed in self.sealed.items():
            if sealed.spoilt not in (None, "signature"):
                assert known not in here.rows
                assert known in here.aside or self.rolled_back_at
