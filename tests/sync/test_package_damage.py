"""Spoiled packages: every trick has its name, what is damaged holds nothing else, and nothing wrong is stored."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from sync.archive import Archive
from sync.error import PackageRefused
from sync.intake import Fault
from sync.jwe import PIECE_BYTES, DecryptionKey, Place, encrypt
from sync.package import MANIFEST, Package, Writer
from sync.table import Upload
from tests.sync import test_package
from tests.sync.factory import archive, enrolled, sent
from tests.sync.packing import ID, follow, members, openable, packed, taken, with_directory, zipped
from tests.sync.test_package import Carried
from tests.sync.test_upload import HASH, JPEG, image

carried = test_package.carried

# -- whole files refused by name ----------------------------------------------------------------------------------------------

Spoil = Callable[[bytes], bytes]
FIRST = "keys.ndjson"


def _rewritten(change: Callable[[dict[str, bytes]], Any]) -> Spoil:
    """Return a spoiler that changes members and writes an honest container of them."""

    def spoil(file: bytes) -> bytes:
        parts = members(file)
        changed = change(parts)
        return zipped(parts if changed is None else changed)

    return spoil


def _manifest(**changes: Any) -> Spoil:
    def change(parts: dict[str, bytes]) -> None:
        parts[MANIFEST] = json.dumps({**json.loads(parts[MANIFEST]), **changes}).encode()

    return _rewritten(change)


def _with(name: str) -> Spoil:
    return _rewritten(lambda parts: {name: b"x", **parts})


def _without(name: str) -> Spoil:
    return _rewritten(lambda parts: {one: data for one, data in parts.items() if one != name})


def _deflated(file: bytes) -> bytes:
    packed_ = io.BytesIO()
    with zipfile.ZipFile(packed_, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in members(file).items():
            opened.writestr(name, data)
    return packed_.getvalue()


def _local(at: int, value: int) -> Spoil:
    def spoil(file: bytes) -> bytes:
        changed = bytearray(file)
        changed[at] ^= value
        return bytes(changed)

    return spoil


def _many(file: bytes) -> bytes:
    changed = bytearray(file)
    changed[-14:-12] = changed[-12:-10] = (20_001).to_bytes(2, "little")
    return bytes(changed)


WHOLE: list[tuple[str, str, Spoil]] = [
    ("empty", "not-a-package", lambda _file: b""),
    ("a photo", "not-a-package", lambda _file: JPEG),
    ("no manifest", "not-a-package", _without(MANIFEST)),
    ("cut at the end", "truncated", lambda file: file[:-1]),
    ("cut in the middle", "truncated", lambda file: file[: len(file) // 2]),
    ("something behind the end", "truncated", lambda file: file + b"more"),
    ("something before the start", "not-a-package", lambda file: b"MZ" + file),
    ("absolute path", "path-trick", _with("/etc/passwd")),
    ("way up", "path-trick", _with("photos/../../x.jwe")),
    ("backslash", "path-trick", _with("..\\x")),
    ("drive", "path-trick", _with("C:x")),
    ("folder", "path-trick", _with("photos/")),
    ("unknown name", "unknown-member", _with("setup.exe")),
    ("duplicate name", "duplicate-member", _rewritten(lambda parts: [*parts.items(), (FIRST, b"x")])),
    ("compressed", "compressed", _deflated),
    ("encrypted by ZIP", "unknown-feature", lambda file: with_directory(file, 8, "<H", 1)),
    (
        "a bomb's size",
        "too-large",
        lambda file: with_directory(with_directory(file, 20, "<I", 1 << 30), 24, "<I", 1 << 30),
    ),
    ("sizes disagree", "sizes-disagree", lambda file: with_directory(file, 20, "<I", 1)),
    ("local size differs", "headers-disagree", _local(18, 1)),
    ("local name differs", "headers-disagree", _local(30, 1)),
    ("local compressed", "headers-disagree", _local(8, 8)),
    ("overlapping", "sizes-disagree", lambda file: with_directory(file, 42, "<I", 7)),
    ("too many members", "too-many-members", _many),
    ("other archive", "other-archive", _manifest(archive="A" * 43)),
    ("other key", "other-key", _manifest(encrypted_to="A" * 43)),
    ("strange keys", "stranger-archive", _manifest(keys_of="A" * 43)),
    ("manifest not JSON", "manifest-differs", _rewritten(lambda parts: parts.update({MANIFEST: b"{"}))),
    ("manifest of later format", "manifest-differs", _manifest(format="fieldapp-package-2")),
    ("manifest names less", "manifest-differs", _manifest(members=[])),
    ("manifest counts nonsense", "manifest-differs", _manifest(counts={})),
    ("part of fewer parts", "manifest-differs", _manifest(part=3)),
    (
        "manifest not last",
        "manifest-differs",
        _rewritten(lambda parts: {MANIFEST: parts.pop(MANIFEST), **parts}),
    ),
]


@pytest.mark.parametrize(("reason", "spoil"), [row[1:] for row in WHOLE], ids=[row[0] for row in WHOLE])
def test_a_spoiled_file_is_refused_by_name_and_nothing_is_stored(
    carried: Carried, reason: str, spoil: Spoil
) -> None:
    report = taken(carried.home, carried.key, spoil(carried.file))
    assert [fault.reason for fault in report.faults] == [reason]
    assert (carried.stored(), dict(report.verdicts)) == (set(), {})


def test_overlapping_members_are_refused(carried: Carried) -> None:
    two = bytearray(zipped({FIRST: b"x", "receipts.ndjson": b"y"}))
    start = int.from_bytes(two[-6:-2], "little")
    second = start + 46 + len(FIRST)
    two[second + 42 : second + 46] = (0).to_bytes(4, "little")
    with pytest.raises(PackageRefused) as refused:
        Package(io.BytesIO(bytes(two)))
    assert refused.value.reason == "overlap"


def test_a_spoiled_file_holds_no_other_file(carried: Carried) -> None:
    report = taken(carried.home, carried.key, carried.file[:-1], carried.file)
    assert report.faults == [Fault("1", None, "truncated")]
    assert carried.stored() == {carried.note.hash, carried.image.hash}


# -- members refused by name --------------------------------------------------------------------------------------------------


def _replaced(name: str, data: bytes) -> Spoil:
    """Return a spoiler that puts other bytes into a member, the manifest following."""

    def change(parts: dict[str, bytes]) -> None:
        parts[name] = data
        follow(parts)

    return _rewritten(change)


def _flipped(name: str) -> Spoil:
    def spoil(file: bytes) -> bytes:
        at = file.index(members(file)[name]) + 700
        return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]

    return spoil


RECORDS, PHOTO = "records/0001.jwe", f"photos/{HASH}/0001.jwe"


def test_a_damaged_photo_is_named_and_its_record_taken(carried: Carried) -> None:
    report = taken(carried.home, carried.key, _flipped(PHOTO)(carried.file))
    assert report.faults == [Fault("1", PHOTO, "hash-differs")]
    assert dict(report.verdicts) == {"appended": 2}
    assert carried.home.receipts([carried.image.hash])[1] == {carried.image.hash: [HASH]}
    with carried.home.database.reading() as session:
        assert session.exec(select(Upload)).all() == []
    assert taken(carried.home, carried.key, carried.file).faults == []


def test_damaged_records_are_named(carried: Carried) -> None:
    report = taken(carried.home, carried.key, _flipped(RECORDS)(carried.file))
    assert Fault("1", RECORDS, "hash-differs") in report.faults
    assert carried.stored() == set()


def _piece(carried: Carried, member: str, data: bytes, **place: Any) -> bytes:
    where = {"of": f"{ID}.1of1", "name": member, "total": 1, **place}
    return encrypt(carried.key.jwk, Place(**where), data)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ({"of": f"{ID}.1of2"}, "misplaced"),
        ({"name": RECORDS}, "misplaced"),
        ({"total": 2}, "misplaced"),
    ],
)
def test_pieces_cannot_be_moved_or_dropped_unnoticed(
    carried: Carried, place: dict[str, Any], reason: str
) -> None:
    file = _replaced(PHOTO, _piece(carried, PHOTO, JPEG, **place))(carried.file)
    assert taken(carried.home, carried.key, file).faults == [Fault("1", PHOTO, reason)]


def test_a_piece_for_another_key_or_of_rubbish_is_named(carried: Carried) -> None:
    other = encrypt(DecryptionKey.new().jwk, Place(f"{ID}.1of1", PHOTO, 1), JPEG)
    for data, reason in ((other, "other-key"), (b"rubbish", "not-decrypted")):
        report = taken(carried.home, carried.key, _replaced(PHOTO, data)(carried.file))
        assert report.faults == [Fault("1", PHOTO, reason)]


def test_other_bytes_under_a_photos_name_count_for_nothing(carried: Carried) -> None:
    file = _replaced(PHOTO, _piece(carried, PHOTO, os.urandom(len(JPEG))))(carried.file)
    assert taken(carried.home, carried.key, file).faults == [Fault("1", f"photos/{HASH}", "hash-differs")]


def test_a_photo_that_no_record_beside_it_names_is_not_taken(carried: Carried) -> None:
    (file,) = packed(carried.home, carried.key, [carried.image], [JPEG])
    note = sent(carried.note)[0] + b"\n"
    report = taken(carried.home, carried.key, _replaced(RECORDS, _piece(carried, RECORDS, note))(file))
    assert report.faults == [Fault("1", f"photos/{HASH}", "not-named")]
    assert not carried.home.photos.has(HASH)


def test_a_piece_that_is_not_there_is_missed(carried: Carried) -> None:
    picture = os.urandom(PIECE_BYTES + 1)
    record = image(carried.phone, picture)
    (file,) = packed(carried.home, carried.key, [record], [picture])
    group = sorted(name for name in members(file) if name.startswith("photos/"))
    for gone, reason in ((group[0], "piece-missing"), (group[1], "misplaced")):

        def drop(parts: dict[str, bytes], gone: str = gone) -> None:
            del parts[gone]
            follow(parts)

        report = taken(carried.home, carried.key, _rewritten(drop)(file))
        assert [fault.reason for fault in report.faults] == [reason]
    assert carried.home.receipts([record.hash])[1] != {}


def test_fewer_records_than_counted_are_noticed(carried: Carried) -> None:
    file = _manifest(counts={"records": 3, "photos": 1, "receipts": 0, "keys": 2})(carried.file)
    assert taken(carried.home, carried.key, file).faults == [Fault("1", None, "count-differs")]


@settings(max_examples=150, deadline=None)
@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_whatever_bit_is_flipped_nothing_wrong_is_stored_and_the_damage_is_named(
    small: tuple[Archive, DecryptionKey, bytes, set[str]],
    at: int,
    bit: int,
) -> None:
    home, key, file, hashes = small
    at %= len(file)
    damaged = file[:at] + bytes([file[at] ^ (1 << bit)]) + file[at + 1 :]
    report = taken(home, key, damaged)
    assert report.faults
    assert set(report.hashes) <= hashes
    assert report.refusals == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Archive, DecryptionKey, bytes, set[str]]:
    home = archive(tmp_path_factory.mktemp("small"))
    key, phone = openable(home), enrolled(home)
    picture = os.urandom(400)
    records = [phone.seal(), image(phone, picture)]
    (file,) = packed(home, key, records, [picture])
    return home, key, file, {one.hash for one in records}


def test_a_writer_refuses_a_photo_that_is_not_what_it_is_called(carried: Carried) -> None:
    head = Package(io.BytesIO(carried.file)).head
    writer = Writer(io.BytesIO(), head, carried.key.jwk)
    with pytest.raises(PackageRefused, match="hash-differs"):
        writer.photo(HASH, len(JPEG), io.BytesIO(JPEG[:-1] + b"x"))
