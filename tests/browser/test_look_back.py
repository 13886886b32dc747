"""Groundwork looked back on, on a real phone: set on one visit, due on the first screen, answered on the next visit, in the archive."""

from datetime import date

from playwright.sync_api import expect

from fieldapp.domain import LookBack
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete


def test_groundwork_is_due_on_its_day_and_looked_back_on(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    today = date.fromisoformat(page.evaluate("new Date().toLocaleDateString('sv')"))
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=note]")
    hand.write("textarea[name=what]", "提前做通征拆，年内管线可入地")
    hand.tap("[data-name=list-achievement]")
    hand.tap("[data-name=details]")
    hand.option("visibility", "latent")
    hand.tap("[data-name=months-12]")
    expect(page.locator("input[name=look_back_on]")).to_have_value(f"{today.year + 1}{today:-%m-%d}")
    page.fill("input[name=look_back_on]", str(today))
    hand.tap("[data-name=done]")
    submit_incomplete(hand)

    go(page, "home")
    due = page.locator("[data-name=due]", has=page.locator("[data-state=look-back]"))
    expect(due).to_have_count(1)
    expect(due).to_contain_text("潜绩待回看 1 项")
    go(page, "project", ref(f"project:{visit_city.PROJECT}"))
    expect(page.locator("[data-name=look-backs]")).to_contain_text("提前做通征拆")

    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    item = page.locator("[data-name=look-backs] .visit-item")
    hand.tap("[data-name=look-backs] label:has(input[value=too_early])")
    expect(item).to_contain_text("须填以后的日期")
    expect(item).to_have_attribute("data-answered", "false")
    hand.tap("[data-name=look-backs] [data-name=months-6]")
    expect(item).to_have_attribute("data-answered", "true")
    hand.tap("[data-name=done]")
    submit_incomplete(hand)
    go(page, "home")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator("[data-state=look-back]")).to_have_count(0)

    server.start()
    sent(page)
    server.stop()
    [look] = rows(server, LookBack)
    assert (look.outcome, look.known_by, look.looked_on) == ("too_early", None, str(today))
    assert look.again_on > str(today)
