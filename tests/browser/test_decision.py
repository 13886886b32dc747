"""What a meeting decided is asked about on the next visit until it is done."""

from playwright.sync_api import expect

from fieldapp.domain import Meeting, Outcome
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete


def test_what_a_meeting_decided_is_asked_again_until_it_is_done(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=meeting]")
    hand.write("input[name=title]", "征拆协调会")
    for at, (what, who) in enumerate((("交出红线内用地", "街道办"), ("迁改高压线", "供电公司"))):
        hand.tap("[data-name=add-decided]")
        hand.write(f"input[name=what-{at}]", what)
        hand.write(f"input[name=who-{at}]", who)
    page.fill("input[name=by-1]", "2026-01-31")
    hand.tap("[data-name=done]")
    submit_incomplete(hand)

    go(page, "project", ref(f"project:{visit_city.PROJECT}"))
    briefed = page.locator("[data-name=decisions]")
    expect(briefed.locator(".row")).to_have_count(2)
    expect(briefed.locator(".row").first).to_contain_text("迁改高压线")
    expect(briefed.locator(".tag[data-state=overdue]").first).to_have_text("逾期 1 项")

    begin(hand, visit_city.PROJECT)
    expect(page.locator("[data-name=before]")).to_contain_text("已看 0/5")
    hand.tap("[data-name=before] .card-head")
    hand.tap('[data-name=decisions] .visit-item:has-text("交出红线") label:has(input[value=done])')
    hand.tap('[data-name=decisions] .visit-item:has-text("迁改高压线") label:has(input[value=not_done])')
    expect(page.locator("[data-name=decisions] .visit-item[data-answered=true]")).to_have_count(2)
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=part-outcome]").first).to_contain_text("迁改高压线：未落实")
    submit_incomplete(hand)

    go(page, "project", ref(f"project:{visit_city.PROJECT}"))
    expect(briefed.locator(".row")).to_have_count(1)
    expect(briefed).to_contain_text("迁改高压线")

    server.start()
    sent(page)
    server.stop()
    [meeting] = rows(server, Meeting)
    found = {(one.item, one.outcome) for one in rows(server, Outcome, about=meeting.entity)}
    assert found == {("1", "done"), ("2", "not_done")}
