"""The page 待查: what waits, with a sentence; decisions by administrators; what was decided stays to be seen."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp.domain.project import Project
from sync.archive import Draft
from sync.record import Record
from sync.rollback import open_epoch
from sync.table import Quarantined, RecordRow, Unfolded
from tests.fieldapp.desk_city import (
    City,
    hand_over,
    jpeg,
    logged_in,
    photo_body,
    project_body,
    services,
    submit,
)
from tests.sync.factory import sent

ZH, EN = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}
DAY = "2026-11-12"


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return logged_in(app, "d04")


def token_of(page: str) -> str:
    return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[-1]


def late(city: City, kind: str = "entry", body: dict[str, Any] | None = None, **members: Any) -> Record:
    """Push a record of a phone that was ended before; it is set aside."""
    phone, archive = city.phone("i05"), services(city.app).archive
    if not _is_ended(city.app, phone.key.kid):
        archive.revoke(phone.key.kid, "lost", "d04")
    body = body or {
        "list": "problem",
        "what": "护栏<b>缺失",
        "seen_on": DAY,
        "cause": [],
        "severity": "major",
    }
    stream = f"project:{city.projects['p017']}"
    one = phone.seal(body, kind=kind, **{"stream": stream, "id": archive.new_id(), **members})
    assert archive.push(sent(one)).judgements[0].verdict == "quarantined"
    return one


def _is_ended(app: Flask, kid: str) -> bool:
    from sync.table import CertificateRow

    with services(app).database.reading() as session:
        return session.get_one(CertificateRow, kid).revoked_at is not None


def decide(client: FlaskClient, known: str, decision: str, reason: str) -> TestResponse:
    data = {"csrf_token": token_of(client.get("/check/").text), "decision": decision, "reason": reason}
    return client.post(f"/check/aside/{known}", data=data, headers=ZH)


def test_what_waits_is_told_in_plain_words(app: Flask, city: City, desk: FlaskClient) -> None:
    one = late(city)
    for headers in (ZH, EN):
        page = desk.get("/check/", headers=headers).text
        assert "护栏&lt;b&gt;缺失" in page and one.hash in page
        assert not re.search(r"quarantin|stream|epoch|\bhead\b|revoked", re.sub(r"<[^>]+>", "", page), re.I)
    page = desk.get("/check/", headers=ZH).text
    assert "这部手机停用之后才收到" in page and "公路 p017" in page and "test phone" in page
    assert "严重程度" in page or "程度" in page


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"kind": "dream"}, "暂不能识别这类内容"),
        ({"kind": "entry", "v": 9}, "暂不能识别这种格式"),
        ({"kind": "entry", "body": {"what": 1}}, "内容不合要求"),
        ({"kind": "entry", "author": "i09"}, "署名与手机绑定人不一致"),
        ({"kind": "unit"}, "不应由该人员提交"),
        ({"kind": "entry", "stream": "commons"}, "归入的位置不符"),
        ({"kind": "entry", "stream": "keys"}, "涉及手机绑定"),
        ({"kind": "ruling"}, "只能在档案中心办理"),
    ],
)
def test_each_reason_has_its_sentence(
    app: Flask, city: City, desk: FlaskClient, members: dict[str, Any], says: str
) -> None:
    stream = f"project:{city.projects['p017']}"
    given = {"stream": stream, "body": {"list": "task", "what": "x", "seen_on": DAY, "cause": []}, **members}
    one = city.phone("i05").seal(given.pop("body"), **given)
    assert services(app).archive.push(sent(one)).judgements[0].verdict == "quarantined"
    assert says in desk.get("/check/", headers=ZH).text
    assert desk.get("/check/", headers=EN).status_code == 200


def test_admitting_puts_it_into_the_visit_and_leaves_a_trace(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    visit = submit(city)
    body = {"list": "problem", "what": "迟到的一条", "seen_on": DAY, "cause": [], "visit": visit.entity}
    one = late(city, body=body)
    assert f'href="{visit.path}"' in desk.get("/check/").text
    answer = decide(desk, one.hash, "admitted", "停用前所写")
    assert answer.status_code == 303
    assert "迟到的一条" in logged_in(app, "d01").get(visit.path).text
    trace = desk.get("/check/?lane=decided", headers=ZH).text
    assert "已收入" in trace and "停用前所写" in trace and "d04" in trace and one.hash in trace
    assert one.hash not in desk.get("/check/").text


def test_rejecting_needs_a_reason_and_is_told_to_who_comes_second(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    one = late(city)
    refused = decide(desk, one.hash, "rejected", "  ")
    assert refused.status_code == 400 and "请写明理由" in refused.text
    data = {"csrf_token": token_of(desk.get("/check/").text), "decision": "rejected", "reason": "不实"}
    assert desk.post(f"/check/aside/{one.hash}", data=data).status_code == 303
    second = desk.post(f"/check/aside/{one.hash}", data=data | {"decision": "admitted"}, headers=ZH)
    assert second.status_code == 409 and "已由另一名管理员办理" in second.text
    with services(app).database.reading() as session:
        assert session.get_one(Quarantined, one.hash).decision == "rejected"
        assert session.get(RecordRow, one.hash) is None


def test_what_can_never_be_admitted_offers_rejecting_only(app: Flask, city: City, desk: FlaskClient) -> None:
    phone, stream = city.phone("i05"), f"project:{city.projects['p017']}"
    body = {"list": "task", "what": "一", "seen_on": DAY, "cause": []}
    first = phone.seal(body, kind="entry", stream=stream)
    twin = phone.seal({**body, "what": "二"}, kind="entry", stream=stream, id=first.payload["id"])
    services(app).archive.push(sent(first, twin))
    page = desk.get("/check/", headers=ZH).text
    assert "编号已属另一条记录" in page and 'value="admitted"' not in page and 'value="rejected"' in page
    forced = decide(desk, twin.hash, "admitted", "为何不可")
    assert forced.status_code == 409 and "编号已属另一条记录" in forced.text
    assert decide(desk, twin.hash, "rejected", "重复").status_code == 303


def test_supervisors_read_and_administrators_decide(app: Flask, city: City) -> None:
    one, supervisor = late(city), logged_in(app, "d01")
    page = supervisor.get("/check/").text
    assert one.hash in page and "<textarea" not in page
    assert decide(supervisor, one.hash, "admitted", "x").status_code == 403
    assert logged_in(app, "i05").get("/check/").status_code == 403


def test_what_concerns_officials_stays_off_a_server_without_them(app: Flask, city: City) -> None:
    one = late(city, stream="official:01930000-0000-7000-8000-0000000000aa")
    client = logged_in(app, "d04")
    assert one.hash not in client.get("/check/").text
    assert decide(client, one.hash, "admitted", "x").status_code == 404


def test_photos_that_came_are_shown_and_those_that_did_not_are_counted(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    picture = jpeg("here")
    here, away = late(city, "photo", photo_body(DAY, picture)), late(city, "photo", photo_body(DAY, b"away"))
    hand_over(city, here, picture)
    page = desk.get("/check/", headers=ZH).text
    address = f"/photo/{here.body['view']['sha256']}"
    assert address in page and "照片收到 1/1" in page and "照片收到 0/1" in page
    assert desk.get(address).status_code in (200, 202)
    assert logged_in(app, "d01").get(address + "/original").data == picture
    assert logged_in(app, "i05").get(address).status_code == 404
    assert desk.get(f"/photo/{away.body['view']['sha256']}").status_code == 404


def test_a_forged_decision_without_a_token_changes_nothing(app: Flask, city: City, desk: FlaskClient) -> None:
    one = late(city)
    answer = desk.post(f"/check/aside/{one.hash}", data={"decision": "admitted", "reason": "x"})
    assert answer.status_code == 400
    with services(app).database.reading() as session:
        assert session.get_one(Quarantined, one.hash).decision is None


def test_empty_lanes_say_so(app: Flask, city: City, desk: FlaskClient) -> None:
    for lane in ("aside", "conflict", "photo", "gap", "stray", "decided", "restored"):
        for headers in (ZH, EN):
            assert 'class="card empty"' in desk.get(f"/check/?lane={lane}", headers=headers).text
    assert desk.get("/check/?lane=nowhere").status_code == 404


def test_a_submission_set_aside_says_what_it_lacks(app: Flask, city: City, desk: FlaskClient) -> None:
    group = {
        "zh": "安全",
        "en": "Safety",
        "items": [{"id": "m01", "zh": "护栏是否完好", "en": "Rails", "type": "text"}],
    }
    sheet = {
        "code": "monthly", "edition": "1", "name": "月度核查表", "purposes": [], "types": [], "groups": [group], "choices": {},
    }  # fmt: skip
    services(app).archive.seal([Draft("checklist", "commons", sheet, "d04")])
    visit = submit(city)
    lacks = [{"what": "item", "item": "m01"}, {"what": "progress", "item": ""}]
    late(city, "submission", visit.submission.body | {"missing": lacks, "reason": "下雨"})
    page = desk.get("/check/", headers=ZH).text
    assert "护栏是否完好" in page and "未填实见进度" in page and "共 4 条记录" in page and "下雨" in page


def test_gaps_are_told_without_blame(app: Flask, city: City, desk: FlaskClient) -> None:
    submit(city)
    city.phone("i05").counter += 3
    submit(city, day="2026-11-20")
    page = desk.get("/check/?lane=gap", headers=ZH).text
    assert "3 条记录未到" in page and "6–8" in page and "不归责于任何人" in page and "test phone" in page


def test_missing_photos_are_told_by_visit(app: Flask, city: City, desk: FlaskClient) -> None:
    visit = submit(city, has_bytes=False)
    page = desk.get("/check/?lane=photo", headers=ZH).text
    assert "1 张照片未到" in page and f'href="{visit.path}#photo"' in page
    assert "1 张照片未到" not in desk.get("/check/").text


def test_what_could_not_be_folded_is_told(app: Flask, city: City, desk: FlaskClient) -> None:
    visit = submit(city)
    with services(app).database.writing() as session:
        entry = visit.parts["entry"].payload
        session.add(Unfolded(entity=entry["entity"], stream=entry["stream"], error="KeyError('x')"))
    page = desk.get("/check/?lane=stray", headers=ZH).text
    assert "清单事项" in page and "不会丢失" in page and "KeyError" in page


def fork_project(app: Flask, city: City) -> tuple[str, list[str]]:
    """Correct one project twice, neither knowing of the other."""
    archive, entity = services(app).archive, city.projects["p017"]
    stream = f"project:{entity}"
    with services(app).database.reading() as session:
        first = session.get_one(Project, entity).record
    hashes = []
    for code in ("甲名", "乙名"):
        body = {**project_body("p017", city.unit, city.teams["t1"]), "name": code}
        draft = Draft("project", stream, body, "d04", entity=entity, supersedes=(first,))
        hashes.append(archive.seal([draft])[0].hash)
    return entity, hashes


def test_an_administrator_chooses_between_two_versions_of_shared_data(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    entity, hashes = fork_project(app, city)
    page = desk.get("/check/?lane=conflict", headers=ZH).text
    assert "甲名" in page and "乙名" in page and "须由管理员选定一处" in page
    assert "总投资" not in page
    data = {"csrf_token": token_of(page), "chosen": min(hashes), "seen": hashes}
    assert desk.post(f"/check/conflict/{entity}", data=data).status_code == 303
    with services(app).database.reading() as session:
        row = session.get_one(Project, entity)
        newest = session.exec(select(RecordRow).where(RecordRow.hash == row.record)).one()
        assert (row.is_conflict, sorted(newest.supersedes)) == (False, sorted(hashes))
        assert row.name == ("甲名" if min(hashes) == hashes[0] else "乙名")
    again = desk.post(f"/check/conflict/{entity}", data=data, headers=ZH)
    assert again.status_code == 409 and "已有变化" in again.text
    assert desk.get("/check/?lane=conflict", headers=ZH).text.count("没有不一致的内容") == 1


def test_what_a_person_recorded_only_that_person_settles(app: Flask, city: City, desk: FlaskClient) -> None:
    visit, phone = submit(city), city.phone("i05")
    entry = visit.parts["entry"]
    both = [
        phone.seal(
            {**entry.body, "what": what},
            kind="entry", stream=entry.payload["stream"], entity=entry.payload["entity"], supersedes=[entry.hash],
        )
        for what in ("左边", "右边")
    ]  # fmt: skip
    services(app).archive.push(sent(*both))
    page = desk.get("/check/?lane=conflict", headers=ZH).text
    assert "左边" in page and "右边" in page and "档案中心不代为改动" in page and visit.path in page
    data = {"csrf_token": token_of(page), "chosen": both[0].hash, "seen": [one.hash for one in both]}
    forced = desk.post(f"/check/conflict/{entry.payload['entity']}", data=data)
    assert forced.status_code == 403


def test_administrators_are_told_that_the_archive_was_restored_until_one_takes_note(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    epoch = open_epoch(services(app).archive, "restored")
    for path in ("/visit/", "/check/"):
        assert "从备份恢复过" in desk.get(path, headers=ZH).text
        assert "从备份恢复过" not in logged_in(app, "d01").get(path, headers=ZH).text
    token = token_of(desk.get("/check/").text)
    assert desk.post(f"/check/restored/{epoch}", data={"csrf_token": token}).status_code == 303
    assert "从备份恢复过" not in desk.get("/visit/", headers=ZH).text
    trace = desk.get("/check/?lane=restored", headers=ZH).text
    assert "从备份恢复过" in trace and "已知悉" in trace
    assert desk.post("/check/restored/7", data={"csrf_token": token}).status_code == 404
