"""What raters write: encrypted to readers told by name, apart from their marks, gone from the phone when it is closed."""

from collections.abc import Callable

from playwright.sync_api import expect

from fieldapp.domain import Appraisal
from tests.browser import test_annex, test_photo, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_annex import Keys, profile_has, reopened
from tests.browser.test_appraisal import open_box
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete

make_phone, keys = test_photo.make_phone, test_annex.keys
WRITTEN = ("砂石料的事当天就协调好了", "审批不再让我们多跑三趟", "夜间值班常常没有人")


def paper(hand: Hand, words: str) -> None:
    hand.option("service", "good")
    if words:
        hand.write("textarea[name=words-best]", words)
    hand.tap("[data-name=cast]")


def test_words_reach_their_readers_and_nobody_else(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], keys: Keys
) -> None:
    keys.name("d01", recovery=keys.recovery)
    phone = make_phone()
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    open_box(hand, 1)
    hand.tap("[data-name=paper]")
    expect(page.locator("[data-name=words-note]")).to_contain_text("只有 薛天枢 能看")
    page.fill("textarea[name=words-best]", "长" * 101)
    expect(page.locator("[data-name=cast]")).to_be_disabled()
    page.fill("textarea[name=words-best]", "")
    for at in range(6):
        paper(hand, WRITTEN[at] if at < len(WRITTEN) else "")
        expect(page.locator("[data-name=paper-count]")).to_have_text(f"已收回 {at + 1} 张")
    # What people said is not thrown away with the visit.
    go(page, "visit", visit)
    hand.tap("[data-name=more]")
    expect(page.locator("[data-name=more-sheet] [data-name=day]")).to_be_visible()
    expect(page.locator("[data-name=more-sheet] [data-name=discard]")).to_have_count(0)
    go(page, "visit", visit, "appraise")
    hand.tap("[data-name=close-box]")
    hand.write("input[name=issued]", "6")
    hand.tap("[data-name=close-now]")
    expect(page.locator("[data-name=sealed-words]")).to_be_visible()
    assert not any(words in page.content() for words in WRITTEN)
    phone.kill()
    # The search finds what is there; of what was written nothing is left, whole or in the ballots.
    assert profile_has(phone, "重点项目现场评议票")
    assert not any(profile_has(phone, words) for words in WRITTEN)
    page = reopened(phone, server)
    hand = Hand(page)
    go(page, "visit", visit)
    submit_incomplete(hand)
    server.start()
    sent(page)
    server.stop()
    (row,) = rows(server, Appraisal, visit=visit)
    assert row.readers == [{"person": "d01", "kid": keys.first.kid}]
    for key in (keys.first, keys.recovery):
        said = key.open(row.letter, row.entity)
        assert said["identity"] == ""
        head, *lines = said["words"].split("\n")
        assert head == "办得最好的一件事 The best thing done"
        assert sorted(lines) == sorted(f"· {words}" for words in WRITTEN)


def test_without_keys_nothing_is_asked_in_words(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    open_box(hand, 1)
    expect(page.locator("[data-name=no-words]")).to_be_visible()
    hand.tap("[data-name=paper]")
    expect(page.locator("[data-name=cast]")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)


def test_what_fewer_than_five_wrote_is_not_kept(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], keys: Keys
) -> None:
    keys.name("d01", recovery=keys.recovery)
    phone = make_phone()
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    open_box(hand, 1)
    hand.tap("[data-name=paper]")
    for at in range(4):
        paper(hand, WRITTEN[0])
        expect(page.locator("[data-name=paper-count]")).to_have_text(f"已收回 {at + 1} 张")
    go(page, "visit", visit, "appraise")
    hand.tap("[data-name=close-box]")
    hand.write("input[name=issued]", "4")
    hand.tap("[data-name=close-now]")
    expect(page.locator("[data-name=few]")).to_be_visible()
    expect(page.locator("[data-name=sealed-words]")).to_have_count(0)
    phone.kill()
    assert not profile_has(phone, WRITTEN[0])
