"""Appraisal on site: the phone is handed over, five people vote, only counts leave it; nothing but the PIN leads out of the ballot."""

from playwright.sync_api import expect

from fieldapp.domain import Appraisal, Submission, Visit
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import COLLEAGUE, ref
from tests.browser.test_accessibility import found
from tests.browser.test_colleague import switch
from tests.browser.test_lock import set_pin, stand_still, unlock
from tests.browser.test_shell import log_in, shell
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete


def open_box(hand: Hand, targets: int) -> list[str]:
    """Open an appraisal about the first officials offered; return their names."""
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=appraise]")
    hand.option("form", ref("ballot_form:key_project"))
    offered = hand.page.locator("[data-name=targets] label")
    names = [offered.nth(at).inner_text().strip() for at in range(targets)]
    for at in range(targets):
        offered.nth(at).click()
    hand.tap("[data-name=open-box]")
    expect(hand.page.locator("[data-name=returned]")).to_have_text("已收回 0 张")
    return names


def vote(hand: Hand, mark: str, relation: str) -> None:
    """Vote on both of them and give the phone on."""
    hand.tap("[data-name=begin-ballot]")
    hand.option("relation", relation)
    hand.option("contact", "daily")
    hand.option("service", mark)
    hand.tap("[data-name=next]")
    hand.option("integrity", mark)
    hand.tap("[data-name=cast]")
    expect(hand.page.locator("[data-name=thanks]")).to_be_visible()
    hand.tap("[data-name=next-person]")


def leave_and_come_back(
    phone: ProfileBrowser, server: AppServer, visit: str, first: str, second: str
) -> Hand:
    """Kill the browser in the rater's hands, look for a way out, cast a blank ballot, give the phone back."""
    # Leaving the app comes back to the ballot; another address shows nothing else.
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    hand = Hand(page)
    expect(page.locator("[data-name=ballot-start]")).to_be_visible()
    go(page, "visit", visit)
    expect(page.locator("[data-name=ballot-start]")).to_be_visible()
    hand.tap("[data-name=begin-ballot]")
    expect(page.locator("[data-name=target]")).to_have_text(first)
    # Nothing marked: asked once, and taken as invalid all the same.
    hand.tap("[data-name=next]")
    expect(page.locator("[data-name=target]")).to_have_text(second)
    hand.tap("[data-name=cast]")
    expect(page.locator("[data-name=blank]")).to_be_visible()
    hand.tap("[data-name=cast]")
    expect(page.locator("[data-name=thanks]")).to_be_visible()
    hand.tap("[data-name=take-back]")
    expect(page.locator("[data-name=other-person]")).to_have_count(0)
    hand.tap("[data-name=back-to-ballot]")
    expect(page.locator("[data-name=thanks]")).to_be_visible()
    hand.tap("[data-name=take-back]")
    unlock(page)
    go(page, "visit", visit)
    hand.tap("[data-name=open-appraisal]")
    expect(page.locator("[data-name=returned]")).to_have_text("已收回 6 张")
    return hand


def close_with_paper(hand: Hand, visit: str) -> None:
    """Put in a ballot on paper, close, and read what it came to."""
    page = hand.page
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=lack-appraisal]")).to_be_visible()
    hand.tap("[data-name=lack-appraisal]")
    hand.tap("[data-name=paper]")
    hand.option("service", "good")
    hand.tap("[data-name=next]")
    hand.tap("[data-name=cast]")
    expect(page.locator("[data-name=paper-count]")).to_have_text("已收回 7 张")
    go(page, "visit", visit, "appraise")
    hand.tap("[data-name=close-box]")
    hand.write("input[name=issued]", "6")
    expect(page.locator("[data-name=close-now]")).to_be_disabled()
    page.locator("input[name=issued]").fill("10")
    expect(page.locator("[data-name=too-few]")).to_have_count(0)
    hand.tap("[data-name=close-now]")
    expect(page.locator("[data-name=counts]")).to_have_text("发出 10 张，收回 7 张，有效 6 张")
    results = page.locator("[data-name=result]")
    expect(results.nth(0)).to_contain_text("好 4 · 较好 1 · 一般 0 · 差 1 · 不了解 0")
    expect(results.nth(1)).to_contain_text("好 3 · 较好 1 · 一般 0 · 差 1 · 不了解 0")
    # One contractor among six could be reckoned from the owner's people: no group is told.
    expect(results.locator("details")).to_have_count(0)


def test_five_people_vote_on_the_phone_and_one_on_paper_and_only_counts_leave_it(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    first, second = open_box(hand, 2)
    # Without a PIN nothing keeps a rater in the ballot: the phone is not handed over.
    expect(page.locator("[data-name=needs-pin]")).to_be_visible()
    expect(page.locator("[data-name=hand-over]")).to_be_disabled()
    set_pin(page)
    go(page, "visit", visit, "appraise")
    hand.tap("[data-name=hand-over]")
    expect(page.locator("[data-name=ballot-start]")).to_contain_text("不记姓名")
    assert found(page) == []
    for mark, relation in (
        ("good", "owner"),
        ("good", "owner"),
        ("fair", "owner"),
        ("good", "contractor"),
        ("poor", "owner"),
    ):
        vote(hand, mark, relation)
    hand = leave_and_come_back(phone, server, visit, first, second)
    page = hand.page
    # From now on a start leads to the inspector's own screens.
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    hand = Hand(page)
    unlock(page)
    close_with_paper(hand, visit)
    go(page, "visit", visit)
    expect(page.locator("[data-name=part-appraisal]")).to_contain_text("发出 10 张")
    submit_incomplete(hand)
    server.start()
    sent(page)
    server.stop()
    (row,) = rows(server, Appraisal, visit=visit)
    (submission,) = rows(server, Submission, visit=visit)
    assert row.record in submission.records
    assert (row.issued, row.returned, row.valid) == (10, 7, 6)
    assert [one["name"] for one in row.targets] == [first, second]
    assert {(one["question"], one["group"], tuple(one["marks"])) for one in row.counts} == {
        ("service", "all", (4, 1, 0, 1, 0)),
        ("integrity", "all", (3, 1, 0, 1, 0)),
    }
    # Arrival is proposed from what was recorded, never from the day an appraisal is dated to.
    (own,) = rows(server, Visit, entity=visit)
    assert own.arrived_at[11:19] != "00:00:00"


def test_a_ballot_left_alone_is_blank_for_the_next_one_and_nobody_votes_on_a_covert_visit(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    set_pin(page)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    open_box(hand, 1)
    page.clock.install()
    hand.tap("[data-name=hand-over]")
    hand.tap("[data-name=begin-ballot]")
    hand.option("service", "poor")
    expect(page.locator('input[name=service][value="poor"]')).to_be_checked()
    stand_still(page)
    expect(page.locator("[data-name=ballot-start]")).to_be_visible()
    hand.tap("[data-name=begin-ballot]")
    expect(page.locator('input[name=service][value="poor"]')).not_to_be_checked()
    hand.tap("[data-name=cast]")
    hand.tap("[data-name=cast]")
    hand.tap("[data-name=take-back]")
    unlock(page)
    go(page, "visit", visit, "appraise")
    hand.tap("[data-name=close-box]")
    expect(page.locator("[data-name=too-few]")).to_be_visible()
    hand.write("input[name=issued]", "1")
    hand.tap("[data-name=close-now]")
    expect(page.locator("[data-name=few]")).to_be_visible()

    go(page, "start", ref(f"project:{visit_city.MILESTONE_PROJECT}"))
    hand.tap("[data-name=manner]")
    hand.option("manner", "covert")
    hand.tap("[data-name=start]")
    hand.tap("[data-name=more]")
    expect(page.locator("[data-name=more-sheet] [data-name=day]")).to_be_visible()
    expect(page.locator("[data-name=more-sheet] [data-name=appraise]")).to_have_count(0)
    go(page, "visit", page.evaluate("location.hash.split('/')[2]"), "appraise")
    expect(page.locator("main")).to_contain_text("暗访不做现场评议")


def test_where_several_work_on_the_phone_a_start_comes_back_to_the_ballot_too(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    switch(page)
    page.click("[data-name=new-person]")
    log_in(page, COLLEAGUE)
    expect(page.locator("header")).to_contain_text("范水杉")
    set_pin(page)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    open_box(hand, 1)
    hand.tap("[data-name=hand-over]")
    expect(page.locator("[data-name=ballot-start]")).to_be_visible()
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    hand = Hand(page)
    # Neither the list of people nor the other one's screens.
    expect(page.locator("[data-name=ballot-start]")).to_be_visible()
    hand.tap("[data-name=take-back]")
    expect(page.locator("[data-name=other-person]")).to_have_count(0)
    unlock(page)
    go(page, "visit", visit)
    expect(page.locator("[data-name=open-appraisal]")).to_be_visible()
    # From now on it is asked who works here.
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    expect(page.locator(f"[data-name=person-{COLLEAGUE}]")).to_be_visible()
