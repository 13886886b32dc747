"""Logging in: the same answer for every wrong guess, delays instead of locks, tokens of which only the hash is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp import account
from fieldapp.delay import network_of
from fieldapp.login import Login, end_logins
from fieldapp.password import PasswordRefused, check_password, fits, hash_password
from tests.fieldapp.desk_city import PASSWORD, make_app, services
from tests.sync.factory import StandingClock

HEADERS = {"Fieldapp-Client": "1"}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime.now(UTC))


@pytest.fixture
def app(tmp_path: Path, clock: StandingClock) -> Iterator[Flask]:
    app = make_app(tmp_path, clock=clock)
    yield app
    services(app).database.close()


def attempt(client: FlaskClient, username: str, password: str, address: str = "10.0.0.1") -> TestResponse:
    given = {"username": username, "password": password}
    return client.post("/session", json=given, headers=HEADERS, environ_base={"REMOTE_ADDR": address})


def test_the_phone_is_told_who_it_is(app: Flask) -> None:
    answer = attempt(app.test_client(), "I05", PASSWORD)
    assert answer.get_json() == {"username": "i05", "person": "i05", "role": "inspector", "name": "I05"}
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("login=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert answer.headers["Cache-Control"] == "no-store"


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask) -> None:
    given = {"username": "i05", "password": PASSWORD}
    answer = app.test_client().post(
        "/session", json=given, headers=HEADERS, base_url="https://archive.example"
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-login=") and "Secure" in cookie and "Path=/" in cookie


def test_only_the_hash_of_a_token_is_kept(app: Flask) -> None:
    client = app.test_client()
    attempt(client, "i05", PASSWORD)
    token = client.get_cookie("login")
    assert token is not None and len(token.value) >= 43
    with services(app).database.reading() as session:
        assert [row.token_hash for row in session.exec(select(Login))] != [token.value]


def test_unknown_closed_and_wrong_are_one_answer(app: Flask) -> None:
    with services(app).database.writing() as session:
        account.deactivate(session, "i09", end_logins)
    answers = [
        attempt(app.test_client(), name, word)
        for name, word in (("nobody", "x"), ("i09", PASSWORD), ("i05", "x"))
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}


def test_wrong_guesses_wait_longer_each_time_and_never_for_ever(app: Flask, clock: StandingClock) -> None:
    client, waits = app.test_client(), []
    for _ in range(14):
        answer = attempt(client, "i05", "wrong")
        if answer.status_code == 429:
            waits.append(answer.get_json()["wait_s"])
            assert answer.headers["Retry-After"] == str(waits[-1])
            clock.pass_by(seconds=waits[-1])
    assert waits == sorted(waits) and waits[0] < 5 and max(waits) <= 301
    clock.pass_by(seconds=301)
    assert attempt(client, "i05", PASSWORD).status_code == 200
    assert attempt(client, "i05", "wrong").status_code == 401


def test_a_delay_holds_one_person_from_one_network_only(app: Flask) -> None:
    for _ in range(5):
        attempt(app.test_client(), "i05", "wrong", "10.0.0.66")
    assert attempt(app.test_client(), "i05", PASSWORD, "10.0.0.66").status_code == 429
    assert attempt(app.test_client(), "i05", PASSWORD, "10.0.0.7").status_code == 200
    assert attempt(app.test_client(), "i09", PASSWORD, "10.0.0.66").status_code == 200


def test_many_names_from_one_network_wait_too(app: Flask) -> None:
    statuses = [attempt(app.test_client(), f"name{n}", "x", "10.0.0.66").status_code for n in range(33)]
    assert statuses[:31] == [401] * 31 and 429 in statuses[31:]


def test_an_unused_login_ends_and_a_used_one_goes_on(app: Flask, clock: StandingClock) -> None:
    used, unused = app.test_client(), app.test_client()
    for client in (used, unused):
        attempt(client, "d01", PASSWORD)
    for _ in range(4):
        clock.pass_by(days=10)
        assert used.get("/visit/").status_code == 200
    assert unused.get("/visit/").status_code == 401


def test_logging_out_ends_the_login_on_the_server(app: Flask) -> None:
    client = app.test_client()
    attempt(client, "d01", PASSWORD)
    token = client.get_cookie("login")
    assert token is not None
    assert client.delete("/session", headers=HEADERS).status_code == 204
    client.set_cookie("login", token.value)
    assert client.get("/visit/").status_code == 401


def test_a_new_password_ends_every_login(app: Flask) -> None:
    client = app.test_client()
    attempt(client, "d01", PASSWORD)
    with services(app).database.writing() as session:
        account.set_password(session, "d01", "another long enough", end_logins)
    assert client.get("/visit/").status_code == 401
    assert attempt(client, "d01", PASSWORD).status_code == 401
    assert attempt(client, "d01", "another long enough").status_code == 200


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"{", "not-json"),
        (b"[]", "not-json"),
        (b'{"username": 1, "password": "x"}', "not-json"),
        (b"{}", "not-json"),
    ],
)
def test_a_body_that_is_no_login_is_a_clear_problem(app: Flask, body: bytes, slug: str) -> None:
    answer = app.test_client().post("/session", data=body, content_type="application/json", headers=HEADERS)
    assert answer.status_code == 400 and answer.get_json()["type"] == f"urn:fieldapp:problem:{slug}"


def test_without_our_header_no_program_logs_in(app: Flask) -> None:
    answer = app.test_client().post("/session", json={"username": "i05", "password": PASSWORD})
    assert answer.status_code == 400 and "Set-Cookie" not in answer.headers


def test_the_form_leads_where_the_person_wanted_but_never_elsewhere(app: Flask) -> None:
    from tests.fieldapp.test_desk import token_of

    client = app.test_client()
    asked = {
        "/visit/?state=returned": "/visit/?state=returned",
        "//evil.example/": "/",
        "https://evil.example": "/",
        "/\\evil": "/",
    }
    for target, leads in asked.items():
        form = {
            "csrf_token": token_of(client.get("/login")),
            "username": "d01",
            "password": PASSWORD,
            "to": target,
        }
        answer = client.post("/login", data=form)
        assert (answer.status_code, answer.headers["Location"]) == (303, leads)


def test_an_inspector_who_logs_in_at_the_desk_is_led_to_the_phone(app: Flask) -> None:
    from tests.fieldapp.test_desk import token_of

    client = app.test_client()
    form = {
        "csrf_token": token_of(client.get("/login")),
        "username": "i05",
        "password": PASSWORD,
        "to": "/visit/",
    }
    answer = client.post("/login", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    door, refused = client.get("/"), client.get("/visit/")
    assert 'href="/phone/zh-CN/"' in door.text and "走访人员在手机上" in door.text
    assert door.text.count("审核登录") == 0
    assert refused.status_code == 403 and 'href="/phone/zh-CN/"' in refused.text


def test_a_wrong_password_on_the_form_says_so_and_keeps_the_name(app: Flask) -> None:
    from tests.fieldapp.test_desk import token_of

    client = app.test_client()
    form = {"csrf_token": token_of(client.get("/login")), "username": "d01", "password": "wrong"}
    answer = client.post("/login", data=form)
    assert answer.status_code == 401 and "用户名或密码不正确" in answer.text and 'value="d01"' in answer.text
    assert "wrong" not in answer.text.replace("<!--", "")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("fourteen signs", "short"),
        ("x" * 257, "long"),
        ("Password1234567", "common"),
        ("passwordpassword", "common"),
        ("202611222026112220261122", "common"),
        ("abcdefghijklmnopq", "common"),
        ("aaaabbbbaaaabbbbc", "common"),
        ("d01-xue d01-xue!!", "common"),
        ("fieldapp 20261122", "common"),
        ("走访档案中心走访档案中心2026", "common"),
    ],
)
def test_passwords_everybody_tries_first_are_refused(password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_password(password, "d01-xue", "薛天枢")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "山路十八弯，桥头有棵老银杏，秋天来看",
        "48317502681949617",
        "huoxiang-shan-xia",
        "🚲🌧️ nach Hause und dann Tee",
    ],
)
def test_long_or_unusual_passwords_are_taken_whatever_they_are_made_of(password: str) -> None:
    check_password(password, "d01", "薛天枢")


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    # One letter with its mark, or both apart; full-width digits of a Chinese keyboard.
    assert fits(hash_password("caf\u00e9 um \uff15 Uhr frueh"), "cafe\u0301 um 5 Uhr frueh")


def test_a_network_is_an_address_or_a_prefix_of_the_newer_kind() -> None:
    assert network_of("10.1.2.3") == "10.1.2.3"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of(None) == "0.0.0.0"
