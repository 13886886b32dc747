"""An archive checked from the outside in: each kind of damage is named, and nothing else is; folded again, the tables are the same."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from sqlmodel import Session

from sync.archive import Archive
from sync.rebuild import fit, rebuild
from sync.ruling import rule
from sync.table import RecordRow, Unfolded
from sync.upload import Uploads
from sync.verify import Report, size, verify
from tests.store import Store
from tests.sync.factory import STREAM, TABLES, Phone, archive, enrolled, sent

PHOTO = b"photo bytes" * 50_000
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def filled(store: Store) -> tuple[Archive, Phone]:
    """An archive with notes, a correction, a photo, something erased and something set aside."""
    home = archive(store)
    phone = enrolled(home)
    first, other = phone.seal(), phone.seal({"what": "said of somebody"})
    second = phone.seal({"what": "corrected"}, entity=first.payload["id"], supersedes=[first.hash])
    named = {"sha256": SHA256, "size_bytes": len(PHOTO), "required": True}
    picture = phone.seal({"bytes": [named]}, kind="image")
    home.push(sent(first, other, second, picture, phone.seal(v=9)))
    Uploads(home).receive(picture.hash, SHA256, len(PHOTO), [PHOTO])
    home.erase([other.hash], STREAM, "PIPL art. 47", "d04", "d05")
    return home, phone


def spoil(home: Archive, statement: str, **values: Any) -> None:
    with home.database.writing() as session:
        session.execute(text(statement), values)


def named(report: Report) -> list[tuple[str, str]]:
    return [(damage.where, damage.what) for damage in report.damages]


def test_a_whole_archive_is_whole_and_counts_what_was_checked(store: Store) -> None:
    home, _ = filled(store)
    receipt = home.receipts([line.hash for line in home.page(STREAM, 0)])[0]
    heard: list[int] = []
    report = verify(home, receipt, heard.append)
    assert named(report) == []
    assert (report.records, report.photos, report.photo_bytes, report.erased, report.receipts) == (
        7,
        1,
        len(PHOTO),
        1,
        1,
    )
    assert sum(heard) == size(home) == 8


def _photo_gone(home: Archive) -> None:
    home.photos.erase(SHA256)


DAMAGES: list[tuple[Callable[[Archive], None], list[tuple[str, str]]]] = [
    (
        lambda home: spoil(home, "DELETE FROM record WHERE stream = :s AND position = 2", s=STREAM),
        [(f"{STREAM} at 3", "position-missing"), (f"{STREAM} at 3", "chain-broken")],
    ),
    (
        lambda home: spoil(home, "DELETE FROM record WHERE stream = :s AND position = 5", s=STREAM),
        [(f"{STREAM} at 4", "stream-cut")],
    ),
    (
        lambda home: spoil(
            home, "UPDATE record SET bytes = NULL WHERE stream = :s AND position = 1", s=STREAM
        ),
        [(f"{STREAM} at 1", "bytes-gone")],
    ),
    (
        lambda home: spoil(home, "UPDATE record SET author = author, kind = 'other' WHERE position = 3"),
        [(f"{STREAM} at 3", "row-differs")],
    ),
    (_photo_gone, [(f"photo {SHA256}", "photo-gone")]),
]


@pytest.mark.parametrize(("damage", "expected"), DAMAGES, ids=["hole", "end", "bytes", "row", "photo"])
def test_each_damage_is_named_where_it_is(
    store: Store, damage: Callable[[Archive], None], expected: list[tuple[str, str]]
) -> None:
    home, _ = filled(store)
    damage(home)
    assert named(verify(home)) == expected


def test_bytes_changed_in_place_are_found_whatever_was_changed(store: Store) -> None:
    home, phone = filled(store)
    note = phone.seal({"what": "true"})
    forged = Phone(key=phone.key).seal({"what": "false"}, id=note.payload["id"])
    home.push(sent(note))
    sealed = sent(note)[0]
    other_seal = sealed[: sealed.rindex(b".") + 1] + sent(forged)[0].rsplit(b".", 1)[1]
    for raw, what in (
        (sent(forged)[0], "hash-differs"),
        (other_seal, "bad-signature"),
        (b"junk", "record-unreadable"),
    ):
        spoil(home, "UPDATE record SET bytes = :raw WHERE hash = :hash", raw=raw, hash=note.hash)
        assert named(verify(home)) == [(f"{STREAM} at 6", what)]


def test_a_certificate_slipped_into_the_table_is_no_certificate(store: Store) -> None:
    home, phone = filled(store)
    thief = Phone("i66")
    spoil(home, "UPDATE certificate SET kid = :new WHERE kid = :old", new=thief.key.kid, old=phone.key.kid)
    assert named(verify(home)) == [(f"key {thief.key.kid}", "certificate-differs")]


def test_what_was_called_complete_without_its_photo_is_found(store: Store) -> None:
    home, _ = filled(store)
    picture = home.page(STREAM, 0)[3].hash
    spoil(home, "UPDATE record_media SET received_at = NULL")
    assert named(verify(home)) == [(f"record {picture}", "complete-without-photo")]


def test_photo_bytes_that_changed_on_disk_are_found(store: Store) -> None:
    home, _ = filled(store)
    opened = home.photos.open

    def flipped(sha256: str) -> Any:
        with opened(sha256) as file:
            return io.BytesIO(b"X" + file.read()[1:])

    home.photos.open = flipped  # type: ignore[method-assign]
    assert named(verify(home)) == [(f"photo {SHA256}", "photo-differs")]


def test_a_receipt_the_archive_no_longer_honours_and_a_forged_one_are_named(store: Store) -> None:
    home, phone = filled(store)
    note = phone.seal()
    home.push(sent(note))
    (receipt,) = home.receipts([note.hash])[0]
    spoil(home, "DELETE FROM record WHERE hash = :hash", hash=note.hash)
    spoil(
        home,
        "UPDATE stream SET position = 5, head = (SELECT head FROM record WHERE stream = :s AND position = 5) WHERE name = :s",
        s=STREAM,
    )
    assert named(verify(home, [receipt, receipt[:-8] + "AAAAAAAA", "junk"])) == [
        ("receipt 1", "fact-does-not-hold"),
        ("receipt 2", "receipt-not-proven"),
        ("receipt 3", "receipt-not-proven"),
    ]


def folded(home: Archive) -> dict[str, list[Any]]:
    with home.database.reading() as session:
        return {kind: _rows(session, table) for kind, table in TABLES.items()}


def _rows(session: Session, table: Any) -> list[Any]:
    return [
        tuple(row) for row in session.execute(select(*table.__table__.c).order_by(table.__table__.c.entity))
    ]


def test_folded_from_nothing_the_tables_are_the_same(store: Store) -> None:
    home, _ = filled(store)
    before = folded(home)
    assert len(before["note"]) == 1 and len(before["image"]) == 1
    for table in TABLES.values():
        spoil(home, f"DELETE FROM {table.__tablename__}")
    heard: list[int] = []
    assert rebuild(home, heard.append) == sum(heard) == 7
    assert folded(home) == before
    rebuild(home)
    assert folded(home) == before


def test_tables_of_an_earlier_release_are_made_anew_and_folded(store: Store) -> None:
    home, _ = filled(store)
    before = folded(home)
    assert fit(home) == set()
    spoil(home, "ALTER TABLE test_note DROP COLUMN what")
    spoil(home, "ALTER TABLE test_note ADD COLUMN older TEXT")
    spoil(home, "DELETE FROM test_image")
    heard: list[int] = []
    assert fit(home, heard.append) == {"test_note"}
    assert sum(heard) > 0
    # Only what did not fit is touched.
    assert folded(home) == {**before, "image": []}
    assert fit(home) == set()


def test_two_archives_with_the_same_records_in_another_order_fold_to_equal_tables(store: Store) -> None:
    home, _ = filled(store)
    records = [line.record.encode() for line in home.page(STREAM, 0) if line.record]
    shuffled = [*records[2:], *records[:2]]
    with home.database.writing() as session:
        _empty(session.connection())
    home.push(shuffled)
    again = folded(home)
    with home.database.writing() as session:
        _empty(session.connection())
    home.push(records)
    assert folded(home) == again


def _empty(connection: Connection) -> None:
    for table in ("test_note", "test_image", "record_media"):
        connection.execute(text(f"DELETE FROM {table}"))
    connection.execute(text("DELETE FROM record WHERE stream <> 'keys'"))
    connection.execute(text("DELETE FROM stream WHERE name <> 'keys'"))


def test_what_cannot_be_folded_is_listed_again_and_the_rest_is_folded(store: Store) -> None:
    home, phone = filled(store)
    bad = phone.seal({"nothing": 1})
    home.push(sent(bad))
    rule(home, bad.hash, "admitted", "kept as evidence", "d04")
    spoil(home, "DELETE FROM unfolded")
    before = folded(home)
    rebuild(home)
    assert folded(home) == before
    with home.database.reading() as session:
        assert session.get(Unfolded, bad.payload["id"]) is not None
        assert session.get(RecordRow, bad.hash) is not None
