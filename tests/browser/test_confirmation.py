"""Confirmation on site: the unit reads what it may read, signs on the screen or on paper, or refuses."""

from pathlib import Path

from playwright.sync_api import Page, expect

from fieldapp.domain import Confirmation, Entry, Photo
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import ref
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete


def noted(hand: Hand, what: str, of: str | None, known_by: str) -> None:
    hand.tap("[data-name=note]")
    hand.write("textarea[name=what]", what)
    if of:
        hand.tap(f"[data-name=list-{of}]")
        hand.tap("[data-name=details]")
        hand.option("known_by", known_by)
    hand.tap("[data-name=done]")


def sign(page: Page) -> None:
    pad = page.locator("[data-name=signature] svg")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for x in (40, 120):
        page.mouse.move(box["x"] + x, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + x + 40, box["y"] + 80, steps=6)
        page.mouse.up()


def test_the_unit_reads_what_it_may_and_signs(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    noted(hand, "临边无防护", "problem", "seen")
    noted(hand, "工人说夜里没人管", "problem", "said_by_others")
    noted(hand, "还没归类", None, "")
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=confirm]")
    shown = page.locator("[data-name=shown]")
    expect(shown).to_contain_text("临边无防护")
    expect(shown).not_to_contain_text("夜里没人管")
    expect(shown).not_to_contain_text("还没归类")
    hand.option("outcome", "remark")
    hand.write("input[name=by]", "项目部 总工")
    hand.write("textarea[name=said]", "护栏明天装好")
    hand.option("proof", "screen")
    sign(page)
    expect(page.locator("[data-name=signature] polyline")).to_have_count(2)
    hand.tap("[data-name=sign-again]")
    expect(page.locator("[data-name=signature] polyline")).to_have_count(0)
    sign(page)
    hand.write("input[name=by]", "申")
    expect(page.locator("[data-name=outdated]")).to_have_count(0)
    hand.tap("[data-name=done]")
    # A word changed afterwards is not what was signed: it is said, and read again.
    hand.tap('[data-name=part-entry]:has-text("临边") .card-head')
    hand.write("textarea[name=what]", "（东侧）")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=part-confirmation] .card-head")
    expect(page.locator("[data-name=signature] polyline")).to_have_count(2)
    hand.tap("[data-name=read-again]")
    expect(page.locator("[data-name=signature] polyline")).to_have_count(0)
    sign(page)
    expect(page.locator("[data-name=outdated]")).to_have_count(0)
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=part-confirmation]")).to_contain_text("属实，有补充 · 项目部 总工申")
    submit_incomplete(hand)
    server.start()
    sent(page)
    server.stop()
    (row,) = rows(server, Confirmation, visit=visit)
    (problem,) = rows(server, Entry, what="临边无防护（东侧）")
    assert (row.outcome, row.proof, row.by, row.said) == (
        "remark",
        "screen",
        "项目部 总工申",
        "护栏明天装好",
    )
    assert row.shown == [{"entity": problem.entity, "words": "临边无防护（东侧）"}]
    assert [len(stroke["points"]) % 2 for stroke in row.signature] == [0, 0]


def test_a_paper_is_photographed_a_refusal_has_a_reason_and_nobody_knows_of_a_covert_visit(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    go(page, "visit", visit, "finish")
    hand.tap("[data-name=confirm]")
    hand.option("outcome", "refused")
    hand.write("input[name=by]", "项目部 安全员")
    go(page, "visit", visit, "finish")
    # Without a reason it is not ready.
    expect(page.locator("[data-name=unready]")).to_contain_text("补充、异议或拒签原因")
    hand.tap("[data-name=confirm]")
    hand.write("textarea[name=said]", "须等项目经理回来")
    hand.option("outcome", "correct")
    hand.option("proof", "paper")
    hand.photograph("[data-name=confirmation-paper] .strip-add", photos(tmp_path)[0])
    hand.tap("[data-name=done]")
    submit_incomplete(hand)

    go(page, "start", ref(f"project:{visit_city.PROJECT}"))
    hand.tap("[data-name=manner]")
    hand.option("manner", "covert")
    hand.tap("[data-name=start]")
    hand.tap("[data-name=more]")
    expect(page.locator("[data-name=more-sheet] [data-name=day]")).to_be_visible()
    expect(page.locator("[data-name=more-sheet] [data-name=confirm]")).to_have_count(0)
    go(page, "visit", page.evaluate("location.hash.split('/')[2]"), "confirm")
    expect(page.locator("main")).to_contain_text("暗访不做现场确认")
    expect(page.locator("input[name=outcome]")).to_have_count(0)

    server.start()
    sent(page)
    server.stop()
    (row,) = rows(server, Confirmation)
    (paper,) = rows(server, Photo, about=row.entity)
    assert (row.outcome, row.proof, row.by, row.signature) == ("correct", "paper", "项目部 安全员", [])
    assert paper.visit == visit
