"""The first screen: its numbers are those of the cards below, and every project stands there once."""

import re
from datetime import date

from playwright.sync_api import Page, expect

from fieldapp.command.archive import opened
from fieldapp.settings import Settings
from sync.archive import Draft
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


def test_where_the_desk_sends_the_team_is_said_to_it_and_an_order_to_another_team_nowhere(
    server: AppServer, phone: ProfileBrowser
) -> None:
    visited, other = own_projects()[0]["id"], own_projects()[1]["id"]
    server.stop()
    with opened(Settings(data=server.data)) as services:
        team = {"code": "t2", "name": "二组", "members": [{"person": "i09", "part": "leader"}], "units": []}
        services.archive.seal([Draft("team", "commons", team, "d04", id=ref("team:T2"))])
        services.archive.seal(
            [
                order("T1", visited, "covert", "夜间看一次浇筑旁站"),
                order("T2", other, "unannounced", "查一下混凝土回弹"),
            ]
        )
    server.start()
    page = enrolled(phone, server)
    server.stop()
    # Visited this month already; it is asked for once more, and nobody who looks on reads how.
    card = page.locator("[data-name=due]").filter(has_text=own_projects()[0]["zh"])
    expect(card.locator("[data-state=assigned]")).to_have_text("另有安排")
    expect(page.locator("body")).not_to_contain_text("暗访")
    expect(page.locator("[data-state=assigned]")).to_have_count(1)
    go(page, "project", ref(f"project:{visited}"))
    expect(page.locator("[data-name=assignment]")).to_contain_text("夜间看一次浇筑旁站")
    expect(page.locator("[data-name=assignment]")).to_contain_text("暗访")
    go(page, "start", ref(f"project:{visited}"))
    expect(page.locator("[data-name=assignment]")).to_contain_text("夜间看一次浇筑旁站")
    expect(page.locator("[data-name=manner]")).to_contain_text("暗访")
    # Of another team's order nothing has come to this phone: not in its lists, its numbers, its search or its files.
    go(page, "project", ref(f"project:{other}"))
    expect(page.locator("[data-name=progress]")).to_be_visible()
    expect(page.locator("[data-name=assignment]")).to_have_count(0)
    phone.kill()
    files = b"".join(path.read_bytes() for path in phone.profile.rglob("*") if path.is_file())
    assert "夜间看一次浇筑旁站".encode() in files
    assert "查一下混凝土回弹".encode() not in files


def order(team: str, project: str, manner: str, note: str) -> Draft:
    body = {
        "project": ref(f"project:{project}"),
        "month": f"{date.today():%Y-%m}",
        "manner": manner,
        "note": note,
    }
    return Draft("assignment", f"team:{ref(f'team:{team}')}", body, "d04")
