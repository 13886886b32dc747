"""Two inspectors on one phone: what one has not sent is counted and sent while the other uses it, also behind the lock, and never shown."""

from pathlib import Path

from playwright.sync_api import Page, expect

from fieldapp.domain import Entry, Submission
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import COLLEAGUE, USERNAME
from tests.browser.test_lock import LOCK, set_pin, unlock
from tests.browser.test_shell import log_in, shell
from tests.browser.test_visit import begin, enrolled, go, note, rows
from tests.browser.wait import until_true

WORDS = "东侧围挡破损约二十米"
# The page's own store, behind whatever it shows.
CALL = """async ([name, args]) => {
    return (await import("/phone/static/js/device/store.js")).store.call(name, args);
}"""
NOBODY_WAITS = f"async () => (await ({CALL})(['colleagues', {{}}])).length === 0"


def switch(page: Page) -> None:
    go(page, "settings")
    page.click("[data-name=other-person]")
    expect(page.locator(f"[data-name=person-{USERNAME}]")).to_be_visible()


def submit_offline(hand: Hand, folder: Path) -> str:
    visit = begin(hand, visit_city.PROJECT)
    note(hand, WORDS, photos(folder)[0])
    go(hand.page, "visit", visit, "finish")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")
    expect(hand.page.locator(".state[data-state=saved]").first).to_be_visible()
    return visit


def test_a_colleagues_records_are_counted_and_sent_behind_the_lock_and_never_shown(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    switch(page)
    page.click("[data-name=new-person]")
    log_in(page, COLLEAGUE)
    expect(page.locator("header")).to_contain_text("范水杉")
    set_pin(page)
    # The first one again, whose PIN is none: the colleague's does not hold for others.
    switch(page)
    page.click(f"[data-name=person-{USERNAME}]")
    expect(page.locator("header")).to_contain_text("奚银杏")
    server.stop()
    visit = submit_offline(Hand(page), tmp_path)

    switch(page)
    expect(page.locator(f"[data-name=person-{USERNAME}]")).to_contain_text("有 4 项未收妥")
    page.click(f"[data-name=person-{COLLEAGUE}]")
    expect(page.locator(LOCK)).to_be_visible()
    unlock(page)
    line = page.locator(f"[data-name=colleague-{USERNAME}]")
    expect(line).to_contain_text("奚银杏在本机还有 4 项未收妥")
    for path in (["home"], ["outbox"], ["visit", visit], ["visit", visit, "finish"]):
        go(page, *path)
        page.locator("h1").wait_for()
        expect(page.locator("body")).not_to_contain_text(WORDS)
    assert page.evaluate(CALL, ["search", {"text": WORDS}]) == []
    assert page.evaluate(CALL, ["outbox", {}]) == []
    go(page, "home")
    page.fill("input[name=search]", "围挡破损")
    expect(page.locator("body")).not_to_contain_text(WORDS)

    go(page, "settings")
    page.click("[data-name=lock-now]")
    expect(page.locator(LOCK)).to_be_visible()
    server.start()
    until_true(page, NOBODY_WAITS, timeout_s=60)
    expect(page.locator(LOCK)).to_be_visible()
    unlock(page)
    go(page, "outbox")
    expect(page.locator("h1")).to_be_visible()
    expect(line).to_have_count(0)
    server.stop()
    assert [entry.what for entry in rows(server, Entry, visit=visit)] == [WORDS]
    assert len(rows(server, Submission, visit=visit)) == 1

    # The owner finds it safe.
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    page.click(f"[data-name=person-{USERNAME}]")
    expect(page.locator("header")).to_contain_text("奚银杏")
    go(page, "outbox")
    expect(page.locator("[data-name=all-safe]")).to_be_visible()
