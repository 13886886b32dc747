"""What is said on site: recorded and verified on the phone, or asked again on the next visit; in the archive with who said it."""

from playwright.sync_api import expect

from fieldapp.domain import Claim, Outcome
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_visit import begin, enrolled, rows, sent, submit_incomplete


def said(hand: Hand, what: str, by: str, figure: str = "") -> None:
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=claim]")
    hand.write("textarea[name=what]", what)
    hand.write("input[name=claimed_by]", by)
    if figure:
        hand.write("input[name=figure]", figure)


def test_what_is_said_on_site_is_verified_there_or_next_time(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    first = begin(hand, visit_city.PROJECT)
    said(hand, "机电安装已全部完成", "总监", "完成100%")
    hand.tap("label:has(input[name^=outcome-][value=untrue])")
    hand.tap("label:has(input[name^=known-][value=seen])")
    hand.tap("[data-name=done]")
    said(hand, "农民工工资已发到10月", "项目经理")
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=part-claim]")).to_have_count(2)
    expect(page.locator("[data-name=part-outcome]")).to_contain_text("机电安装已全部完成：不属实")
    submit_incomplete(hand)

    second = begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    main = page.locator("main")
    expect(main).to_contain_text("农民工工资已发到10月")
    expect(main).not_to_contain_text("机电安装已全部完成")
    hand.tap('.visit-item:has-text("农民工工资") label:has(input[value=partly_true])')
    hand.tap("[data-name=done]")
    submit_incomplete(hand)

    server.start()
    sent(page)
    server.stop()
    claims = {one.what: one for one in rows(server, Claim, visit=first)}
    done, wages = claims["机电安装已全部完成"], claims["农民工工资已发到10月"]
    assert (done.origin, done.claimed_by, done.figure) == ("said", "总监", "完成100%")
    outcomes = {one.about: (one.outcome, one.known_by, one.visit) for one in rows(server, Outcome)}
    assert outcomes[done.entity] == ("untrue", "seen", first)
    assert outcomes[wages.entity] == ("partly_true", None, second)
