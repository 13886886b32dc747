"""Erasure by law at the desk: two administrators, and afterwards nothing is left but numbers, times, the ground and names."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp import Settings
from fieldapp.application import make
from fieldapp.domain.entry import Entry
from fieldapp.domain.photo import Photo
from fieldapp.erasure_proposal import ErasureProposal
from fieldapp.picture import TILE_PX
from sync.record import Record
from sync.table import RecordRow
from tests import account
from tests.fieldapp.desk_city import PASSWORD, City, Sent, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_check import ZH, late, token_of
from tests.fieldapp.test_desk import decide
from tests.sync.factory import sent


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    with services(app).database.writing() as session:
        account.add(session, "d05", PASSWORD, "administrator")
    yield app
    services(app).database.close()


@pytest.fixture
def first(app: Flask) -> FlaskClient:
    return logged_in(app, "d04")


@pytest.fixture
def second(app: Flask) -> FlaskClient:
    return logged_in(app, "d05")


def propose(
    client: FlaskClient, name: str, *hashes: str, ground: str = "个人信息保护法第四十七条"
) -> TestResponse:
    page = client.get(f"/erasure/of/{name}")
    data = {"csrf_token": token_of(page.text), "record": list(hashes), "ground": ground}
    return client.post(f"/erasure/of/{name}", data=data, headers=ZH)


def answer(client: FlaskClient, app: Flask, decision: str, reason: str = "") -> TestResponse:
    with services(app).database.reading() as session:
        newest = session.exec(select(ErasureProposal)).all()[-1]
    token = token_of(client.get("/erasure/").text)
    data = {"csrf_token": token, "decision": decision, "reason": reason}
    return client.post(f"/erasure/proposal/{newest.id}", data=data, headers=ZH)


def erased(app: Flask, first: FlaskClient, second: FlaskClient, visit: Sent, *names: str) -> None:
    for name in names:
        one = visit.visit if name == "visit" else visit.parts[name]
        assert propose(first, one.payload["entity"], one.hash).status_code == 303
        assert answer(second, app, "confirmed").status_code == 303


def test_what_two_administrators_erase_is_gone_and_the_visit_says_so(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    visit = submit(city)
    sha256 = visit.parts["photo"].body["view"]["sha256"]
    services(app).pictures.make(sha256, TILE_PX)
    assert list((services(app).settings.data / "picture").glob(f"*/{sha256}*"))
    assert f"/erasure/of/{visit.parts['entry'].payload['entity']}" in first.get(visit.path).text
    assert "/erasure/of/" not in logged_in(app, "d01").get(visit.path).text
    erased(app, first, second, visit, "entry", "photo")
    page = first.get(visit.path, headers=ZH).text
    assert page.count("依法删除</span>") == 2 and "护栏缺失" not in page and sha256 not in page
    with services(app).database.reading() as session:
        assert not session.exec(select(Entry)).all() and not session.exec(select(Photo)).all()
        rows = [session.get_one(RecordRow, visit.parts[name].hash).bytes for name in ("entry", "photo")]
    assert rows == [None, None]
    assert not services(app).photos.has(sha256)
    assert not list((services(app).settings.data / "picture").glob(f"*/{sha256}*"))
    gone = first.get(f"{visit.path}/photo/{visit.parts['photo'].payload['entity']}", headers=ZH)
    assert gone.status_code == 410 and "已依法删除" in gone.text
    listed = second.get("/erasure/", headers=ZH).text
    assert visit.parts["entry"].hash in listed and "第四十七条" in listed and "d05" in listed
    assert "护栏缺失" not in listed


def test_a_visit_erased_itself_says_so(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    visit = submit(city)
    erased(app, first, second, visit, "visit")
    page = first.get(visit.path, headers=ZH)
    assert page.status_code == 410 and "已依法删除" in page.text
    assert first.get("/visit/").status_code == 200


def test_the_person_who_proposed_cannot_confirm_but_may_withdraw(
    app: Flask, city: City, first: FlaskClient
) -> None:
    visit = submit(city)
    one = visit.parts["entry"]
    propose(first, one.payload["entity"], one.hash)
    page = first.get("/erasure/", headers=ZH).text
    assert 'value="confirmed"' not in page and "护栏缺失" in page.replace("&lt;b&gt;", "")
    refused = answer(first, app, "confirmed")
    assert refused.status_code == 403 and "两名管理员" in refused.text
    assert answer(first, app, "declined").status_code == 400
    assert answer(first, app, "declined", "写错了").status_code == 303
    with services(app).database.reading() as session:
        assert session.get_one(RecordRow, one.hash).bytes is not None


def test_of_two_answers_the_second_is_told(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    visit = submit(city)
    one = visit.parts["entry"]
    propose(first, one.payload["entity"], one.hash)
    assert answer(second, app, "declined", "无此依据").status_code == 303
    late_ = answer(second, app, "confirmed")
    assert late_.status_code == 409 and "已由他人办理" in late_.text
    assert "无此依据" in first.get("/erasure/").text


def test_a_proposal_needs_records_and_a_ground(app: Flask, city: City, first: FlaskClient) -> None:
    visit = submit(city)
    one = visit.parts["entry"]
    for hashes, ground in (((), "依据"), ((one.hash,), "  "), (("0" * 64,), "依据")):
        refused = propose(first, one.payload["entity"], *hashes, ground=ground)
        assert refused.status_code == 400, (hashes, ground)
    with services(app).database.reading() as session:
        assert session.exec(select(ErasureProposal)).all() == []
    assert first.get("/erasure/of/01930000-0000-7000-8000-0000000000ff").status_code == 404


def test_of_a_visit_everything_recorded_on_it_can_be_chosen(
    app: Flask, city: City, first: FlaskClient
) -> None:
    visit = submit(city)
    page = first.get(f"/erasure/of/{visit.entity}").text
    offered = set(re.findall(r'name="record" value="([0-9a-f]{64})"', page))
    assert offered == {visit.visit.hash, visit.submission.hash, *(one.hash for one in visit.parts.values())}
    assert " checked" not in page
    item = first.get(f"/erasure/of/{visit.parts['entry'].payload['entity']}").text
    assert item.count(" checked") == 1


def incomplete(city: City) -> Sent:
    """Submit a visit that says what it lacks and why."""
    lacks = [{"what": "progress", "item": ""}]
    return resubmit(city, submit(city), {}, missing=lacks, reason="王某某住院")


def test_what_a_submission_says_can_be_erased_and_a_decided_visit_stays_in_the_log(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    visit, reviewer = incomplete(city), logged_in(app, "d01")
    assert decide(reviewer, visit, "accepted").status_code == 303
    assert f"/erasure/of/{visit.submission.hash}" in first.get(visit.path).text
    offered = first.get(f"/erasure/of/{visit.submission.hash}", headers=ZH).text
    assert "王某某住院" in offered and "共 4 条记录" in offered and "已审核的走访仍在台账中" in offered
    with services(app).database.reading() as session:
        of_visit = session.exec(select(RecordRow.hash).where(RecordRow.kind == "submission")).all()
    for known in of_visit:
        assert propose(first, known, known).status_code == 303
        assert answer(second, app, "confirmed").status_code == 303
    page = first.get(visit.path, headers=ZH)
    assert page.status_code == 200 and "已归档" in page.text and "王某某" not in page.text
    history = page.text.partition('class="history"')[2]
    assert re.findall(r"<strong>(.*?)</strong>", history) == ["提交", "再次提交", "审核通过"]
    assert visit.path in first.get("/visit/?state=accepted").text


def test_a_visit_whose_only_submission_was_erased_waits_for_another(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    visit = submit(city)
    assert propose(first, visit.submission.hash, visit.submission.hash).status_code == 303
    assert answer(second, app, "confirmed").status_code == 303
    assert visit.path not in first.get("/visit/").text
    manifest = visit.submission.body
    again = city.phone("i05").seal(manifest, kind="submission", stream=visit.submission.payload["stream"])
    assert services(app).archive.push(sent(again)).judgements[0].verdict == "appended"
    assert visit.path in first.get("/visit/?state=in_review").text


def test_a_record_set_aside_can_be_erased_too(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    one = late(city)
    assert f"/erasure/of/{one.hash}" in first.get("/check/").text
    assert propose(first, one.hash, one.hash).status_code == 303
    assert answer(second, app, "confirmed").status_code == 303
    assert one.hash not in first.get("/check/").text


def test_an_erasure_broken_off_before_it_was_noted_is_not_sealed_twice(
    app: Flask, city: City, first: FlaskClient, second: FlaskClient
) -> None:
    visit = submit(city)
    one = visit.parts["entry"]
    propose(first, one.payload["entity"], one.hash)
    archive = services(app).archive
    sealed = archive.erase([one.hash], one.payload["stream"], "个人信息保护法", "d04", "d05")
    assert answer(second, app, "confirmed").status_code == 303
    with services(app).database.reading() as session:
        assert session.exec(select(ErasureProposal)).one().erasure == sealed.hash
        assert len(session.exec(select(RecordRow).where(RecordRow.kind == "erasure")).all()) == 1


def test_pictures_made_at_another_machine_go_when_it_starts_and_before_it_serves_one(
    app: Flask, city: City, tmp_path: Path
) -> None:
    gone, kept = (submit(city, day=day).parts["photo"] for day in ("2026-11-12", "2026-11-20"))
    data = services(app).settings.data

    def picture_of(one: Record) -> Path:
        sha256 = one.body["view"]["sha256"]
        services(app).pictures.make(sha256, TILE_PX)
        return next((data / "picture").glob(f"*/{sha256}*"))

    left, stays = picture_of(gone), picture_of(kept)
    content = left.read_bytes()
    services(app).archive.erase([gone.hash], gone.payload["stream"], "个人信息保护法", "d04", "d05")
    assert not left.exists()
    # As it would lie on a machine that did not seal the erasure.
    left.write_bytes(content)
    again = make(Settings(data=data, number_prefix="试走"))
    assert (left.exists(), stays.exists()) == (False, True)
    content = stays.read_bytes()
    services(app).archive.erase([kept.hash], kept.payload["stream"], "个人信息保护法", "d04", "d05")
    stays.write_bytes(content)
    asked = logged_in(again, "d04").get(f"/photo/{kept.body['view']['sha256']}")
    assert (asked.status_code, stays.exists()) == (404, False)
    services(again).database.close()
