"""Export, import and station as commands: real processes, files, kills."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fieldapp.command import group
from fieldapp.command.archive import opened
from fieldapp.services import now
from fieldapp.settings import Settings
from sync.archive import Archive
from sync.client import Client, NotTheArchive, Photo, Rejected
from sync.photo import FolderStore
from sync.record import Record
from sync.station import Station
from tests.browser.app_server import AppServer
from tests.browser.process import free_port, until
from tests.browser.station_process import StationProcess
from tests.fieldapp.desk_city import photo_body
from tests.fieldapp.test_station import PICTURE, SHA256
from tests.sync.factory import enrolled, sent
from tests.sync.packing import packed


def run(*words: Any) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words], catch_exceptions=False)


class Desk:
    """An archive in a folder with a project and a phone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with opened(Settings(data=folder)) as services:
            home = services.archive
            self.name = home.name
            self.phone = enrolled(home)
            self.project = home.new_id()
            self.stream = f"project:{self.project}"
            self.key = services.decryption

    def sealed(self) -> list[Record]:
        body = photo_body("2026-11-20", PICTURE)
        note = self.phone.seal({"what": 1}, kind="entry", stream=self.stream)
        return [self.phone.seal(body, kind="photo", stream=self.stream), note]

    def package(self, path: Path, *records: Record) -> Path:
        with opened(Settings(data=self.folder)) as services:
            path.write_bytes(packed(services.archive, self.key, records, [PICTURE])[0])
        return path

    def safe(self, *records: Record) -> list[bool]:
        with opened(Settings(data=self.folder)) as services:
            return [_is_safe(services.archive, one) for one in records]


def _is_safe(home: Archive, one: Record) -> bool:
    receipts, missing = home.receipts([one.hash])
    return bool(receipts) and not missing


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "archive")


def test_import_says_what_it_took_and_what_not_and_its_exit_code_too(desk: Desk, tmp_path: Path) -> None:
    photo, aside = desk.sealed()
    file, answer = desk.package(tmp_path / "a", photo), tmp_path / "answer"
    done = run("import", file, "--answer", answer, "--data", desk.folder)
    assert (done.exit_code, "1 appended" in done.output, answer.exists()) == (0, True, True)
    both = run("import", desk.package(tmp_path / "b", photo, aside), "--data", desk.folder)
    assert both.exit_code == 1
    assert "1 known" in both.output and "body-invalid" in both.output and "Traceback" not in both.output
    assert desk.safe(photo) == [True]


def test_an_inner_archive_is_fed_by_files(desk: Desk, tmp_path: Path) -> None:
    photo, _ = desk.sealed()
    run("import", desk.package(tmp_path / "a", photo), "--data", desk.folder)
    inner, keys, carried = tmp_path / "inner", tmp_path / "inner.ndjson", tmp_path / "project"
    assert run("export", "--keys", "--to", keys, "--data", inner).exit_code == 0
    words = ("export", "--project", desk.project, "--to", carried, "--for", keys, "--data", desk.folder)
    assert run(*words).exit_code == 0
    assert "stranger-archive" in run("import", carried, "--data", inner).output
    done = run("import", carried, "--vouch", desk.name, "--data", inner)
    assert (done.exit_code, "1 appended" in done.output) == (0, True)
    with opened(Settings(data=inner)) as services:
        assert _is_safe(services.archive, photo)
    assert "other-archive" in run("import", carried, "--data", desk.folder).output


def test_export_in_parts_and_wrong_usage(desk: Desk, tmp_path: Path) -> None:
    records = [desk.phone.seal(photo_body("2026-11-20", os.urandom(10)), kind="photo", stream=desk.stream)]
    run("import", desk.package(tmp_path / "a", *records), "--data", desk.folder)
    assert run("export", "--to", tmp_path / "x", "--data", desk.folder).exit_code == 2
    missing = run("export", "--project", "nonsense", "--to", tmp_path / "x", "--data", desk.folder)
    assert (missing.exit_code, "there is nothing in" in missing.output) == (1, True)
    (tmp_path / "rubbish").write_text("rubbish")
    words = ("export", "--project", desk.project, "--to", tmp_path / "x", "--for", tmp_path / "rubbish")
    assert "no key records" in run(*words, "--data", desk.folder).output
    assert not (tmp_path / "x").exists()
    for name in ("export", "import", "station"):
        assert run(name, "--help").exit_code == 0


def test_what_a_station_holds_goes_by_package_and_its_receipts_come_back(desk: Desk, tmp_path: Path) -> None:
    photo, _ = desk.sealed()
    folder, keys, carried, answer = (tmp_path / name for name in ("station", "keys", "carried", "answer"))
    station = Station(folder, now, secrets.token_bytes, desk.name)
    station.take(sent(photo))
    station.add(station.create(photo.hash, SHA256, len(PICTURE)).token, 0, [PICTURE])
    station.close()
    assert run("export", "--unsent", "--to", carried, "--data", folder).exit_code == 1
    run("export", "--keys", "--to", keys, "--data", desk.folder)
    assert run("export", "--unsent", "--to", carried, "--for", keys, "--data", folder).exit_code == 0
    assert run("import", carried, "--answer", answer, "--data", desk.folder).exit_code == 0
    assert "Receipts for 1 records" in run("import", answer, "--data", folder).output
    station = Station(folder, now, secrets.token_bytes)
    assert (station.unsafe(), station.unsent(10)) == ([], [])
    station.close()


@pytest.fixture
def served(desk: Desk) -> Iterator[AppServer]:
    server = AppServer(desk.folder)
    server.start()
    yield server
    server.kill()


def test_a_station_killed_while_it_forwards_loses_nothing(
    desk: Desk, served: AppServer, tmp_path: Path
) -> None:
    photos = [os.urandom(200_000) for _ in range(6)]
    records = [
        desk.phone.seal(photo_body("2026-11-20", one), kind="photo", stream=desk.stream) for one in photos
    ]
    station = StationProcess(tmp_path / "station", served.origin, desk.name)
    served.stop()
    station.start()
    # Of a process that forwards in a thread, no copy is made: it would hold that thread's locks for ever.
    assert any("spawn_main" in " ".join(one.cmdline()) for one in station.workers())
    client = _StationClient(station.client.transport, desk.name)
    verdicts = [one["verdict"] for one in client.push(sent(*records)).verdicts]
    assert verdicts == ["held"] * len(records)
    store = FolderStore(tmp_path / "own")
    for record, data in zip(records, photos, strict=True):
        _upload(client, store, record, data)
    served.start()
    for _ in range(3):
        station.kill()
        station.start()
    until(lambda: _all_safe(desk, records), "all records complete in the archive", 60)
    station.kill()


def _all_safe(desk: Desk, records: list[Record]) -> bool:
    return all(desk.safe(*records))


def _upload(client: Client, store: FolderStore, record: Record, data: bytes) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    store.take(sha256, [data], len(data))
    with store.open(sha256) as file:
        client.upload(Photo(record.hash, sha256, len(data)), file)


class _StationClient(Client):
    """Speaks to a station: it names its archive, but has no time token."""

    def _send(self, method: str, path: str, body: bytes = b"", headers: Any = None) -> Any:
        answer = self.transport(method, f"/sync/1{path}", headers or {}, body)
        if (
            answer.headers.get("fieldapp-station") != "1"
            or answer.headers["fieldapp-archive"] != self.archive
        ):
            raise NotTheArchive("no station", answer.status)
        if answer.status >= 400:
            raise Rejected("x", answer.status, answer.body.decode())
        return answer


def test_a_station_needs_a_folder_of_its_own_and_a_name(desk: Desk, tmp_path: Path) -> None:
    words = ("station", "--upstream", f"http://127.0.0.1:{free_port()}", "--port", free_port(), "--data")
    assert "holds an archive" in run(*words, desk.folder).output
    nameless = run(*words, tmp_path / "station")
    assert (nameless.exit_code, "does not answer" in nameless.output) == (1, True)
    assert run("station", "--upstream", "nonsense", "--data", tmp_path / "station").exit_code == 2
