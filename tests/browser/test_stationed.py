"""Being there for days: a visit stationed at a unit, its day logs, and meetings sat in on, recorded without a network."""

import re
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from fieldapp.domain import DayLog, Entry, Meeting, Submission, Visit
from sync.table import Quarantined
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import CITY, ref
from tests.browser.test_visit import begin, enrolled, go, note, rows, sent

UNIT = next(team for team in CITY["teams"] if team["id"] == "T1")["units"][0]
TODAY = "(() => { const d = new Date(); d.setMinutes(d.getMinutes() - d.getTimezoneOffset()); return d.toISOString().slice(0, 10); })()"


def sit_in(hand: Hand, by_on: str) -> None:
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=meeting]")
    hand.write("input[name=title]", "项目周调度会")
    hand.write("input[name=chair]", "分管副局长")
    hand.write("input[name=attended]", "１２")
    hand.write("textarea[name=matter]", "砂石料供应")
    hand.tap("[data-name=add-decided]")
    hand.write("input[name=what-0]", "三日内到料")
    hand.write("input[name=who-0]", "项目部")
    hand.page.fill("input[name=by-0]", by_on)
    hand.tap("[data-name=done]")


def log_day(hand: Hand, text: str, day: str | None = None) -> None:
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=day]")
    if day:
        hand.tap(f"[data-name=day-{day}]")
        expect(hand.page).to_have_url(re.compile(f"/day/{day}$"))
    hand.write("textarea[name=what]", text)
    hand.tap("[data-name=done]")


def submit(hand: Hand, reason: str) -> None:
    hand.tap("[data-name=finish]")
    hand.tap("[data-name=submit]")
    if hand.page.locator("textarea[name=reason]").is_visible():
        hand.write("textarea[name=reason]", reason)
        hand.tap("[data-name=submit-anyway]")
    expect(hand.page).to_have_url(re.compile("#/outbox$"))


def in_manifest(server: AppServer, visit: str, *found: Any) -> None:
    """Every row's record is named by the visit's submission, and nothing was set aside."""
    [submission] = rows(server, Submission, visit=visit)
    assert {one.record for one in found} <= set(submission.records)
    assert rows(server, Quarantined) == []


def test_a_meeting_sat_in_on_reaches_the_archive_with_what_it_decided(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    day = str(page.evaluate(TODAY))
    sit_in(hand, day)
    expect(page.locator("[data-name=part-meeting]")).to_contain_text("项目周调度会")
    log_day(hand, "上午参会，下午看现场")
    submit(hand, "只参会")
    server.start()
    sent(page)
    server.stop()

    [meeting] = rows(server, Meeting, visit=visit)
    assert (meeting.title, meeting.chair, meeting.matter, meeting.attended, meeting.held_on) == (
        "项目周调度会", "分管副局长", "砂石料供应", 12, day,
    )  # fmt: skip
    assert meeting.decided == [{"what": "三日内到料", "who": "项目部", "by_on": day}]
    [log] = rows(server, DayLog, visit=visit)
    assert (log.day_on, log.what) == (day, "上午参会，下午看现场")
    in_manifest(server, visit, meeting, log)


def test_a_visit_stationed_at_a_unit_for_days_reaches_the_archive(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    hand.tap("[data-name=units]")
    page.locator(f"[data-name=unit][href$='{ref('unit:' + UNIT)}']").click()
    expect(page.locator("[data-name=purpose]")).to_contain_text("蹲点调研")
    hand.tap("[data-name=start]")
    hand.see("[data-name=photo]")
    visit = str(page.evaluate("location.hash.split('/')[2]"))
    first = str(page.evaluate(TODAY))
    note(hand, "窗口排队时间较上月缩短")
    log_day(hand, "第一天：跟班窗口")

    # Two days later, after a night without the phone; the second day was not written down.
    page.clock.set_system_time(datetime.fromisoformat(f"{first}T10:00:00+08:00") + timedelta(days=2))
    go(page, "home")
    page.locator("[data-name=draft] a").first.click()
    expect(page.locator(".head h1")).to_have_text(unit_name())
    second, third = (str(datetime.fromisoformat(first).date() + timedelta(days=n)) for n in (1, 2))
    log_day(hand, "第三天：下沉项目")
    log_day(hand, "第二天：补记", second)
    expect(page.locator("[data-name=part-day_log]")).to_have_count(3)
    submit(hand, "驻点期间无核查表")
    server.start()
    sent(page)
    server.stop()

    [row] = rows(server, Visit, entity=visit)
    assert (row.purpose, row.milestone, row.stream) == ("stationed", None, f"unit:{ref('unit:' + UNIT)}")
    logs = sorted(rows(server, DayLog, visit=visit), key=lambda log: log.day_on)
    assert [(log.day_on, log.what) for log in logs] == [
        (first, "第一天：跟班窗口"), (second, "第二天：补记"), (third, "第三天：下沉项目"),
    ]  # fmt: skip
    [entry] = rows(server, Entry, visit=visit)
    assert entry.what == "窗口排队时间较上月缩短" and entry.stream == row.stream
    in_manifest(server, visit, row, entry, *logs)


def unit_name() -> str:
    """Return the unit's name as the city has it."""
    return next(str(unit["zh"]) for unit in CITY["units"] if unit["id"] == UNIT)
