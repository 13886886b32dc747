"""The desk in a real browser: from the login to a decision, on a phone's width and on a desk's, without a word of inline code."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.app_server import AppServer
from tests.browser.process import until
from tests.browser.wait import until_true
from tests.fieldapp.desk_city import PASSWORD, Sent, build, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_desk import decide

DESK = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def served(app_server: Callable[..., AppServer]) -> tuple[AppServer, Sent]:
    """A server with one visit waiting, sealed by a phone."""
    server = app_server(FIELDAPP_NUMBER_PREFIX="试走")
    app = make_app(server.data)
    sent = submit(build(app))
    services(app).database.close()
    server.start()
    return server, sent


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    yield context
    context.close()


def desk(context: BrowserContext, origin: str) -> tuple[Page, list[str]]:
    """Return a page logged in as the supervisor and the list that collects what its console complains of."""
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{origin}/")
    page.get_by_role("link", name="审核登录").click()
    page.get_by_label("用户名").fill("d01")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/visit/?state=waiting")
    return page, complaints


def test_the_log_goes_by_keyboard(served: tuple[AppServer, Sent], context: BrowserContext) -> None:
    server, sent = served
    page, complaints = desk(context, server.origin)
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent.trim()") == "公路 p017"
    page.locator("select[name=project]").focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.name") == "project"
    page.locator("select[name=project]").blur()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{sent.path}?**")
    assert complaints == []


def test_a_visit_is_returned_with_a_reason_at_an_item(
    served: tuple[AppServer, Sent], context: BrowserContext
) -> None:
    server, sent = served
    page, complaints = desk(context, server.origin)
    page.get_by_role("link", name="公路 p017").click()
    entry = page.locator("li.part", has_text="护栏缺失")
    entry.get_by_text("退回此项", exact=True).click()
    entry.get_by_label("退回此项的原因").fill("请写桩号")
    page.get_by_role("button", name="退回补充").click()
    page.wait_for_url(f"**{sent.path}?state=waiting#decision")
    assert page.locator(".returned").inner_text() == "退回：请写桩号"
    assert page.locator(".visit-state").inner_text().strip() == "已退回"
    assert page.get_by_role("button", name="审核通过").count() == 0
    assert complaints == []


def test_a_visit_is_accepted_and_filed(served: tuple[AppServer, Sent], context: BrowserContext) -> None:
    server, sent = served
    page, complaints = desk(context, server.origin)
    page.goto(f"{server.origin}{sent.path}")
    page.get_by_role("button", name="审核通过").click()
    page.wait_for_url(f"**{sent.path}#decision")
    assert "试走〔2026〕017-11 号" in page.locator(".visit-head").inner_text()
    page.get_by_role("link", name="返回走访台账").click()
    assert page.get_by_text("没有待审核的走访").is_visible()
    assert complaints == []


def test_a_second_reviewer_learns_that_it_is_decided(
    served: tuple[AppServer, Sent], context: BrowserContext
) -> None:
    server, sent = served
    first, _ = desk(context, server.origin)
    second = context.new_page()
    for page in (first, second):
        page.goto(f"{server.origin}{sent.path}")
    first.get_by_role("button", name="审核通过").click()
    first.wait_for_url(f"**{sent.path}#decision")
    second.get_by_label("退回整次走访的原因").fill("照片不全")
    second.get_by_role("button", name="退回补充").click()
    assert second.get_by_role("alert").inner_text().startswith("这次提交已有审核结果")


def test_a_picture_replaces_its_placeholder_by_itself(
    served: tuple[AppServer, Sent], context: BrowserContext
) -> None:
    server, sent = served
    page, complaints = desk(context, server.origin)
    page.goto(f"{server.origin}{sent.path}")
    # The placeholder is 320 wide, the picture itself 64.
    until_true(page, "() => document.querySelector('img[data-photo]').naturalWidth === 64")
    page.locator(".photo-frame").click()
    until_true(page, "() => document.querySelector('img[data-photo]').naturalWidth === 64")
    assert page.get_by_text("1 / 1").is_visible()
    assert complaints == []


def test_a_picture_made_before_it_was_asked_for_again_replaces_its_placeholder_too(
    served: tuple[AppServer, Sent], context: BrowserContext
) -> None:
    server, sent = served
    page, complaints = desk(context, server.origin)
    held: list[Route] = []
    page.route(
        lambda _: True,
        lambda route: held.append(route) if route.request.method == "HEAD" else route.continue_(),
    )
    page.goto(f"{server.origin}{sent.path}")
    until(lambda: len(held) > 0, "the first question")
    shown = "document.querySelector('img[data-photo]')"
    until_true(page, f"() => {shown}.complete")
    assert page.evaluate(f"{shown}.naturalWidth") == 320
    until(lambda: page.request.get(held[0].request.url).status == 200, "the picture")
    for route in held:
        route.continue_()
    until_true(page, f"() => {shown}.naturalWidth === 64")
    assert complaints == []


@pytest.fixture
def mended(app_server: Callable[..., AppServer]) -> tuple[AppServer, Sent]:
    """A server with a visit that came back after a return: one item corrected at length, one not answered."""
    server = app_server(FIELDAPP_NUMBER_PREFIX="试走")
    app = make_app(server.data)
    city = build(app)
    first = submit(city)
    reasons = {"entry": "请写桩号" * 40, "photo": "看不清"}
    ids = {name: str(first.parts[name].payload["entity"]) for name in reasons}
    fields = {f"reason-{ids[name]}": words for name, words in reasons.items()}
    fields |= {f"seen-{ids[name]}": first.parts[name].hash for name in reasons}
    assert decide(logged_in(app, "d01"), first, "returned", reason="", **fields).status_code == 303
    long = {"what": "K3+200处护栏缺失" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 12, "severity": "serious"}
    second = resubmit(city, first, {"entry": long}, missing=[{"what": "progress", "item": ""}], reason="下雨")
    services(app).database.close()
    server.start()
    return server, second


def test_what_was_corrected_is_told_apart_without_colour_and_flags_lead_to_the_item(
    mended: tuple[AppServer, Sent], context: BrowserContext
) -> None:
    server, sent = mended
    page, complaints = desk(context, server.origin)
    page.goto(f"{server.origin}{sent.path}")
    lines = """() => ["del", "ins"].map((name) => getComputedStyle(document.querySelector(`.changed ${name}`)).textDecorationLine)"""
    assert page.evaluate(lines) == ["line-through", "underline"]
    page.locator(".since").get_by_role("link", name="照片 全景").click()
    target = page.locator(f"#item-{sent.parts['photo'].payload['entity']}")
    assert target.evaluate("(one) => one.matches(':target')") and target.get_by_text("未作补充").is_visible()
    page.get_by_text("历次文本（2）").click()
    assert page.locator(".revisions[open]").get_by_text("第 1 次更正").is_visible()
    assert complaints == []


def test_changes_of_any_length_fit_a_phone(mended: tuple[AppServer, Sent], browser: Browser) -> None:
    server, sent = mended
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    page, complaints = desk(context, server.origin)
    for language in ("zh-CN", "en"):
        page.goto(f"{server.origin}/language/{language}?to=/")
        for path in (sent.path, f"/visit/?month=2026-13&state=lost&project={'x' * 300}"):
            page.goto(f"{server.origin}{path}")
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, path)
    assert complaints == []
    context.close()


def test_nothing_is_wider_than_a_phone(served: tuple[AppServer, Sent], browser: Browser) -> None:
    server, sent = served
    photo = sent.parts["photo"].payload["entity"]
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    page, complaints = desk(context, server.origin)
    for language in ("zh-CN", "en"):
        page.goto(f"{server.origin}/language/{language}?to=/")
        for path in ("/visit/", "/visit/?month=2020-01", sent.path, f"{sent.path}/photo/{photo}", "/login"):
            page.goto(f"{server.origin}{path}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, path)
    assert complaints == []
    context.close()


def test_everything_on_a_visit_has_a_name_for_a_screen_reader(
    served: tuple[AppServer, Sent], context: BrowserContext
) -> None:
    server, sent = served
    page, _ = desk(context, server.origin)
    page.goto(f"{server.origin}{sent.path}")
    nameless = """() => {
        const words = (one) => [one.textContent.trim(), one.getAttribute("aria-label"), one.alt, one.querySelector("img")];
        const all = document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a, img");
        return [...all].filter((one) => !one.labels?.length && !words(one).some(Boolean)).map((one) => one.outerHTML);
    }"""
    assert page.evaluate(nameless) == []
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
