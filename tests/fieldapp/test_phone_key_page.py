"""Enrolled phones at the desk: whose, what came last, ending one with a reason."""

from flask import Flask

from tests.fieldapp.desk_city import City, logged_in, services, submit
from tests.fieldapp.test_check import ZH, token_of
from tests.sync.factory import sent


def test_without_phones_the_page_says_so(app: Flask, city: City) -> None:
    assert "还没有绑定手机" in logged_in(app, "d04").get("/phones/", headers=ZH).text


def test_ending_a_phone_needs_a_reason_and_happens_once(app: Flask, city: City) -> None:
    visit, desk = submit(city), logged_in(app, "d04")
    phone = city.phone("i05")
    page = desk.get("/phones/", headers=ZH).text
    assert "test phone" in page and "共 5 条" in page and "一律收存待查" in page
    path, token = f"/phones/{phone.key.kid}/revocation", token_of(page)
    without = desk.post(path, data={"csrf_token": token, "reason": " "}, headers=ZH)
    assert without.status_code == 400 and "请写明停用理由" in without.text
    assert desk.post(path, data={"csrf_token": token, "reason": "遗失"}).status_code == 303
    again = desk.post(path, data={"csrf_token": token, "reason": "再次"}, headers=ZH)
    assert again.status_code == 409 and "已由他人停用" in again.text
    entry = visit.parts["entry"]
    judged = services(app).archive.push(
        sent(phone.seal(entry.body, kind="entry", stream=entry.payload["stream"]))
    )
    assert (judged.judgements[0].verdict, judged.judgements[0].reason) == ("quarantined", "revoked-key")
    page = desk.get("/phones/", headers=ZH).text
    assert "已停用" in page and "遗失" in page and "1 条待查" in page
    assert (
        desk.post(
            "/phones/" + "A" * 43 + "/revocation", data={"csrf_token": token, "reason": "x"}
        ).status_code
        == 404
    )


def test_the_archives_own_key_is_no_phone(app: Flask, city: City) -> None:
    desk, own = logged_in(app, "d04"), services(app).archive.key.kid
    assert own not in desk.get("/phones/").text
    token = token_of(desk.get("/erasure/").text)
    answer = desk.post(f"/phones/{own}/revocation", data={"csrf_token": token, "reason": "x"})
    assert answer.status_code == 404
