"""The self-test: what it says is what was tried; each fault has its own line, and the whole can be copied."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_server import AppServer
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import seed
from tests.browser.test_shell import enrol
from tests.browser.wait import until_true

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
    session.send("Browser.setPermission", {"permission": {"name": "persistent-storage"}, "setting": setting})
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


def test_a_browser_that_promises_nothing_and_has_little_room_is_told(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    phone = profile_browser(viewport={"width": 360, "height": 640})
    page = opened(server, phone)
    persist(page, "denied")
    page.evaluate(
        """() => {
          navigator.storage.persisted = async () => false;
          navigator.storage.estimate = async () => ({ usage: 0, quota: 104857600 });
        }"""
    )
    look(page)
    persisted = page.locator(".banner[data-name=check-persisted]")
    expect(persisted).to_contain_text("没有承诺保留数据")
    expect(persisted.locator("[data-name=ask-persist]")).to_be_visible()
    expect(page.locator(".banner[data-name=check-room]")).to_contain_text(
        "只剩 100.0 MB，一天走访约需 200.0 MB"
    )
    expect(page.locator("section[data-name=failed]")).to_contain_text("2 项未通过")


def test_a_key_that_is_gone_leads_to_the_login(server: AppServer, profile_browser: MakeBrowser) -> None:
    page = opened(server, profile_browser())
    page.evaluate(
        """() => new Promise((resolve) => {
          const opening = indexedDB.open("fieldapp-key", 1);
          opening.onsuccess = () => {
            const clearing = opening.result.transaction("key", "readwrite").objectStore("key").clear();
            clearing.onsuccess = () => { opening.result.close(); resolve(); };
          };
        })"""
    )
    look(page)
    failed = page.locator(".banner[data-name=check-key]")
    expect(failed).to_contain_text("档案中心会拒收")
    expect(failed.locator("[data-name=log-in-again]")).to_be_visible()


def test_the_result_is_copied_as_text(server: AppServer, profile_browser: MakeBrowser) -> None:
    page = opened(server, profile_browser(permissions=["clipboard-read", "clipboard-write"]))
    page.evaluate(HARM, ["/phone/static/img/icon-192.png", "missing"])
    look(page)
    page.locator("[data-name=copy]").click()
    text = page.locator("textarea[name=report]")
    expect(text).to_have_value(re.compile("✗ 应用文件：.*缺 1 个.*icon-192.png"))
    expect(text).to_have_value(re.compile("✓ 密钥：已签名"))
    expect(text).to_have_value(re.compile("sha256-.*Mozilla/5.0", re.DOTALL))
    # A person's name is nobody's business who helps with a phone.
    expect(text).not_to_have_value(re.compile("奚银杏"))
    until_true(page, "async () => (await navigator.clipboard.readText()).includes('✗ 应用文件')")
