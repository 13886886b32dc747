"""The icon on the home screen: why an iPhone needs it, said before the first login and once; and where its shortcuts lead."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_server import AppServer
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import USERNAME, own_projects, ref, seed
from tests.browser.test_shell import enrol, log_in, shell

MakeServer = Callable[..., AppServer]
MakeBrowser = Callable[..., ProfileBrowser]
# What only a browser of iOS says: whether it was opened from the home screen.
IN_TAB = "Object.defineProperty(Navigator.prototype, 'standalone', { get: () => false })"
INSTALLED = "Object.defineProperty(Navigator.prototype, 'standalone', { get: () => true })"


@pytest.fixture
def server(app_server: MakeServer) -> AppServer:
    server = app_server()
    seed(server.data)
    server.start()
    return server


def iphone(profile_browser: MakeBrowser, script: str) -> tuple[ProfileBrowser, Page]:
    phone = profile_browser(viewport={"width": 360, "height": 640}, has_touch=True)
    page = phone.start()
    page.add_init_script(script)
    return phone, page


def test_the_advice_stands_before_the_first_login_once_and_again_in_the_settings(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    _, page = iphone(profile_browser, IN_TAB)
    page.goto(shell(server))
    advice = page.locator("[data-name=home-screen]")
    expect(advice).to_contain_text("系统会清除本机数据")
    expect(advice).to_contain_text("请先添加，再从主屏幕打开并登录")
    page.click("[data-name=home-screen-seen]")
    expect(advice).to_have_count(0)
    page.reload()
    expect(page.locator("input[name=username]")).to_be_visible()
    expect(advice).to_have_count(0)
    log_in(page, USERNAME)
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(advice).to_have_count(0)
    page.evaluate("location.hash = '#/settings'")
    expect(page.locator("[data-name=home-screen-advice]")).to_contain_text("先在这里把记录发完")


def test_an_app_on_the_home_screen_and_other_phones_are_not_bothered(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    _, page = iphone(profile_browser, INSTALLED)
    page.goto(shell(server))
    expect(page.locator("input[name=username]")).to_be_visible()
    expect(page.locator("[data-name=home-screen]")).to_have_count(0)
    page.evaluate("location.hash = '#/settings'")
    other = profile_browser("other", has_touch=True).start()
    other.goto(shell(server))
    expect(other.locator("input[name=username]")).to_be_visible()
    expect(other.locator("[data-name=home-screen]")).to_have_count(0)


def test_the_shortcut_takes_up_the_open_visit_with_the_server_stopped(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    phone = profile_browser(viewport={"width": 360, "height": 640}, has_touch=True)
    page = phone.start()
    enrol(page, server)
    server.stop()
    page.goto(f"{shell(server)}#/take-up")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    project = ref(f"project:{own_projects()[4]['id']}")
    page.evaluate("(project) => { location.hash = `#/start/${project}`; }", project)
    page.locator("[data-name=start]").click()
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_url("**/#/visit/*")
    visit = page.evaluate("location.hash")
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#/take-up")
    page.wait_for_url(f"**/{visit}")
    page.goto(f"{shell(server)}#/outbox")
    expect(page.locator("h1")).to_have_text("待发送")
