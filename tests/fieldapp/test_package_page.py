"""Packages at the desk: taken in from a form by administrators, reported by name, answered with a file."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from fieldapp import create_app
from sync.package import RECEIPTS, Package
from tests.fieldapp import test_exchange
from tests.fieldapp.test_exchange import enrolled, logged_in, project, services
from tests.sync.packing import packed

app = test_exchange.app


@pytest.fixture
def file(app: Flask) -> Iterator[bytes]:
    phone = enrolled(app)
    home, stream = services(app).archive, project(app)
    records = [phone.seal({"what": 1}, kind="entry", stream=stream), phone.seal(stream=stream, kind="unit")]
    yield packed(home, services(app).decryption, records)[0]


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_an_administrator_takes_packages_in_and_gets_the_answer(app: Flask, file: bytes) -> None:
    client = logged_in(app, "d04")
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/package/").text)[-1]
    given = [(io.BytesIO(file), "a.fieldapp"), (io.BytesIO(file[:-1]), "b.fieldapp")]
    taken = client.post("/package/", data={"csrf_token": token, "files": given})
    assert taken.status_code == 303
    page = client.get(taken.headers["Location"], headers={"Accept-Language": "zh-CN"}).text
    assert "文件不完整" in page and "b.fieldapp" in page
    answer = client.get(taken.headers["Location"] + "/answer")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert Package(io.BytesIO(answer.data)).head.archive == services(app).archive.name
    assert Package(io.BytesIO(answer.data)).lines(RECEIPTS) == []


def test_larger_than_other_bodies_may_be(app: Flask, file: bytes) -> None:
    small = create_app(replace(services(app).settings, request_bytes=1024 * 1024))
    client = logged_in(small, "d04")
    token = token_of(client.get("/package/").text)
    padding = (io.BytesIO(b"x" * 2 * 1024 * 1024), "large.fieldapp")
    taken = client.post("/package/", data={"csrf_token": token, "files": [(io.BytesIO(file), "a"), padding]})
    assert taken.status_code == 303
    services(small).database.close()


def test_without_a_token_or_a_file_nothing_is_taken_in(app: Flask, file: bytes) -> None:
    client = logged_in(app, "d04")
    assert client.post("/package/", data={"files": [(io.BytesIO(file), "a")]}).status_code == 400
    token = token_of(client.get("/package/").text)
    assert client.post("/package/", data={"csrf_token": token}).status_code == 400
    assert not list(services(app).settings.data.glob("intake/*"))


@pytest.mark.parametrize("person", ["i05", "d01"])
def test_only_administrators_may(app: Flask, person: str) -> None:
    client = logged_in(app, person)
    for path in ("/package/", "/package/AAAAAAAAAAAAAAAAAAAAAA", "/package/AAAAAAAAAAAAAAAAAAAAAA/answer"):
        assert client.get(path).status_code == 403
    assert client.post("/package/").status_code == 403


def test_a_report_that_is_not_there_is_not_found(app: Flask) -> None:
    client = logged_in(app, "d04")
    for name in ("AAAAAAAAAAAAAAAAAAAAAA", "..%2f..", "x"):
        assert client.get(f"/package/{name}").status_code == 404
