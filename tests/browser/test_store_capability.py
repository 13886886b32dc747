"""Whether a browser can hold a visit is found out by doing it, and each obstacle has its own answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.app_server import AppServer
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import seed
from tests.browser.static_server import StaticServer
from tests.browser.store_page import Archive, Phone, enrolled, sealed_visit
from tests.browser.wait import until_true


def answer(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("phone.capability()")
    return found


def test_an_able_browser_passes_before_and_after_the_first_run(
    page: Page, static_server: StaticServer
) -> None:
    phone = Phone(page, static_server)
    found = answer(page)
    assert (found["is_able"], found["obstacle"], found["detail"]) == (True, None, "")
    enrolled(phone, Archive())
    assert answer(page)["is_able"]
    assert sealed_visit(phone)["manifest"]
    phone.rest()
    assert phone.file("names", "") == ["guard", "pool-1", "sealed.log"]


def test_a_private_window_works_but_is_not_promised_to_last(page: Page, static_server: StaticServer) -> None:
    Phone(page, static_server)
    found = answer(page)
    # Chromium's private windows hold everything until they are closed: able, and the screen says "not for long".
    assert (found["is_able"], found["is_persisted"]) == (True, False)


def test_a_browser_without_a_private_file_system_is_told_so(page: Page, static_server: StaticServer) -> None:
    # What Safari's private windows are like.
    page.add_init_script("delete StorageManager.prototype.getDirectory")
    Phone(page, static_server)
    assert answer(page)["obstacle"] == "no-storage"


def test_refused_storage_is_told_so(
    profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer
) -> None:
    phone = profile_browser()
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (phone.profile / "Default").mkdir(parents=True)
    (phone.profile / "Default" / "Preferences").write_text(json.dumps(settings))
    page = phone.start()
    Phone(page, static_server)
    found = answer(page)
    assert (found["is_able"], found["obstacle"]) == (False, "storage-refused")


def test_an_insecure_origin_is_told_so(page: Page, static_server: StaticServer) -> None:
    def through(route: Route) -> None:
        path = route.request.url.removeprefix("http://phone.test")
        route.fulfill(response=route.fetch(url=static_server.origin + path))

    page.route("http://phone.test/**", through)
    page.goto("http://phone.test/page/store.html")
    until_true(page, "'phone' in globalThis")
    assert answer(page)["obstacle"] == "not-secure"


@pytest.mark.parametrize(
    "name",
    [
        "MicroMessenger/8.0.44.2502(0x28002C51) WeChat/arm64 NetType/WIFI Language/zh_CN",
        "AliApp(DingTalk/7.0.40) com.alibaba.android.rimet/31200000 Language/zh-CN",
        "wxwork/4.1.10 MicroMessenger/7.0.1 Language/zh",
        "QQ/8.9.68.11450 V1_AND_SQ_8.9.68 NetType/WIFI",
        "Lark/7.5.0 Feishu/7.5.0",
    ],
    ids=["wechat", "dingtalk", "wecom", "qq", "lark"],
)
def test_browsers_inside_other_apps_are_known_by_name(
    browser: Browser, static_server: StaticServer, name: str
) -> None:
    agent = f"Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 {name}"
    check_in_app(browser, static_server, agent)


def test_a_web_view_of_android_is_known(browser: Browser, static_server: StaticServer) -> None:
    agent = "Mozilla/5.0 (Linux; Android 13; V2231A Build/TP1A; wv) AppleWebKit/537.36 Version/4.0 Chrome/116 Mobile Safari/537.36"
    check_in_app(browser, static_server, agent)


def check_in_app(browser: Browser, server: StaticServer, agent: str) -> None:
    context = browser.new_context(user_agent=agent)
    page = context.new_page()
    phone = Phone(page, server)
    assert answer(page)["obstacle"] == "in-app-browser"
    # Asking leaves nothing behind.
    assert phone.file("names", "") == []
    context.close()


def test_the_browsers_of_phones_are_not_taken_for_apps(browser: Browser, static_server: StaticServer) -> None:
    chrome = "Mozilla/5.0 (Linux; Android 13; V2231A) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36"
    for name in (
        "",
        " VivoBrowser/19.0",
        " HuaweiBrowser/14.0",
        " MQQBrowser/14.9",
        " XiaoMi/MiuiBrowser/18.2",
    ):
        context = browser.new_context(user_agent=chrome + name)
        page = context.new_page()
        Phone(page, static_server)
        assert answer(page)["is_able"], name
        context.close()


def test_storage_another_program_keeps_is_busy_not_missing(page: Page, static_server: StaticServer) -> None:
    Phone(page, static_server)
    holder = page.context.new_page()
    holder.goto(f"{static_server.origin}/page/store.html")
    holder.evaluate(
        "() => new Promise((held) => void navigator.locks.request('fieldapp-storage', () => new Promise(held)))"
    )
    assert answer(page)["obstacle"] == "busy"


NAMES = """async () => {
    const names = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
    return names.sort();
}"""


def test_the_shell_tries_the_phone_before_it_makes_anything_there(
    app_server: Callable[..., AppServer], browser: Browser
) -> None:
    server = app_server()
    seed(server.data)
    server.start()
    context = browser.new_context(user_agent="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50")
    page = context.new_page()
    page.goto(f"{server.origin}/phone/zh-CN/")
    page.locator("[data-name=trouble]").wait_for()
    assert page.evaluate(NAMES) == []
    context.close()
