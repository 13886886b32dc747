"""The register: a purpose before something is given, lines that stay, and the page of who saw and did what."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError
from sqlmodel import select, text
from werkzeug.wrappers import Response

from fieldapp import login, register
from fieldapp.login import Who
from fieldapp.register import RegisterLine, coarse_browser, coarse_network
from fieldapp.view import purpose
from sync.archive import Draft
from tests.fieldapp.desk_city import build, logged_in, make_app, services
from tests.fieldapp.test_check import ZH, token_of
from tests.store import SORTS, named
from tests.sync.factory import StandingClock

SUBJECT = "official:01930000-0000-7000-8000-0000000000aa"
ADMINISTRATOR = Who("d04", "d04", "administrator", "D04")


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(datetime(2026, 11, 27, 2, 0, tzinfo=UTC))


@pytest.fixture(params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path: Path, clock: StandingClock) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        app = make_app(tmp_path, clock=clock, **stores)
        app.add_url_rule("/secret", view_func=secret, methods=["GET", "POST"])
        yield app
        services(app).database.close()


@login.login_required("administrator", "supervisor")
def secret() -> str | Response | tuple[str, int]:
    return purpose.asked(register.OPENED, SUBJECT, "金当归 实绩档案") or "what is inside"


def lines(app: Flask, *acts: str) -> list[tuple[str, str, str, str]]:
    with services(app).database.reading() as session:
        rows = session.exec(select(RegisterLine).order_by(RegisterLine.at, RegisterLine.id))
        return [(one.person, one.act, one.subject, one.purpose) for one in rows if one.act in acts]


def answer(desk: FlaskClient, **fields: str) -> tuple[int, str]:
    token = token_of(desk.get("/login").text)
    answer = desk.post("/secret?page=2", data={"csrf_token": token, **fields}, headers=ZH)
    return answer.status_code, answer.headers.get("Location", "")


def test_nothing_is_given_before_the_purpose_is_registered(app: Flask, clock: StandingClock) -> None:
    desk = logged_in(app, "d01")
    page = desk.get("/secret?page=2", headers=ZH).text
    assert "what is inside" not in page and "金当归 实绩档案" in page and "综合研判" in page
    assert answer(desk) == (400, "") and answer(desk, register_purpose="other") == (400, "")
    assert answer(desk, register_purpose="invented") == (400, "")
    assert lines(app, "opened") == []
    words = {"register_purpose": "verification", "register_words": "  群众来信 "}
    assert answer(desk, **words) == (303, "/secret?page=2")
    assert desk.get("/secret").text == "what is inside"
    assert lines(app, "opened") == [("d01", "opened", SUBJECT, "verification 群众来信")]
    # The grant is this person's, and for an hour.
    assert "what is inside" not in logged_in(app, "d02").get("/secret").text
    clock.pass_by(minutes=59)
    assert desk.get("/secret").text == "what is inside"
    clock.pass_by(minutes=2)
    assert "what is inside" not in desk.get("/secret").text


def test_without_a_token_nothing_is_registered(app: Flask) -> None:
    desk = logged_in(app, "d01")
    assert desk.post("/secret", data={"register_purpose": "report"}).status_code == 400
    assert lines(app, "opened") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register SET person = 'd02'",
        "DELETE FROM register",
        "DELETE FROM register WHERE act = 'login'",
    ],
)
def test_the_database_itself_keeps_every_line(app: Flask, statement: str) -> None:
    logged_in(app, "d01")
    before = lines(app, "login")
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        services(app).database.writing() as session,
    ):
        session.execute(text(statement))
    assert lines(app, "login") == before == [("d01", "login", "account:d01", "")]


def test_the_page_shows_what_was_seen_and_what_was_sealed_newest_first(
    app: Flask, clock: StandingClock
) -> None:
    city = build(app)
    clock.pass_by(minutes=1)
    desk = logged_in(app, "d04")
    clock.pass_by(minutes=1)
    register.write(
        services(app), ADMINISTRATOR, register.EXPORTED, f"project:{city.projects['p017']}", "report"
    )
    page = desk.get("/audit/", headers=ZH).text
    heads = [page.index(word) for word in ("导出</strong> 公路 p017", "登录</strong>", "走访组</strong> T2")]
    assert heads == sorted(heads) and "编写材料" in page
    assert "导出</strong>" not in desk.get("/audit/?group=master", headers=ZH).text
    only = desk.get("/audit/?group=exported&person=d04", headers=ZH).text
    assert only.count('class="card act"') == 1
    assert desk.get("/audit/?person=d02", headers=ZH).text.count('class="card act"') == 0


def test_days_are_those_of_the_department(app: Flask, clock: StandingClock) -> None:
    # 02:00 in UTC is the morning of the 27th; 17 hours later it is the 28th there.
    logged_in(app, "d01")
    clock.pass_by(hours=17)
    desk = logged_in(app, "d04")
    counts = {
        query: desk.get(f"/audit/?group=login&{query}").text.count('data-act="login"')
        for query in ("from_on=2026-11-28", "to_on=2026-11-27", "from_on=2026-11-27&to_on=2026-11-28", "")
    }
    assert counts == {
        "from_on=2026-11-28": 1,
        "to_on=2026-11-27": 1,
        "from_on=2026-11-27&to_on=2026-11-28": 2,
        "": 2,
    }


def test_pages_follow_each_other_without_a_gap(app: Flask, clock: StandingClock) -> None:
    city, current = build(app), services(app)
    for n in range(120):
        # Some at one instant, some records among them.
        clock.pass_by(milliseconds=n % 2)
        register.write(current, ADMINISTRATOR, register.OPENED, f"visit:{n}")
        if n % 10 == 0:
            body = {"code": f"x{n}", "name": f"X{n}", "members": [], "units": []}
            current.archive.seal([Draft("team", "commons", body, "d04")])
    desk, address, seen = logged_in(app, "d04"), "/audit/?group=seen", []
    while address:
        page = desk.get(address).text
        seen += re.findall(r"visit:([0-9]+)", page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    # What came in one millisecond has no order of its own, only one that stays.
    assert sorted(seen, key=int) == [str(n) for n in range(120)]
    assert city.unit


def test_a_filter_that_means_nothing_is_named(app: Flask) -> None:
    page = logged_in(app, "d04").get("/audit/?person=zz&group=yy&from_on=2026-02-31&after=x", headers=ZH)
    assert page.status_code == 200
    assert [word in page.text for word in ("zz", "yy", "2026-02-31")] == [True] * 3


def test_a_failed_login_names_only_who_exists(app: Flask) -> None:
    for name in ("i05", "my password 123"):
        given = {"username": name, "password": "wrong"}
        app.test_client().post("/session", json=given, headers={"Fieldapp-Client": "1"})
    assert sorted(lines(app, "login_failed")) == [
        ("", "login_failed", "account:", ""),
        ("i05", "login_failed", "account:i05", ""),
    ]


def test_where_from_is_kept_in_coarse_form() -> None:
    assert [coarse_network(one) for one in ("10.1.2.3", "2001:db8:1:2::9", None)] == [
        "10.1.2.0/24",
        "2001:db8:1::/48",
        "",
    ]
    phone = "Mozilla/5.0 (Linux; Android 14; V2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
    assert coarse_browser(phone) == "Chrome · Android"
    assert coarse_browser("curl/8") == ""


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "ix_record_desk_at"),
        ("?group=decision", "ix_record_desk_at"),
        ("?person=d04", "ix_record_desk_author"),
    ],
)
def test_desk_acts_are_read_in_the_order_of_their_own_index(tmp_path: Path, query: str, index: str) -> None:
    app, asked = make_app(tmp_path), []
    engine, desk = services(app).database.engine, logged_in(app, "d04")
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    assert desk.get(f"/audit/{query}").status_code == 200
    ours = [one for one in asked if "record.counter = 0" in one[0]]
    with engine.connect() as connection:
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given).all())
            for words, given in ours
        ]
    assert [index in plan and "TEMP B-TREE" not in plan for plan in plans] == [True]
    services(app).database.close()
