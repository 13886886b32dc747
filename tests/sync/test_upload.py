import hashlib
import io
import os
from collections.abc import Iterator
from typing import cast

import pytest
from sqlmodel import select

from sync import statement
from sync.archive import Archive
from sync.photo import WrongBytes, WrongOffset
from sync.record import Record
from sync.table import ErasedMedia, Media, RecordRow
from sync.upload import LIFE, MOST_AT_ONCE, NotNamed, NoUpload, Uploads
from tests.store import Store
from tests.sync.factory import STREAM, Phone, StandingClock, archive, enrolled, sent

JPEG = os.urandom(300_000)
HASH = hashlib.sha256(JPEG).hexdigest()


def image(phone: Phone, data: bytes = JPEG, is_required: bool = True) -> Record:
    named = {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data), "required": is_required}
    return phone.seal({"bytes": [named]}, kind="image")


def is_complete(home: Archive, sealed: Record) -> bool:
    return not home.receipts([sealed.hash])[1]


def test_a_record_is_complete_when_its_bytes_are_read_back(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    pushed = home.push(sent(sealed))
    assert pushed.judgements[0].missing == (HASH,)
    uploads = Uploads(home)
    token = uploads.create(sealed.hash, HASH, len(JPEG)).token
    assert uploads.add(token, 0, [JPEG[:100_000]]).offset == 100_000
    assert not is_complete(home, sealed)
    again = Uploads(archive(store))
    assert again.find(token).offset == 100_000
    assert again.add(token, 100_000, [JPEG[100_000:]]).is_complete
    assert is_complete(home, sealed)
    assert home.photos.open(HASH).read() == JPEG
    assert uploads.find(token).is_complete
    assert uploads.create(sealed.hash, HASH, len(JPEG)).is_complete


def test_a_body_that_is_all_of_it_is_complete_at_once_and_remembered(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    uploads = Uploads(home)
    with pytest.raises(NotNamed):
        uploads.create_whole(sealed.hash, HASH, len(JPEG), [JPEG])
    home.push(sent(sealed))
    with pytest.raises(WrongBytes):
        uploads.create_whole(sealed.hash, HASH, len(JPEG), [JPEG[1:]])
    assert not is_complete(home, sealed)
    made = uploads.create_whole(sealed.hash, HASH, len(JPEG), [JPEG[:7], JPEG[7:]])
    assert (made.is_complete, is_complete(home, sealed)) == (True, True)
    assert uploads.find(made.token) == made
    assert uploads.create_whole(sealed.hash, HASH, len(JPEG), []).is_complete
    with home.photos.open(HASH) as file:
        assert file.read() == JPEG


def test_photos_that_come_together_count_each_by_itself(store: Store) -> None:
    home = archive(store)
    phone, uploads = enrolled(home), Uploads(home)
    contents = [JPEG[number:] for number in range(5)]
    records = [image(phone, content) for content in contents]
    home.push(sent(*records[:4]))
    items = [
        (sealed.hash, hashlib.sha256(content).hexdigest(), len(content))
        for sealed, content in zip(records, contents, strict=True)
    ]
    # The second brings other bytes, the fourth another size, the fifth nobody named.
    body = io.BytesIO(contents[0] + contents[1][::-1] + contents[2] + contents[3][1:] + contents[4])
    items[3] = (*items[3][:2], items[3][2] - 1)
    assert uploads.receive_all(items, lambda size: [body.read(size)]) == [items[0], items[2]]
    assert [is_complete(home, sealed) for sealed in records[:4]] == [True, False, True, False]
    again = io.BytesIO(contents[0] + contents[1])
    assert uploads.receive_all(items[:2], lambda size: [again.read(size)]) == items[:2]
    assert is_complete(home, records[1])


def test_photos_that_came_before_a_cut_count(store: Store) -> None:
    home = archive(store)
    phone, uploads = enrolled(home), Uploads(home)
    contents = [JPEG[number:] for number in range(3)]
    records = [image(phone, content) for content in contents]
    home.push(sent(*records))
    came = iter([contents[0], contents[1]])

    def take(_size: int) -> Iterator[bytes]:
        piece = next(came, None)
        if piece is None:
            raise ConnectionResetError
        yield piece

    items = [
        (one.hash, hashlib.sha256(data).hexdigest(), len(data))
        for one, data in zip(records, contents, strict=True)
    ]
    with pytest.raises(ConnectionResetError):
        uploads.receive_all(items, take)
    assert [is_complete(home, sealed) for sealed in records] == [True, True, False]


def test_somebody_elses_photos_give_a_stranger_nothing_together_either(store: Store) -> None:
    home = archive(store)
    mine, theirs = image(enrolled(home)), image(enrolled(home))
    home.push(sent(mine, theirs))
    uploads = Uploads(home)
    uploads.receive(mine.hash, HASH, len(JPEG), [JPEG])
    item = (theirs.hash, HASH, len(JPEG))
    assert uploads.receive_all([item], lambda size: [b"0" * size]) == []
    assert not is_complete(home, theirs)
    assert uploads.receive_all([item], lambda size: [JPEG]) == [item]


def test_an_optional_photo_holds_nothing_up(store: Store) -> None:
    home = archive(store)
    assert home.push(sent(image(enrolled(home), is_required=False))).judgements[0].missing == ()


def test_bytes_nobody_named_are_not_taken(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    uploads = Uploads(home)
    with pytest.raises(NotNamed):
        uploads.create(sealed.hash, HASH, len(JPEG))
    home.push(sent(sealed))
    for sha256, size in ((HASH, len(JPEG) - 1), ("0" * 64, len(JPEG))):
        with pytest.raises(NotNamed):
            uploads.create(sealed.hash, sha256, size)


def test_other_bytes_count_for_nothing_and_block_nobody(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    uploads = Uploads(home)
    with pytest.raises(WrongBytes):
        uploads.receive(sealed.hash, HASH, len(JPEG), [os.urandom(len(JPEG))])
    assert not home.photos.has(HASH)
    uploads.receive(sealed.hash, HASH, len(JPEG), [JPEG])
    assert is_complete(home, sealed)


def test_a_part_that_would_leave_a_hole_is_refused_with_the_true_offset(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    uploads = Uploads(home)
    token = uploads.create(sealed.hash, HASH, len(JPEG)).token
    uploads.add(token, 0, [JPEG[:10]])
    with pytest.raises(WrongOffset) as wrong:
        uploads.add(token, 20, [JPEG[20:]])
    assert wrong.value.offset == 10


def test_what_came_before_a_cut_stays(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    uploads = Uploads(home)
    token = uploads.create(sealed.hash, HASH, len(JPEG)).token

    def cut() -> Iterator[bytes]:
        yield JPEG[:1_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploads.add(token, 0, cut())
    assert uploads.find(token).offset == 1_000


def test_somebody_elses_upload_gives_a_stranger_nothing(store: Store) -> None:
    home = archive(store)
    mine, theirs = enrolled(home, "i05"), enrolled(home, "i06")
    first, named = image(mine), image(theirs)
    home.push(sent(first, named))
    Uploads(home).receive(first.hash, HASH, len(JPEG), [JPEG])
    assert (is_complete(home, first), is_complete(home, named)) == (True, False)
    assert home.push(sent(image(mine))).judgements[0].missing == ()
    Uploads(home).receive(named.hash, HASH, len(JPEG), [JPEG])
    assert is_complete(home, named)


def test_photos_of_a_record_set_aside_are_taken_too(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.revoke(phone.key.kid, "lost", "d04")
    sealed = image(phone)
    judged = home.push(sent(sealed)).judgements[0]
    assert (judged.verdict, judged.missing) == ("quarantined", (HASH,))
    Uploads(home).receive(sealed.hash, HASH, len(JPEG), [JPEG])
    assert home.push(sent(sealed)).judgements[0].missing == ()


def test_bytes_whose_row_is_gone_are_asked_for_again_but_the_fact_stays(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    Uploads(home).receive(sealed.hash, HASH, len(JPEG), [JPEG])
    with home.database.writing() as session:
        session.delete(session.get_one(Media, HASH))
    assert home.receipts([sealed.hash])[1] == {sealed.hash: [HASH]}
    with home.database.reading() as session:
        assert session.get_one(RecordRow, sealed.hash).completed_at is not None


def test_an_expired_upload_is_gone_and_swept(store: Store) -> None:
    clock = StandingClock()
    home = archive(store, clock)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    uploads = Uploads(home)
    token = uploads.create(sealed.hash, HASH, len(JPEG)).token
    uploads.add(token, 0, [JPEG[:10]])
    assert uploads.sweep() == 0
    clock.pass_by(seconds=LIFE.total_seconds() + 1)
    with pytest.raises(NoUpload):
        uploads.find(token)
    assert uploads.sweep() == 1
    assert home.photos.offset(token) == 0


def begun(store: Store) -> tuple[Archive, Record, Uploads, str]:
    """Return an archive, a photo record in it, and an upload begun for it."""
    home = archive(store)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    uploads = Uploads(home)
    return home, sealed, uploads, uploads.create(sealed.hash, HASH, len(JPEG)).token


def test_a_writer_that_stalled_cannot_touch_what_was_counted(store: Store) -> None:
    home, sealed, uploads, token = begun(store)

    def stalled() -> Iterator[bytes]:
        uploads.add(token, 0, [JPEG])
        yield b"X" * 1_000

    uploads.add(token, 0, stalled())
    assert is_complete(home, sealed)
    assert home.photos.open(HASH).read() == JPEG


def test_bytes_that_all_came_but_were_never_counted_count_when_asked(store: Store) -> None:
    home, sealed, uploads, token = begun(store)
    home.photos.append(token, 0, [JPEG], len(JPEG))
    assert not is_complete(home, sealed)
    assert uploads.find(token).is_complete
    assert is_complete(home, sealed)


def test_two_last_parts_at_once_both_succeed(store: Store) -> None:
    home, sealed, uploads, token = begun(store)

    def late() -> Iterator[bytes]:
        uploads.add(token, 0, [JPEG])
        yield JPEG

    assert uploads.add(token, 0, late()).is_complete
    assert is_complete(home, sealed)


def test_bytes_whose_file_is_gone_are_asked_of_their_owner_again(store: Store) -> None:
    home = archive(store)
    phone = enrolled(home)
    first, second = image(phone), image(phone)
    home.push(sent(first))
    Uploads(home).receive(first.hash, HASH, len(JPEG), [JPEG])
    home.photos.erase(HASH)
    assert home.push(sent(second)).judgements[0].missing == (HASH,)


def test_a_phone_that_loses_its_place_begins_anew_but_not_without_end(store: Store) -> None:
    _, sealed, uploads, first = begun(store)
    clock = cast("StandingClock", uploads.archive.clock)
    later = []
    for _ in range(MOST_AT_ONCE):
        clock.pass_by(seconds=1)
        later.append(uploads.create(sealed.hash, HASH, len(JPEG)).token)
    with pytest.raises(NoUpload):
        uploads.find(first)
    assert all(uploads.find(token).offset == 0 for token in later)


def test_a_receipt_names_every_photo_that_is_held_required_or_not(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home), is_required=False)
    home.push(sent(sealed))

    def held() -> list[str]:
        (token,) = home.receipts([sealed.hash])[0]
        return list(statement.read(token, statement.RECEIPT, home.key.jwk)["facts"][0]["held"])

    assert held() == []
    Uploads(home).receive(sealed.hash, HASH, len(JPEG), [JPEG])
    assert held() == [HASH]


def test_parts_that_nothing_names_are_swept(store: Store) -> None:
    clock = StandingClock()
    home = archive(store, clock)
    home.photos.append("x" * 32, 0, [b"rest"], 4)
    assert Uploads(home).sweep() == 0
    clock.pass_by(days=365)
    assert Uploads(home).sweep() == 1
    assert home.photos.offset("x" * 32) == 0


def test_bytes_of_a_record_erased_while_they_come_are_not_kept(store: Store) -> None:
    home = archive(store)
    sealed = image(enrolled(home))
    home.push(sent(sealed))
    uploads = Uploads(home)

    def body() -> Iterator[bytes]:
        yield JPEG[:1000]
        home.erase([sealed.hash], STREAM, "PIPL art. 47", "d04", "d05")
        yield JPEG[1000:]

    with pytest.raises(NotNamed):
        uploads.create_whole(sealed.hash, HASH, len(JPEG), body())
    assert not home.photos.has(HASH)
    with home.database.reading() as session:
        assert session.exec(select(Media)).all() == [] == session.exec(select(ErasedMedia)).all()
