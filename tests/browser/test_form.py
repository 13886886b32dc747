"""A checklist from Excel: filled in without a network, sealed, sent, and read at the desk in the edition it began with."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from fieldapp.command.archive import opened
from fieldapp.domain import Answer, Photo
from fieldapp.edition import enter
from fieldapp.settings import Settings
from fieldapp.xlsform.form import compile_form
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.test_journey import log_in
from tests.browser.test_visit import begin, enrolled, go, rows, sent
from tests.fieldapp.xlsform_bridge import BRIDGE

NEXT = BRIDGE | {
    "survey": [BRIDGE["survey"][0], ["text", "only", "新版的问题", "A question of the new edition"]],
    "settings": [BRIDGE["settings"][0], ["桥梁检查", "Bridge check", "bridge", "4"]],
}


def import_form(server: AppServer, form: dict[str, Any]) -> None:
    with opened(Settings(data=server.data)) as services:
        enter(services, compile_form(form, "bridge"), "d04")


def fill(hand: Hand, picture: Path) -> None:
    """Answer what a bridge asks: a condition, a repeat, a wrong number put right, what is proposed, what is chosen by a filter."""
    page = hand.page
    hand.option("state", "stopped")
    hand.write("textarea[name=reason]", "资金未到位")
    hand.option("state", "working")
    expect(page.locator("[data-name=item-reason]")).to_have_count(0)
    hand.option("state", "stopped")
    expect(page.locator("textarea[name=reason]")).to_have_value("资金未到位")
    expect(page.locator("input[name=length]")).to_have_value("")
    hand.tap("[data-name=propose-length]")
    expect(page.locator("input[name=length]")).to_have_value("120")
    for number, cracks in ((1, "70"), (2, "4")):
        hand.tap("[data-name=add-beam]")
        hand.write(f"textarea[name='number[{number}]']", f"L{number}")
        hand.write(f"input[name='crack[{number}]']", cracks)
    wrong = page.locator("[data-name='item-crack[1]']")
    expect(wrong).to_contain_text("0 到 50")
    page.locator("input[name='crack[1]']").fill("3")
    expect(wrong).not_to_contain_text("0 到 50")
    hand.photograph("[data-name='item-picture[1]'] .strip-add", picture)
    expect(page.locator("[data-name='item-picture[1]'] img")).to_have_count(1)
    expect(page.locator("[data-name=item-told]")).to_have_text("共 7 条裂缝")
    hand.tap("[data-name=add-beam]")
    hand.tap("[data-name=take-beam-3]")
    hand.option("county", "west")
    expect(page.locator("[data-name=item-town] input[value=a]")).to_have_count(0)
    hand.option("town", "b")
    hand.tap("[data-name=trades-steel]")
    hand.tap("[data-name=trades-none]")
    hand.tap("[data-name=propose-next]")
    page.locator("input[name=at]").fill("09:30")
    page.locator("input[name=poured]").fill("2026-11-20T14:05")
    hand.tap("[data-name=point-here]")
    expect(page.locator("[data-name=point-point]")).to_contain_text("26.5166910 110.5098760")
    hand.tap("[data-name=seen-ok]")
    hand.tap("[data-name=begin-note-state]")
    hand.write("textarea[name=note-state]", "门卫不让进")


@pytest.mark.timeout(300)
def test_a_form_is_filled_in_offline_and_read_at_the_desk(
    server: AppServer, phone: ProfileBrowser, browser: Browser, tmp_path: Path
) -> None:
    server.stop()
    import_form(server, BRIDGE)
    server.start()
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    go(page, "visit", visit, "check", "bridge")
    expect(page.locator("h1")).to_have_text("桥梁检查")
    fill(hand, photos(tmp_path)[0])

    # A new edition comes while the visit is under way: what was begun keeps its own.
    import_form(server, NEXT)
    server.start()
    page.reload()
    other = begin(hand, visit_city.MILESTONE_PROJECT)
    go(page, "visit", other, "check", "bridge")
    expect(page.locator("[data-name=item-only]")).to_be_visible(timeout=60_000)
    go(page, "visit", visit, "check", "bridge")
    expect(page.locator("[data-name=item-told]")).to_have_text("共 7 条裂缝")
    expect(page.locator("[data-name=item-only]")).to_have_count(0)
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=missing]")).not_to_contain_text("现场状态")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "只查桥梁")
    hand.tap("[data-name=submit-anyway]")
    expect(page).to_have_url(re.compile("#/outbox$"))
    sent(page)

    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    desk = context.new_page()
    log_in(desk, server)
    desk.goto(f"{server.origin}/visit/{visit}")
    for words in ("桥梁检查", "资金未到位", "梁 2", "西县", "门卫不让进", "2026-11-20 14:05"):
        expect(desk.locator(".visit-body")).to_contain_text(words)
    context.close()
    server.stop()
    [answer] = rows(server, Answer, visit=visit)
    assert answer.edition == "3"
    assert answer.notes == {"state": "门卫不让进"}
    assert [photo.item for photo in rows(server, Photo, visit=visit)] == ["bridge/picture[1]"]
    answers = answer.answers
    assert answers.pop("next") > "2026-01-01"
    assert answers.pop("point").startswith("26.5166910 110.5098760 0 ")
    assert answers == {
        "state": "stopped", "reason": "资金未到位", "length": "120", "half": "60", "beam": "1 2", "number[1]": "L1", "crack[1]": "3",
        "number[2]": "L2", "crack[2]": "4", "cracks": "7", "county": "west", "town": "b", "trades": "none", "at": "09:30",
        "poured": "2026-11-20T14:05", "seen": "OK", "source": "bridge-form",
    }  # fmt: skip
