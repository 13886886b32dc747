"""The phone's shell in a real browser: enrolment, the first pull, cold start with the server stopped, updates, tabs."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_server import AppServer
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import CITY, COLLEAGUE, PASSWORD, USERNAME, own_projects, seed
from tests.browser.wait import until_true

IS_KEPT = """async () => navigator.serviceWorker.controller !== null
  && (await (await caches.open("shell-1")).match("/phone/kept/current")) !== undefined"""

# Two cores may be shared with other tests: a state is waited for, however long it takes.
expect.set_options(timeout=30_000)

MakeServer = Callable[..., AppServer]
MakeBrowser = Callable[..., ProfileBrowser]


@pytest.fixture
def server(app_server: MakeServer) -> AppServer:
    server = app_server()
    seed(server.data)
    server.start()
    return server


def shell(server: AppServer, language: str = "zh-CN") -> str:
    return f"{server.origin}/phone/{language}/"


def log_in(page: Page, username: str) -> None:
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.click("[data-name=login]")


def enrol(page: Page, server: AppServer, language: str = "zh-CN") -> None:
    page.goto(shell(server, language))
    log_in(page, USERNAME)
    expect(page.locator("[data-name=due]").first).to_be_visible()
    until_true(page, IS_KEPT)


def project_names(page: Page) -> set[str]:
    return set(page.locator(".cards h2").all_inner_texts())


def test_enrolled_phone_starts_cold_with_the_server_stopped(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    phone = profile_browser(viewport={"width": 360, "height": 640})
    page = phone.start()
    enrol(page, server)
    for name in ("done", "rest"):
        page.locator(f"button[data-name={name}]").click()
    expect(page.locator(".cards h2")).not_to_have_count(0)
    names = {project["zh"] for project in own_projects()}
    until_true(
        page,
        "(count) => new Set([...document.querySelectorAll('.cards h2')].map((each) => each.textContent)).size === count",
        len(names),
    )
    assert project_names(page) == names
    server.stop()
    phone.kill()

    page = phone.start()
    page.goto(shell(server))
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator("[data-name=progress]")).to_contain_text(re.compile(r"已走访 \d+/\d+ 个项目"))
    expect(page.locator("[data-name=sync-line]")).to_contain_text("当前无网络，可正常记录")

    page.fill("input[name=search]", "钢筋外露")
    expect(page.locator("[data-name=hit] mark").first).to_have_text("钢筋外露")
    page.locator("[data-name=hit]:has(mark)").first.click()
    expect(page).to_have_url(re.compile("#/visit/[0-9a-f-]{36}/entry/"))
    expect(page.locator("textarea[name=what]")).to_have_value(re.compile("钢筋外露"))
    page.go_back()
    tied = {link["official"] for link in own_projects()[0]["links"] if link["role"] == "lead"}
    leader = next(official["zh"] for official in CITY["officials"] if official["id"] in tied)
    page.fill("input[name=search]", leader)
    expect(page.locator("[data-name=hit] mark").first).to_have_text(leader)
    page.locator("[data-name=hit]").first.click()
    expect(page.locator("[data-name=responsible]")).to_contain_text("牵头责任人")
    expect(page.locator("[data-name=start]")).to_be_visible()

    page.goto(shell(server, "en"))
    expect(page.locator("h1")).to_have_text("This month")


def test_first_visit_fetches_few_files(server: AppServer, page: Page) -> None:
    fetched: set[str] = set()
    page.context.on("request", lambda request: fetched.add(request.url))
    page.goto(shell(server))
    expect(page.locator("input[name=username]")).to_be_visible()
    until_true(page, IS_KEPT)
    assert 10 < len(fetched) < 40


def test_returned_visit_shows_the_words_of_the_reviewer(server: AppServer, page: Page) -> None:
    enrol(page, server)
    page.click("article[data-name=returned] a")
    expect(page.locator("[data-name=reason]")).to_contain_text("请补拍起点桩号处")
    expect(page.locator("[data-name=returned-item]")).to_contain_text("请写明抽查的具体位置和数量")
    expect(page.locator("[data-name=correct]")).to_have_attribute(
        "href", re.compile("^#/correct/[0-9a-f-]{36}$")
    )


def test_new_version_waits_for_the_persons_word(
    server: AppServer, app_server: MakeServer, profile_browser: MakeBrowser
) -> None:
    department = "() => JSON.parse(document.getElementById('settings')?.textContent ?? '{}').department"
    phone = profile_browser()
    page = phone.start()
    enrol(page, server)
    old = page.evaluate(department)
    server.stop()
    renamed = app_server(server.data.name, FIELDAPP_DEPARTMENT="另一个档案中心")
    renamed.port, renamed.origin = server.port, server.origin
    renamed.start()

    page.reload()
    expect(page.locator("[data-name=update]")).to_be_visible()
    assert page.evaluate(department) == old
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    expect(page.locator("[data-name=update]")).to_be_visible()
    assert page.evaluate(department) == old, "a restart alone must not change the code"

    page.click("[data-name=apply-update]")
    until_true(page, f"({department})() === '另一个档案中心'")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    renamed.stop()
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    expect(page.locator("[data-name=due]").first).to_be_visible()
    assert page.evaluate(department) == "另一个档案中心"


def test_second_tab_takes_over_and_the_first_says_so(server: AppServer, page: Page) -> None:
    enrol(page, server)
    second = page.context.new_page()
    second.goto(shell(server))
    expect(second.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator("[data-name=use-here]")).to_be_visible()
    page.click("[data-name=use-here]")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(second.locator("[data-name=use-here]")).to_be_visible()


def test_two_people_share_a_phone_without_sharing_data(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    phone = profile_browser()
    page = phone.start()
    enrol(page, server)
    page.goto(f"{shell(server)}#/settings")
    page.click("[data-name=other-person]")
    page.click("[data-name=new-person]")
    log_in(page, COLLEAGUE)
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator("header")).to_contain_text("范水杉")
    assert page.locator("[data-name=returned]").count() == 1, (
        "the badge of the bar only: the visit sent back is the other's"
    )
    server.stop()
    phone.kill()

    page = phone.start()
    page.goto(shell(server))
    expect(page.locator(f"[data-name=person-{COLLEAGUE}]")).to_be_visible()
    page.click(f"[data-name=person-{USERNAME}]")
    expect(page.locator("header")).to_contain_text("奚银杏")
    expect(page.locator("article[data-name=returned]")).to_be_visible()


def test_wrong_password_is_said_in_words(server: AppServer, page: Page) -> None:
    page.goto(shell(server))
    page.fill("input[name=username]", USERNAME)
    page.fill("input[name=password]", "not-the-password")
    page.click("[data-name=login]")
    expect(page.locator("[data-name=login-trouble]")).to_have_text("用户名或密码不正确")
    expect(page.locator("input[name=username]")).to_have_value(USERNAME)


def test_login_without_network_says_what_is_needed(server: AppServer, page: Page) -> None:
    page.goto(shell(server))
    page.fill("input[name=username]", USERNAME)
    page.fill("input[name=password]", PASSWORD)
    server.stop()
    page.click("[data-name=login]")
    expect(page.locator("[data-name=login-trouble]")).to_have_text("连不上档案中心，请检查网络后重试。")


def test_browser_inside_a_messenger_is_told_to_open_another(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    phone = profile_browser(user_agent="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50")
    page = phone.start()
    page.goto(shell(server))
    expect(page.locator("[data-name=trouble]")).to_have_attribute("data-word", "in-app-browser")
    expect(page.locator("main")).to_contain_text("在浏览器打开")


def test_recover_page_renews_the_shell_and_keeps_the_data(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    phone = profile_browser()
    page = phone.start()
    enrol(page, server)
    page.goto(f"{server.origin}/phone/recover")
    page.click("#renew")
    expect(page.locator("#done")).to_be_visible()
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
    page.goto(shell(server))
    expect(page.locator("[data-name=due]").first).to_be_visible()
    until_true(page, IS_KEPT)


def test_a_chosen_theme_and_size_of_text_are_there_at_the_first_paint(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    """With the server stopped, in a new process, and before any module has run."""
    phone = profile_browser(viewport={"width": 360, "height": 640}, color_scheme="light")
    page = phone.start()
    enrol(page, server)
    look = """() => { const { color, fontSize } = getComputedStyle(document.documentElement);
      return [color, fontSize]; }"""
    usual = page.evaluate(look)
    page.goto(f"{shell(server)}#/settings")
    page.locator("label:has(input[name=theme][value=dark])").click()
    page.locator("label:has(input[name=text][value=largest])").click()
    chosen = page.evaluate(look)
    assert chosen[0] != usual[0]
    assert float(chosen[1][:-2]) == pytest.approx(1.4 * float(usual[1][:-2]), abs=0.5)
    server.stop()
    phone.close()

    page = phone.start()
    # The page is read whole and no module has run yet.
    page.add_init_script(
        f"document.addEventListener('readystatechange', () => {{ globalThis.first ??= ({look})(); }})"
    )
    page.goto(shell(server))
    assert page.evaluate("globalThis.first") == chosen
