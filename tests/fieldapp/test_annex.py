"""Confidential annexes at the archive: what it takes, whose keys it names, who is handed a letter, and that it is recorded before."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from fieldapp import annex
from fieldapp.domain import rulebook
from fieldapp.domain.annex import AnnexOpening, ReaderKey
from sync.error import BodyInvalid
from sync.jwe import LetterKey, write_letter
from sync.record import Record
from tests.fieldapp.desk_city import City, Sent, logged_in, resubmit, services, submit
from tests.fieldapp.test_check import ZH, token_of
from tests.fieldapp.test_desk import decide
from tests.sync.factory import sent

ENTITY = "01920000-0000-7000-8000-000000000001"
CONTENT = {"identity": "证人甲某某", "words": "回扣由李某转交"}
TALK = {
    "talked_on": "2026-11-12",
    "code": "A1",
    "role": "contractor",
    "relation": "served",
    "knows": "daily",
    "mode": "individual",
    "is_use_told": True,
    "asked": [],
}


class Keys:
    """A recovery key, and a reader's."""

    def __init__(self) -> None:
        self.reader, self.recovery = LetterKey.new(), LetterKey.new()

    def body(self, entity: str, interview: str, visit: str | None = None) -> dict[str, Any]:
        letter = write_letter([self.reader.jwk, self.recovery.jwk], entity, CONTENT)
        readers = [{"person": "d01", "kid": self.reader.kid}]
        return {
            "visit": visit,
            "interview": interview,
            "readers": readers,
            "recovery": self.recovery.kid,
            "letter": letter,
        }


def written(city: City, keys: Keys) -> tuple[Sent, Record]:
    """Have a phone send a visit with a talk and its annex."""
    visit = resubmit(city, submit(city), {}, {"interview": TALK})
    entity, talk = services(city.app).archive.new_id(), visit.parts["interview"]
    body = keys.body(entity, str(talk.payload["entity"]), visit.entity)
    sealed = city.phone("i05").seal(body, kind="annex", stream=str(talk.payload["stream"]), id=entity)
    pushed = services(city.app).archive.push(sent(sealed))
    assert [one.verdict for one in pushed.judgements] == ["appended"]
    return visit, sealed


def openings(app: Flask) -> list[tuple[str, str]]:
    with services(app).database.reading() as session:
        return [(one.author, one.purpose) for one in session.exec(select(AnnexOpening))]


@pytest.mark.parametrize(
    "change",
    [
        {"readers": []},
        {"readers": [{"person": "d01", "kid": "A" * 43}]},
        {"recovery": "A" * 43},
        {"words": "明文"},
        {"identity": "甲"},
    ],
)
def test_an_annex_is_a_letter_to_those_it_names_and_nothing_beside(change: dict[str, Any]) -> None:
    validate, body = rulebook().kinds["annex"].versions[1], Keys().body(ENTITY, ENTITY)
    validate(body)
    with pytest.raises(BodyInvalid):
        validate(body | change)


def test_a_letter_of_any_other_size_is_not_taken() -> None:
    validate, body = rulebook().kinds["annex"].versions[1], Keys().body(ENTITY, ENTITY)
    with pytest.raises(BodyInvalid, match="size"):
        validate(body | {"letter": body["letter"] | {"ciphertext": body["letter"]["ciphertext"][4:]}})


def test_a_key_has_its_own_name() -> None:
    validate, key = rulebook().kinds["recovery_key"].versions[1], LetterKey.new()
    validate({"key": key.kid, "jwk": key.jwk})
    with pytest.raises(BodyInvalid):
        validate({"key": LetterKey.new().kid, "jwk": key.jwk})


def test_a_reader_names_a_key_and_another_one_takes_its_place(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    page = desk.get("/annex/key", headers=ZH).text
    assert "您还没有阅读密钥" in page and "还没有恢复密钥" in page
    for key in (LetterKey.new(), LetterKey.new()):
        given = {"csrf_token": token_of(page), "x": key.jwk["x"], "y": key.jwk["y"]}
        assert desk.post("/annex/key", data=given).status_code == 303
    with services(app).database.reading() as session:
        (row,) = session.exec(select(ReaderKey))
    assert (row.person, row.key, row.revisions, row.author) == ("d01", key.kid, 2, "d01")
    page = desk.get("/annex/key", headers=ZH).text
    assert annex.check_number(key.kid) in page and "旧文件仍须保存" in page


def test_what_is_no_key_is_not_named(app: Flask, desk: FlaskClient) -> None:
    token = token_of(desk.get("/annex/key").text)
    assert (
        desk.post("/annex/key", data={"csrf_token": token, "x": "A" * 43, "y": "A" * 43}).status_code == 400
    )
    assert desk.post("/annex/key", data={"csrf_token": token, "x": "x", "y": "y"}).status_code == 400
    with services(app).database.reading() as session:
        assert list(session.exec(select(ReaderKey))) == []


def test_an_inspector_makes_no_readers_key(app: Flask) -> None:
    assert logged_in(app, "i05").get("/annex/key").status_code == 403
    assert logged_in(app, "i05").post("/annex/key").status_code in (400, 403)
    assert logged_in(app, None).get("/annex/key").status_code in (302, 303, 401)


def test_who_is_no_reader_learns_that_it_exists_and_gets_nothing(app: Flask, city: City) -> None:
    keys = Keys()
    visit, sealed = written(city, keys)
    other, path = logged_in(app, "d02"), f"/annex/{sealed.payload['entity']}"
    assert path in other.get(visit.path).text
    page = other.get(path, headers=ZH).text
    assert "d01" in page and "您不是这份附页的阅读人" in page
    token = token_of(other.get("/annex/key").text)
    refused = other.post(f"{path}/opening", data={"csrf_token": token, "purpose": "好奇"})
    assert refused.status_code == 403
    assert openings(app) == []
    letter = sealed.body["letter"]
    for secret in (letter["ciphertext"][:40], letter["iv"], letter["recipients"][0]["encrypted_key"]):
        assert all(secret not in text for text in (page, refused.text, other.get(visit.path).text))


def test_a_reader_is_handed_the_letter_after_it_was_recorded(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    keys = Keys()
    _, sealed = written(city, keys)
    entity = str(sealed.payload["entity"])
    page = desk.get(f"/annex/{entity}", headers=ZH).text
    assert "还没有人打开过" in page and sealed.body["letter"]["iv"] not in page
    path, token = f"/annex/{entity}/opening", token_of(page)
    assert desk.post(path, data={"csrf_token": token, "purpose": "  "}).status_code == 400
    assert desk.post(path, data={"purpose": "核实线索"}).status_code == 400
    assert openings(app) == []
    answer = desk.post(path, data={"csrf_token": token, "purpose": "核实线索"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert openings(app) == [("d01", "核实线索")]
    assert keys.reader.open(answer.get_json()["letter"], entity) == CONTENT
    assert "核实线索" in desk.get(f"/annex/{entity}", headers=ZH).text
    assert "核实线索" not in logged_in(app, "d02").get(f"/annex/{entity}", headers=ZH).text


def test_when_it_cannot_be_recorded_nothing_is_handed_out(
    app: Flask, city: City, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys()
    _, sealed = written(city, keys)
    entity = sealed.payload["entity"]
    token = token_of(desk.get(f"/annex/{entity}").text)
    monkeypatch.setattr(services(app).archive, "randomness", lambda _size: 1 / 0)
    answer = desk.post(f"/annex/{entity}/opening", data={"csrf_token": token, "purpose": "核实线索"})
    assert answer.status_code == 500 and sealed.body["letter"]["iv"] not in answer.text


def test_another_stream_s_annex_is_not_found(app: Flask, desk: FlaskClient) -> None:
    assert desk.get(f"/annex/{ENTITY}").status_code == 404


def test_who_was_withdrawn_is_told_and_may_come_again(app: Flask, city: City, desk: FlaskClient) -> None:
    key = LetterKey.new()
    annex.publish(services(app), "d01", key.jwk)
    annex.withdraw(services(app), "d01", "d04")
    assert "已停用" in desk.get("/annex/key", headers=ZH).text
    annex.publish(services(app), "d01", key.jwk)
    with services(app).database.reading() as session:
        (row,) = session.exec(select(ReaderKey))
    assert (row.is_withdrawn, row.revisions) == (False, 3)


def test_a_visit_whose_submission_lists_an_annex_is_read_and_accepted(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    visit, sealed = written(city, Keys())
    listed = sorted(one.hash for one in (visit.visit, *visit.parts.values(), sealed))
    again = resubmit(city, visit, {}, {}, records=listed)
    page = desk.get(again.path, headers=ZH).text
    assert f"/annex/{sealed.payload['entity']}" in page and "保密附页" in page
    assert decide(desk, again, "accepted", reason="").status_code == 303
    assert sealed.body["letter"]["iv"] not in desk.get(again.path, headers=ZH).text


def test_an_erasure_by_law_takes_a_letter_from_the_desk(app: Flask, city: City, desk: FlaskClient) -> None:
    visit, sealed = written(city, Keys())
    stream = str(sealed.payload["stream"])
    services(app).archive.erase([sealed.hash], stream, "个人信息保护法第四十七条", "d04", "d01")
    assert desk.get(f"/annex/{sealed.payload['entity']}").status_code == 404
    assert "/annex/0" not in desk.get(visit.path, headers=ZH).text
