"""Times at the desk: one time zone, the department's; what a phone sealed keeps its own clock. The machine's zone says nothing."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from sync.rollback import open_epoch
from tests.fieldapp.desk_city import City, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_check import ZH, late, token_of
from tests.fieldapp.test_check import decide as rule
from tests.fieldapp.test_desk import decide
from tests.sync.factory import StandingClock

# In Yunling it is the next day already.
CLOCK = StandingClock(datetime(2026, 11, 24, 17, 30, tzinfo=UTC))
HERE, ELSEWHERE = "2026-11-25 01:30", ("2026-11-24 17:30", "2026-11-24 12:30")


@pytest.fixture
def zone(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "Asia/Shanghai")


@pytest.fixture
def app(tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    app = make_app(tmp_path, CLOCK, timezone=zone)
    yield app
    services(app).database.close()
    monkeypatch.undo()
    time.tzset()


def text(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("<main")[2]).split())


def test_every_page_of_the_desk_writes_times_of_the_departments_zone(app: Flask, city: City) -> None:
    reviewer, administrator = logged_in(app, "d01"), logged_in(app, "d04")
    first, lacking = submit(city), submit(city, day="2026-11-13", has_bytes=False)
    decide(reviewer, first, "returned", reason="请写桩号")
    entry = first.parts["entry"].payload["entity"]
    page = administrator.get(f"/erasure/of/{entry}").text
    data = {"csrf_token": token_of(page), "record": first.parts["entry"].hash, "ground": "依据"}
    administrator.post(f"/erasure/of/{entry}", data=data)
    aside = late(city)
    pages = {"/erasure/": 1, "/phones/": 3, first.path: 6, "/check/": 1, "/check/?lane=photo": 1}
    found = {path: text(administrator.get(path, headers=ZH).text) for path in pages}
    rule(administrator, aside.hash, "admitted", "可以")
    open_epoch(services(app).archive, "restored")
    for lane, times in (("decided", 2), ("restored", 1)):
        path = f"/check/?lane={lane}"
        pages[path], found[path] = times, text(administrator.get(path, headers=ZH).text)
    assert {path: said.count(HERE) for path, said in found.items() if said.count(HERE) < pages[path]} == {}
    assert [path for path, said in found.items() for time_ in ELSEWHERE if time_ in said] == []
    assert lacking.path in administrator.get("/check/?lane=photo").text


@pytest.mark.parametrize("zone", ["Asia/Urumqi"], indirect=True)
def test_what_a_phone_sealed_keeps_its_clock_and_says_where_it_was_another(app: Flask, city: City) -> None:
    desk = logged_in(app, "d01")
    sent = submit(city)
    resubmit(city, sent, {"entry": {"what": "护栏缺失"}}, at="2026-11-24T09:05:00.000+06:00")
    page = text(desk.get(sent.path, headers=ZH).text)
    assert "2026-11-12 14:20 –15:50（UTC+08:00）" in page
    assert "更正于 2026-11-24 09:05（第 1 次）" in page
    assert "11-22 12:00（UTC+08:00）" in page
    assert "2026-11-12 14:20 –15:50 (UTC+08:00)" in text(
        desk.get(sent.path, headers={"Accept-Language": "en"}).text
    )
    assert "2026-11-12 14:20 –15:50（UTC+08:00）" in text(desk.get("/visit/", headers=ZH).text)


def test_a_day_is_over_when_it_is_over_at_the_department(app: Flask, city: City) -> None:
    sent = submit(city)
    resubmit(city, sent, {"entry": {"deadline_on": "2026-11-24"}})
    assert "逾期 1 天" in logged_in(app, "d01").get(sent.path, headers=ZH).text
