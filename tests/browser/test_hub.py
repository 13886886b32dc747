"""The visit's own screen: accepted visits are read only, milestones are one tap away, and nothing blocks without saying what."""

import re

from playwright.sync_api import expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import own_projects, ref
from tests.browser.test_visit import begin, enrolled, go

# Visited this month and accepted.
ACCEPTED = own_projects()[0]["id"]


def test_an_accepted_visit_shows_its_number_and_is_read_only(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    visit, entry = ref(f"visit:{ACCEPTED}"), ref(f"entry:{ACCEPTED}")
    go(page, "project", ref(f"project:{ACCEPTED}"))
    page.locator("[data-name=visit]").first.click()
    expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))
    expect(page.locator("[data-name=archived]")).to_contain_text("已归档 · 云一线走〔2026〕1号")
    for name in ("photo", "note", "talk", "more", "finish"):
        expect(page.locator(f"[data-name={name}]")).to_have_count(0)

    page.locator("[data-name=part-entry] a").click()
    expect(page).to_have_url(re.compile(f"/entry/{entry}$"))
    expect(page.locator("[data-name=archived]")).to_be_visible()
    expect(page.locator("textarea[name=what]")).to_be_disabled()
    expect(page.locator("[data-name=list-task]")).to_be_disabled()
    expect(page.locator("[data-name=detail]")).to_be_visible()


def test_a_milestone_is_one_tap_from_the_visit_and_names_what_it_lacks(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.MILESTONE_PROJECT)
    expect(page.locator("[data-name=milestone]")).not_to_have_count(1)  # the one at hand, and overdue ones
    hand.tap("[data-name=milestone]")
    hand.write("input[name=observed_quantity]", "120")
    state = page.locator("fieldset:has(input[name=state])")
    expect(state.locator(".field-error")).to_have_text("须填")
    hand.option("state", "reached")
    expect(state.locator(".field-error")).to_have_count(0)
    expect(page.locator("fieldset:has(input[name=known_by]) .field-error")).to_have_text("须填")
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=milestone]").first).to_contain_text("已达成")

    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_contain_text("缺：怎么知道的")
    hand.tap("[data-name=unready] a")
    hand.option("known_by", "measured")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_have_count(0)


def test_how_a_problem_of_last_time_is_known_is_not_preset(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    entry = ref("entry:" + visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    hand.option(f"outcome-{entry}", "not_fixed")
    item = page.locator(f"[data-name=before-{entry}]")
    expect(item.locator(f"input[name=known-{entry}]:checked")).to_have_count(0)
    expect(item.locator(".field-error")).to_have_text("须填")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_contain_text("缺：怎么知道的")


def test_a_question_that_ends_in_a_mark_gets_no_second_one(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    hand.option(f"outcome-{ref('question:' + visit_city.PROJECT)}", "not_fixed")
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=part-outcome] .visit-line")).to_have_text("护坡开裂处是否已返工？未解决")


def test_the_head_leaves_room_for_the_screen(server: AppServer, phone: ProfileBrowser) -> None:
    """English names are long: name and state together take no more than three lines."""
    page = enrolled(phone, server)
    page.goto(f"{server.origin}/phone/en/")
    hand = Hand(page)
    for project in own_projects():
        begin(hand, project["id"])
        expect(page.locator(".head h1")).to_have_text(project["en"])
        box = page.locator(".head").bounding_box()
        assert box is not None and box["height"] <= 90, project["en"]
