"""Several machines serve one archive: each has its own data folder, all have the archive's key, one PostgreSQL and one S3 service."""

import base64
import hashlib
import http.client
import json
import os
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func
from sqlmodel import select

from fieldapp import Settings
from fieldapp.application import make
from fieldapp.command.archive import opened
from fieldapp.delay import Failure
from fieldapp.domain.review import Review
from sync import statement
from sync.key import SealingKey
from sync.record import parse_token
from sync.table import RecordRow
from tests.browser.app_server import AppServer
from tests.fieldapp.desk_city import PASSWORD, City, build, logged_in, make_app, services, submit
from tests.store import named
from tests.sync.factory import Phone, sent

PHOTO = os.urandom(700_000)
PIECE = 100_000


@pytest.fixture
def stores(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with named(request, "postgresql") as settings:
        yield settings


@pytest.fixture
def first(stores: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path / "first", **stores)
    yield app
    services(app).database.close()


@pytest.fixture
def second(first: Flask, stores: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    app = make(Settings(data=second_folder(tmp_path), number_prefix="试走", **stores))
    app.testing = True
    yield app
    services(app).database.close()


def second_folder(tmp_path: Path) -> Path:
    """Set up a second machine as its operator would: an empty data folder with the archive's key."""
    shutil.copytree(tmp_path / "first" / "key", tmp_path / "second" / "key")
    return tmp_path / "second"


def at_once(*calls: Any) -> list[Any]:
    """Run calls at the same time; return what each gave."""
    start = threading.Barrier(len(calls))

    def run(call: Any) -> Any:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_two_reviewers_at_two_machines_decide_once(first: Flask, second: Flask) -> None:
    city = build(first)
    visit = submit(city)
    desks = (logged_in(first, "d01"), logged_in(second, "d02"))
    # The token of a form comes from one machine, the form goes to the other.
    forms = [
        desk.get(visit.path).text.partition('name="csrf_token"')[2].split('value="')[1] for desk in desks
    ]
    given = [
        {
            "csrf_token": form.partition('"')[0],
            "submission": visit.submission.hash,
            "decision": "returned",
            "reason": "缺一张照片",
        }
        for form in forms
    ]
    answers = at_once(
        lambda: desks[0].post(f"{visit.path}/review", data=given[0]).status_code,
        lambda: desks[1].post(f"{visit.path}/review", data=given[1]).status_code,
    )
    assert sorted(answers) == [303, 409]
    with services(first).database.reading() as session:
        assert session.exec(select(func.count()).select_from(Review)).one() == 1


def test_a_form_of_one_machine_is_taken_by_another(first: Flask, second: Flask) -> None:
    here, there = first.test_client(), second.test_client()
    page = here.get("/login")
    token = page.text.partition('name="csrf_token"')[2].split('value="')[1].partition('"')[0]
    cookie = SimpleCookie(page.headers["Set-Cookie"])
    there.set_cookie("session", cookie["session"].value)
    answer = there.post("/login", data={"csrf_token": token, "username": "d01", "password": PASSWORD})
    assert answer.status_code == 303


def test_wrong_passwords_at_several_machines_are_counted_together(first: Flask, second: Flask) -> None:
    def guess(app: Flask) -> int:
        given = {"username": "i05", "password": "not this one"}
        return app.test_client().post("/session", json=given, headers={"Fieldapp-Client": "1"}).status_code

    assert set(at_once(*[lambda app=app: guess(app) for app in (first, second, first)])) == {401}
    with services(first).database.reading() as session:
        counted = {row.username: row.failures for row in session.exec(select(Failure))}
    assert counted == {"i05": 3, "*": 3}
    guess(second)
    assert guess(first) == 429


def test_machines_that_append_to_one_stream_leave_no_gap(first: Flask, second: Flask) -> None:
    city = build(first)
    phone, stream = city.phone("i05"), f"project:{city.projects['p017']}"
    entries = [note(city, phone, stream) for _ in range(40)]
    halves = (entries[:20], entries[20:])
    at_once(
        *[
            lambda app=app, some=some: services(app).archive.push(sent(*some))
            for app, some in zip((first, second), halves, strict=True)
        ]
    )
    archive = services(second).archive
    page = archive.page(stream, 0)
    assert [line.position for line in page] == list(range(1, 42))
    assert archive.heads([stream])[0].head == page[-1].head


def note(city: City, phone: Phone, stream: str) -> Any:
    body = {"list": "problem", "what": "护栏缺失", "seen_on": "2026-11-12", "cause": [], "severity": "major"}
    archive = services(city.app).archive
    return phone.seal(body | {"visit": archive.new_id()}, kind="entry", stream=stream, id=archive.new_id())


def test_a_picture_is_made_where_it_is_missing(first: Flask, second: Flask) -> None:
    city = build(first)
    sha256 = submit(city).parts["photo"].body["view"]["sha256"]
    desk = logged_in(second, "d01")
    assert desk.get(f"/photo/{sha256}").status_code == 202
    assert services(second).pictures.wait(60)
    assert desk.get(f"/photo/{sha256}").mimetype == "image/jpeg"
    part = desk.get(f"/photo/{sha256}/original", headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.data) == (206, b"\xff\xd8\xff")


# -- two servers, as they are run ------------------------------------------------------------------------------------------------


@pytest.fixture
def servers(stores: dict[str, str], tmp_path: Path) -> Iterator[tuple[AppServer, AppServer]]:
    make_app(tmp_path / "first", **stores)
    second_folder(tmp_path)
    both = tuple(AppServer(tmp_path / name, **environment(stores)) for name in ("first", "second"))
    try:
        for server in both:
            server.start()
        yield both  # type: ignore[misc]
    finally:
        for server in both:
            server.kill()


def environment(stores: dict[str, str]) -> dict[str, str]:
    return {f"FIELDAPP_{name.upper()}": value for name, value in stores.items()}


def call(
    server: AppServer, method: str, path: str, body: bytes = b"", **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Fieldapp-Client": "1", "Tus-Resumable": "1.0.0", **names})
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def test_two_servers_are_one_archive(
    servers: tuple[AppServer, AppServer], stores: dict[str, str], tmp_path: Path
) -> None:
    one, other = servers
    given = json.dumps({"username": "i05", "password": PASSWORD}).encode()
    login = call(one, "POST", "/session", given, Content_Type="application/json")
    cookie = SimpleCookie(login.headers["Set-Cookie"])
    assert call(other, "GET", "/sync/1/streams", Cookie=f"login={cookie['login'].value}").status == 200

    with opened(Settings(data=tmp_path / "first", **stores)) as home:
        phone = Phone("i05")
        home.archive.enrol(
            phone.request(home.archive.name, home.archive.time_token()), "i05", "I05", "inspector", "i05"
        )
        stream = f"project:{home.archive.new_id()}"
        photo = phone.seal(
            photo_body(home.archive.new_id()), kind="photo", stream=stream, id=home.archive.new_id()
        )
        records = [
            photo,
            *(phone.seal(kind="dream", stream=stream, id=home.archive.new_id()) for _ in range(2)),
        ]
        receipt = push_and_upload(one, other, records)
        fact = statement.read(receipt, statement.RECEIPT, home.archive.key.jwk)["facts"][0]
        assert (fact["hash"], fact["position"], fact["completed_at"] is None) == (photo.hash, 1, False)
        assert fact["held"] == [hashlib.sha256(PHOTO).hexdigest()]
        with home.photos.open(fact["held"][0]) as file:
            assert file.read() == PHOTO
        with home.database.reading() as session:
            assert len(session.exec(select(RecordRow).where(RecordRow.stream == stream)).all()) == 1


def push_and_upload(one: AppServer, other: AppServer, records: list[Any]) -> str:
    """Push to one server and to the other, send the photo's pieces in turn, and return the receipt of the first record."""
    for server, record in zip((one, other, one), records, strict=True):
        assert call(server, "POST", "/sync/1/records", *sent(record)).status == 200
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    words = {"record": records[0].hash, "sha256": sha256}
    metadata = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in words.items()
    )
    made = call(other, "POST", "/sync/1/photos", Upload_Length=str(len(PHOTO)), Upload_Metadata=metadata)
    upload = made.headers["Location"]
    for number, start in enumerate(range(0, len(PHOTO), PIECE)):
        server = (one, other)[number % 2]
        standing = call(server, "HEAD", upload)
        assert standing.headers["Upload-Offset"] == str(start)
        piece = PHOTO[start : start + PIECE]
        kind = "application/offset+octet-stream"
        sent_piece = call(server, "PATCH", upload, piece, Upload_Offset=str(start), Content_Type=kind)
        assert (sent_piece.status, sent_piece.headers["Upload-Offset"]) == (204, str(start + len(piece)))
    asked = json.dumps({"hashes": [records[0].hash]}).encode()
    answer: Any = call(one, "POST", "/sync/1/receipts", asked)
    receipt: str = json.loads(answer.body)["receipts"][0]
    return receipt


def photo_body(visit: str) -> dict[str, Any]:
    view = {
        "sha256": hashlib.sha256(PHOTO).hexdigest(),
        "size_bytes": len(PHOTO),
        "media_type": "image/jpeg",
        "width": 64,
        "height": 48,
        "required": True,
    }
    taken = {"origin": "camera", "taken_at": "2026-11-12T14:30:00.000+08:00"}
    return {"visit": visit, "caption": "全景", **taken, "fix": None, "view": view}


def test_running_servers_take_up_a_new_key_as_soon_as_it_is_in_their_folder(
    servers: tuple[AppServer, AppServer], tmp_path: Path
) -> None:
    one, other = servers
    former = sealer(one)
    assert sealer(other) == former
    one.command("key", "rotate", "--by", "d04")
    fresh = sealer(one)
    assert fresh != former
    for method, path, body in (("GET", "/time", b""), ("POST", "/records", b"no record\n")):
        answer: Any = call(other, method, f"/sync/1{path}", body)
        assert (answer.status, json.loads(answer.body)["type"]) == (503, "urn:fieldapp:problem:wrong-key")
        assert "Retry-After" in answer.headers and "Fieldapp-Time" not in answer.headers
    shutil.copy(tmp_path / "first" / "key" / "archive.pem", tmp_path / "second" / "key" / "archive.pem")
    assert sealer(other) == fresh


def sealer(server: AppServer) -> str:
    """Return which key a server speaks with."""
    answer = call(server, "GET", "/sync/1/time")
    return parse_token(answer.headers["Fieldapp-Time"].encode(), statement.TIME).kid


# -- what does not belong together -------------------------------------------------------------------------------------------------


def refused(data: Path, **stores: str) -> str:
    """Return the line with which `serve` refuses."""
    server = AppServer(data, **environment(stores))
    done = server.command("serve", "--port", str(server.port), check=False)
    assert done.returncode == 1, done
    return done.stderr


def test_a_machine_with_another_key_is_refused(first: Flask, stores: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "second"
    (folder / "key").mkdir(parents=True)
    (folder / "key" / "archive.pem").write_bytes(SealingKey.new().pem())
    assert "the key file holds" in refused(folder, **stores)


def test_a_machine_with_another_photo_store_is_refused(
    first: Flask, stores: dict[str, str], tmp_path: Path
) -> None:
    submit(build(first))
    folder = second_folder(tmp_path)
    line = refused(folder, database=stores["database"])
    assert "the newest photos of this archive are not in" in line and "FIELDAPP_PHOTOS" in line


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("photos", "s3://elsewhere/x", "FIELDAPP_PHOTOS"),
        ("photos_endpoint", "http://127.0.0.1:9", "cannot be reached"),
        ("database", "postgresql://postgres:secret@127.0.0.1:9/x", "cannot be opened"),
        ("database", "mysql://x", "SQLite or PostgreSQL"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_clear_line(
    stores: dict[str, str], tmp_path: Path, name: str, value: str, words: str
) -> None:
    line = refused(tmp_path / "new", **{**stores, name: value})
    assert words in line and "secret" not in line and line.count("\n") <= 3
