"""A talk outside any visit: begun on the project's page, kept as a draft, sealed and sent on its own, with its annex."""

from playwright.sync_api import expect

from fieldapp.domain import Annex, Interview, Submission
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_annex import WORDS, Keys, annexed
from tests.browser.test_visit import begin, enrolled, go, rows, sent

PROJECT = ref(f"project:{visit_city.PROJECT}")


def test_a_talk_is_begun_kept_sealed_and_sent_without_a_visit(
    server: AppServer, phone: ProfileBrowser
) -> None:
    keys = Keys(server)
    keys.name("d01", recovery=keys.recovery)
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    go(page, "project", PROJECT)
    hand.tap("[data-name=begin-talk]")
    hand.tap("[data-name^=role-]")
    expect(page.locator("[data-name=alone]")).to_contain_text("不随走访的谈话")
    hand.write("textarea[name=notes]", "电话里说护坡返工未验收。第二句。")
    # Sorting sentences into lists is a visit's work.
    expect(page.locator("[data-name=sentences]")).to_have_count(0)
    expect(page.locator("[data-name=submit]")).to_be_disabled()
    expect(page.locator("[data-name=unready]")).to_contain_text("知情程度")
    annexed(page)

    # It is a draft: on the first screen, on the project's page, and after a start without a network.
    page.reload()
    go(page, "home")
    hand.tap("[data-name=drafts-talk] [data-name=continue]")
    expect(page.locator("textarea[name=notes]")).to_have_value("电话里说护坡返工未验收。第二句。")
    talk = page.evaluate("location.hash.split('/')[2]")
    hand.tap("[data-name=annex]")
    hand.write("textarea[name=words]", WORDS)
    annexed(page)
    hand.tap("[data-name=done]")
    hand.option("knows", "daily")
    annexed(page)
    go(page, "project", PROJECT)
    expect(page.locator("[data-name=talks]")).to_contain_text("草稿")
    hand.tap("[data-name=talks] a[data-name=talk]")
    hand.tap("[data-name=submit]")
    expect(page.locator("[data-name=talks]")).not_to_contain_text("草稿")
    go(page, "outbox")
    expect(page.locator(f'a[href="#/visit/{talk}"]').first).to_be_visible()
    go(page, "home")
    expect(page.locator("[data-name=drafts-talk]")).to_have_count(0)
    server.start()
    sent(page)

    corrected(hand, talk)
    server.stop()
    [row] = rows(server, Interview, entity=talk)
    [annex] = rows(server, Annex)
    assert (row.visit, row.stream, row.revisions, "补充：" in row.notes) == (
        None,
        f"project:{PROJECT}",
        2,
        True,
    )
    assert (annex.interview, annex.visit, annex.stream) == (talk, None, row.stream)
    assert keys.recovery.open(annex.letter, annex.entity)["words"] == WORDS
    assert rows(server, Submission, visit=talk) == []


def corrected(hand: Hand, talk: str) -> None:
    """Add to what was sealed: a new record; the annex stays as it is."""
    page = hand.page
    go(page, "visit", talk)
    expect(page.locator("[data-name=state]")).to_contain_text("已收妥")
    expect(page.locator("[data-name=annex]")).to_contain_text("已封存 1 份")
    hand.write("textarea[name=notes]", "补充：")
    annexed(page)
    hand.tap("[data-name=submit]")
    hand.see("[data-name=talks]")
    sent(page)


def test_a_unit_without_a_page_of_its_own_has_it_where_its_visits_begin(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    unit = ref(f"unit:{visit_city.RECUSED_UNIT}")
    go(page, "start", "unit", unit)
    hand.tap("[data-name=begin-talk]")
    hand.tap("[data-name^=role-]")
    hand.option("knows", "hearsay")
    hand.write("textarea[name=notes]", "办公室座谈")
    annexed(page)
    hand.tap("[data-name=submit]")
    hand.see("[data-name=due]")
    sent(page)
    server.stop()
    [row] = rows(server, Interview, stream=f"unit:{unit}")
    assert (row.visit, row.notes) == (None, "办公室座谈")


def test_it_may_be_given_up_and_codes_are_not_given_twice(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    go(page, "talk", "project", PROJECT)
    hand.tap("[data-name^=role-]")
    hand.write("textarea[name=notes]", "一")
    expect(page.locator("header")).to_contain_text("T0101")
    go(page, "talk", "project", PROJECT)
    hand.tap("[data-name^=role-]")
    hand.write("textarea[name=notes]", "二")
    expect(page.locator("header")).to_contain_text("T0102")
    hand.tap("[data-name=drop]")
    expect(page.locator("[data-name=talks] a[data-name=talk]")).to_have_count(1)
    # What lies outside is not part of a visit.
    begin(hand, visit_city.PROJECT)
    expect(page.locator("[data-name=part-interview]")).to_have_count(0)
