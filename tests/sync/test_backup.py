"""A backup made while others write, and the archive made again from it."""

import hashlib
import json
import os
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from sync.archive import Archive
from sync.backup import BackupRefused, back_up, check, restore
from sync.key import SealingKey
from sync.photo import FolderStore
from sync.rollback import open_epoch
from sync.rule import Rulebook
from sync.upload import Uploads
from sync.verify import verify
from tests.store import Store, in_folder
from tests.sync.factory import KINDS, STREAM, TABLES, Phone, StandingClock, archive, enrolled, sent

PHOTO = b"photo bytes" * 5_000
SHA256 = hashlib.sha256(PHOTO).hexdigest()


def with_photo(home: Archive, phone: Phone, content: bytes = PHOTO) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    named = {"sha256": sha256, "size_bytes": len(content), "required": True}
    picture = phone.seal({"bytes": [named]}, kind="image")
    home.push(sent(picture))
    Uploads(home).receive(picture.hash, sha256, len(content), [content])
    return picture.hash


def again(folder: Path, home: Archive, lasting: list[bytes] = []) -> Archive:  # noqa: B006
    """Open what was restored into a folder, with the key of the archive it was."""
    places = in_folder(folder)
    clock = StandingClock(home.clock() + timedelta(days=1))
    return Archive(
        places.database(),
        Rulebook(KINDS),
        TABLES,
        places.photos,
        home.key,
        clock,
        os.urandom,
        lasting=lasting,
    )


def restored(backup: Path, folder: Path, home: Archive, **more: Any) -> tuple[Archive, list[str]]:
    folder.mkdir()
    _, lacking = restore(backup, in_folder(folder).database(), FolderStore(folder / "photo"))
    return again(folder, home, **more), lacking


def everything(home: Archive) -> dict[str, list[Any]]:
    with home.database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_restored_archive_is_the_same_archive(store: Store, tmp_path: Path) -> None:
    home = archive(store)
    phone = enrolled(home)
    home.push(sent(phone.seal(), phone.seal(v=9)))
    with_photo(home, phone)
    contents = back_up(home.database, home.photos, tmp_path / "backup", home.now())
    assert (contents.archive, contents.records, contents.photos) == (home.name, 4, 1)
    other, lacking = restored(tmp_path / "backup", tmp_path / "new", home)
    assert everything(other) == everything(home)
    assert (lacking, verify(other).is_whole, other.name) == ([], True, home.name)


def test_a_backup_while_others_write_is_one_state_and_verifies(store: Store, tmp_path: Path) -> None:
    home = archive(store)
    phones = [enrolled(home, f"i{number:02}") for number in range(3)]
    stop = threading.Event()

    def write(phone: Phone) -> None:
        number = 0
        while not stop.is_set() and number < 400:
            home.push(sent(phone.seal(stream=f"project:{home.new_id()}"), phone.seal()))
            with_photo(home, phone, os.urandom(2_000))
            number += 1

    threads = [threading.Thread(target=write, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    try:
        for number in range(3):
            back_up(home.database, home.photos, tmp_path / "backup", home.now())
            other, lacking = restored(tmp_path / "backup", tmp_path / f"new{number}", home)
            report = verify(other)
            assert ([str(one) for one in report.damages], lacking) == ([], [])
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_after_a_restore_phones_refill_the_gap(store: Store, tmp_path: Path) -> None:
    home = archive(store)
    phone = enrolled(home)
    before = phone.seal()
    home.push(sent(before))
    back_up(home.database, home.photos, tmp_path / "backup", home.now())
    after = phone.seal()
    home.push(sent(after))
    other, _ = restored(tmp_path / "backup", tmp_path / "new", home)
    epoch = open_epoch(other, "restored")
    assert epoch is not None and epoch > home.epoch
    verdicts = [found.verdict for found in other.push(sent(before, after)).judgements]
    assert verdicts == ["known", "appended"]
    assert verify(other).is_whole


def test_no_backup_undoes_an_erasure_or_a_key(store: Store, tmp_path: Path) -> None:
    home = archive(store)
    kept: list[bytes] = []
    home.outlives = lambda jws: kept.append(jws.encode())
    phone = enrolled(home)
    note, picture = phone.seal({"what": "said of somebody"}), with_photo(home, phone)
    home.push(sent(note))
    back_up(home.database, home.photos, tmp_path / "backup", home.now())
    home.erase([note.hash, picture], STREAM, "PIPL art. 47", "d04", "d05")
    home.rotate(SealingKey.new(), "fieldapp", "d04")
    other, _ = restored(tmp_path / "backup", tmp_path / "new", home, lasting=kept)
    assert other.is_rolled_back
    assert [line.record is None for line in other.page(STREAM, 0)[:2]] == [True, True]
    assert not other.photos.has(SHA256)
    assert other.key.kid == home.key.kid != other.name
    assert not again(tmp_path / "new", home, lasting=kept).is_rolled_back
    # The next backup into the same folder forgets what was erased.
    back_up(other.database, other.photos, tmp_path / "backup", other.now())
    assert not FolderStore(tmp_path / "backup" / "photo").has(SHA256)


def test_a_photo_the_backup_lost_is_named_and_asked_for_again(store: Store, tmp_path: Path) -> None:
    home = archive(store)
    phone = enrolled(home)
    picture = with_photo(home, phone)
    back_up(home.database, home.photos, tmp_path / "backup", home.now())
    FolderStore(tmp_path / "backup" / "photo").erase(SHA256)
    other, lacking = restored(tmp_path / "backup", tmp_path / "new", home)
    assert lacking == [SHA256]
    assert other.receipts([picture])[1] == {picture: [SHA256]}


def test_what_is_no_backup_or_damaged_or_would_be_written_over_is_refused(tmp_path: Path) -> None:
    home = archive(tmp_path)
    folder = tmp_path / "backup"
    with pytest.raises(BackupRefused) as refused:
        check(tmp_path / "nowhere")
    assert refused.value.reason == "no-backup"
    back_up(home.database, home.photos, folder, home.now())
    with pytest.raises(BackupRefused) as refused:
        restore(folder, home.database, home.photos)
    assert refused.value.reason == "not-empty"
    with (folder / "archive.db").open("r+b") as file:
        file.seek(5_000)
        file.write(b"!")
    with pytest.raises(BackupRefused) as refused:
        check(folder)
    assert refused.value.reason == "damaged"
    (folder / "backup.json").write_text("[]")
    with pytest.raises(BackupRefused) as refused:
        check(folder)
    assert refused.value.reason == "no-backup"


def test_a_backup_of_an_older_version_lacks_tables_and_comes_back(tmp_path: Path) -> None:
    home = archive(tmp_path)
    home.push(sent(enrolled(home).seal()))
    folder = tmp_path / "backup"
    back_up(home.database, home.photos, folder, home.now())
    with sqlite3.connect(folder / "archive.db") as older:
        older.execute("drop table test_image")
    older.close()
    manifest = json.loads((folder / "backup.json").read_bytes())
    manifest["sha256"] = hashlib.sha256((folder / "archive.db").read_bytes()).hexdigest()
    (folder / "backup.json").write_text(json.dumps(manifest))
    other, lacking = restored(folder, tmp_path / "new", home)
    assert (lacking, verify(other).is_whole, everything(other)) == ([], True, everything(home))


def test_a_backup_broken_off_leaves_the_one_before(tmp_path: Path) -> None:
    home = archive(tmp_path)
    phone, folder = enrolled(home), tmp_path / "backup"
    with_photo(home, phone)
    first = back_up(home.database, home.photos, folder, home.now())
    with_photo(home, phone, b"another" * 100)

    def full(_done: int) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        back_up(home.database, home.photos, folder, home.now(), full)
    assert check(folder) == first
    other, lacking = restored(folder, tmp_path / "new", home)
    assert (lacking, verify(other).is_whole) == ([], True)
