"""Verify, rebuild, backup, restore and key as commands on real data folders: what they say, what they refuse, what survives a kill."""

import hashlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fieldapp.command import group
from fieldapp.command.archive import opened
from fieldapp.settings import Settings
from sync.client import Client, Photo
from sync.key import SealingKey
from sync.record import Record
from sync.upload import Uploads
from sync.wire import HttpTransport
from tests.browser.app_server import AppServer
from tests.fieldapp.desk_city import jpeg, photo_body
from tests.sync.factory import Phone, enrolled, sent

PICTURE = jpeg("a photo")
SHA256 = hashlib.sha256(PICTURE).hexdigest()
ENTRY: dict[str, Any] = {"list": "task", "what": "架梁", "seen_on": "2026-11-20", "cause": []}


def run(*words: Any) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words], catch_exceptions=False)


class Desk:
    """An archive in a folder with one phone, one entry and one photo."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with opened(Settings(data=folder)) as services:
            home = services.archive
            self.name, self.stream = home.name, f"project:{home.new_id()}"
            self.phone = enrolled(home)
            self.entry = self.phone.seal(ENTRY, kind="entry", stream=self.stream)
            self.photo = self.phone.seal(photo_body("2026-11-20", PICTURE), kind="photo", stream=self.stream)
            home.push(sent(self.entry, self.photo))
            Uploads(home).receive(self.photo.hash, SHA256, len(PICTURE), [PICTURE])

    def erase(self, *records: Record) -> None:
        with opened(Settings(data=self.folder)) as services:
            hashes = [one.hash for one in records]
            services.archive.erase(hashes, self.stream, "个人信息保护法第四十七条", "d04", "d05")

    def new_folder(self, folder: Path) -> Path:
        """Make a data folder as an operator would before restoring: the keys, and what no backup may undo."""
        folder.mkdir(mode=0o700)
        shutil.copytree(self.folder / "key", folder / "key")
        shutil.copy(self.folder / "lasting.ndjson", folder)
        return folder


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "archive")


def change(folder: Path, statement: str, *values: Any) -> None:
    database = sqlite3.connect(folder / "archive.db")
    with database:
        assert database.execute(statement, values).rowcount > 0
    database.close()


def ask(folder: Path, statement: str, *values: Any) -> list[Any]:
    database = sqlite3.connect(folder / "archive.db")
    try:
        return database.execute(statement, values).fetchall()
    finally:
        database.close()


# -- verify and rebuild -------------------------------------------------------------------------------------------------------


def test_verify_of_a_whole_archive_says_so(desk: Desk) -> None:
    done = run("verify", "--data", desk.folder)
    assert done.exit_code == 0 and "1 photos" in done.output and "as it was sealed" in done.output


def test_verify_names_each_damage_on_a_line_and_ends_with_one(desk: Desk) -> None:
    (desk.folder / "photo" / "sha256" / SHA256[:2] / SHA256).write_bytes(b"other")
    change(desk.folder, "update record set head = ? where hash = ?", "0" * 64, desk.entry.hash)
    change(desk.folder, "update record set bytes = ? where hash = ?", b"rubbish", desk.photo.hash)
    done = run("verify", "--data", desk.folder)
    lines = [line for line in done.stderr.splitlines() if line.startswith("damaged: ")]
    assert done.exit_code == 1 and "Traceback" not in done.output
    assert any("chain-broken" in line for line in lines)
    assert any("record-unreadable" in line for line in lines)
    assert any(f"photo {SHA256}: photo-differs" in line for line in lines)
    assert done.stderr.splitlines()[-1] == f"Error: {len(lines)} damaged"


def test_verify_says_what_was_erased_and_that_it_is_no_damage(desk: Desk) -> None:
    desk.erase(desk.entry)
    done = run("verify", "--data", desk.folder)
    assert done.exit_code == 0 and "1 records erased by law" in done.output


def test_verify_checks_receipts_somebody_holds(desk: Desk, tmp_path: Path) -> None:
    with opened(Settings(data=desk.folder)) as services:
        receipts = services.archive.receipts([desk.entry.hash])[0]
    (tmp_path / "held").write_text("\n".join(receipts))
    assert run("verify", "--receipts", tmp_path / "held", "--data", desk.folder).exit_code == 0
    change(desk.folder, "update record set position = 9 where hash = ?", desk.entry.hash)
    done = run("verify", "--receipts", tmp_path / "held", "--data", desk.folder)
    assert done.exit_code == 1 and "fact-does-not-hold" in done.stderr


def test_rebuild_makes_lost_rows_again(desk: Desk) -> None:
    before = ask(desk.folder, "select * from entry")
    change(desk.folder, "delete from entry")
    change(desk.folder, "update photo set caption = 'changed by hand'")
    done = run("rebuild", "--data", desk.folder)
    assert done.exit_code == 0 and "records folded" in done.output
    assert ask(desk.folder, "select * from entry") == before != []
    assert ask(desk.folder, "select caption from photo") == [("全景",)]


# -- backup and restore -------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(desk: Desk) -> Iterator[AppServer]:
    server = AppServer(desk.folder)
    server.start()
    yield server
    server.kill()


def write(server: AppServer, desk: Desk, phone: Phone, number: int) -> list[Record]:
    """Send records and photos as a phone does, over HTTP."""
    client, written = Client(HttpTransport(server.origin), desk.name), []
    for index in range(number):
        picture = jpeg(f"{phone.person} {phone.counter} {index}")
        photo = phone.seal(photo_body("2026-11-20", picture), kind="photo", stream=desk.stream)
        entry = phone.seal(ENTRY, kind="entry", stream=desk.stream)
        pushed = client.push(sent(photo, entry))
        assert {one["verdict"] for one in pushed.verdicts} == {"appended"}
        client.upload(Photo(photo.hash, hashlib.sha256(picture).hexdigest(), len(picture)), _file(picture))
        written += [photo, entry]
    return written


def _file(content: bytes) -> Any:
    import io

    return io.BytesIO(content)


def test_a_backup_while_phones_write_comes_back_and_phones_refill_the_gap(
    desk: Desk, server: AppServer, tmp_path: Path
) -> None:
    written: list[Record] = []
    writer = threading.Thread(target=lambda: written.extend(write(server, desk, desk.phone, 12)))
    writer.start()
    backup = server.command("backup", "--to", str(tmp_path / "backup"))
    writer.join()
    assert backup.returncode == 0 and len(written) == 24
    written += write(server, desk, desk.phone, 2)
    server.kill()
    new = desk.new_folder(tmp_path / "new")
    done = run("restore", "--from", tmp_path / "backup", "--data", new)
    assert (done.exit_code, "Traceback" in done.output) == (0, False)
    assert run("verify", "--data", new).exit_code == 0
    again = AppServer(new)
    again.start()
    try:
        client = Client(HttpTransport(again.origin), desk.name)
        pushed = client.push(sent(desk.entry, desk.photo, *written))
        verdicts = {one["verdict"] for one in pushed.verdicts}
        # What came after the backup is appended again, what the backup has is known; photos that are lacking are asked for.
        assert verdicts == {"known", "appended"}
        for one in written[-4::2]:
            assert client.receipts([one.hash])[1] == {one.hash: [one.body["view"]["sha256"]]}
    finally:
        again.kill()
    assert run("verify", "--data", new).exit_code == 0
    (epoch,), *_ = ask(new, "select epoch from archive")
    assert epoch > 1 and ask(new, "select reason from rollback") == [("restored",)]


def test_a_backup_holds_every_table_of_the_application(desk: Desk, tmp_path: Path) -> None:
    program = [
        sys.executable,
        "-m",
        "fieldapp",
        "backup",
        "--to",
        str(tmp_path / "backup"),
        "--data",
        str(desk.folder),
    ]
    change(desk.folder, "insert into document_number (number, visit) values ('试走〔2026〕017-11 号', 'v')")
    assert subprocess.run(program, capture_output=True, check=False).returncode == 0
    new = desk.new_folder(tmp_path / "new")
    assert run("restore", "--from", tmp_path / "backup", "--data", new).exit_code == 0
    for table in ("document_number", "decision", "account", "erasure_proposal", "rollback_noted"):
        assert ask(new, f"select count(*) from {table}") == ask(desk.folder, f"select count(*) from {table}")


def test_a_backup_older_than_an_erasure_keeps_the_erasure(desk: Desk, tmp_path: Path) -> None:
    assert run("backup", "--to", tmp_path / "backup", "--data", desk.folder).exit_code == 0
    desk.erase(desk.entry, desk.photo)
    new = desk.new_folder(tmp_path / "new")
    assert run("restore", "--from", tmp_path / "backup", "--data", new).exit_code == 0
    assert ask(new, "select count(*) from record where bytes is null") == [(2,)]
    assert ask(new, "select count(*) from entry") == ask(new, "select count(*) from photo") == [(0,)]
    assert not (new / "photo" / "sha256" / SHA256[:2] / SHA256).exists()
    assert "2 records erased by law" in run("verify", "--data", new).output


@pytest.mark.parametrize("missing", ["key", "lasting.ndjson"])
def test_without_its_key_or_what_outlives_backups_nothing_is_restored(
    desk: Desk, tmp_path: Path, missing: str
) -> None:
    run("backup", "--to", tmp_path / "backup", "--data", desk.folder)
    new = desk.new_folder(tmp_path / "new")
    shutil.rmtree(new / "key") if missing == "key" else (new / missing).unlink()
    done = run("restore", "--from", tmp_path / "backup", "--data", new)
    assert done.exit_code == 1 and missing in done.stderr and done.stderr.count("\n") == 1
    assert not (new / "archive.db").exists()


def test_another_archives_key_is_refused_before_anything_is_written(desk: Desk, tmp_path: Path) -> None:
    run("backup", "--to", tmp_path / "backup", "--data", desk.folder)
    new = desk.new_folder(tmp_path / "new")
    (new / "key" / "archive.pem").write_bytes(SealingKey.new().pem())
    done = run("restore", "--from", tmp_path / "backup", "--data", new)
    assert done.exit_code == 1 and "not a key of archive" in done.stderr and done.stderr.count("\n") == 1
    assert not (new / "archive.db").exists()


def test_nothing_is_restored_over_an_archive_or_from_what_is_no_backup(desk: Desk, tmp_path: Path) -> None:
    run("backup", "--to", tmp_path / "backup", "--data", desk.folder)
    over = run("restore", "--from", tmp_path / "backup", "--data", desk.folder)
    assert over.exit_code == 1 and "holds an archive already" in over.stderr.splitlines()[-1]
    (tmp_path / "empty").mkdir()
    none = run("restore", "--from", tmp_path / "empty", "--data", desk.new_folder(tmp_path / "new"))
    assert none.exit_code == 1 and "no-backup" in none.stderr and none.stderr.count("\n") == 1
    assert run("verify", "--data", desk.folder).exit_code == 0


# -- keys ---------------------------------------------------------------------------------------------------------------------


def test_keys_are_listed_and_a_phones_is_ended_once(desk: Desk) -> None:
    kid = desk.phone.key.kid
    listed = run("key", "list", "--data", desk.folder).stdout
    assert (
        f"{kid}\ti05\tinspector\tvalid\ttest phone" in listed and f"{desk.name}\tarchive\tarchive" in listed
    )
    words = ("key", "revoke", kid, "--reason", "lost", "--by", "d04", "--data", desk.folder)
    assert run(*words).exit_code == 0
    assert f"{kid}\ti05\tinspector\trevoked " in run("key", "list", "--data", desk.folder).stdout
    again = run(*words)
    assert again.exit_code == 1 and "revoked already" in again.stderr
    unknown = run("key", "revoke", desk.name, "--reason", "lost", "--by", "d04", "--data", desk.folder)
    assert unknown.exit_code == 1 and "not the key of a phone" in unknown.stderr
    # One key in 64 is named like this.
    dashed = run("key", "revoke", f"-h{kid[2:]}", "--reason", "lost", "--by", "d04", "--data", desk.folder)
    assert dashed.exit_code == 1 and "not the key of a phone" in dashed.stderr


def test_a_new_key_seals_from_then_on_and_the_old_one_is_kept_apart(desk: Desk) -> None:
    done = run("key", "rotate", "--by", "d04", "--data", desk.folder)
    fresh = SealingKey.from_pem((desk.folder / "key" / "archive.pem").read_bytes())
    assert done.exit_code == 0 and fresh.kid in done.output and fresh.kid != desk.name
    assert [path.name for path in (desk.folder / "key" / "retired").iterdir()] == [f"{desk.name}.pem"]
    assert run("verify", "--data", desk.folder).exit_code == 0


# Opening the archive passes `records-committed` once by itself: it is told again what outlives backups.
@pytest.mark.parametrize(
    ("point", "passes"), [("lasting-told", 1), ("records-inserted", 1), ("records-committed", 2)]
)
def test_a_rotation_killed_in_the_middle_heals_when_the_archive_is_opened(
    desk: Desk, point: str, passes: int
) -> None:
    program = (
        f"from sync import fault; fault.arm({point!r}, {passes}); from fieldapp.command import group;"
        f"group(['key', 'rotate', '--by', 'd04', '--data', {str(desk.folder)!r}])"
    )
    died = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert (desk.folder / "key" / "next.pem").exists()
    fresh = SealingKey.from_pem((desk.folder / "key" / "next.pem").read_bytes())
    assert run("verify", "--data", desk.folder).exit_code == 0
    assert SealingKey.from_pem((desk.folder / "key" / "archive.pem").read_bytes()).kid == fresh.kid
    assert not (desk.folder / "key" / "next.pem").exists()
    assert run("key", "rotate", "--by", "d04", "--data", desk.folder).exit_code == 0
    # A crash of ours is no restored backup: nobody is told of one.
    assert ask(desk.folder, "select count(*) from rollback") == [(0,)]
