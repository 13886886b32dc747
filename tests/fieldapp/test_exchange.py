"""The protocol over HTTP, bad input first: each gets its own verdict or problem, nothing else suffers, nothing is half-stored."""

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldapp import Settings, create_app
from fieldapp.services import Services
from sync import statement
from sync.archive import Draft
from sync.record import MAX_BYTES, Record
from tests import account
from tests.store import SORTS, named
from tests.sync.factory import Phone

PASSWORD = "correct horse battery"
HEADERS = {"Fieldapp-Client": "1"}
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        yield from _made(Settings(data=tmp_path, **stores))


def _made(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with services(app).database.writing() as session:
        for person, role in (
            ("i05", "inspector"),
            ("i09", "inspector"),
            ("d01", "supervisor"),
            ("d04", "administrator"),
        ):
            account.add(session, person, PASSWORD, role)
    yield app
    services(app).database.close()


def services(app: Flask) -> Services:
    found: Services = app.extensions["fieldapp"]
    return found


def logged_in(app: Flask, person: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/session", json={"username": person, "password": PASSWORD}, headers=HEADERS)
    assert answer.status_code in (200, 201), answer.text
    return client


def enrolled(app: Flask, person: str = "i05") -> Phone:
    phone, client = Phone(person), logged_in(app, person)
    known = client.get("/sync/1/time").headers
    asked = phone.request(known["Fieldapp-Archive"], known["Fieldapp-Time"])
    answer = client.post("/sync/1/enrolments", data=asked, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return phone


def project(app: Flask, team: str | None = None) -> str:
    """Seal a project (of a team) and return its stream."""
    archive = services(app).archive
    entity = archive.new_id()
    site = {"lat_e7": 265000000, "lon_e7": 1105000000, "radius_m": 300, "shape": "point", "places": []}
    rule = {"per_month": 1, "days_before_milestone": 7, "days_after_milestone": 7, "suspended_months": []}
    body = {
        "code": "p001",
        "name": "环城北路东段工程",
        "type": "road",
        "front": "project",
        "unit": archive.new_id(),
        "team": team or archive.new_id(),
        "level": "city",
        "start_on": "2026-01-01",
        "end_on": "2026-12-31",
        "investment_wan": 1,
        "year_plan_wan": 1,
        "state": "building",
        "site": site,
        "support": [],
        "plan": [],
        "coverage": rule,
    }
    archive.seal([Draft("project", f"project:{entity}", body, "d04", id=entity)])
    return f"project:{entity}"


def team_of(app: Flask, person: str) -> str:
    archive = services(app).archive
    body = {
        "code": "t1",
        "name": "第一走访组",
        "members": [{"person": person, "part": "leader"}],
        "units": [],
    }
    return str(archive.seal([Draft("team", "commons", body, "d04")])[0].payload["id"])


def entry(phone: Phone, stream: str, **body: Any) -> Record:
    return phone.seal(
        {"list": "problem", "what": "3号墩露筋", "seen_on": "2026-11-22", "cause": []} | body,
        kind="entry",
        stream=stream,
    )


def photo(phone: Phone, stream: str, data: bytes) -> Record:
    image = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "media_type": "image/jpeg",
        "width": 800,
        "height": 600,
        "required": True,
    }
    body = {
        "origin": "camera",
        "taken_at": "2026-11-22T12:00:00.000+08:00",
        "no_fix": "denied",
        "view": image,
    }
    return phone.seal(body, kind="photo", stream=stream)


def push(client: FlaskClient, *lines: Record | bytes, **options: Any) -> TestResponse:
    body = b"\n".join(line if isinstance(line, bytes) else line.token.text.encode() for line in lines)
    return client.post("/sync/1/records", data=body, **options)


def slug(answer: TestResponse) -> str:
    assert answer.content_type == "application/problem+json", answer.text
    return str(answer.get_json()["type"]).rpartition(":")[2]


def test_a_push_needs_no_login_and_one_bad_line_holds_nothing_up(app: Flask) -> None:
    phone, stream = enrolled(app), project(app)
    good, worse = entry(phone, stream), entry(phone, stream, severity="terrible")
    answer = push(app.test_client(), b"rubbish", good, worse, b"x" * (MAX_BYTES + 1))
    assert [(row["line"], row["verdict"], row["reason"]) for row in answer.get_json()["verdicts"]] == [
        (1, "refused", "not-a-record"),
        (2, "appended", None),
        (3, "quarantined", "body-invalid"),
        (4, "refused", "too-large"),
    ]
    assert answer.get_json()["verdicts"][2]["detail"].startswith("severity: ")
    jwk = services(app).archive.key.jwk
    receipts = [statement.read(token, statement.RECEIPT, jwk) for token in answer.get_json()["receipts"]]
    assert [fact["hash"] for receipt in receipts for fact in receipt["facts"]] == [good.hash]


def test_every_answer_names_the_archive_and_the_time(app: Flask) -> None:
    client, archive = app.test_client(), services(app).archive
    for answer in (client.get("/sync/1/time"), client.get("/sync/1/streams"), client.post("/sync/1/records")):
        assert answer.headers["Fieldapp-Archive"] == archive.name
        assert answer.headers["Fieldapp-Protocol"] == "1"
        token = statement.read(answer.headers["Fieldapp-Time"], statement.TIME, archive.key.jwk)
        assert (token["archive"], token["epoch"]) == (archive.name, 1)


def test_a_packed_push_is_unpacked(app: Flask) -> None:
    sealed = entry(enrolled(app), project(app))
    packed = gzip.compress(sealed.token.text.encode())
    answer = push(app.test_client(), packed, headers={"Content-Encoding": "gzip"})
    assert [row["verdict"] for row in answer.get_json()["verdicts"]] == ["appended"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "problem"),
    [
        (gzip.compress(os.urandom(1000))[:-20], {"Content-Encoding": "gzip"}, 400, "body-cut"),
        (b"no gzip", {"Content-Encoding": "gzip"}, 400, "not-gzip"),
        (gzip.compress(b"\n" * (9 * 1024 * 1024)), {"Content-Encoding": "gzip"}, 413, "too-large"),
        (b"x\n" * 1001, {}, 400, "too-many-lines"),
        (b"x", {"Content-Encoding": "br"}, 415, "unsupported-media-type"),
    ],
    ids=["cut", "not-gzip", "bomb", "lines", "encoding"],
)
def test_a_body_that_cannot_be_read_is_one_clear_problem(
    app: Flask, body: bytes, headers: dict[str, str], status: int, problem: str
) -> None:
    answer = push(app.test_client(), body, headers=headers)
    assert (answer.status_code, slug(answer)) == (status, problem)


def cut(body: bytes, missing: int, **headers: str) -> dict[str, Any]:
    """Return a request whose body ends early."""
    length = str(len(body) + missing)
    return {"data": body, "headers": headers, "environ_overrides": {"CONTENT_LENGTH": length}}


def test_a_body_shorter_than_it_says_is_not_judged(app: Flask) -> None:
    sealed = entry(enrolled(app), project(app)).token.text.encode()
    answer = app.test_client().post("/sync/1/records", **cut(sealed, 10))
    assert (answer.status_code, slug(answer)) == (400, "body-cut")
    assert services(app).archive.receipts([hashlib.sha256(sealed.rpartition(b".")[0]).hexdigest()]) == (
        [],
        {},
    )


def test_reading_needs_a_login_and_the_stream(app: Flask) -> None:
    stream = project(app, team_of(app, "i05"))
    foreign = project(app)
    sealed = entry(enrolled(app), stream)
    push(app.test_client(), sealed)
    mine, theirs, desk = (logged_in(app, person) for person in ("i05", "i09", "d01"))
    assert app.test_client().get("/sync/1/streams").status_code == 401
    listed = [row["stream"] for row in mine.get("/sync/1/streams").get_json()["streams"]]
    assert listed == ["commons", "keys", stream]
    assert theirs.get(f"/sync/1/streams/{stream}/records").status_code == 404
    assert mine.get(f"/sync/1/streams/{foreign}/records").status_code == 404
    assert desk.get(f"/sync/1/streams/{foreign}/records").status_code == 200
    lines = [
        json.loads(line) for line in mine.get(f"/sync/1/streams/{stream}/records?after=1").text.splitlines()
    ]
    assert [(line["position"], line["record"]) for line in lines] == [(2, sealed.token.text)]


def test_nothing_new_is_304(app: Flask) -> None:
    project(app, team_of(app, "i05"))
    client = logged_in(app, "i05")
    first = client.get("/sync/1/streams")
    again = client.get("/sync/1/streams", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert "Fieldapp-Time" in again.headers


def begin(
    client: FlaskClient,
    sealed: Record,
    data: bytes,
    body: bytes = b"",
    length: int | None = None,
    **more: str,
) -> TestResponse:
    named = {"record": sealed.hash, "sha256": hashlib.sha256(data).hexdigest()}
    metadata = ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in named.items()
    )
    headers = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": metadata, **more}
    stated = {} if length is None else {"CONTENT_LENGTH": str(length)}
    return client.post("/sync/1/photos", data=body, headers=headers, environ_overrides=stated)


def send(client: FlaskClient, place: str, offset: int, data: bytes, **more: str) -> TestResponse:
    kind = "application/offset+octet-stream"
    return client.patch(
        place, data=data, headers={**TUS, "Upload-Offset": str(offset), "Content-Type": kind, **more}
    )


def test_a_photo_is_safe_after_its_last_byte_and_not_before(app: Flask) -> None:
    client, data = app.test_client(), os.urandom(400_000)
    stream = project(app, team_of(app, "i05"))
    sealed = photo(enrolled(app), stream, data)
    assert push(client, sealed).get_json()["verdicts"][0]["missing"] == [hashlib.sha256(data).hexdigest()]
    place = begin(client, sealed, data).headers["Location"]
    assert send(client, place, 0, data[:150_000]).headers["Upload-Offset"] == "150000"
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "150000"
    assert slug(send(client, place, 0, data)) == "offset-differs"
    hashes = {"hashes": [sealed.hash]}
    assert client.post("/sync/1/receipts", json=hashes).get_json()["missing"] == {
        sealed.hash: [hashlib.sha256(data).hexdigest()]
    }
    assert send(client, place, 150_000, data[150_000:]).status_code == 204
    answer = client.post("/sync/1/receipts", json=hashes).get_json()
    fact = statement.read(answer["receipts"][0], statement.RECEIPT, services(app).archive.key.jwk)["facts"][0]
    assert fact["completed_at"] is not None
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == str(len(data))
    assert begin(client, sealed, data).headers["Upload-Offset"] == str(len(data))
    readers = {person: logged_in(app, person) for person in ("i05", "i09")}
    url = f"/sync/1/photos/{hashlib.sha256(data).hexdigest()}"
    got = readers["i05"].get(url)
    assert (got.data == data, got.headers["Content-Disposition"][:10]) == (True, "attachment")
    assert (readers["i09"].get(url).status_code, client.get(url).status_code) == (404, 401)


def test_an_upload_may_bring_its_bytes_whole_or_begun(app: Flask) -> None:
    client, data = app.test_client(), os.urandom(200_000)
    stream = project(app)
    phone = enrolled(app)
    whole, begun = photo(phone, stream, data), photo(phone, stream, data[::-1])
    push(client, whole, begun)
    kind = {"Content-Type": "application/offset+octet-stream"}
    assert slug(begin(client, whole, data, bytes([data[0] ^ 1]) + data[1:], **kind)) == "hash-differs"
    assert slug(begin(client, whole, data, data[:999], len(data), **kind)) == "body-cut"
    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    made = begin(client, whole, data, data, **kind, **{"Upload-Checksum": f"sha256 {checksum}"})
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, str(len(data)))
    assert client.head(made.headers["Location"], headers=TUS).headers["Upload-Offset"] == str(len(data))
    part = begin(client, begun, data[::-1], data[::-1][:50_000], **kind)
    assert (part.status_code, part.headers["Upload-Offset"]) == (201, "50000")
    assert send(client, part.headers["Location"], 50_000, data[::-1][50_000:]).status_code == 204
    answer = client.post("/sync/1/receipts", json={"hashes": [whole.hash, begun.hash]}).get_json()
    assert answer["missing"] == {}


def test_photo_calls_with_bad_input_are_clear_problems(app: Flask) -> None:
    client, data = app.test_client(), os.urandom(1_000)
    sealed = photo(enrolled(app), project(app), data)
    assert slug(begin(client, sealed, data)) == "record-unknown"
    push(client, sealed)
    assert slug(begin(client, sealed, data[:-1])) == "record-unknown"
    assert slug(begin(client, sealed, data, **{"Upload-Length": "-1"})) == "bad-request"
    assert slug(begin(client, sealed, data, **{"Tus-Resumable": "0.2.2"})) == "tus-version"
    assert slug(begin(client, sealed, data, **{"Upload-Metadata": "record ***"})) == "bad-request"
    place = begin(client, sealed, data).headers["Location"]
    assert slug(send(client, place, 0, data, **{"Content-Type": "image/jpeg"})) == "unsupported-media-type"
    assert slug(send(client, "/sync/1/photos/" + "x" * 32, 0, data)) == "upload-unknown"
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    assert slug(send(client, place, 0, data, **{"Upload-Checksum": f"sha256 {wrong}"})) == "hash-differs"
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "0"
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert slug(client.patch(place, **cut(data[:600], 300, **headers))) == "body-cut"
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "600"
    assert slug(send(client, place, 600, b"\0" * 400)) == "hash-differs"
    place = begin(client, sealed, data).headers["Location"]
    assert send(client, place, 0, data).status_code == 204


def test_requests_for_receipts_and_enrolments_with_bad_input_are_clear_problems(app: Flask) -> None:
    client, mine = app.test_client(), logged_in(app, "i05")
    assert slug(client.post("/sync/1/receipts", data=b"{")) == "not-json"
    assert slug(client.post("/sync/1/receipts", json=[])) == "not-json"
    assert slug(client.post("/sync/1/receipts", json={"hashes": ["x"]})) == "bad-request"
    assert slug(client.post("/sync/1/receipts", json={"hashes": ["0" * 64] * 1001})) == "bad-request"
    assert slug(mine.post("/sync/1/enrolments", data=b"junk")) == "not-an-enrolment"
    assert client.post("/sync/1/enrolments", data=b"junk").status_code == 401


@pytest.mark.parametrize("person", ["d01", "d04"])
def test_only_inspectors_phones_are_enrolled(app: Flask, person: str) -> None:
    phone, client = Phone(person), logged_in(app, person)
    known = client.get("/sync/1/time").headers
    asked = phone.request(known["Fieldapp-Archive"], known["Fieldapp-Time"])
    answer = client.post("/sync/1/enrolments", data=asked, headers=HEADERS)
    assert (answer.status_code, slug(answer)) == (403, "desk-role")
    assert (
        push(app.test_client(), entry(phone, project(app))).get_json()["verdicts"][0]["reason"]
        == "unknown-key"
    )


def test_numbers_beyond_measure_are_clear_problems(app: Flask) -> None:
    client, mine, data = app.test_client(), logged_in(app, "i05"), b"x"
    sealed = photo(enrolled(app), project(app), data)
    push(client, sealed)
    for number in ("9" * 5_000, "٣", "1e3", ""):
        assert slug(begin(client, sealed, data, **{"Upload-Length": number})) == "bad-request"
        assert slug(mine.get(f"/sync/1/streams/commons/records?after={number}")) == "bad-request"


def test_lines_are_numbered_as_the_sender_counts(app: Flask) -> None:
    sealed = entry(enrolled(app), project(app))
    answer = push(app.test_client(), b"", b"junk", b"", sealed, b"")
    assert [(row["line"], row["verdict"]) for row in answer.get_json()["verdicts"]] == [
        (2, "refused"),
        (4, "appended"),
    ]


def test_a_second_compressed_body_behind_the_first_is_not_lost_in_silence(app: Flask) -> None:
    phone, stream = enrolled(app), project(app)
    two = [gzip.compress(entry(phone, stream).token.text.encode() + b"\n") for _ in range(2)]
    answer = push(app.test_client(), b"".join(two), headers={"Content-Encoding": "gzip"})
    assert slug(answer) == "not-gzip"


def test_even_a_wrong_address_answers_as_the_archive(app: Flask) -> None:
    client = app.test_client()
    for answer in (client.get("/sync/1/nothing"), client.delete("/sync/1/records")):
        assert answer.headers["Fieldapp-Archive"] == services(app).archive.name
    assert "Fieldapp-Archive" not in client.get("/nothing").headers
