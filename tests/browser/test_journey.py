"""The whole way of a visit: recorded without a network, killed and reopened, sent, read, returned, corrected, accepted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fieldapp.domain import Entry, Review, Submission
from sync.table import Quarantined, RecordRow
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import PASSWORD, REVIEWER, USERNAME, ref
from tests.browser.test_shell import shell
from tests.browser.test_visit import (
    begin,
    enrolled,
    fill_checklist,
    go,
    look_at_last_time,
    note,
    observe_progress,
    rows,
    sent,
    talk,
)

REASON = "请补充围挡破损的准确位置"


def reopened(phone: ProfileBrowser, server: AppServer) -> Page:
    """Kill the browser and open the shell again."""
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    expect(page.locator(".cards h2").first).to_be_visible()
    return page


def log_in(desk: Page, server: AppServer) -> None:
    desk.goto(f"{server.origin}/login")
    desk.fill("input[name=username]", REVIEWER)
    desk.fill("input[name=password]", PASSWORD)
    desk.locator("main form button").click()
    desk.wait_for_url(re.compile(r"^(?!.*/login)"))


@pytest.mark.timeout(300)
def test_from_the_first_photo_without_a_network_to_acceptance(
    server: AppServer, phone: ProfileBrowser, desk: Page, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    visit = record_offline(Hand(page), tmp_path)
    page = reopened(phone, server)
    go(page, "visit", visit)
    expect(page.locator("[data-name=part-entry]")).to_contain_text("东侧围挡破损约二十米")
    finish(Hand(page))
    page = reopened(phone, server)
    go(page, "outbox")
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()
    expect(page.locator("[data-name=all-safe]")).to_have_count(0)

    server.start()
    sent(page)
    entry = return_it(desk, server, visit)
    page = correct_it(phone, server, visit)
    sent(page)
    accept_it(desk, server, visit)
    page.reload()
    go(page, "project", ref(f"project:{visit_city.PROJECT}"))
    expect(page.locator("main")).to_contain_text("已归档")
    server.stop()
    assert_all_stands(server, visit, entry)


def record_offline(hand: Hand, folder: Path) -> str:
    overview, first, second, detail = photos(folder)
    visit = begin(hand, visit_city.PROJECT)
    look_at_last_time(hand)
    observe_progress(hand, [first, second])
    fill_checklist(hand, overview)
    note(hand, "东侧围挡破损约二十米，行人可以进入", detail)
    talk(hand)
    return visit


def finish(hand: Hand) -> None:
    hand.tap("[data-name=finish]")
    hand.tap("[data-name=unsorted] [data-name=list-problem]")
    hand.write("textarea[name=summary]", "施工正常")
    hand.tap("[data-name=submit]")
    expect(hand.page).to_have_url(re.compile("#/outbox$"))


def return_it(desk: Page, server: AppServer, visit: str) -> str:
    """Send the visit back with a reason at its entry; return the entry."""
    log_in(desk, server)
    desk.goto(f"{server.origin}/visit/{visit}")
    body = desk.locator(".visit-body")
    expect(body).to_contain_text("东侧围挡破损约二十米")
    expect(body.locator("img")).not_to_have_count(0)
    item = desk.locator("section[aria-labelledby=entry] li.part").filter(has_text="东侧围挡破损")
    field = item.locator("input[name^=reason-]").first
    entry = str(field.get_attribute("name")).removeprefix("reason-")
    desk.locator(f"details:has(input[name='reason-{entry}']) summary").click()
    field.fill(REASON)
    desk.get_by_role("button", name="退回补充").click()
    expect(desk.locator(".visit .decision")).to_contain_text("已退回")
    return entry


def log_in_again(page: Page) -> None:
    """The browser was killed before it wrote its cookies down: sending went on without a login, reading asks for one."""
    page.locator("[data-name=log-in-again]").click()
    page.fill("input[name=username]", USERNAME)
    page.fill("input[name=password]", PASSWORD)
    page.locator("[data-name=login]").click()
    expect(page.locator("[data-name=due]").first).to_be_visible()


def correct_it(phone: ProfileBrowser, server: AppServer, visit: str) -> Page:
    """Read the reviewer's words on the phone, after a fresh start, and correct the entry without a network."""
    page = reopened(phone, server)
    log_in_again(page)
    go(page, "returned")
    expect(page.locator("[data-name=returned-visit]").filter(has_text=REASON)).to_be_visible()
    server.stop()
    hand = Hand(page)
    go(page, "correct", visit)
    page.locator("[data-name=returned-item] .card-head").filter(
        has_text=re.compile("围挡|" + REASON)
    ).first.click()
    hand.write("textarea[name=what]", "（K1+200东侧）")
    hand.see("[data-name=correcting]")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    hand.tap("[data-name=submit]")
    hand.tap("[data-name=submit-anyway]")
    expect(page).to_have_url(re.compile("#/outbox$"))
    server.start()
    return page


def accept_it(desk: Page, server: AppServer, visit: str) -> None:
    desk.goto(f"{server.origin}/visit/{visit}")
    expect(desk.locator(".visit-body")).to_contain_text("K1+200东侧")
    desk.get_by_role("button", name="审核通过", exact=True).click()
    expect(desk.locator(".decision")).to_contain_text("〕")


def assert_all_stands(server: AppServer, visit: str, entry: str) -> None:
    [row] = rows(server, Entry, entity=entry)
    assert (row.revisions, row.is_conflict, "K1+200" in row.what) == (2, False, True)
    [submission] = rows(server, Submission, visit=visit)
    assert row.record in submission.records
    decisions = sorted((one.decision, bool(one.number)) for one in rows(server, Review, visit=visit))
    assert decisions == [("accepted", True), ("returned", False)]
    assert rows(server, Quarantined) == []
    own = [one for one in rows(server, RecordRow) if one.counter > 0]
    assert len(rows(server, RecordRow, kind="enrolment")) == 1, "logging in again makes no new key"
    assert [one.counter for one in sorted(own, key=lambda one: one.counter)] == list(range(1, len(own) + 1))
    assert all(one.completed_at for one in own)
