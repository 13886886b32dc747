"""The self-test: what it says is what was tried; each fault has its own line, and the whole can be copied."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from fieldapp.domain.description import describe
from tests.browser.app_server import AppServer
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import seed
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, Archive, Phone, enrolled
from tests.browser.test_shell import enrol, shell

MakeServer = Callable[..., AppServer]
MakeBrowser = Callable[..., ProfileBrowser]

CHECKS = ("shell", "storage", "key", "persisted", "room")
# What a browser may do to the files it keeps for the app: path → what becomes of it.
HARM = """async ([path, harm]) => {
  const cache = await caches.open("shell-1");
  const list = await (await cache.match("/phone/kept/current")).json();
  const place = `/phone/kept/${encodeURIComponent(list[path])}`;
  if (harm === "list") return cache.delete("/phone/kept/current");
  if (harm === "missing") return cache.delete(place);
  const bytes = new Uint8Array(await (await cache.match(place)).arrayBuffer());
  bytes[bytes.length - 1] ^= 1;
  return cache.put(place, new Response(bytes));
}"""


def persist(page: Page, setting: str = "granted") -> None:
    """Have the browser promise to keep what is stored, as it does for an app on the home screen."""
    session = page.context.new_cdp_session(page)
    session.send(
        "Browser.setPermission", {"permission": {"name": "persistent-storage"}, "setting": setting}
    )
    page.evaluate("navigator.storage.persist()")


@pytest.fixture
def server(app_server: MakeServer) -> AppServer:
    server = app_server()
    seed(server.data)
    server.start()
    return server


def opened(server: AppServer, phone: ProfileBrowser) -> Page:
    """Log in, get everything, and stop the server."""
    page = phone.start()
    enrol(page, server)
    persist(page)
    server.stop()
    return page


def look(page: Page) -> None:
    """Go to the self-test as a person does and wait for its result."""
    page.evaluate("location.hash = '#/settings'")
    page.locator("[data-name=self-test]").click()
    expect(page.locator("section[data-name=passed], section[data-name=failed]")).to_be_visible()


def test_everything_passes_with_the_server_stopped(server: AppServer, profile_browser: MakeBrowser) -> None:
    page = opened(server, profile_browser(viewport={"width": 360, "height": 640}))
    look(page)
    expect(page.locator("section[data-name=passed]")).to_contain_text("5 项全部通过")
    for name in CHECKS:
        expect(page.locator(f".row[data-name=check-{name}]")).to_be_visible()
    count = page.evaluate(
        "async () => Object.keys(await (await (await caches.open('shell-1')).match('/phone/kept/current')).json()).length"
    )
    expect(page.locator("[data-name=check-shell]")).to_contain_text(f"{count} 个文件")
    # The storage was closed and opened meanwhile: everything is still there.
    page.locator(".head-back").click()
    page.evaluate("location.hash = '#/home'")
    expect(page.locator("[data-name=due]").first).to_be_visible()


@pytest.mark.parametrize(
    ("harm", "words"), [("missing", "缺 1 个"), ("wrong", "1 个内容不对"), ("list", "没有应用文件清单")]
)
def test_a_file_that_is_not_as_it_must_be_is_found(
    server: AppServer, profile_browser: MakeBrowser, harm: str, words: str
) -> None:
    page = opened(server, profile_browser())
    path = "/phone/en/" if harm == "missing" else "/phone/static/img/icon-192.png"
    page.evaluate(HARM, [path, harm])
    look(page)
    failed = page.locator(".banner[data-name=check-shell]")
    expect(failed).to_contain_text(words)
    expect(failed.locator("[data-name=renew-shell]")).to_have_attribute("href", "/phone/recover")
    expect(page.locator("section[data-name=failed]")).to_contain_text("1 项未通过")
    expect(page.locator(".row[data-name=check-storage]")).to_be_visible()
    page.locator("[data-name=copy]").click()
    expect(page.locator("textarea[name=report]")).to_have_value(__import__("re").compile("✗ 应用文件"))
