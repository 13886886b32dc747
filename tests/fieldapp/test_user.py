"""Accounts at the desk, one's own and others': each change in the register, and nobody locked out by one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp import account
from fieldapp.domain.unit import Person
from fieldapp.login import end_logins
from fieldapp.register import RegisterLine
from tests.fieldapp.desk_city import PASSWORD, logged_in, make_app, services
from tests.fieldapp.test_check import ZH, token_of
from tests.store import SORTS, named

NEW = "three quiet wooden boats"


@pytest.fixture(params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        app = make_app(tmp_path, **stores)
        yield app
        services(app).database.close()


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return logged_in(app, "d04")


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = token_of(client.get("/login").text)
    return client.post(path, data={"csrf_token": token, **fields}, headers=ZH)


def log_in(app: Flask, username: str, password: str) -> tuple[FlaskClient, TestResponse]:
    client = app.test_client()
    return client, post(client, "/login", username=username, password=password)


def lines(app: Flask) -> list[tuple[str, str, str, str]]:
    with services(app).database.reading() as session:
        rows = session.exec(select(RegisterLine).order_by(RegisterLine.at, RegisterLine.id))
        return [(one.person, one.act, one.subject, one.purpose) for one in rows if one.act != "login"]


def given(page: TestResponse) -> str:
    found = re.search(r'data-name="given">([a-z-]+)<', page.text)
    assert found is not None
    return found[1]


def test_a_new_account_has_a_person_and_a_password_for_once(app: Flask, desk: FlaskClient) -> None:
    made = post(desk, "/users/", username="Luo.Wen", role="supervisor", name="罗文")
    password = given(made)
    with services(app).database.reading() as session:
        person = session.exec(select(Person).where(Person.person == "luowen")).one()
    assert (person.name, person.role, person.author) == ("罗文", "supervisor", "d04")
    assert password not in desk.get("/users/luo.wen").text
    client, answer = log_in(app, "luo.wen", password)
    assert answer.headers["Location"] == "/account/#password"
    assert client.get("/visit/").status_code == 403 and "/account/#password" in client.get("/visit/").text
    phone = app.test_client().post(
        "/session", json={"username": "luo.wen", "password": password}, headers={"Fieldapp-Client": "1"}
    )
    assert phone.get_json()["type"] == "urn:fieldapp:problem:password-first"
    assert "Set-Cookie" not in phone.headers
    changed = post(client, "/account/password", present=password, new=NEW)
    assert changed.status_code == 303 and client.get("/visit/").status_code == 200
    assert log_in(app, "luo.wen", password)[1].status_code == 401
    assert log_in(app, "luo.wen", NEW)[1].status_code == 303
    assert lines(app) == [
        ("d04", "account_made", "account:luo.wen", "supervisor"),
        ("luowen", "password_changed", "account:luo.wen", ""),
        ("luowen", "login_failed", "account:luo.wen", ""),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"username": "i05", "role": "inspector", "name": "x"}, "已存在"),
        ({"username": "5x", "role": "inspector", "name": "x"}, "须以字母开头"),
        ({"username": "neu", "role": "", "name": "x"}, "请选择角色"),
        ({"username": "neu", "role": "inspector", "name": ""}, "请填写姓名"),
        ({"username": "neu", "role": "inspector", "person": "zz"}, "该人员不存在"),
    ],
)
def test_an_account_that_cannot_be_made_says_why_and_leaves_nothing(
    app: Flask, desk: FlaskClient, fields: dict[str, str], words: str
) -> None:
    answer = post(desk, "/users/", **fields)
    assert answer.status_code == 400 and words in answer.text
    with services(app).database.reading() as session:
        assert len(account.everybody(session)) == 6 and not session.exec(select(Person)).all()
    assert lines(app) == []


def test_a_role_counts_at_once_and_stands_in_the_register(app: Flask, desk: FlaskClient) -> None:
    other = logged_in(app, "d02")
    assert other.get("/users/").status_code == 403
    assert post(desk, "/users/d02/role", role="administrator", reason="接任").status_code == 303
    assert other.get("/users/").status_code == 200
    assert lines(app) == [("d04", "role_changed", "account:d02", "supervisor → administrator · 接任")]


def test_the_last_administrator_stays(app: Flask, desk: FlaskClient) -> None:
    answers = [
        post(desk, path, **fields)
        for path, fields in (("/users/d04/role", {"role": "supervisor"}), ("/users/d04/closing", {}))
    ]
    assert [(one.status_code, "不能停用本人账户" in one.text) for one in answers] == [(409, True)] * 2
    with services(app).database.writing() as session:
        account.change_role(session, "d02", "administrator")
    second = logged_in(app, "d02")
    assert post(second, "/users/d04/closing").status_code == 303
    with (
        pytest.raises(account.AccountRefused, match="no administrator"),
        services(app).database.writing() as session,
    ):
        account.close(session, "d02", end_logins)
    assert second.get("/users/").status_code == 200


def test_a_closed_account_is_out_and_comes_back_with_its_password(app: Flask, desk: FlaskClient) -> None:
    other = logged_in(app, "d01")
    assert post(desk, "/users/d01/closing", reason="调离").status_code == 303
    assert other.get("/visit/").status_code == 401 and log_in(app, "d01", PASSWORD)[1].status_code == 401
    assert post(desk, "/users/d01/reopening").status_code == 303
    assert log_in(app, "d01", PASSWORD)[1].status_code == 303
    assert [one[1] for one in lines(app)] == ["account_closed", "login_failed", "account_reopened"]


def test_a_given_password_ends_what_was_open(app: Flask, desk: FlaskClient) -> None:
    other = logged_in(app, "d01")
    password = given(post(desk, "/users/d01/password", reason="忘记密码"))
    assert other.get("/visit/").status_code == 401 and log_in(app, "d01", PASSWORD)[1].status_code == 401
    assert log_in(app, "d01", password)[1].headers["Location"] == "/account/#password"


@pytest.mark.parametrize(
    ("present", "new", "status", "words"),
    [
        ("wrong", NEW, 403, "当前密码不正确"),
        (PASSWORD, "short", 400, "至少 15 个字符"),
        (PASSWORD, "d01 d01 d01 d01 d01", 400, "太常见"),
        (PASSWORD, "", 400, "请填写"),
    ],
)
def test_a_password_that_is_not_changed_says_why(
    app: Flask, present: str, new: str, status: int, words: str
) -> None:
    client = logged_in(app, "d01")
    answer = post(client, "/account/password", present=present, new=new)
    assert (answer.status_code, words in answer.text) == (status, True)
    assert log_in(app, "d01", PASSWORD)[1].status_code == 303


def test_guessing_the_present_password_waits_like_a_login(app: Flask) -> None:
    client = logged_in(app, "d01")
    statuses = [post(client, "/account/password", present="wrong", new=NEW).status_code for _ in range(6)]
    assert statuses[:4] == [403] * 4 and 429 in statuses[4:]


def test_people_see_their_logins_and_end_them(app: Flask) -> None:
    mine, lost, other = logged_in(app, "d01"), logged_in(app, "d01"), logged_in(app, "d02")
    page = mine.get("/account/", headers=ZH).text
    assert page.count("<li>") == 2 and page.count("本次登录") == 1 and "127.0.0.0/24" in page
    hashes = re.findall(r'name="login" value="([0-9a-f]{64})"', page)
    foreign = re.findall(r'name="login" value="([0-9a-f]{64})"', logged_in(app, "d04").get("/users/d02").text)
    assert post(mine, "/account/logins", login=foreign[0]).status_code == 404
    assert post(mine, "/account/logins", login=hashes[0]).status_code == 303
    assert [one.get("/visit/").status_code for one in (mine, lost, other)] == [200, 401, 200]
    again = logged_in(app, "d01")
    assert post(mine, "/account/logins").status_code == 303
    assert [one.get("/visit/").status_code for one in (mine, again)] == [200, 401]


def test_an_administrator_ends_the_logins_of_others(app: Flask, desk: FlaskClient) -> None:
    first, second = logged_in(app, "d01"), logged_in(app, "d01")
    one = re.findall(r'name="login" value="([0-9a-f]{64})"', desk.get("/users/d01").text)[0]
    assert post(desk, "/users/d01/logins", login=one).status_code == 303
    assert sorted(client.get("/visit/").status_code for client in (first, second)) == [200, 401]
    assert post(desk, "/users/d01/logins").status_code == 303
    assert [client.get("/visit/").status_code for client in (first, second)] == [401, 401]
    assert [act for _, act, _, _ in lines(app)] == ["login_ended", "login_ended"]


def test_an_inspector_reaches_the_own_account_and_no_other(app: Flask) -> None:
    client = logged_in(app, "i05")
    assert client.get("/account/").status_code == 200 and client.get("/users/i05").status_code == 403


def test_accounts_of_an_earlier_release_get_what_is_new(app: Flask) -> None:
    database = services(app).database
    texts = ", ".join(f"{name} VARCHAR" for name in ("password", "person", "role", "name", "created_at"))
    with database.writing() as session:
        for statement in (
            # Tables that came with later releases go with it.
            *(f"DROP TABLE {name}" for name in ("login", "enrolment_code", "recovery_code", "second_factor")),
            "DROP TABLE account",
            f"CREATE TABLE account (username VARCHAR PRIMARY KEY, {texts}, is_active BOOLEAN)",
            "INSERT INTO account VALUES ('d09', 'x', 'd09', 'supervisor', 'D09', '2026', true)",
            "DROP INDEX ix_record_desk_at",
        ):
            session.execute(text(statement))
    for _ in range(2):
        database.create_tables()
    with database.reading() as session:
        assert [(one.username, one.must_change) for one in account.everybody(session)] == [("d09", False)]
    found = inspect(database.engine)
    names = {one["name"] for table in ("record", "account") for one in found.get_indexes(table)}
    assert {"ix_record_desk_at", "ix_account_person"} <= names
