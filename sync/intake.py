"""Taking packages in: the same judging as a push, the same receiving as an upload (PROTOCOL.md section 11).

Records of all files come first, then photos. What is damaged is named and holds nothing else up; nothing is half-stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from sqlmodel import col, select

from sync import base64url, instant, vouching
from sync.archive import Archive, Draft
from sync.error import PackageRefused, Refused, SyncError
from sync.judge import Judgement
from sync.jwe import DecryptionKey
from sync.package import KEYS, MOST_RECORDS, RECEIPTS, Head, Package, Writer
from sync.photo import CHUNK_BYTES, WrongBytes
from sync.ring import Ring
from sync.table import RecordMedia
from sync.upload import Uploads

LINES = 500
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Fault:
    """What was not taken in: which file, which member of it (None: the whole file), and the reason's word."""

    file: str
    member: str | None
    reason: str


@dataclass
class Report:
    """What became of packages: verdicts by record hash, photos that count now, what was refused by name."""

    judgements: dict[str, Judgement] = field(default_factory=dict)
    unreadable: list[Judgement] = field(default_factory=list)
    photos: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def blame(self, file: str, member: str | None, reason: str) -> None:
        """Note what was not taken in, once."""
        fault = Fault(file, member, reason)
        if fault not in self.faults:
            self.faults.append(fault)

    @property
    def verdicts(self) -> Mapping[str, int]:
        """Return how many records got which verdict."""
        return Counter(one.verdict for one in (*self.judgements.values(), *self.unreadable))

    @property
    def refusals(self) -> list[Judgement]:
        """Return the records that were not appended and are not known."""
        found = (*self.judgements.values(), *self.unreadable)
        return [one for one in found if one.verdict in ("refused", "quarantined")]

    @property
    def hashes(self) -> list[str]:
        """Return the records the archive holds now."""
        return [name for name, one in self.judgements.items() if one.verdict in ("appended", "known")]


class Intake:
    """The door for packages of one archive. `vouch_for` names another archive whose keys are to be vouched for from now on."""

    def __init__(self, archive: Archive, key: DecryptionKey, by: str, vouch_for: str | None = None) -> None:
        self.archive = archive
        self.key = key
        self.by = by
        self.vouch_for = vouch_for

    def take(self, files: Sequence[tuple[str, BinaryIO]], progress: Progress = lambda _bytes: None) -> Report:
        """Take in files, given with their names. `progress` is told the bytes gone through; all files together are their sizes."""
        report = Report()
        opened = [(name, package) for name, file in files if (package := self._opened(name, file, report))]
        for name, package in opened:
            for damage in package.damaged():
                report.blame(name, damage.member, damage.reason)
        named = {name: self._records(name, package, report, progress) for name, package in opened}
        for name, package in opened:
            self._photos(name, package, named[name], report, progress)
        return report

    def _opened(self, name: str, file: BinaryIO, report: Report) -> Package | None:
        try:
            package = Package(file)
            head = package.head
            if head.archive != self.archive.name:
                raise PackageRefused("other-archive")
            if head.encrypted_to not in (None, self.key.kid):
                raise PackageRefused("other-key")
            if head.keys_of != self.archive.name:
                self._vouch(head.keys_of, package.lines(KEYS))
        except PackageRefused as refused:
            report.blame(name, refused.member, refused.reason)
            return None
        return package

    def _vouch(self, other: str, lines: Sequence[bytes]) -> None:
        """Take up what another archive's keys say, when a person has vouched for that archive; raise `PackageRefused` else."""
        with self.archive.database.reading() as session:
            known = vouching.records_of(session, other)
        if not known and self.vouch_for != other:
            raise PackageRefused("stranger-archive", detail=other)
        try:
            Ring(other, lines)
            seen = set(known)
            fresh = [line for line in lines if line not in seen]
            Ring(other, [*known, *fresh])
        except (Refused, SyncError) as error:
            raise PackageRefused("keys-differ", KEYS, str(error)) from error
        drafts = [
            Draft(vouching.KIND, "keys", {"archive": other, "records": some}, self.by)
            for some in vouching.batches(fresh)
        ]
        if drafts:
            self.archive.seal(drafts)

    def _records(self, name: str, package: Package, report: Report, progress: Progress) -> list[str]:
        """Push the records of a file; return the hashes of those that may name photos."""
        hashes: list[str] = []
        count = 0
        for member in package.record_pieces():
            try:
                lines = package.records(self.key, member)
            except PackageRefused as refused:
                report.blame(name, member, refused.reason)
                continue
            count += len(lines)
            for start in range(0, len(lines), LINES):
                hashes += self._push(lines[start : start + LINES], report)
            progress(sum(len(line) for line in lines))
        has_damage = any(fault.file == name for fault in report.faults)
        if count != package.counts["records"] and not has_damage:
            report.blame(name, None, "count-differs")
        return hashes

    def _push(self, lines: Sequence[bytes], report: Report) -> list[str]:
        found = []
        for judgement in self.archive.push(lines).judgements:
            if judgement.hash is None or judgement.verdict == "refused":
                report.unreadable.append(judgement)
                continue
            # Twice in a package, or in two parts of it: what was appended a moment ago is known now.
            report.judgements.setdefault(judgement.hash, judgement)
            found.append(judgement.hash)
        return found

    def _photos(
        self, name: str, package: Package, hashes: Sequence[str], report: Report, progress: Progress
    ) -> None:
        for sha256 in package.photos():
            wanting = self._naming(sha256, hashes)
            if not wanting:
                report.blame(name, f"photos/{sha256}", "not-named")
            try:
                for record, size in wanting:
                    self._receive(package, record, sha256, size, progress)
                    report.photos.add(sha256)
            except PackageRefused as refused:
                report.blame(name, refused.member, refused.reason)
            except WrongBytes:
                report.blame(name, f"photos/{sha256}", "hash-differs")

    def _naming(self, sha256: str, hashes: Sequence[str]) -> list[tuple[str, int]]:
        """Return which of these records name the bytes, and with which size."""
        with self.archive.database.reading() as session:
            rows = session.exec(
                select(RecordMedia.record, RecordMedia.size_bytes)
                .where(RecordMedia.sha256 == sha256)
                .distinct()
                .order_by(col(RecordMedia.record))
            ).all()
        some = set(hashes)
        return [(record, size) for record, size in rows if record in some]

    def _receive(self, package: Package, record: str, sha256: str, size: int, progress: Progress) -> None:
        # The package's own bytes each time: that the archive has them from somebody else gives nothing.
        chunks = _watched(package.photo(self.key, sha256), progress)
        Uploads(self.archive).receive(record, sha256, size, chunks)

    def answer(self, report: Report, file: BinaryIO) -> None:
        """Write the package that goes back: receipts for what the archive holds, and the keys to check them with."""
        receipts: list[bytes] = []
        for some in _batches(report.hashes[:MOST_RECORDS], LINES):
            receipts += [token.encode("ascii") for token in self.archive.receipts(some)[0]]
        head = Head(
            archive=self.archive.name,
            keys_of=self.archive.name,
            written_by="archive",
            written_at=instant.write(self.archive.clock()),
            package=base64url.encode(self.archive.randomness(16)),
        )
        writer = Writer(file, head)
        writer.plain(KEYS, [line.encode("ascii") for line in self.archive.key_records()])
        writer.plain(RECEIPTS, receipts)
        writer.close()


def _watched(chunks: Iterable[bytes], progress: Progress) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), CHUNK_BYTES):
            yield chunk[start : start + CHUNK_BYTES]
        progress(len(chunk))


def _batches(hashes: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (hashes[start : start + size] for start in range(0, len(hashes), size))
