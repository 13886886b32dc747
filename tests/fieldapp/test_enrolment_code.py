"""Codes that bind a phone: once, for minutes, for one person; what the administrator's page says of them."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select, text
from werkzeug.test import TestResponse

from fieldapp import enrolment_code
from fieldapp.enrolment_code import EnrolmentCode
from fieldapp.register import RegisterLine
from tests.fieldapp.desk_city import logged_in, make_app, services
from tests.fieldapp.test_check import ZH
from tests.fieldapp.test_user import post
from tests.store import SORTS, named
from tests.sync.factory import Phone, StandingClock

HEADERS = {"Fieldapp-Client": "1"}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        app = make_app(tmp_path, clock=clock, **stores)
        yield app
        services(app).database.close()


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return logged_in(app, "d04")


def shown(app: Flask, desk: FlaskClient, username: str = "i05") -> tuple[str, str]:
    """Show a code; return the address of its page, and the code."""
    page = post(desk, f"/enrolment/of/{username}").headers["Location"]
    with app.test_request_context():
        return page, enrolment_code.code_of(services(app), page.rpartition("/")[2])


def scan(client: FlaskClient, code: str) -> TestResponse:
    return client.post("/session", json={"code": code}, headers=HEADERS)


def enrol(app: Flask, client: FlaskClient, label: str = "Pixel") -> TestResponse:
    archive = services(app).archive
    asked = Phone("i05").request(archive.name, archive.time_token(), label=label)
    return client.post("/sync/1/enrolments", data=asked, headers=HEADERS)


def test_a_code_stands_in_for_the_password_once(app: Flask, desk: FlaskClient) -> None:
    page, code = shown(app, desk)
    first = desk.get(page, headers=ZH).text
    assert "data:image/svg+xml" in first and "剩余 10:00" in first and 'data-state="open"' in first
    phone = app.test_client()
    assert scan(phone, code).get_json() == {
        "username": "i05",
        "person": "i05",
        "role": "inspector",
        "name": "I05",
    }
    assert 'data-state="used"' in desk.get(page).text
    second = scan(app.test_client(), code)
    assert second.status_code == 401
    assert second.get_json()["type"] == "urn:fieldapp:problem:code-not-valid"
    assert enrol(app, phone).status_code == 200
    told = desk.get(page, headers=ZH).text
    assert 'data-state="enrolled"' in told and "I05 的手机 Pixel 已于" in told and "data:image" not in told
    assert desk.get(f"{page}/state").get_json() == {"state": "enrolled", "left_s": 600}


def test_a_code_ends_after_ten_minutes_and_when_another_is_shown(
    app: Flask, desk: FlaskClient, clock: StandingClock
) -> None:
    old, first = shown(app, desk)
    _, second = shown(app, desk)
    assert scan(app.test_client(), first).status_code == 401
    assert 'data-state="over"' in desk.get(old).text
    clock.pass_by(minutes=10)
    assert scan(app.test_client(), second).status_code == 401
    page, third = shown(app, desk)
    clock.pass_by(minutes=9, seconds=58)
    assert "剩余 0:02" in desk.get(page, headers=ZH).text
    assert scan(app.test_client(), third).status_code == 200


def test_of_many_phones_at_once_one_gets_in(app: Flask, desk: FlaskClient) -> None:
    _, code = shown(app, desk)
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda _: scan(app.test_client(), code).status_code, range(6)))
    # Who comes late is refused, or has to wait.
    assert statuses[0] == 200 and {*statuses[1:]} <= {401, 429}


def test_guessing_codes_waits_and_no_password_does(app: Flask, desk: FlaskClient) -> None:
    _, code = shown(app, desk)
    wrong = [scan(app.test_client(), "A" * 22).status_code for _ in range(6)]
    assert wrong[:4] == [401] * 4 and wrong[-1] == 429
    assert logged_in(app, "i05").get("/account/").status_code == 200
    assert scan(app.test_client(), code).status_code == 429


def test_a_copy_of_the_database_holds_no_code(app: Flask, desk: FlaskClient) -> None:
    _, code = shown(app, desk)
    with services(app).database.reading() as session:
        (row,) = session.exec(select(EnrolmentCode)).all()
        assert code not in str(row.model_dump()) and len(code) == 22
        rows = session.execute(text("SELECT * FROM register")).all()
    assert code not in str(rows)


@pytest.mark.parametrize(("username", "status"), [("d01", 403), ("nobody", 404)])
def test_only_who_walks_gets_a_code(app: Flask, desk: FlaskClient, username: str, status: int) -> None:
    assert post(desk, f"/enrolment/of/{username}").status_code == status


def test_a_closed_account_is_not_opened_by_a_code(app: Flask, desk: FlaskClient) -> None:
    _, code = shown(app, desk)
    assert post(desk, "/users/i05/closing").status_code == 303
    assert scan(app.test_client(), code).status_code == 401
    assert post(desk, "/enrolment/of/i05").status_code == 404


def test_a_first_password_is_no_hindrance_to_a_code(app: Flask, desk: FlaskClient) -> None:
    assert post(desk, "/users/i05/password").status_code == 200
    phone, (_, code) = app.test_client(), shown(app, desk)
    assert scan(phone, code).status_code == 200
    assert enrol(app, phone).status_code == 200


def test_a_second_phone_is_pointed_out_to_the_administrator(
    app: Flask, desk: FlaskClient, clock: StandingClock
) -> None:
    for label in ("Pixel", "Mate"):
        clock.pass_by(seconds=1)
        phone, (page, code) = app.test_client(), shown(app, desk)
        scan(phone, code)
        enrol(app, phone, label=label)
    told = desk.get(page, headers=ZH).text
    assert "本人现有 2 部手机在用" in told and re.findall(r"<li>(\w+) ", told) == ["Mate", "Pixel"]
    assert "2 部在用" in desk.get("/phones/", headers=ZH).text
    # Somebody who is shown a code for a third is told before.
    page, _ = shown(app, desk)
    assert "本人已绑定 2 部手机" in desk.get(page, headers=ZH).text


def test_showing_and_using_a_code_stand_in_the_register(app: Flask, desk: FlaskClient) -> None:
    _, code = shown(app, desk)
    scan(app.test_client(), code)
    with services(app).database.reading() as session:
        rows = session.exec(select(RegisterLine)).all()
        told = sorted((one.person, one.act, one.subject) for one in rows if one.act != "login")
    assert told == [("d04", "code_shown", "account:i05"), ("i05", "code_used", "account:i05")]
    page = desk.get("/audit/?group=phone", headers=ZH).text
    assert "出示绑定码" in page and "用绑定码登录" in page
