"""Fixtures of the browser tests: a Chromium per worker, profiles that survive kills, servers that stop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.chromium import ARGUMENTS, find
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS, headless=True)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh private context; an uncaught error in it fails the test."""
    errors: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def profile_browser(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., ProfileBrowser]]:
    """Make browsers by name, each with its own profile (`profile_browser("anna")`); not yet started."""
    made: list[ProfileBrowser] = []

    def make(name: str = "phone", **options: Any) -> ProfileBrowser:
        made.append(ProfileBrowser(playwright, tmp_path / f"profile-{name}", **options))
        return made[-1]

    yield make
    for each in made:
        each.kill()


@pytest.fixture
def app_server(tmp_path: Path) -> Iterator[Callable[..., AppServer]]:
    """Make servers by name, each with its own data folder; not yet started, so it can be filled first."""
    made: list[AppServer] = []

    def make(name: str = "archive", *options: str, **environment: str) -> AppServer:
        made.append(AppServer(tmp_path / name, *options, **environment))
        return made[-1]

    yield make
    for each in made:
        each.kill()


@pytest.fixture
def static_server() -> Iterator[StaticServer]:
    server = StaticServer()
    yield server
    server.stop()


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    """The real application with the city a visit asks for, started."""
    server = app_server()
    visit_city.seed(server.data)
    server.start()
    return server


@pytest.fixture
def phone(profile_browser: Callable[..., ProfileBrowser]) -> ProfileBrowser:
    """A small phone that stands at a site."""
    return profile_browser(
        viewport={"width": 360, "height": 640}, has_touch=True, geolocation=visit_city.SITE, permissions=["geolocation"],
        timezone_id="Asia/Shanghai",
    )  # fmt: skip


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A reviewer's screen, nobody logged in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def judge(browser: Browser) -> Iterator[Page]:
    """A page with the rules of a visit, shared by the tests of a file: it keeps nothing between them."""
    server = StaticServer()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.origin}/page/visit_rule.html")
    until_true(page, "typeof globalThis.rule === 'function'")
    yield page
    context.close()
    server.stop()
