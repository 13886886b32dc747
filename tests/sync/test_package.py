"""Packages: taken in exactly as a push, answered with receipts, and carried from an outer archive to an inner one."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from sync import package as format_
from sync import record
from sync.archive import Archive
from sync.encryption import announce
from sync.intake import Fault, Intake
from sync.jwe import PIECE_BYTES, DecryptionKey
from sync.package import MANIFEST, Head, Item, Package, Writer, plan
from sync.record import Record
from sync.ring import Ring
from sync.table import Quarantined, RecordRow
from tests.sync.factory import Phone, archive, enrolled, sent
from tests.sync.packing import ID, follow, members, openable, packed, taken, zipped
from tests.sync.test_archive import ROWS
from tests.sync.test_upload import HASH, JPEG, image


class Carried:
    """An archive, a phone, and one package with a note and a photo of it."""

    def __init__(self, folder: Path) -> None:
        self.home = archive(folder)
        self.key = openable(self.home)
        self.phone = enrolled(self.home)
        self.note, self.image = self.phone.seal(), image(self.phone)
        (self.file,) = packed(self.home, self.key, [self.note, self.image], [JPEG])

    def stored(self) -> set[str]:
        with self.home.database.reading() as session:
            return set(session.exec(select(RecordRow.hash).where(RecordRow.stream != "keys")))


@pytest.fixture
def carried(tmp_path: Path) -> Carried:
    return Carried(tmp_path)


def test_a_package_is_taken_in_like_a_push_and_answered_with_receipts(carried: Carried) -> None:
    report = taken(carried.home, carried.key, carried.file)
    assert (dict(report.verdicts), report.faults, report.photos) == ({"appended": 2}, [], {HASH})
    answer = io.BytesIO()
    Intake(carried.home, carried.key, "d04").answer(report, answer)
    back = Package(answer)
    assert (back.head.written_by, back.record_pieces(), back.photos()) == ("archive", [], [])
    ring = Ring(carried.home.name, back.lines(format_.KEYS))
    assert ring.encryption == carried.key.jwk
    facts = [fact for token in back.lines(format_.RECEIPTS) for fact in ring.receipt(token.decode())["facts"]]
    assert {fact["hash"] for fact in facts if fact["completed_at"]} == {carried.note.hash, carried.image.hash}


def test_a_package_taken_in_twice_is_known(carried: Carried) -> None:
    taken(carried.home, carried.key, carried.file)
    again = taken(carried.home, carried.key, carried.file)
    assert (dict(again.verdicts), again.faults) == ({"known": 2}, [])


def test_any_unpacker_opens_the_container(carried: Carried) -> None:
    with zipfile.ZipFile(io.BytesIO(carried.file)) as opened:
        assert opened.testzip() is None
        assert {one.compress_type for one in opened.infolist()} == {zipfile.ZIP_STORED}
        assert opened.namelist()[-1] == MANIFEST


def test_parts_are_taken_in_alone_and_in_any_order(carried: Carried) -> None:
    pictures = [os.urandom(200_000) for _ in range(3)]
    records = [image(carried.phone, picture) for picture in pictures]
    files = packed(carried.home, carried.key, records, pictures, part_bytes=300_000)
    assert len(files) == 3
    for file in reversed(files):
        report = taken(carried.home, carried.key, file)
        assert (dict(report.verdicts), len(report.photos), report.faults) == ({"appended": 1}, 1, [])
    assert carried.home.receipts([one.hash for one in records])[1] == {}


def test_a_large_photo_goes_in_pieces(carried: Carried) -> None:
    picture = os.urandom(2 * PIECE_BYTES + 17)
    record = image(carried.phone, picture)
    (file,) = packed(carried.home, carried.key, [record], [picture])
    assert len([name for name in members(file) if name.startswith("photos/")]) == 3
    assert taken(carried.home, carried.key, file).faults == []
    assert carried.home.receipts([record.hash])[1] == {}


def test_no_file_is_planned_larger_than_asked_unless_one_record_is() -> None:
    records = [Item(f"{number:064x}", 1000, ((f"{number:064x}", 9000),)) for number in range(10)]
    assert [len(part.photos) for part in plan(records, 30_000)] == [2] * 5
    assert [len(part.photos) for part in plan(records, 1)] == [1] * 10
    assert [part.pieces for part in plan([])] == [[]]


# -- the same judgement through a push and through a package ------------------------------------------------------------------


def _twice(row: Callable[[Phone], Record], folder: Path) -> list[tuple[Any, ...]]:
    """Return what a push and what an import make of the same record, in two archives alike but for their keys."""
    found = []
    for name, is_package in (("pushed", False), ("carried", True)):
        (folder / name).mkdir()
        home = archive(folder / name)
        key, phone = openable(home), enrolled(home)
        sealed, good = row(phone), phone.seal()
        if is_package:
            taken(home, key, *packed(home, key, [sealed, good]))
        else:
            home.push(sent(sealed, good))
        with home.database.reading() as session:
            aside = [(one.reason, one.person) for one in session.exec(select(Quarantined))]
            kinds = sorted(session.exec(select(RecordRow.kind).where(RecordRow.stream != "keys")))
        found.append((aside, kinds, [len(home.receipts([one.hash])[0]) for one in (sealed, good)]))
    return found


GOOD: tuple[str, Callable[[Phone], Record]] = ("good", lambda phone: phone.seal())
STRANGER: tuple[str, Callable[[Phone], Record]] = ("unknown-key", lambda _phone: Phone("i66").seal())
SAME = [GOOD, STRANGER, *((reason, row) for _, reason, row in ROWS)]


@pytest.mark.parametrize("row", [row for _, row in SAME], ids=[name for name, _ in SAME])
def test_import_judges_exactly_as_a_push(tmp_path: Path, row: Callable[[Phone], Record]) -> None:
    pushed, imported = _twice(row, tmp_path)
    assert imported == pushed


# -- an inner archive, fed by packages of an outer one ------------------------------------------------------------------------


def _outer_and_inner(folder: Path) -> tuple[Archive, Archive, DecryptionKey]:
    homes = []
    for name in ("outer", "inner"):
        (folder / name).mkdir()
        homes.append(archive(folder / name))
    return homes[0], homes[1], openable(homes[1])


def _for_inner(outer: Archive, inner: Archive, key: DecryptionKey, records: list[Record]) -> bytes:
    keys = [str(line.record).encode() for line in outer.page("keys", 0)]
    file = io.BytesIO()
    head = Head(inner.name, outer.name, "command", "2026-11-22T04:00:00.000+00:00", ID, encrypted_to=key.kid)
    writer = Writer(file, head, key.jwk)
    writer.plain(format_.KEYS, keys)
    texts = {one.hash: sent(one)[0] for one in records}
    writer.records([list(texts)], texts.__getitem__)
    writer.close()
    return file.getvalue()


def test_an_inner_archive_takes_what_an_outer_one_carries_once_somebody_vouches(tmp_path: Path) -> None:
    outer, inner, key = _outer_and_inner(tmp_path)
    one = enrolled(outer).seal()
    file = _for_inner(outer, inner, key, [one])
    assert [fault.reason for fault in taken(inner, key, file).faults] == ["stranger-archive"]
    assert dict(taken(inner, key, file, vouch_for=outer.name).verdicts) == {"appended": 1}
    later = enrolled(outer, "i06").seal()
    assert dict(taken(inner, key, _for_inner(outer, inner, key, [one, later])).verdicts) == {
        "known": 1,
        "appended": 1,
    }
    assert archive(tmp_path / "inner").name == inner.name


def test_another_archives_key_says_nothing_about_keys_here(tmp_path: Path) -> None:
    outer, inner, key = _outer_and_inner(tmp_path)
    taken(inner, key, _for_inner(outer, inner, key, [enrolled(outer).seal()]), vouch_for=outer.name)
    lines = [str(line.record).encode() for line in outer.page("keys", 0)]
    verdicts = [(one.verdict, one.reason) for one in inner.push(lines).judgements]
    assert verdicts == [("quarantined", "kind-not-allowed")] * len(lines)


def test_what_an_outer_archive_revoked_is_set_aside_by_the_inner_one(tmp_path: Path) -> None:
    outer, inner, key = _outer_and_inner(tmp_path)
    phone = enrolled(outer)
    outer.revoke(phone.key.kid, "lost", "d04")
    report = taken(inner, key, _for_inner(outer, inner, key, [phone.seal()]), vouch_for=outer.name)
    assert [one.reason for one in report.refusals] == ["revoked-key"]


def test_keys_that_do_not_follow_from_the_archives_name_are_refused(tmp_path: Path) -> None:
    outer, inner, key = _outer_and_inner(tmp_path)
    parts = members(_for_inner(outer, inner, key, [enrolled(outer).seal()]))
    parts["keys.ndjson"] = sent(Phone().seal())[0]
    follow(parts)
    report = taken(inner, key, zipped(parts), vouch_for=outer.name)
    assert report.faults == [Fault("1", "keys.ndjson", "keys-differ")]


def test_a_key_for_packages_is_made_once_and_announced_once(tmp_path: Path) -> None:
    home, path = archive(tmp_path), tmp_path / "key" / "encryption.pem"
    first = DecryptionKey.kept_at(path)
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(2):
        announce(home, DecryptionKey.kept_at(path))
    kinds = [record.parse(line.encode()).payload["kind"] for line in home.key_records()]
    assert kinds == ["archive_key", "encryption_key"]
    ring = Ring(home.name, [line.encode() for line in home.key_records()])
    assert ring.encryption == first.jwk
    newer = openable(home)
    assert Ring(home.name, [line.encode() for line in home.key_records()]).encryption == newer.jwk
