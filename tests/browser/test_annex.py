"""Confidential annexes on the phone: written in a talk, sealed to readers shown by name, never shown again, never on disk in the clear."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from fieldapp import annex
from fieldapp.command.archive import opened
from fieldapp.domain import Annex, Interview, Submission
from fieldapp.settings import Settings
from sync.jwe import LetterKey
from tests.browser import test_photo, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_lock import check_locked, set_pin, unlock
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete

make_phone = test_photo.make_phone
IDENTITY, WORDS = "材料员 申屠某某 一三九零零八八七七六六", "水泥进场不足额，他亲手改过三张过磅单。"


class Keys:
    """The recovery key and two readers, named by the archive of a stopped server."""

    def __init__(self, server: AppServer) -> None:
        self.server = server
        self.recovery, self.first, self.second = (LetterKey.new() for _ in range(3))

    def name(self, *persons: str, recovery: LetterKey | None = None) -> None:
        keys = {"d01": self.first, "d02": self.second}
        with opened(Settings(data=self.server.data)) as services:
            if recovery:
                annex.set_recovery(services, recovery.jwk, "d04", may_replace=True)
            for person in persons:
                annex.publish(services, person, keys[person].jwk, f"{person} 同志")


@pytest.fixture
def keys(server: AppServer) -> Keys:
    return Keys(server)


def talk(hand: Hand, words: str = WORDS) -> str:
    """Begin a talk with something to say in confidence; return its entity."""
    hand.tap("[data-name=talk]")
    hand.tap("[data-name^=role-]")
    hand.option("knows", "daily")
    hand.write("textarea[name=notes]", "公开记录的部分")
    interview = str(hand.page.evaluate("location.hash.split('/')[4]"))
    hand.tap("[data-name=annex]")
    hand.write("textarea[name=identity]", IDENTITY)
    hand.write("textarea[name=words]", words)
    return interview


def annexed(page: Page) -> None:
    """See that the draft is kept."""
    expect(page.locator("[data-name=state][data-state=kept]")).to_be_visible()


def profile_has(phone: ProfileBrowser, text: str) -> bool:
    content = b"".join(path.read_bytes() for path in phone.profile.rglob("*") if path.is_file())
    return any(text.encode(code) in content for code in ("utf-8", "utf-16-le"))


def test_an_annex_is_sealed_to_those_chosen_and_nothing_of_it_is_left_on_the_phone(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], keys: Keys
) -> None:
    keys.name("d01", "d02", recovery=keys.recovery)
    phone = make_phone()
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    interview = talk(hand)
    readers = page.locator("[data-name=readers]")
    expect(readers).to_contain_text("薛天枢")
    hand.tap("label:has(input[name=reader-d02])")
    annexed(page)
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=annex]")).to_contain_text("已写，提交时加密")
    go(page, "visit", visit)
    expect(page.locator("main")).not_to_contain_text("过磅单")
    expect(page.locator("[data-name=part-annex]")).to_have_count(0)
    submit_incomplete(hand)
    go(page, "visit", visit, "talk", interview, "annex")
    sealed = page.locator("[data-name=annex-sealed]")
    expect(sealed).to_contain_text("可以打开：薛天枢。本机不再显示内容")
    expect(page.locator("textarea[name=words]")).to_have_value("")
    assert "过磅单" not in page.content()
    phone.close()
    assert profile_has(phone, "公开记录的部分")
    assert not profile_has(phone, "亲手改过三张过磅单") and not profile_has(phone, "申屠某某")
    server.start()
    page = reopened(phone, server)
    go(page, "outbox")
    expect(page.locator("main")).to_contain_text(re.compile("没有待发送的内容|全部已收妥"), timeout=60_000)
    server.stop()
    [row], [said], [manifest] = (rows(server, kind, visit=visit) for kind in (Annex, Interview, Submission))
    assert (row.interview, row.visit, row.readers) == (
        interview,
        visit,
        [{"person": "d01", "kid": keys.first.kid}],
    )
    assert row.record in manifest.records and "过磅单" not in said.notes
    for key in (keys.first, keys.recovery):
        assert key.open(row.letter, row.entity) == {"identity": IDENTITY, "words": WORDS}


def reopened(phone: ProfileBrowser, server: AppServer) -> Page:
    page = phone.start()
    page.goto(f"{server.origin}/phone/zh-CN/")
    return page


def test_without_a_recovery_key_the_rest_is_submitted_and_the_annex_waits(
    server: AppServer, phone: ProfileBrowser, keys: Keys
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    interview = talk(hand)
    expect(page.locator("[data-name=no-recovery]")).to_contain_text("fieldapp annex keys")
    annexed(page)
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=unsealed-annex]")).to_contain_text("暂不能封存")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "只作复查")
    hand.tap("[data-name=submit-anyway]")
    sent(page)
    go(page, "visit", visit)
    expect(page.locator("[data-name=unsealed-annex]")).to_contain_text("暂不能封存")
    go(page, "visit", visit, "talk", interview)
    expect(page.locator("[data-name=annex]")).to_contain_text("已写，暂不能封存")
    server.stop()
    assert (len(rows(server, Interview, visit=visit)), rows(server, Annex)) == (1, [])
    keys.name("d01", recovery=keys.recovery)
    server.start()
    go(page, "visit", visit, "talk", interview, "annex")
    expect(page.locator("textarea[name=words]")).to_have_value(WORDS)
    # What is new comes at the next start.
    page.reload()
    hand.tap("[data-name=seal-now]")
    expect(page.locator("[data-name=annex-sealed]")).to_be_visible()
    sent(page)
    server.stop()
    [row] = rows(server, Annex)
    assert keys.recovery.open(row.letter, row.entity)["words"] == WORDS


def test_a_readers_other_key_is_told_in_words_and_used_after_a_word(
    server: AppServer, phone: ProfileBrowser, keys: Keys
) -> None:
    keys.name("d01", recovery=keys.recovery)
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    interview = talk(hand)
    annexed(page)
    hand.tap("[data-name=done]")
    server.stop()
    keys.first = LetterKey.new()
    keys.name("d01", "d02")
    server.start()
    # What is new comes at the next start.
    page.reload()
    go(page, "visit", visit, "talk", interview, "annex")
    changed = page.locator("[data-name=reader-changed]")
    expect(changed).to_contain_text("薛天枢 换了密钥")
    expect(changed).to_contain_text(annex.check_number(keys.first.kid))
    # Nobody told who d02 is but the account.
    expect(page.locator("[data-name=reader-new]")).to_contain_text("d02 同志")
    expect(page.locator("[data-name=readers-hint]")).to_contain_text("只能用离线保管的恢复密钥打开")
    hand.tap("[data-name=reader-changed] [data-name=confirm-key]")
    expect(changed).to_have_count(0)
    expect(page.locator("[data-name=readers]")).to_contain_text("薛天枢")
    hand.tap("[data-name=done]")
    go(page, "visit", visit)
    submit_incomplete(hand)
    sent(page)
    server.stop()
    [row] = rows(server, Annex)
    assert row.readers == [{"person": "d01", "kid": keys.first.kid}]
    assert keys.first.open(row.letter, row.entity)["words"] == WORDS


def test_a_talk_with_nothing_but_an_annex_is_kept_and_a_dropped_one_takes_its_annex_along(
    server: AppServer, phone: ProfileBrowser, keys: Keys
) -> None:
    keys.name(recovery=keys.recovery)
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=talk]")
    hand.tap("[data-name^=role-]")
    hand.see("textarea[name=notes]")
    interview = page.evaluate("location.hash.split('/')[4]")
    hand.tap("[data-name=annex]")
    hand.write("textarea[name=words]", WORDS)
    annexed(page)
    go(page, "visit", visit, "talk")
    hand.tap("[data-name^=role-]")
    hand.write("textarea[name=notes]", "另一人")
    go(page, "visit", visit)
    expect(page.locator("[data-name=part-interview]")).to_have_count(2)
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=unready] a")).to_have_count(2)
    go(page, "visit", visit, "talk", interview)
    hand.tap("[data-name=drop]")
    expect(page.locator("[data-name=part-interview]")).to_have_count(1)
    go(page, "visit", visit, "talk")
    go(page, "visit", visit)
    hand.tap(".visit-dropped summary")
    hand.tap(".visit-dropped button")
    expect(page.locator("[data-name=part-interview]")).to_have_count(2)
    go(page, "visit", visit, "talk", interview, "annex")
    expect(page.locator("textarea[name=words]")).to_have_value(WORDS)


def test_behind_the_lock_there_is_nothing_of_it(server: AppServer, phone: ProfileBrowser, keys: Keys) -> None:
    keys.name("d01", recovery=keys.recovery)
    page = enrolled(phone, server)
    set_pin(page)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    interview = talk(hand)
    annexed(page)
    go(page, "settings")
    hand.tap("[data-name=lock-now]")
    check_locked(page, WORDS, IDENTITY)
    unlock(page)
    go(page, "visit", visit, "talk", interview, "annex")
    expect(page.locator("textarea[name=words]")).to_have_value(WORDS)
