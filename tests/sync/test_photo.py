"""The contract of a photo store, kept by each: in memory, in a folder, on an S3 service."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.object_store import PIECE_BYTES, NoStore, ObjectStore
from sync.photo import FolderStore, PhotoStore, StoreBusy, WrongBytes, WrongOffset
from tests.store import REGION, S3, free_port, object_store
from tests.sync.memory_store import MemoryStore

PHOTO = os.urandom(300_000)
HASH = hashlib.sha256(PHOTO).hexdigest()
TOKEN = "t" * 32
SORTS = ("memory", "folder", "s3")


@pytest.fixture(params=SORTS)
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "memory":
        return MemoryStore()
    if request.param == "folder":
        return FolderStore(tmp_path / "photo")
    return object_store(request.getfixturevalue("s3"), tmp_path.name)


@pytest.fixture
def objects(s3: S3, tmp_path: Path) -> ObjectStore:
    return object_store(s3, tmp_path.name)


def pieces(content: bytes, size: int = 70_000) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def read(photos: PhotoStore, sha256: str = HASH) -> bytes:
    with photos.open(sha256) as file:
        return file.read()


def test_bytes_exist_under_their_hash_only_when_the_upload_is_finished(photos: PhotoStore) -> None:
    assert photos.offset(TOKEN) == 0
    assert photos.append(TOKEN, 0, pieces(PHOTO[:100_000]), len(PHOTO)) == 100_000
    assert photos.append(TOKEN, 100_000, pieces(PHOTO[100_000:]), len(PHOTO)) == len(PHOTO)
    assert (photos.offset(TOKEN), photos.has(HASH)) == (len(PHOTO), False)
    with pytest.raises(FileNotFoundError):
        photos.open(HASH)
    photos.finish(TOKEN, HASH)
    assert (photos.offset(TOKEN), photos.has(HASH), read(photos)) == (0, True, PHOTO)


def test_an_upload_grows_at_its_end_only(photos: PhotoStore) -> None:
    photos.append(TOKEN, 0, [PHOTO[:10]], len(PHOTO))
    for wrong in (0, 9, 11):
        with pytest.raises(WrongOffset) as told:
            photos.append(TOKEN, wrong, [PHOTO[wrong:]], len(PHOTO))
        assert told.value.offset == 10
    assert photos.offset(TOKEN) == 10


def test_what_came_before_a_cut_stays(photos: PhotoStore) -> None:
    def cut() -> Iterator[bytes]:
        yield PHOTO[:1_000]
        yield PHOTO[1_000:5_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        photos.append(TOKEN, 0, cut(), len(PHOTO))
    assert photos.offset(TOKEN) == 5_000
    photos.append(TOKEN, 5_000, [PHOTO[5_000:]], len(PHOTO))
    photos.finish(TOKEN, HASH)
    assert read(photos) == PHOTO


def test_more_than_was_announced_is_left_out(photos: PhotoStore) -> None:
    assert photos.append(TOKEN, 0, [PHOTO, b"more", b"and more"], len(PHOTO)) == len(PHOTO)
    photos.finish(TOKEN, HASH)
    photos.take(HASH, [PHOTO[:100], PHOTO[100:] + b"more"], len(PHOTO))
    assert read(photos) == PHOTO


def test_other_bytes_never_get_the_name(photos: PhotoStore) -> None:
    photos.append(TOKEN, 0, [PHOTO[1:]], len(PHOTO))
    for attempt in (
        lambda: photos.finish(TOKEN, HASH),
        lambda: photos.take(HASH, [PHOTO[1:]], len(PHOTO)),
    ):
        with pytest.raises(WrongBytes):
            attempt()
        assert not photos.has(HASH)
    photos.drop(TOKEN)
    assert photos.offset(TOKEN) == 0


def test_photos_that_come_one_after_the_other_are_stored_each_by_itself(photos: PhotoStore) -> None:
    def cut() -> Iterator[bytes]:
        yield PHOTO[:1_000]
        raise ConnectionResetError

    other = PHOTO[::-1]
    twin, third = hashlib.sha256(other).hexdigest(), hashlib.sha256(PHOTO[9:]).hexdigest()
    batch = photos.batch()
    batch.write(HASH, pieces(PHOTO), len(PHOTO))
    batch.write("0" * 64, [b"other bytes"], 11)
    batch.write(twin, pieces(other + b"more"), len(other))
    batch.write(HASH, [PHOTO], len(PHOTO))
    with pytest.raises(ConnectionResetError):
        batch.write(third, cut(), len(PHOTO) - 9)
    assert batch.settle() == {HASH, twin}
    assert (read(photos), read(photos, twin)) == (PHOTO, other)
    assert not photos.has("0" * 64) and not photos.has(third)
    assert photos.sweep(time.time() + 3600) == 0


def test_a_body_that_breaks_off_in_one_go_leaves_nothing(photos: PhotoStore) -> None:
    def cut() -> Iterator[bytes]:
        yield PHOTO[:1_000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        photos.take(HASH, cut(), len(PHOTO))
    assert not photos.has(HASH)
    assert photos.sweep(time.time() + 3600) == 0


def test_a_writer_that_stalled_cannot_touch_what_is_counted(photos: PhotoStore) -> None:
    def stalled() -> Iterator[bytes]:
        photos.append(TOKEN, 0, pieces(PHOTO), len(PHOTO))
        photos.finish(TOKEN, HASH)
        yield b"X" * 1_000

    photos.append(TOKEN, 0, stalled(), len(PHOTO))
    assert read(photos) == PHOTO


def test_two_writers_at_one_offset_make_one_photo(photos: PhotoStore) -> None:
    def slower() -> Iterator[bytes]:
        yield PHOTO[:50_000]
        photos.append("u" * 32, 0, [PHOTO], len(PHOTO))  # another upload is no matter
        photos.append(TOKEN, photos.offset(TOKEN), pieces(PHOTO[photos.offset(TOKEN) :]), len(PHOTO))
        yield PHOTO[50_000:120_000]

    photos.append(TOKEN, 0, slower(), len(PHOTO))
    assert photos.offset(TOKEN) == len(PHOTO)
    photos.finish(TOKEN, HASH)
    assert read(photos) == PHOTO


def test_finishing_twice_at_once_leaves_the_photo(photos: PhotoStore) -> None:
    photos.append(TOKEN, 0, [PHOTO], len(PHOTO))
    start, failed = threading.Barrier(2), []

    def finish() -> None:
        start.wait()
        try:
            photos.finish(TOKEN, HASH)
        except FileNotFoundError:
            failed.append(True)

    threads = [threading.Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) < 2
    assert read(photos) == PHOTO


def test_a_photo_is_read_from_anywhere(photos: PhotoStore) -> None:
    photos.take(HASH, [PHOTO], len(PHOTO))
    with photos.open(HASH) as file:
        assert (file.seek(0, 2), file.read(), file.tell()) == (len(PHOTO), b"", len(PHOTO))
        assert (file.seek(290_000), file.read(5), file.tell()) == (290_000, PHOTO[290_000:290_005], 290_005)
        assert (file.seek(7), file.read(3), file.seek(5, 1), file.read()) == (7, PHOTO[7:10], 15, PHOTO[15:])


def test_what_is_erased_is_gone_and_may_come_again(photos: PhotoStore) -> None:
    photos.take(HASH, [PHOTO], len(PHOTO))
    photos.erase(HASH)
    photos.erase(HASH)
    assert not photos.has(HASH)
    photos.take(HASH, [PHOTO], len(PHOTO))
    assert photos.has(HASH)


def test_old_parts_are_swept_and_photos_are_not(photos: PhotoStore) -> None:
    photos.take(HASH, [PHOTO], len(PHOTO))
    for token in ("a" * 32, "b" * 32):
        photos.append(token, 0, [PHOTO[:10]], len(PHOTO))
        photos.append(token, 10, [PHOTO[10:20]], len(PHOTO))
    assert photos.sweep(time.time() - 3600) == 0
    assert photos.sweep(time.time() + 3600) == 2
    assert (photos.offset("a" * 32), photos.has(HASH)) == (0, True)
    assert photos.sweep(time.time() + 3600) == 0


@pytest.mark.parametrize("name", ["", "../" * 10, "a" * 19, "a/" * 15, "é" * 30])
def test_names_that_are_none_never_reach_the_store(photos: PhotoStore, name: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        photos.has(name)
    with pytest.raises(ValueError, match="not an upload"):
        photos.offset(name)


@pytest.mark.parametrize("sort", ["folder", "s3"])
def test_the_largest_photo_never_stands_whole_in_memory(
    request: pytest.FixtureRequest, tmp_path: Path, sort: str
) -> None:
    # In a process of its own: what this one has needed so far would hide it.
    where = [str(tmp_path)]
    if sort == "s3":
        service: S3 = request.getfixturevalue("s3")
        where = [service.address(tmp_path.name), service.endpoint]
    command = [sys.executable, "-m", "tests.sync.large_photo", *where]
    grown_bytes, size_bytes = map(int, subprocess.check_output(command, text=True).split())
    # What a piece, its way through the client and a multipart upload need; far below the photo.
    assert grown_bytes < 0.75 * size_bytes


# -- what only the S3 service can get wrong ---------------------------------------------------------------------------------------


def test_another_machine_continues_an_upload(s3: S3, tmp_path: Path) -> None:
    here, there = object_store(s3, tmp_path.name), object_store(s3, tmp_path.name)
    here.append(TOKEN, 0, [PHOTO[:100]], len(PHOTO))
    there.append(TOKEN, 100, [PHOTO[100:]], len(PHOTO))
    here.finish(TOKEN, HASH)
    assert read(there) == PHOTO


def test_pieces_of_a_late_writer_are_passed_over(objects: ObjectStore) -> None:
    content = os.urandom(3 * PIECE_BYTES)
    sha256 = hashlib.sha256(content).hexdigest()

    def late() -> Iterator[bytes]:
        yield content[:1_000]
        objects.append(TOKEN, 0, [content[:PIECE_BYTES], content[PIECE_BYTES:]], len(content))

    assert objects.append(TOKEN, 0, late(), len(content)) == 1_000
    assert objects.offset(TOKEN) == len(content)
    objects.finish(TOKEN, sha256)
    assert read(objects, sha256) == content


def test_nothing_but_the_photo_is_left_in_the_bucket(s3: S3, objects: ObjectStore, tmp_path: Path) -> None:
    objects.append(TOKEN, 0, [PHOTO], len(PHOTO))
    objects.finish(TOKEN, HASH)
    with pytest.raises(WrongBytes):
        objects.take("0" * 64, [PHOTO], len(PHOTO))
    left = [path for path in (s3.folder / "bucket" / tmp_path.name).rglob("*") if path.is_file()]
    assert [path.name for path in left] == [HASH]


def test_a_service_that_does_not_answer_is_busy(s3: S3) -> None:
    nobody = ObjectStore("s3://bucket/x", f"http://127.0.0.1:{free_port()}", REGION)
    for call in (
        lambda: nobody.has(HASH),
        lambda: nobody.append(TOKEN, 0, [PHOTO], len(PHOTO)),
        lambda: nobody.take(HASH, [PHOTO], len(PHOTO)),
        nobody.check,
    ):
        with pytest.raises(StoreBusy):
            call()


@pytest.mark.parametrize("address", ["", "/srv/photo", "s3://", "https://bucket/x", "s3://bucket/x?y=z"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(NoStore):
        ObjectStore(address)


def test_a_bucket_that_is_not_there_is_refused_at_once(s3: S3) -> None:
    with pytest.raises(NoStore):
        ObjectStore("s3://elsewhere/x", s3.endpoint, REGION).check()


def test_keys_that_do_not_open_the_bucket_are_refused_at_once(
    s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret-of-somebody")
    with pytest.raises(NoStore):
        ObjectStore("s3://bucket/x", s3.endpoint, REGION).check()
