"""What goes on file is what was chosen or seen: words land where they are typed, and what is proposed is shown."""

from playwright.sync_api import expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_visit import begin, enrolled


def test_words_under_a_question_stand_there_and_what_was_explained_is_seen(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-worker]")
    expect(page.locator("input[name=is_use_told]")).to_be_attached()
    hand.write("textarea[name=notes]", "要点")
    hand.tap("[data-name^=ask-]")
    under = page.locator("textarea[name^=note-], input[name^=note-]")
    expect(under).to_be_focused()
    page.keyboard.insert_text("砂石料两天没到")
    expect(under).to_have_value("砂石料两天没到")
    expect(page.locator("textarea[name=notes]")).to_have_value("要点")


def test_what_is_proposed_for_a_problem_is_shown_where_it_is_taken_over(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=note]")
    hand.write("textarea[name=what]", "边坡垮塌")
    expect(page.locator("[data-name=proposed]")).to_have_count(0)
    hand.tap("[data-name=list-problem]")
    expect(page.locator("[data-name=proposed]")).to_contain_text("一般")
    expect(page.locator("[data-name=proposed]")).to_contain_text("责任人")
    hand.tap("[data-name=list-difficulty]")
    expect(page.locator("[data-name=proposed]")).to_have_count(0)
