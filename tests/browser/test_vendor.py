"""The libraries of static/vendor run in a real browser under the product's content security policy."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

WORDS = "[...document.querySelectorAll('li')].map((each) => each.textContent)"
IS_DRAWN = f"{WORDS}.length > 0 && {WORDS}"


def test_libraries_draw_and_store_under_the_policy(page: Page, static_server: StaticServer) -> None:
    page.goto(f"{static_server.origin}/page/vendor.html")
    assert until_true(page, IS_DRAWN) == ["3.54.1", "ok"]


def test_a_profile_opens_again_after_a_kill(
    profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer
) -> None:
    phone = profile_browser()
    for _ in range(2):
        page = phone.start()
        page.goto(f"{static_server.origin}/page/vendor.html")
        assert until_true(page, IS_DRAWN) == ["3.54.1", "ok"]
        phone.kill()
        assert list(phone._processes()) == []
