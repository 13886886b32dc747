"""Preparing for a trip: what a project takes, a network that goes away meanwhile, and a tick that stands only as long as it is true."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from fieldapp.application import make
from fieldapp.settings import Settings
from sync.archive import Draft
from tests.browser import hostile_site
from tests.browser.app_server import AppServer
from tests.browser.hostile_site import HostileSite
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_self_test import HARM, persist
from tests.browser.test_shell import IS_KEPT, enrol
from tests.browser.wait import until_true
from tests.fieldapp import desk_city

MakeBrowser = Callable[..., ProfileBrowser]
WAIT_MS = 30_000
SCREEN = {"width": 360, "height": 640}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HostileSite]:
    site = HostileSite(tmp_path / "archive")
    yield site
    site.stop()


def city_of(site: HostileSite) -> desk_city.City:
    """Have a colleague visit the one project this phone may read, with a photo."""
    city = desk_city.build(site.app)
    desk_city.submit(city, "p017", "i06")
    return city


def stream_of(city: desk_city.City) -> str:
    return f"project:{city.projects['p017']}"


def logged_in(site: HostileSite, phone: ProfileBrowser) -> Page:
    page = phone.start()
    page.goto(f"{site.origin}/phone/zh-CN/")
    page.fill("input[name=username]", hostile_site.PERSON)
    page.fill("input[name=password]", hostile_site.PASSWORD)
    page.click("[data-name=login]")
    expect(page.locator("[data-name=trip]")).to_be_visible(timeout=WAIT_MS)
    until_true(page, IS_KEPT)
    persist(page)
    return page


def choose(page: Page) -> Locator:
    """Open the screen from the home screen, tick the one project, and return its line."""
    page.evaluate("location.hash = '#/home'")
    page.locator("[data-name=trip]").click()
    line = page.locator(".trip-choice")
    expect(line.locator("input")).not_to_be_checked()
    expect(page.locator("[data-name=trip-prepare]")).to_be_disabled()
    line.locator("label").click()
    return line


def prepared(site: HostileSite, phone: ProfileBrowser) -> Page:
    """Log in, prepare for the one project, and return the page with the tick on it."""
    page = logged_in(site, phone)
    line = choose(page)
    page.click("[data-name=trip-prepare]")
    expect(line.locator("[data-state=fresh]")).to_contain_text("离线可用", timeout=WAIT_MS)
    return page


def test_a_tick_says_what_was_checked_and_it_works_with_the_server_stopped(
    profile_browser: MakeBrowser, site: HostileSite
) -> None:
    city = city_of(site)
    site.start()
    phone = profile_browser(viewport=SCREEN)
    page = prepared(site, phone)
    expect(page.locator("[data-name=trip-passed]")).to_contain_text("自检通过")
    for name in ("shell", "storage", "key", "persisted", "room", "common", "text", "pictures"):
        expect(page.locator(f".row[data-name=check-{name}]")).to_be_visible()
    position = site.services.archive.heads([stream_of(city)])[0].position
    expect(page.locator("[data-name=check-text]")).to_contain_text(f"{position}/{position} 条")
    expect(page.locator("[data-name=check-pictures]")).to_contain_text("1/1 张")
    phone.kill()
    site.stop()

    page = phone.start()
    page.goto(f"{site.origin}/phone/zh-CN/#/project/{city.projects['p017']}")
    expect(page.locator(".overview img")).to_be_visible(timeout=WAIT_MS)
    page.evaluate("location.hash = '#/trip'")
    expect(page.locator(".trip-choice [data-state=fresh]")).to_contain_text("离线可用")


def test_what_it_takes_is_said_before_and_a_choice_goes_beyond_the_budget(
    profile_browser: MakeBrowser, site: HostileSite
) -> None:
    city_of(site)
    site.start()
    page = logged_in(site, profile_browser(viewport=SCREEN))
    page.evaluate("location.hash = '#/settings'")
    room = page.locator("[data-name=earlier-room]")
    room.locator("label:has(input[value='0'])").click()
    expect(room).to_contain_text("现有 0 张")
    line = choose(page)
    expect(line).to_contain_text("约需下载 50 KB")
    expect(page.locator("[data-name=trip-picked]")).to_have_text("已选 1 个，约 50 KB")
    before = photos_asked(site)
    page.click("[data-name=trip-prepare]")
    expect(line.locator("[data-state=fresh]")).to_be_visible(timeout=WAIT_MS)
    assert photos_asked(site) == before + 1
    expect(line).not_to_contain_text("约需下载")
    page.evaluate("location.hash = '#/settings'")
    expect(room.locator("input[value='0']")).to_be_checked()
    expect(room).to_contain_text("现有 1 张")


def photos_asked(site: HostileSite) -> int:
    return sum(line.startswith("GET /sync/1/photos/") for line in site.requests)


def test_a_network_that_goes_away_in_the_middle_costs_nothing_and_a_closed_phone_goes_on(
    profile_browser: MakeBrowser, site: HostileSite
) -> None:
    city_of(site)
    site.start()
    site.fault = hostile_site.broken("/sync/1/photos/")
    phone = profile_browser(viewport=SCREEN)
    page = logged_in(site, phone)
    line = choose(page)
    page.click("[data-name=trip-prepare]")
    expect(page.locator("[data-name=trip-progress]")).to_contain_text("6/7 项")
    site.stop()
    page.click("[data-name=trip-go-on]")
    expect(page.locator("[data-name=trip-offline]")).to_contain_text("从断处继续", timeout=WAIT_MS)
    page.click("[data-name=trip-test]")
    failed = page.locator(".banner[data-name=check-pictures]")
    expect(failed).to_contain_text("只有 0/1 张")
    expect(failed).to_contain_text("请接入网络")
    expect(page.locator("[data-name=trip-failed]")).to_be_visible()
    expect(line.locator("[data-state=fresh]")).to_have_count(0)
    phone.close()

    site.fault = None
    site.start()
    page = phone.start()
    page.goto(f"{site.origin}/phone/zh-CN/")
    expect(page.locator("[data-name=trip]")).to_be_visible(timeout=WAIT_MS)
    persist(page)
    page.click("[data-name=trip]")
    expect(page.locator("[data-name=trip-passed]")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".trip-choice [data-state=fresh]")).to_be_visible()


def test_an_archive_not_reached_since_the_choice_is_no_reason_for_a_tick(
    profile_browser: MakeBrowser, site: HostileSite
) -> None:
    city_of(site)
    site.start()
    page = logged_in(site, profile_browser(viewport=SCREEN))
    expect(page.locator("[data-name=trip-line]")).to_contain_text("离线资料齐全", timeout=WAIT_MS)
    expect(page.locator("[data-name=trip-line] a")).to_have_attribute("href", "#/trip")
    site.stop()
    line = choose(page)
    page.click("[data-name=trip-prepare]")
    expect(page.locator("[data-name=trip-open]")).to_contain_text("没有联系上档案中心")
    page.click("[data-name=trip-test]")
    expect(page.locator(".banner[data-name=check-text]")).to_contain_text("没有联系上档案中心")
    expect(line.locator("[data-state]")).to_have_count(0)
    page.click("[data-name=trip-stop]")
    expect(page.locator("[data-name=trip-progress]")).to_have_count(0)


def test_one_wrong_file_of_the_app_denies_the_tick(profile_browser: MakeBrowser, site: HostileSite) -> None:
    city_of(site)
    site.start()
    page = logged_in(site, profile_browser(viewport=SCREEN))
    page.evaluate(HARM, ["/phone/static/img/icon-192.png", "wrong"])
    line = choose(page)
    page.click("[data-name=trip-prepare]")
    failed = page.locator(".banner[data-name=check-shell]")
    expect(failed).to_contain_text("1 个内容不对", timeout=WAIT_MS)
    expect(failed).to_contain_text("重装应用文件")
    expect(page.locator(".row[data-name=check-text]")).to_be_visible()
    expect(line.locator("[data-state]")).to_have_count(0)


def test_news_and_other_checklists_make_the_tick_stale_until_it_is_tested_again(
    profile_browser: MakeBrowser, site: HostileSite
) -> None:
    city = city_of(site)
    site.start()
    page = prepared(site, profile_browser(viewport=SCREEN))
    line = page.locator(".trip-choice")
    desk_city.submit(city, "p017", "i06", day="2026-11-20")
    look_for_news(page)
    expect(line.locator("[data-state=stale-news]")).to_contain_text("有新内容", timeout=WAIT_MS)
    line.locator("label").click()
    page.click("[data-name=trip-prepare]")
    expect(line.locator("[data-state=fresh]")).to_be_visible(timeout=WAIT_MS)

    group = {"title": {"zh": "安全"}, "items": [{"id": "c1", "type": "text", "zh": "护栏", "en": "Rail"}]}
    body = {
        "code": "a", "edition": "1", "name": "表", "name_en": "Sheet", "purposes": [], "types": [], "groups": [group], "choices": {},
    }  # fmt: skip
    site.services.archive.seal([Draft("checklist", "commons", body, "d04")])
    look_for_news(page)
    expect(line.locator("[data-state=stale-checklists]")).to_contain_text("核查表", timeout=WAIT_MS)


def look_for_news(page: Page) -> None:
    """Ask the archive at once, as the key in the outbox does, and come back."""
    page.evaluate(
        "import('/phone/static/js/device/store.js').then(({ store }) => store.call('sync', { do: 'now' }))"
    )


def test_a_newer_version_and_a_week_make_the_tick_stale(
    profile_browser: MakeBrowser, site: HostileSite
) -> None:
    city_of(site)
    site.start()
    page = prepared(site, profile_browser(viewport=SCREEN))
    line = page.locator(".trip-choice")
    page.clock.set_system_time(page.evaluate("Date.now() / 1000 + 8 * 86400"))
    reopen(page)
    expect(line.locator("[data-state=stale-old]")).to_contain_text("已满7天")
    page.clock.set_system_time(page.evaluate("Date.now() / 1000 - 8 * 86400"))
    reopen(page)
    expect(line.locator("[data-state=fresh]")).to_be_visible()
    site.app = make(Settings(data=site.folder, department="另一个档案中心"))
    page.reload()
    expect(line.locator("[data-state=stale-app]")).to_contain_text("新版本", timeout=WAIT_MS)


def reopen(page: Page) -> None:
    """Leave the screen and come back."""
    page.evaluate("location.hash = '#/outbox'")
    expect(page.locator("h1")).to_have_text("待发送")
    page.evaluate("location.hash = '#/trip'")


def test_projects_due_stand_first_and_none_is_chosen_before(
    server: AppServer, profile_browser: MakeBrowser
) -> None:
    page = profile_browser(viewport=SCREEN).start()
    enrol(page, server)
    due = page.locator("article[data-name=due] h2")
    expect(due.first).to_be_visible()
    names = due.all_inner_texts()
    page.click("[data-name=trip]")
    lines = page.locator("[data-name=trip-due] .trip-choice")
    expect(lines.first).to_be_visible()
    shown = lines.locator(".option-text").all_inner_texts()
    # What was sent back is to be mended first, as on the home screen.
    assert [text.split("\n")[0] for text in shown][-len(names) :] == names
    assert len(shown) == len(names) + 1
    expect(page.locator("[data-name=trip-others]")).to_have_count(0)
    page.click("[data-name=trip-show-others]")
    expect(page.locator("[data-name=trip-others] .trip-choice").first).to_be_visible()
    expect(page.locator(".trip-choice input:checked")).to_have_count(0)
