"""Erasure by law: what goes, what stays, and that nobody brings it back."""

import hashlib
from dataclasses import replace

import pytest

from sync import stream
from sync.archive import Archive, Objected
from sync.record import Record
from sync.ruling import rule
from sync.table import Media, Quarantined, RecordMedia, RecordRow
from sync.upload import Uploads
from tests.store import Store
from tests.sync.factory import STREAM, Image, Note, archive, enrolled, sent

PHOTO = b"photo bytes" * 1000
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def erase(home: Archive, *records: Record) -> Record:
    return home.erase([one.hash for one in records], STREAM, "PIPL art. 47", "d04", "d05")


def image(phone: object) -> Record:
    named = {"sha256": SHA256, "size_bytes": len(PHOTO), "required": True}
    return phone.seal({"bytes": [named]}, kind="image")  # type: ignore[attr-defined,no-any-return]


def test_bytes_photos_and_rows_go_hash_position_and_head_stay(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    note, picture, other = phone.seal(), image(phone), phone.seal()
    home.push(sent(note, picture, other))
    Uploads(home).receive(picture.hash, SHA256, len(PHOTO), [PHOTO])
    destroyed: list[str] = []
    home.on_destroyed = destroyed.append
    erasure = erase(home, note, picture)
    page = home.page(STREAM, 0)
    assert [(line.hash, line.record is None) for line in page] == [
        (note.hash, True),
        (picture.hash, True),
        (other.hash, False),
        (erasure.hash, False),
    ]
    assert [line.head for line in page] == stream.heads(home.name, STREAM, [line.hash for line in page])[1:]
    assert not home.photos.has(SHA256)
    assert destroyed == [SHA256]
    with home.database.reading() as session:
        assert (session.get(Media, SHA256), session.get(RecordMedia, (picture.hash, "part0"))) == (None, None)
        assert session.get(Note, note.payload["id"]) is None
        assert session.get(Image, picture.payload["id"]) is None
        assert session.get(Note, other.payload["id"]) is not None


def test_sent_again_by_whomever_an_erased_record_stays_erased(store: Store) -> None:
    home = archive(store)
    note = enrolled(home).seal()
    home.push(sent(note))
    erase(home, note)
    judged = home.push(sent(note)).judgements[0]
    assert (judged.verdict, judged.reason) == ("known", "erased")
    with home.database.reading() as session:
        assert session.get_one(RecordRow, note.hash).bytes is None


def test_what_was_erased_before_it_came_is_appended_without_its_bytes(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    note, picture = phone.seal(), image(phone)
    erase(home, note, picture)
    pushed = home.push(sent(note, picture))
    assert [(judged.verdict, judged.reason, judged.missing) for judged in pushed.judgements] == [
        ("known", "erased", ()),
        ("known", "erased", ()),
    ]
    with home.database.reading() as session:
        assert [session.get_one(RecordRow, one.hash).bytes for one in (note, picture)] == [None, None]
        assert session.get(Note, note.payload["id"]) is None


def test_photo_bytes_another_record_names_stay(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    first, second = image(phone), image(phone)
    home.push(sent(first, second))
    for one in (first, second):
        Uploads(home).receive(one.hash, SHA256, len(PHOTO), [PHOTO])
    erase(home, first)
    assert home.photos.has(SHA256)
    erase(home, second)
    assert not home.photos.has(SHA256)


def test_destroying_photos_goes_on_where_it_was_broken_off(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    picture = image(phone)
    home.push(sent(picture))
    Uploads(home).receive(picture.hash, SHA256, len(PHOTO), [PHOTO])
    erase_, home.photos.erase = home.photos.erase, _fail  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no disk"):
        erase(home, picture)
    home.photos.erase = erase_  # type: ignore[method-assign]
    assert home.destroy_erased() == [SHA256]
    assert not home.photos.has(SHA256)
    assert home.destroy_erased() == []


def _fail(_sha256: str) -> None:
    raise OSError("no disk")


def test_a_set_aside_twin_of_an_erased_record_loses_its_bytes_too(store: Store) -> None:
    home = archive(store)
    dream = enrolled(home).seal(kind="dream")
    home.push(sent(dream))
    erase(home, dream)
    with home.database.reading() as session:
        assert session.get_one(Quarantined, dream.hash).bytes is None


def test_photos_of_a_record_set_aside_go_with_it(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    picture = image(phone)
    home.push(sent(picture))
    Uploads(home).receive(picture.hash, SHA256, len(PHOTO), [PHOTO])
    assert home.photos.has(SHA256)
    erase(home, picture)
    assert not home.photos.has(SHA256)
    with home.database.reading() as session:
        assert session.get(RecordMedia, (picture.hash, "part0")) is None


def test_an_erasure_in_another_stream_takes_no_photo_of_an_admitted_record(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    picture = image(phone)
    home.push(sent(picture))
    Uploads(home).receive(picture.hash, SHA256, len(PHOTO), [PHOTO])
    rule(home, picture.hash, "admitted", "honest", "d04")
    home.erase([picture.hash], f"project:{home.new_id()}", "PIPL art. 47", "d04", "d05")
    assert home.photos.has(SHA256)
    with home.database.reading() as session:
        assert session.get_one(RecordRow, picture.hash).bytes is not None


def test_one_person_cannot_erase_alone_and_a_phone_cannot_at_all(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home, role="supervisor")
    note = phone.seal()
    home.push(sent(note))
    with pytest.raises(Objected):
        home.erase([note.hash], STREAM, "why", "d04", "d04")
    body = {"ground": "why", "hashes": [note.hash], "proposed_by": "d04", "confirmed_by": "d05"}
    forged = phone.seal(body, kind="erasure")
    judged = home.push(sent(forged)).judgements[0]
    assert (judged.verdict, judged.reason) == ("quarantined", "kind-not-allowed")
    assert home.page(STREAM, 0)[0].record is not None


def test_an_erased_head_leaves_no_row_and_an_erased_past_changes_none(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    first = phone.seal({"what": "said of somebody"})
    second = phone.seal({"what": "corrected"}, entity=first.payload["id"], supersedes=[first.hash])
    home.push(sent(first, second))
    erase(home, first)
    with home.database.reading() as session:
        assert session.get_one(Note, first.payload["id"]).what == "corrected"
    erase(home, second)
    with home.database.reading() as session:
        assert session.get(Note, first.payload["id"]) is None


def test_kinds_learned_later_are_no_way_around_an_erasure(store: Store) -> None:
    home = archive(store)
    dream = enrolled(home).seal(kind="dream")
    home.push(sent(dream))
    erase(home, dream)
    home.rulebook.kinds["dream"] = replace(home.rulebook.kinds["note"], name="dream")
    assert home.push(sent(dream)).judgements[0].reason == "erased"
