"""The briefing of a project, read with no network: everything the phone holds of it, and what of that is unread."""

import re

from playwright.sync_api import expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_shell import shell
from tests.browser.test_visit import begin, enrolled, go

PROJECT = ref(f"project:{visit_city.PROJECT}")


def test_a_briefing_has_what_is_known_and_says_what_is_unread(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    go(page, "project", PROJECT)
    unread = page.locator("[data-name=unread]")
    expect(unread).to_contain_text("未阅 5 项")
    expected = {
        "wishes": "看护坡是否返工",
        "questions": "护坡开裂处是否已返工",
        "problems": "3号墩承台抽查2处",
        "claims": "路基贯通提前十天完成",
        "sources": "审计评估",
        "responsible": "牵头责任人",
        "formerly": "要素保障",
    }
    for name, words in expected.items():
        expect(page.locator(f"[data-name={name}]")).to_contain_text(words)

    sources = page.locator("[data-name=sources] [data-name=brief]")
    sources.click()
    expect(sources).to_have_attribute("aria-checked", "true")
    expect(unread).to_contain_text("未阅 4 项")
    phone.kill()

    page = phone.start()
    page.goto(shell(server) + f"#/project/{PROJECT}")
    expect(page.locator("[data-name=sources] [data-name=brief]")).to_have_attribute("aria-checked", "true")
    for name in ("wishes", "questions", "problems", "claims"):
        page.locator(f"[data-name={name}] [data-name=brief]").click()
    expect(page.locator("[data-name=unread]")).to_contain_text("5 项全部已阅")


def test_what_a_visit_leaves_for_next_time_is_in_the_next_briefing_and_visit(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    go(page, "project", PROJECT)
    page.locator("[data-name=wishes] [data-name=brief]").click()
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=finish]")
    hand.write("textarea[name=next_time]", "砂石料到场情况\n塔吊检测报告")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "临时封闭")
    hand.tap("[data-name=submit-anyway]")
    expect(page).to_have_url(re.compile("#/outbox$"))

    go(page, "project", PROJECT)
    wishes = page.locator("[data-name=wishes] [data-name=brief]")
    expect(wishes).to_have_count(2)
    expect(wishes.first).to_contain_text("砂石料到场情况")
    expect(wishes.first).to_have_attribute("aria-checked", "false")
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    expect(page.locator("main")).to_contain_text("塔吊检测报告")
    expect(page.locator("main")).not_to_contain_text("看护坡是否返工")
