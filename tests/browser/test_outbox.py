"""The outbox: every row says what it is, and what is safe can still be looked up."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import own_projects
from tests.browser.test_visit import begin, enrolled, go, note, sent


def test_rows_say_what_they_are_before_and_after_they_are_safe(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    note(hand, "东侧围挡破损约二十米", photos(tmp_path)[0])
    note(hand, "塔吊停用")
    go(page, "visit", visit, "finish")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")

    rows = page.locator("[data-name=outbox-visit]")
    name = next(one["zh"] for one in own_projects() if one["id"] == visit_city.PROJECT)
    expect(rows.locator("h2")).to_contain_text(name)
    entries = rows.locator("[data-name=item-entry]")
    for text in ("东侧围挡破损约二十米", "塔吊停用"):
        expect(entries.filter(has_text=text)).to_have_count(1)
    expect(rows.locator("[data-name=item-photo] img")).to_be_visible()
    expect(rows.locator(".state[data-state=saved]")).to_have_count(5)
    expect(page.locator("[data-name=look-up]")).to_have_count(0)

    server.start()
    sent(page)
    expect(page.locator("[data-name=received-visit]")).to_have_count(0)
    hand.tap("[data-name=look-up]")
    received = page.locator("[data-name=received-visit]")
    expect(received.locator("[data-name=item-entry]").filter(has_text="塔吊停用")).to_contain_text(
        re.compile(r"\d\d:\d\d记录，\d\d:\d\d收到，\d\d:\d\d收妥")
    )
    expect(received.locator(".state[data-state=safe]")).to_have_count(5)
    received.locator("[data-name=item-photo]").click()
    expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))


def test_what_waits_long_is_said_everywhere_and_offers_the_way_without_a_network(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    go(page, "visit", visit, "finish")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")
    warning = page.locator("[data-name=unsent]")
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()
    expect(warning).to_have_count(0)
    for days, words in ((4, "请尽快联网"), (8, "导出数据包"), (40, "无法恢复")):
        page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=days))
        go(page, "settings")
        go(page, "home")
        expect(warning).to_contain_text(f"已有 {days} 天未发出")
        expect(warning).to_contain_text(words)
    with page.expect_download() as download:
        warning.locator("[data-name=export-package]").click()
    assert download.value.suggested_filename.endswith(".fieldapp")
    # What was carried away is no nearer to the archive until its receipts come back.
    expect(warning).to_be_visible()
    warning.locator("[data-name=unsent-look]").click()
    expect(page).to_have_url(re.compile("#/outbox$"))
    server.start()
    sent(page)
    expect(warning).to_have_count(0)
