"""Text longer than the archive takes: kept whole, said to be too long, and never sealed as it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_shell import shell
from tests.browser.test_visit import KEPT, begin, enrolled, go

LINE, TEXT = 500, 20_000


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    visit_city.seed(server.data)
    server.start()
    return server


@pytest.fixture
def phone(profile_browser: Callable[..., ProfileBrowser]) -> ProfileBrowser:
    return profile_browser(
        viewport={"width": 360, "height": 640}, has_touch=True, timezone_id="Asia/Shanghai"
    )


def test_text_beyond_its_limit_is_kept_told_and_listed_at_the_end(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=note]")
    field, place = page.locator("textarea[name=what]"), page.locator("input[name=place]")
    hand.write("textarea[name=what]", "护" * (TEXT + 12))
    expect(page.locator(".field-error")).to_contain_text("超出 12 字，最多 20000 字")
    expect(field).to_have_attribute("aria-invalid", "true")
    hand.tap("[data-name=details]")
    # A sign beyond the basic plane is one character, as the archive counts.
    hand.write("input[name=place]", "𠀀" * LINE)
    expect(place).not_to_have_attribute("aria-invalid", "true")
    hand.see(KEPT)
    entry = page.url.rpartition("#")[2]
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#{entry}")
    assert len(page.locator("textarea[name=what]").input_value()) == TEXT + 12
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=unready] a")).to_contain_text("超出 12 字，请精简")
    expect(page.locator("[data-name=submit]")).to_be_disabled()
    page.locator("[data-name=unready] a").click()
    page.locator("textarea[name=what]").fill("护" * TEXT)
    expect(page.locator(".field-error")).to_have_count(0)
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=submit]")).to_be_enabled()
    expect(page.locator("[data-name=unready]")).to_have_count(0)


def test_lines_for_next_time_are_not_cut_either(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    visit = begin(Hand(page), visit_city.PROJECT)
    go(page, "visit", visit, "finish")
    field = page.locator("textarea[name=next_time]")
    for text, words in (
        ("\n".join(f"第{number}项" for number in range(23)), "超出 3 行，最多 20 行"),
        (f"砂石料\n{'料' * (LINE + 7)}", "有一行超出 7 字，每行最多 500 字"),
    ):
        field.fill(text)
        expect(page.locator(".field:has(textarea[name=next_time]) .field-error")).to_contain_text(words)
        expect(page.locator("[data-name=unready] a")).to_have_count(1)
        expect(field).to_have_value(text)
    field.fill("砂石料到场情况")
    expect(page.locator("[data-name=unready]")).to_have_count(0)
