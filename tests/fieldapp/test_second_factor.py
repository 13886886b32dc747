"""The second factor of desks: set up, confirmed, asked for, each code once, and a way back for who lost it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select, text
from werkzeug.test import TestResponse

from fieldapp import second_factor
from fieldapp.command import group
from fieldapp.register import RegisterLine
from fieldapp.second_factor import SecondFactor
from tests.fieldapp.desk_city import PASSWORD, logged_in, make_app, services
from tests.fieldapp.test_check import ZH
from tests.fieldapp.test_user import post
from tests.store import SORTS, named
from tests.sync.factory import StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime(2026, 11, 27, 2, 0, 10, tzinfo=UTC))


@pytest.fixture(params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        app = make_app(tmp_path, clock=clock, **stores)
        yield app
        services(app).database.close()


@pytest.fixture
def demanding(tmp_path: Path, clock: StandingClock) -> Iterator[Flask]:
    app = make_app(tmp_path, clock=clock, desk_second_factor=True)
    yield app
    services(app).database.close()


def set_up(client: FlaskClient, clock: StandingClock) -> tuple[pyotp.TOTP, list[str]]:
    """As a person would: password, secret into the authenticator, a code of it, recovery codes noted."""
    assert post(client, "/account/factor/", present=PASSWORD).status_code == 303
    page = client.get("/account/factor/").text
    found = re.search(r'data-name="secret">([A-Z2-7 ]+)<', page)
    assert found is not None and "data:image/svg+xml" in page
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    done = post(client, "/account/factor/confirmation", code=totp.at(clock()))
    assert done.status_code == 200
    return totp, re.findall(r"<li><code>([a-z0-9-]+)</code>", done.text)


def first_step(app: Flask, username: str = "d01") -> tuple[FlaskClient, str]:
    """Give name and password; return the browser and its ticket to the second step."""
    client = app.test_client()
    page = post(client, "/login", username=username, password=PASSWORD, to="/coverage/")
    found = re.search(r'name="ticket"[^>]*value="([^"]+)"', page.text)
    assert page.status_code == 200 and found is not None and client.get_cookie("login") is None
    return client, found[1]


def second_step(client: FlaskClient, ticket: str, code: str) -> TestResponse:
    return post(client, "/login/factor", ticket=ticket, code=code, to="/coverage/")


def acts(app: Flask) -> list[str]:
    with services(app).database.reading() as session:
        rows = session.exec(select(RegisterLine).order_by(RegisterLine.at, RegisterLine.id))
        return [one.act for one in rows if one.act != "login"]


def test_the_password_alone_opens_nothing_once_a_factor_is_set_up(app: Flask, clock: StandingClock) -> None:
    mine, elsewhere = logged_in(app, "d01"), logged_in(app, "d01")
    totp, codes = set_up(mine, clock)
    assert len(set(codes)) == 8
    # The browser that did it goes on; a login without a code ended.
    assert [one.get("/visit/").status_code for one in (mine, elsewhere)] == [200, 401]
    clock.pass_by(seconds=30)
    client, ticket = first_step(app)
    assert client.get("/visit/").status_code == 401
    wrong = second_step(client, ticket, "000000" if totp.at(clock()) != "000000" else "000001")
    assert wrong.status_code == 401 and "验证码不正确" in wrong.text
    right = second_step(client, ticket, totp.at(clock()))
    assert (right.status_code, right.headers["Location"]) == (303, "/coverage/")
    assert client.get("/visit/").status_code == 200
    assert acts(app) == ["factor_set", "factor_failed"]


def test_each_code_opens_once(app: Flask, clock: StandingClock) -> None:
    totp, codes = set_up(logged_in(app, "d01"), clock)
    # The one that confirmed it is used up as well.
    assert second_step(*first_step(app), totp.at(clock())).status_code == 401
    clock.pass_by(seconds=60)
    now, before = totp.at(clock()), totp.at(clock() - timedelta(seconds=30))
    assert second_step(*first_step(app), now).status_code == 303
    assert second_step(*first_step(app), now).status_code == 401
    # Older ones of the window too: somebody may have looked over a shoulder.
    assert second_step(*first_step(app), before).status_code == 401
    spoken = codes[0].upper().replace("-", " ")
    assert second_step(*first_step(app), spoken).status_code == 303
    assert second_step(*first_step(app), codes[0]).status_code == 401
    with services(app).database.reading() as session:
        assert second_factor.codes_left(session, "d01") == 7
    assert acts(app).count("login_recovery") == 1


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_clocks_may_differ_by_half_a_minute(
    app: Flask, clock: StandingClock, steps: int, status: int
) -> None:
    totp, _ = set_up(logged_in(app, "d01"), clock)
    clock.pass_by(minutes=5)
    assert (
        second_step(*first_step(app), totp.at(clock() + timedelta(seconds=30 * steps))).status_code == status
    )


def test_guessing_codes_waits_whatever_network_it_comes_from(app: Flask, clock: StandingClock) -> None:
    totp, _ = set_up(logged_in(app, "d01"), clock)
    clock.pass_by(seconds=60)
    client, ticket = first_step(app)
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login").text)[-1]

    def guess(number: int, code: str) -> int:
        form = {"csrf_token": token, "ticket": ticket, "code": code}
        address = {"REMOTE_ADDR": f"10.{number}.0.1"}
        return client.post("/login/factor", data=form, environ_base=address).status_code

    statuses = [guess(n, "12345") for n in range(8)]
    assert statuses[:4] == [401] * 4 and set(statuses[4:]) == {429}
    assert guess(99, totp.at(clock())) == 429
    # A delay, no lock; and nobody else waits.
    clock.pass_by(seconds=3)
    assert guess(100, totp.at(clock())) == 303
    assert logged_in(app, "d02").get("/visit/").status_code == 200


def test_a_ticket_is_for_five_minutes_and_for_that_password(app: Flask, clock: StandingClock) -> None:
    totp, _ = set_up(logged_in(app, "d01"), clock)
    clock.pass_by(seconds=60)
    client, ticket = first_step(app)
    assert second_step(client, f"{ticket}x", totp.at(clock())).status_code == 401
    clock.pass_by(minutes=5, seconds=1)
    late = second_step(client, ticket, totp.at(clock()))
    assert late.status_code == 401 and "请重新输入密码" in late.text
    client, ticket = first_step(app)
    assert post(logged_in(app, "d04"), "/users/d01/password").status_code == 200
    assert second_step(client, ticket, totp.at(clock())).status_code == 401


def test_phones_and_programs_get_no_login_of_a_desk_without_the_code(
    app: Flask, clock: StandingClock
) -> None:
    set_up(logged_in(app, "d01"), clock)
    given = {"username": "d01", "password": PASSWORD}
    answer = app.test_client().post("/session", json=given, headers={"Fieldapp-Client": "1"})
    assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:fieldapp:problem:factor-needed")
    assert "Set-Cookie" not in answer.headers


def test_the_secret_stands_nowhere_in_the_database(app: Flask, clock: StandingClock) -> None:
    totp, codes = set_up(logged_in(app, "d01"), clock)
    with services(app).database.reading() as session:
        rows = [
            session.execute(text(f"SELECT * FROM {table}")).all()
            for table in ("second_factor", "recovery_code", "register")
        ]
    assert totp.secret not in str(rows) and not any(code in str(rows) for code in codes)


def test_without_its_key_file_a_factor_is_said_to_be_unreadable(tmp_path: Path, clock: StandingClock) -> None:
    app = make_app(tmp_path, clock=clock)
    totp, _ = set_up(logged_in(app, "d01"), clock)
    services(app).database.close()
    (tmp_path / "key" / "encryption.pem").unlink()
    again = make_app_again(tmp_path, clock)
    clock.pass_by(seconds=60)
    answer = second_step(*first_step(again), totp.at(clock()))
    assert answer.status_code == 403 and "请管理员重置" in answer.text
    services(again).database.close()


def make_app_again(folder: Path, clock: StandingClock) -> Flask:
    from fieldapp import Settings
    from fieldapp.application import make

    app = make(Settings(data=folder), clock)
    app.testing = True
    return app


def test_an_administrator_resets_it_for_a_reason(app: Flask, clock: StandingClock) -> None:
    mine, desk = logged_in(app, "d01"), logged_in(app, "d04")
    set_up(mine, clock)
    without = post(desk, "/users/d01/factor")
    assert without.status_code == 409 and "请写明理由" in without.text
    assert mine.get("/visit/").status_code == 200
    assert post(desk, "/users/d01/factor", reason="手机遗失，已当面核实").status_code == 303
    assert mine.get("/visit/").status_code == 401 and logged_in(app, "d01").get("/visit/").status_code == 200
    assert post(desk, "/users/d01/factor", reason="again").status_code == 409
    with services(app).database.reading() as session:
        line = session.exec(select(RegisterLine).where(RegisterLine.act == "factor_reset")).one()
    assert (line.person, line.subject, line.purpose) == ("d04", "account:d01", "手机遗失，已当面核实")


def test_an_archive_whose_only_administrator_lost_it_is_opened_from_the_command_line(
    tmp_path: Path, clock: StandingClock
) -> None:
    app = make_app(tmp_path, clock=clock)
    set_up(logged_in(app, "d04"), clock)
    services(app).database.close()
    words = ["user", "reset", "d04", "--data", str(tmp_path)]
    done, again = (CliRunner().invoke(group, words) for _ in range(2))
    assert (done.exit_code, done.stdout) == (0, "d04: second factor removed, logins ended\n")
    assert again.exit_code == 1
    opened = make_app_again(tmp_path, clock)
    assert logged_in(opened, "d04").get("/audit/?group=account").text.count('data-act="factor_reset"') == 1
    services(opened).database.close()


def test_who_has_it_removes_it_with_password_and_code(app: Flask, clock: StandingClock) -> None:
    mine = logged_in(app, "d01")
    totp, codes = set_up(mine, clock)
    clock.pass_by(seconds=60)
    path = "/account/factor/removal"
    assert post(mine, path, present="wrong", code=totp.at(clock())).status_code == 403
    assert post(mine, path, present=PASSWORD, code="000").status_code == 400
    assert post(mine, path, present=PASSWORD, code=codes[3]).status_code == 303
    assert mine.get("/visit/").status_code == 200 and logged_in(app, "d01").get("/visit/").status_code == 200
    with services(app).database.reading() as session:
        assert session.exec(select(SecondFactor)).all() == [] and not second_factor.codes_left(session, "d01")


def test_a_secret_that_was_never_confirmed_asks_nobody(app: Flask, clock: StandingClock) -> None:
    client = logged_in(app, "d01")
    assert post(client, "/account/factor/", present="wrong").status_code == 403
    assert post(client, "/account/factor/", present=PASSWORD).status_code == 303
    assert post(client, "/account/factor/confirmation", code="12").status_code == 400
    assert logged_in(app, "d01").get("/visit/").status_code == 200
    first = client.get("/account/factor/").text
    assert post(client, "/account/factor/", present=PASSWORD).status_code == 303
    assert re.findall('data-name="secret">(.+?)<', first) != re.findall(
        'data-name="secret">(.+?)<', client.get("/account/factor/").text
    )


def test_where_it_is_demanded_a_desk_without_one_sees_its_own_account_only(
    demanding: Flask, clock: StandingClock
) -> None:
    client = logged_in(demanding, "d01")
    page = client.get("/visit/", headers=ZH)
    assert page.status_code == 403 and "/account/factor/" in page.text and "请先设置" in page.text
    assert client.get("/account/").status_code == 200
    # Whoever walks has a phone and its key.
    assert logged_in(demanding, "i05").get("/sync/1/streams").status_code == 200
    set_up(client, clock)
    assert client.get("/visit/").status_code == 200


def test_an_inspector_has_no_use_for_it(app: Flask) -> None:
    client = logged_in(app, "i05")
    assert client.get("/account/factor/").status_code == 403
    assert "/account/factor/" not in client.get("/account/").text
