"""The audit page: what desks sealed, annexes opened, what becomes of erasures, each in words and with its author."""

import re

from flask import Flask

from fieldapp.audit import Act
from fieldapp.domain import rulebook
from fieldapp.register import COMMAND
from fieldapp.view.audit import what
from tests import account
from tests.fieldapp.desk_city import PASSWORD, City, logged_in, services, submit
from tests.fieldapp.test_annex import Keys, written
from tests.fieldapp.test_check import ZH
from tests.fieldapp.test_desk import decide
from tests.fieldapp.test_erasure_page import answer, propose
from tests.fieldapp.test_user import post


def shown(app: Flask, query: str) -> list[tuple[str, str]]:
    """Return who did what, newest first, as an administrator reads it."""
    page = logged_in(app, "d04").get(f"/audit/?{query}", headers=ZH).text
    return re.findall(r'act-who">(.*?)</p>\s*<p class="act-what"><strong>(.*?)</strong>', page)


def test_every_kind_and_act_is_said_in_words(app: Flask) -> None:
    with app.test_request_context(headers=ZH):
        for kind in rulebook().kinds:
            said = what(Act("", "", "", kind, "made", "", ""))
            assert said != kind and re.search(r"[一-鿿]", said), kind


def test_the_opening_of_an_annex_stands_there_with_its_purpose(app: Flask, city: City) -> None:
    _, annex = written(city, Keys())
    reader = logged_in(app, "d01")
    assert (
        post(reader, f"/annex/{annex.payload['entity']}/opening", purpose="核实群众来信").status_code == 200
    )
    page = logged_in(app, "d04").get("/audit/?group=seen", headers=ZH).text
    assert "调阅保密附件" in page and "核实群众来信" in page and page.count('class="card act"') == 1


def test_a_decision_names_what_was_decided_and_where(app: Flask, city: City) -> None:
    first, second = submit(city), submit(city, "p018", "i09")
    desk = logged_in(app, "d01")
    assert decide(desk, first, "accepted").status_code == 303
    assert decide(desk, second, "returned", reason="请补拍起点照片").status_code == 303
    page = logged_in(app, "d04").get("/audit/?group=decision&person=d01", headers=ZH).text
    lines = re.findall(r'act-what"><strong>(.*?)</strong> (.*?)</p>', page)
    assert lines == [("审核：退回补充", "公路 p018"), ("审核：审核通过", "公路 p017")]
    assert "请补拍起点照片" in page


def test_proposing_and_declining_an_erasure_is_told_of_whoever_did(app: Flask, city: City) -> None:
    with services(app).database.writing() as session:
        account.add(session, "d05", PASSWORD, "administrator")
    sent = submit(city)
    first, second = logged_in(app, "d04"), logged_in(app, "d05")
    assert propose(first, sent.entity, sent.parts["entry"].hash).status_code == 303
    assert answer(second, app, "declined", "没有依据").status_code == 303
    assert sorted(shown(app, "group=erasure")) == [("D04", "申请依法删除"), ("D05", "未同意依法删除")]
    assert propose(first, sent.entity, sent.parts["entry"].hash).status_code == 303
    assert answer(second, app, "confirmed").status_code == 303
    assert [what for _, what in shown(app, "group=erasure")].count("依法删除") == 1


def test_what_inspectors_sealed_on_phones_is_not_told_of_them(app: Flask, city: City) -> None:
    submit(city)
    assert shown(app, "person=i05") == [("I05", "手机绑定")]


def test_the_command_line_is_told_apart_from_people(app: Flask, city: City) -> None:
    from fieldapp import register

    with app.app_context(), services(app).database.writing() as session:
        register.add(services(app), session, COMMAND, "account_closed", "account:d02")
    assert shown(app, "group=account") == [("服务器命令行", "停用账户")]
