"""The first screen: its numbers are those of the cards below, and every project stands there once."""

import re

from playwright.sync_api import Page, expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import own_projects, ref
from tests.browser.test_visit import begin, enrolled, go


def number(page: Page, selector: str) -> int:
    """Return the last number of a title; 0 where there is none."""
    found = page.locator(selector)
    return int(re.findall(r"\d+", found.first.inner_text())[-1]) if found.count() else 0


def test_numbers_add_up_to_the_projects_listed_each_once(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    begin(Hand(page), visit_city.PROJECT)
    go(page, "home")
    expect(page.locator("[data-name=drafts]")).to_be_visible()
    visited, asked = (
        int(each) for each in re.findall(r"\d+", page.locator("[data-name=progress]").inner_text())
    )
    back, drafts, due = (
        number(page, f"section[data-name={name}] h2") for name in ("sent-back", "drafts", "todo")
    )
    done, rest = (number(page, f"button[data-name={name}]") for name in ("done", "rest"))
    assert (back, drafts) == (1, 1)
    assert visited == done
    assert asked == back + drafts + due + done
    assert asked + rest == len(own_projects())

    for name in ("done", "rest"):
        for key in page.locator(f"button[data-name={name}]").all():
            key.click()
    names = page.locator(".cards h2").all_inner_texts()
    assert sorted(names) == sorted(project["zh"] for project in own_projects())


def test_the_main_screens_lead_to_each_other(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    for name in ("outbox", "returned", "home"):
        page.locator(f".bar [data-name={name}]").click()
        expect(page.locator(".bar [aria-current=page]")).to_have_attribute("data-name", name)
        expect(page).to_have_url(re.compile(f"#/{name}$"))
    # Nothing under this heading is called visited.
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator("[data-name=due] .card-tag").filter(has_text="已走访")).to_have_count(0)


def test_what_is_not_here_says_why_and_leads_on(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    nowhere = ref("project:of another team")
    for path, word in (
        (["project", nowhere], "安排给本组"),
        (["start", nowhere], "安排给本组"),
        (["visit", nowhere], "本人的草稿"),
        (["correct", nowhere], "本人的草稿"),
    ):
        go(page, *path)
        expect(page.locator("[data-name=absent]")).to_contain_text(word)
        expect(page.locator("[data-name=start]")).to_have_count(0)
        page.click("[data-name=go-home]")
        expect(page.locator("[data-name=progress]")).to_be_visible()
