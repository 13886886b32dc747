"""The phone's back: it puts away what lies over a screen, and leaves the screen only then."""

import re

from playwright.sync_api import Page, expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_visit import begin, enrolled, go
from tests.browser.wait import until_true

SHEET = "[data-name=more-sheet]"


def back(page: Page) -> None:
    page.evaluate("history.back()")


def at_the_hub(phone: ProfileBrowser, server: AppServer) -> tuple[Hand, str]:
    """Begin a visit from the home screen, so that home is what lies before it."""
    hand = Hand(enrolled(phone, server))
    return hand, begin(hand, visit_city.PROJECT)


def test_back_closes_the_sheet_and_then_leaves_the_screen(server: AppServer, phone: ProfileBrowser) -> None:
    hand, visit = at_the_hub(phone, server)
    page = hand.page
    hand.tap("[data-name=more]")
    expect(page.locator(SHEET)).to_be_visible()
    back(page)
    expect(page.locator(SHEET)).to_have_count(0)
    expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))
    expect(page.locator("[data-name=photo]")).to_be_visible()
    back(page)
    expect(page.locator("[data-name=progress].tally")).to_be_visible()


def test_a_sheet_put_away_by_hand_leaves_no_trace_in_the_way_back(
    server: AppServer, phone: ProfileBrowser
) -> None:
    hand, _visit = at_the_hub(phone, server)
    page = hand.page
    for close in (".sheet-close", None):
        hand.tap("[data-name=more]")
        expect(page.locator(SHEET)).to_be_visible()
        if close:
            hand.tap(close)
        else:
            page.keyboard.press("Escape")
        expect(page.locator(SHEET)).to_have_count(0)
        until_true(page, "history.state === null")
    back(page)
    expect(page.locator("[data-name=progress].tally")).to_be_visible()


def test_a_screen_reached_from_a_sheet_leads_back_to_the_screen_below_it(
    server: AppServer, phone: ProfileBrowser
) -> None:
    hand, visit = at_the_hub(phone, server)
    page = hand.page
    for key, screen in (("team", "team"), ("meeting", "meeting/")):
        hand.tap("[data-name=more]")
        hand.tap(f"{SHEET} [data-name={key}]")
        expect(page).to_have_url(re.compile(f"#/visit/{visit}/{screen}"))
        back(page)
        expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))
        expect(page.locator("[data-name=photo]")).to_be_visible()
        until_true(page, "history.state === null")
    back(page)
    expect(page.locator("[data-name=progress].tally")).to_be_visible()


def test_after_submitting_from_a_sheet_back_does_not_lead_into_the_finished_visit(
    server: AppServer, phone: ProfileBrowser
) -> None:
    hand, visit = at_the_hub(phone, server)
    page = hand.page
    go(page, "visit", visit, "finish")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")
    expect(page).to_have_url(re.compile("#/outbox$"))
    back(page)
    expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))
