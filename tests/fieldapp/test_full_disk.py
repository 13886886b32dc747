"""A disk that is full: nobody is told yes, nothing is stored by halves, and with room again the same phone goes on."""

import base64
import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import event
from sqlmodel import select

from fieldapp import Settings
from fieldapp.command.archive import opened
from sync.client import PREFIX, TUS, Client, Photo, Rejected
from sync.photo import FolderBatch, FolderStore
from sync.record import Record
from sync.table import Unfolded
from sync.verify import verify
from sync.wire import Answer, HttpTransport
from tests.browser.app_server import AppServer
from tests.fieldapp.desk_city import make_app, photo_body, services
from tests.proof.wire import Request, send
from tests.sync.factory import Phone, enrolled, sent

DISK_BYTES = 24 * 1024 * 1024
PHOTOS = [bytes([number]) * 3_000_000 for number in (1, 2)]
BATCH = 20


class Home(Protocol):
    """An archive on a disk that can be full; `left_bytes` is what it has room for then."""

    data: Path
    client: Client

    def fill(self, left_bytes: int) -> None: ...
    def make_room(self) -> None: ...
    def stop(self) -> None: ...


class SmallDisk:
    """The real server with its data folder on a small file system of its own."""

    def __init__(self, disk: Path) -> None:
        self.data = disk
        self.server = AppServer(disk)
        self.server.start()
        self.client = Client(HttpTransport(self.server.origin))

    def fill(self, left_bytes: int) -> None:
        there = os.statvfs(self.data)
        with (self.data / "ballast").open("ab") as file:
            file.write(b"\0" * max(0, there.f_bavail * there.f_frsize - left_bytes))

    def make_room(self) -> None:
        (self.data / "ballast").unlink()

    def stop(self) -> None:
        self.server.stop()


class Limits:
    """The application in this process: SQLite is given a most number of pages, the photos' folder a most number of bytes."""

    def __init__(self, folder: Path) -> None:
        self.data = folder
        self.app = make_app(folder)
        self.pages = UNLIMITED
        self.photos = SmallFolder(folder / "photo")
        services(self.app).archive.photos = services(self.app).uploads.photos = self.photos
        event.listen(services(self.app).database.engine, "checkout", self._limit)
        self.client = Client(self._carry)

    def _limit(self, connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.pages}")

    def _carry(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return send(self.app, Request(method, path, headers, body))

    def fill(self, left_bytes: int) -> None:
        with services(self.app).database.engine.connect() as connection:
            used: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        self.pages = used + left_bytes // 4096
        self.photos.left_bytes = left_bytes

    def make_room(self) -> None:
        self.pages = self.photos.left_bytes = UNLIMITED

    def stop(self) -> None:
        services(self.app).database.close()


UNLIMITED = 1 << 30


class SmallFolder(FolderStore):
    """A folder that has room for so many bytes more."""

    left_bytes = UNLIMITED

    def append(self, token: str, offset: int, chunks: Iterable[bytes], size_bytes: int) -> int:
        return super().append(token, offset, self.fitting(chunks), size_bytes)

    def batch(self) -> FolderBatch:
        return SmallBatch(self)

    def fitting(self, pieces: Iterable[Any]) -> Iterator[Any]:
        for piece in pieces:
            self.left_bytes -= len(piece)
            if self.left_bytes < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            yield piece


class SmallBatch(FolderBatch):
    """Photos on their way into that folder."""

    def __init__(self, folder: SmallFolder) -> None:
        super().__init__(folder)
        self._folder = folder

    def write(self, sha256: str, chunks: Iterable[bytes], size_bytes: int) -> None:
        super().write(sha256, self._folder.fitting(chunks), size_bytes)


@pytest.fixture(params=["a small disk", "limits"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "disk"
    if request.param == "limits":
        yield Limits(folder)
        return
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", folder]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this account may not mount a file system; limits stand in for it")
    small = None
    try:
        small = SmallDisk(folder)
        yield small
    finally:
        if small:
            small.server.kill()
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_stores_nothing_by_halves_and_with_room_the_same_phone_finishes(home: Home) -> None:
    client, (phone, stream) = home.client, bound(home)
    photos = [photo(phone, stream, content) for content in PHOTOS]
    client.push(sent(*photos))

    home.fill(1_000_000)
    begun: list[str] = []
    with pytest.raises(Rejected, match="store-full"):
        client.upload(*of(photos[0], PHOTOS[0]), begun=begun.append)
    check_full(post_whole(client, photos[1], PHOTOS[1]))
    assert not list((home.data / "photo" / "part").glob("whole-*"))
    assert [fact["held"] for fact in facts(client, photos)] == [[], []]

    home.fill(0)
    known, refused = push_until_full(client, phone, stream)
    assert facts(client, refused) == []

    home.make_room()
    assert {one["verdict"] for one in client.push(sent(*refused)).verdicts} == {"appended"}
    client.upload(*of(photos[0], PHOTOS[0]), at=begun[0])
    assert post_whole(client, photos[1], PHOTOS[1]).status == 201
    for fact, content in zip(facts(client, photos), PHOTOS, strict=True):
        assert fact["held"] == [hashlib.sha256(content).hexdigest()] and fact["completed_at"]
    stated = {fact["hash"]: fact for fact in facts(client, [record for record, _ in known])}
    assert stated == {record.hash: fact for record, fact in known}
    home.stop()
    with opened(Settings(data=home.data)) as there:
        assert verify(there.archive).damages == []
        with there.database.reading() as session:
            assert session.exec(select(Unfolded)).all() == []


def bound(home: Home) -> tuple[Phone, str]:
    with opened(Settings(data=home.data)) as there:
        return enrolled(there.archive), f"project:{there.archive.new_id()}"


def photo(phone: Phone, stream: str, content: bytes) -> Record:
    body = {"visit": stream.partition(":")[2], **photo_body("2026-11-12", content)}
    return phone.seal(body, kind="photo", stream=stream)


def entry(phone: Phone, stream: str) -> Record:
    body = {
        "list": "problem",
        "what": "护栏缺失" * 100,
        "seen_on": "2026-11-12",
        "cause": [],
        "severity": "major",
    }
    return phone.seal(body | {"visit": stream.partition(":")[2]}, kind="entry", stream=stream)


def of(record: Record, content: bytes) -> tuple[Photo, io.BytesIO]:
    return Photo(record.hash, hashlib.sha256(content).hexdigest(), len(content)), io.BytesIO(content)


def post_whole(client: Client, record: Record, content: bytes) -> Answer:
    """Send a photo in one request, as phones do when it is small."""
    words = {"record": record.hash, "sha256": hashlib.sha256(content).hexdigest()}
    metadata = ",".join(f"{name} {base64.b64encode(word.encode()).decode()}" for name, word in words.items())
    stated = {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    kind = {"Content-Type": "application/offset+octet-stream"}
    return client.transport("POST", f"{PREFIX}/photos", {**TUS, **stated, **kind}, content)


def facts(client: Client, records: list[Record]) -> list[dict[str, Any]]:
    """Return what the archive states of these records, in their order."""
    receipts = client.receipts([record.hash for record in records])[0]
    found = {fact["hash"]: fact for token in receipts for fact in stated(token)}
    return [found[record.hash] for record in records if record.hash in found]


def stated(receipt: str) -> list[dict[str, Any]]:
    payload = receipt.split(".")[1]
    return list(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["facts"])


def push_until_full(
    client: Client, phone: Phone, stream: str
) -> tuple[list[tuple[Record, dict[str, Any]]], list[Record]]:
    """Push until the archive has no room; return what it acknowledged, each with its fact, and what it did not take."""
    known: list[tuple[Record, dict[str, Any]]] = []
    for _ in range(500):
        batch = [entry(phone, stream) for _ in range(BATCH)]
        answer = client.transport("POST", f"{PREFIX}/records", {}, b"\n".join(sent(*batch)))
        if answer.status != 200:
            check_full(answer)
            return known, batch
        found = {one["hash"]: one for token in json.loads(answer.body)["receipts"] for one in stated(token)}
        known += [(record, found[record.hash]) for record in batch]
    raise AssertionError("the disk was never full")


def check_full(answer: Answer) -> None:
    problem = json.loads(answer.body)
    assert (answer.status, problem["type"], problem["retry"]) == (
        507,
        "urn:fieldapp:problem:store-full",
        "later",
    )
    assert int(answer.headers["retry-after"]) > 0
