"""The pages of accounts and of the audit in a real browser: nothing for axe, nothing wider than a phone, passwords shown on request."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import AppServer
from tests.fieldapp.desk_city import PASSWORD, build, make_app, services, submit

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
PAGES = ("/users/", "/users/i05", "/users/d01", "/account/", "/account/factor/", "/audit/", "/phones/")
RUN = """async () => (await axe.run(document)).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))])"""


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    app = make_app(server.data)
    submit(build(app))
    services(app).database.close()
    server.start()
    return server


def log_in(page: Page, server: AppServer) -> None:
    page.goto(f"{server.origin}/login")
    page.fill("#username", "d04")
    page.fill("#password", PASSWORD)
    page.click("main button.main")
    page.wait_for_url("**/visit/**")


def judged(page: Page) -> list[Any]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*page.evaluate(RUN), *(["wider than the screen"] if wide else [])]


@pytest.mark.parametrize(("language", "look", "width"), [("zh-CN", "light", 390), ("en", "dark", 1280)])
def test_nothing_stands_in_anybodys_way(
    server: AppServer, browser: Browser, language: str, look: Any, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale=language, color_scheme=look
    )
    page = context.new_page()
    log_in(page, server)
    found = {}
    for path in PAGES:
        page.goto(f"{server.origin}{path}")
        found[path] = judged(page)
    page.goto(f"{server.origin}/users/i05")
    page.locator("#phone button").click()
    expect(page.locator(".enrolment-code")).to_be_visible()
    found["code"] = judged(page)
    page.goto(f"{server.origin}/account/factor/")
    page.fill("#present", PASSWORD)
    page.click("main button.main")
    expect(page.locator(".factor-code")).to_be_visible()
    found["secret"] = judged(page)
    context.close()
    assert {name: one for name, one in found.items() if one} == {}


def test_a_password_is_shown_while_it_is_typed_and_sent_as_one(server: AppServer, page: Page) -> None:
    log_in(page, server)
    page.goto(f"{server.origin}/account/")
    page.fill("#new", "three quiet wooden boats")
    box = page.locator("[data-reveal]")
    box.check()
    expect(page.locator("#new")).to_have_attribute("type", "text")
    box.uncheck()
    expect(page.locator("#new")).to_have_attribute("type", "password")
