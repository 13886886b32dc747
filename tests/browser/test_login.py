"""Who may work on a phone, and logging in on it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import small_city
from tests.browser.app_server import AppServer
from tests.browser.small_city import PASSWORD, REVIEWER, USERNAME
from tests.browser.test_shell import log_in, shell


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    small_city.seed(server.data)
    server.start()
    return server


def test_a_supervisor_is_led_to_the_desk_and_leaves_nothing_on_the_phone(
    server: AppServer, page: Page
) -> None:
    page.goto(shell(server))
    log_in(page, REVIEWER)
    expect(page.locator("[data-name=login-trouble]")).to_have_text(
        "审核人员和档案管理员在电脑上办理，手机只供走访人员记录"
    )
    assert [cookie for cookie in page.context.cookies() if cookie["name"] == "login"] == []
    page.reload()
    expect(page.locator("[data-name=login]")).to_be_visible()
    expect(page.locator(".banner")).to_have_count(0)
    log_in(page, USERNAME)
    expect(page.locator("[data-name=due]").first).to_be_visible()


def test_the_password_can_be_shown_while_it_is_typed(server: AppServer, page: Page) -> None:
    page.goto(shell(server))
    field = page.locator("input[name=password]")
    field.fill(PASSWORD)
    expect(field).to_have_attribute("type", "password")
    page.locator("label:has(input[name=show_password])").click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value(PASSWORD)
    page.fill("input[name=username]", USERNAME)
    page.click("[data-name=login]")
    expect(page.locator("[data-name=due]").first).to_be_visible()
