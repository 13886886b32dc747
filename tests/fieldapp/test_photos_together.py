"""Several photos in one request: each counts by itself, and the answer is the receipts."""

import hashlib
import os
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sync import statement
from sync.record import Record
from tests.fieldapp import test_exchange
from tests.fieldapp.test_exchange import enrolled, photo, project, push, services, slug

app = test_exchange.app


def together(
    client: FlaskClient, items: list[tuple[Record, bytes]], body: bytes, **more: Any
) -> TestResponse:
    listed = ", ".join(f"{one.hash} {hashlib.sha256(data).hexdigest()} {len(data)}" for one, data in items)
    return client.post("/sync/1/photos/whole", data=body, headers={"Fieldapp-Photos": listed}, **more)


def test_small_photos_come_together_and_the_answer_has_their_receipts(app: Flask) -> None:
    client, phone, stream = app.test_client(), enrolled(app), project(app)
    contents = [os.urandom(60_000) for _ in range(3)]
    items = [(photo(phone, stream, data), data) for data in contents]
    push(client, *(sealed for sealed, _ in items))
    body = contents[0] + contents[1][::-1] + contents[2]
    answer = together(client, items, body).get_json()
    named = [{"record": one.hash, "sha256": hashlib.sha256(data).hexdigest()} for one, data in items]
    assert answer["counted"] == [named[0], named[2]]
    assert answer["missing"] == {named[1]["record"]: [named[1]["sha256"]]}
    (receipt,) = answer["receipts"]
    facts = statement.read(receipt, statement.RECEIPT, services(app).archive.key.jwk)["facts"]
    assert [fact["completed_at"] is not None for fact in facts] == [True, False, True]
    assert (
        slug(together(client, items[1:], body[60_000:], environ_overrides={"CONTENT_LENGTH": "120001"}))
        == "bad-request"
    )
    cut_off = {"environ_overrides": {"CONTENT_LENGTH": "120000"}}
    assert slug(together(client, [items[1], items[0]], contents[1] + b"0" * 999, **cut_off)) == "body-cut"
    assert (
        client.post("/sync/1/receipts", json={"hashes": [one.hash for one, _ in items]}).get_json()["missing"]
        == {}
    )


def test_a_list_of_photos_that_is_none_is_a_clear_problem(app: Flask) -> None:
    client, data = app.test_client(), b"x" * 10
    sealed = photo(enrolled(app), project(app), data)
    push(client, sealed)
    good = f"{sealed.hash} {hashlib.sha256(data).hexdigest()} 10"
    for listed in (
        "",
        "x",
        f"{good},",
        ", ".join([good] * 17),
        good.replace(" 10", " -1"),
        good.replace(" 10", " 0"),
    ):
        answer = client.post("/sync/1/photos/whole", data=data, headers={"Fieldapp-Photos": listed})
        assert slug(answer) == "bad-request", listed
    large = good.replace(" 10", f" {17 * 1024 * 1024}")
    stated = {"CONTENT_LENGTH": str(17 * 1024 * 1024)}
    answer = client.post(
        "/sync/1/photos/whole", data=data, headers={"Fieldapp-Photos": large}, environ_overrides=stated
    )
    assert slug(answer) == "too-large"
