"""Small pictures of earlier photos: what a phone wants, how much it keeps, and the way to a colleague's project screen."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fieldapp.domain.description import describe
from sync.record import Record
from tests.browser import hostile_site
from tests.browser.app_server import AppServer
from tests.browser.hostile_site import HostileSite
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, StoreError, enrolled
from tests.browser.test_shell import IS_KEPT, enrol, shell
from tests.browser.test_store_photo import picture
from tests.browser.wait import until_true
from tests.fieldapp import desk_city

KB = 1024


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    phone = Phone(page, static_server)
    phone.call("start", kinds=describe())
    return phone


@pytest.fixture
def archive(phone: Phone) -> Archive:
    archive = Archive()
    enrolled(phone, archive)
    return archive


def name(letter: str) -> str:
    """Return what may be the SHA-256 of a photo."""
    return letter * 64


class Past:
    """What was recorded at the project before, as the phone pulls it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.records: list[Record] = []

    def add(self, kind: str, body: dict[str, Any]) -> str:
        record = self.archive.seal(kind, body)
        self.records.append(record)
        return str(record.payload["id"])

    def visit(self, day: str, is_submitted: bool = True) -> str:
        visit = self.add("visit", desk_city.visit_body(day, ["i06"]))
        if is_submitted:
            self.add("submission", {"visit": visit, "records": [], "missing": []})
        return visit

    def photo(self, letter: str, day: str, visit: str, **more: Any) -> None:
        image = {"sha256": name(letter), "size_bytes": 9, "media_type": "image/jpeg", "required": True}
        taken = {"visit": visit, "taken_at": f"{day}T09:00:00.000+08:00", "view": image, "caption": letter}
        self.add("photo", {**taken, **more})

    def problem(self, visit: str, day: str) -> str:
        return self.add("entry", {"visit": visit, "list": "problem", "what": "裂缝", "seen_on": day})

    def pulled(self, phone: Phone) -> None:
        phone.port("applyPage", PROJECT, self.archive.page_of(PROJECT, self.records))


def past(archive: Archive) -> Past:
    """Return a project with two submitted visits, one never submitted, an open problem and a closed one."""
    past = Past(archive)
    old, last = past.visit("2026-09-01"), past.visit("2026-10-01")
    draft = past.visit("2026-11-01", is_submitted=False)
    past.photo("0", "2026-11-01", draft)
    past.photo("1", "2026-09-01", old)
    for day, letter in enumerate("abc", 1):
        past.photo(letter, f"2026-10-0{day}", last)
    past.photo("d", "2026-10-09", last, item="c1")
    still_open, closed = past.problem(old, "2026-09-01"), past.problem(old, "2026-09-01")
    for day, letter in enumerate("456", 1):
        past.photo(letter, f"2026-09-0{day}", old, about=still_open)
    past.photo("7", "2026-09-09", old, about=closed)
    past.add(
        "recheck",
        {"entry": closed, "visit": last, "checked_on": "2026-10-01", "outcome": "fixed", "known_by": "seen"},
    )
    return past


def wanted(phone: Phone) -> str:
    return "".join(one[0] for one in phone.port("earlier")["next"])


def keep(phone: Phone, letter: str, size_bytes: int = 100 * KB) -> None:
    """Keep bytes as a picture; the store never looks into them."""
    phone.port("keepEarlier", name(letter), {"byte": ord(letter), "count": size_bytes})


def here(phone: Phone, letters: str) -> str:
    return "".join(one for one in letters if phone.call("photo", sha256=name(one)))


def test_the_last_visit_and_open_problems_are_wanted_newest_first(phone: Phone, archive: Archive) -> None:
    assert phone.port("earlier") == {"wanted": 0, "here": 0, "next": [], "updated_at": None}
    past(archive).pulled(phone)
    # Three of the last visit, the place before single things; two of the open problem; nothing of what is closed or unsubmitted.
    assert wanted(phone) == "cba65"
    phone.port("readAll")
    assert phone.port("earlier")["updated_at"] is not None


def test_small_pictures_stand_in_for_photos_and_outlast_a_restart(phone: Phone, archive: Archive) -> None:
    past(archive).pulled(phone)
    assert phone.call("photo", sha256=name("c")) is None
    keep(phone, "c")
    found = phone.call("photo", sha256=name("c"))
    assert (found["is_small"], found["media_type"], found["size_bytes"]) == (True, "image/jpeg", 100 * KB)
    assert (wanted(phone), phone.port("earlier")["here"]) == ("ba65", 1)
    assert phone.call("storage")["photos"] == 0 and phone.port("missingPhotos") == []
    phone.page.reload()
    until_true(phone.page, "'phone' in globalThis")
    phone.call("start", kinds=describe())
    phone.call("open", person=PERSON)
    assert wanted(phone) == "ba65"
    rows = phone.call("select", name="photo_of_stream", params={"stream": PROJECT, "limit": 30})
    assert {row["caption"] for row in rows if row["is_here"]} == {"c"}


def test_the_room_they_may_take_is_the_persons_choice_and_counts_at_once(
    phone: Phone, archive: Archive
) -> None:
    past(archive).pulled(phone)
    for letter in "cba65":
        keep(phone, letter)
    whole = {"budget_bytes": 20 * KB * KB, "used_bytes": 500 * KB, "count": 5}
    assert phone.call("earlierRoom") == whole
    assert phone.call("setEarlierBudget", bytes=250 * KB)["used_bytes"] == 200 * KB
    assert here(phone, "cba65") == "cb"
    off = phone.call("setEarlierBudget", bytes=0)
    assert (off["used_bytes"], off["count"]) == (0, 0)
    assert phone.port("earlier")["next"] == []
    phone.call("setEarlierBudget", bytes=20 * KB * KB)
    assert wanted(phone) == "cba65"
    with pytest.raises(StoreError, match="BadArgument"):
        phone.call("setEarlierBudget", bytes=-1)


def test_own_photos_are_not_fetched_again(phone: Phone, archive: Archive) -> None:
    past(archive).pulled(phone)
    visit = phone.call(
        "openDraft", kind="visit", v=1, stream=PROJECT, body=desk_city.visit_body("2026-11-20", ["i05"])
    )
    body = {"visit": visit["id"], "taken_at": "2026-11-20T09:00:00.000+08:00"}
    photo = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, visit=visit["id"], body=body)
    phone.add_photo(photo["id"], picture(640, 480))
    submission = {"visit": visit["id"], "records": [], "missing": []}
    last = phone.call("openDraft", kind="submission", v=1, stream=PROJECT, visit=visit["id"], body=submission)
    phone.call("seal", drafts=[visit["id"], photo["id"]], manifest=last["id"])
    found = phone.port("earlier")
    assert (found["wanted"], found["here"], wanted(phone)) == (3, 1, "65")


def test_what_does_not_fit_goes_least_needed_first_and_is_not_fetched_over_and_over(
    phone: Phone, archive: Archive
) -> None:
    past(archive).pulled(phone)
    for letter in "cba65":
        keep(phone, letter)
    keep(phone, "1")  # nobody needs it
    assert here(phone, "cba651") == "cba651"
    phone.call("set", name="earlier_bytes", value=350 * KB)
    keep(phone, "6")
    assert here(phone, "cba651") == "cba"
    found = phone.port("earlier")
    assert (found["wanted"], found["here"], found["next"]) == (3, 3, [])
    # With room again they are wanted again.
    phone.call("set", name="earlier_bytes", value=450 * KB)
    assert wanted(phone) == "6"
    with pytest.raises(StoreError, match="TooLarge"):
        keep(phone, "6", 1025 * KB)


def test_what_the_archive_cannot_give_is_asked_for_a_day_later(phone: Phone, archive: Archive) -> None:
    past(archive).pulled(phone)
    phone.port("missEarlier", name("c"))
    assert (wanted(phone), phone.port("earlier")["wanted"]) == ("ba65", 4)
    phone.call("clock", days=1.1)
    assert wanted(phone) == "cba65"


def test_pictures_leave_with_what_they_show(phone: Phone, archive: Archive) -> None:
    told = past(archive)
    told.pulled(phone)
    for letter in "cb":
        keep(phone, letter)
    gone = next(record for record in told.records if record.payload["body"].get("caption") == "c")
    lines = archive.page_of(PROJECT, told.records)
    phone.port("dropStream", PROJECT)
    assert here(phone, "cb") == ""
    phone.port("applyPage", PROJECT, lines)
    keep(phone, "c")
    phone.port("dropStream", PROJECT)
    erased = [archive.erased(line) if line["hash"] == gone.hash else line for line in lines]
    phone.port("applyPage", PROJECT, erased)
    assert here(phone, "c") == "" and "c" not in wanted(phone)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HostileSite]:
    site = HostileSite(tmp_path / "archive")
    yield site
    site.stop()


def visited(site: HostileSite) -> desk_city.City:
    """Have colleagues visit: the project this phone may read, and one that it may not."""
    city = desk_city.build(site.app)
    for code, person in (("p017", "i06"), ("p018", "i09")):
        desk_city.submit(city, code, person)
    return city


def test_a_colleagues_photo_can_be_seen_without_a_network(
    profile_browser: Callable[..., ProfileBrowser], site: HostileSite
) -> None:
    city = visited(site)
    site.start()
    phone = profile_browser(viewport={"width": 360, "height": 640})
    page = phone.start()
    page.goto(f"{site.origin}/phone/zh-CN/")
    page.fill("input[name=username]", hostile_site.PERSON)
    page.fill("input[name=password]", hostile_site.PASSWORD)
    page.click("[data-name=login]")
    expect(page.locator("[data-name=trip-line]")).to_contain_text("离线资料齐全", timeout=30_000)
    until_true(page, IS_KEPT)
    asked = [line for line in site.requests if line.startswith("GET /sync/1/photos/")]
    assert len(set(asked)) == 1, "the other team's project is not this phone's"
    phone.kill()
    site.stop()

    page = phone.start()
    page.goto(f"{site.origin}/phone/zh-CN/#/project/{city.projects['p017']}")
    image = page.locator(".overview img")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 64
    page.goto(f"{site.origin}/phone/zh-CN/#/home")
    expect(page.locator("[data-name=trip-line]")).to_contain_text("离线资料齐全")


def test_an_error_for_one_picture_is_not_called_no_network(page: Page, site: HostileSite) -> None:
    visited(site)
    site.start()
    site.fault = hostile_site.broken("/sync/1/photos/")
    page.goto(f"{site.origin}/page/sync.html")
    until_true(page, "'phone' in globalThis")
    page.evaluate("(kinds) => phone.start({ kinds, shell: 'test' })", describe())
    page.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    page.evaluate("phone.call('sync', { do: 'start' })")
    until_true(page, "phone.events.some((one) => one.state?.doing === 'earlier')")
    until_true(page, "phone.events.at(-1).state?.doing === null")
    assert page.evaluate("phone.events.some((one) => one.state?.is_reachable === false)") is False
    earlier = page.evaluate("phone.events.at(-1).state.earlier")
    assert (earlier["wanted"], earlier["here"]) == (1, 0)


def test_an_archive_that_answers_with_errors_is_said_to(
    profile_browser: Callable[..., ProfileBrowser], site: HostileSite
) -> None:
    site.start()
    page = profile_browser(viewport={"width": 360, "height": 640}).start()
    page.goto(f"{site.origin}/phone/zh-CN/")
    page.fill("input[name=username]", hostile_site.PERSON)
    page.fill("input[name=password]", hostile_site.PASSWORD)
    site.fault = hostile_site.broken("/sync/1/streams")
    page.click("[data-name=login]")
    page.click("[data-name=go-on]")
    expect(page.locator("[data-name=sync-line]")).to_contain_text("档案中心暂时出错", timeout=30_000)


def test_a_person_who_saves_data_is_shown_what_is_missing_and_nothing_is_asked_for(
    page: Page, site: HostileSite
) -> None:
    visited(site)
    site.start()
    page.goto(f"{site.origin}/page/sync.html")
    until_true(page, "'phone' in globalThis")
    page.evaluate("(kinds) => phone.start({ kinds, shell: 'test' })", describe())
    page.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    # The browser's own switch for it is out of reach of a test; what it would say in the worker is not.
    for worker in page.workers:
        worker.evaluate(
            "Object.defineProperty(navigator, 'connection', { get: () => ({ saveData: true }) }) && null"
        )
    page.evaluate("phone.call('sync', { do: 'start' })")
    until_true(
        page, "phone.events.at(-1)?.state?.earlier.wanted === 1 && phone.events.at(-1).state.doing === null"
    )
    assert page.evaluate("phone.events.at(-1).state.earlier.here") == 0
    assert [line for line in site.requests if line.startswith("GET /sync/1/photos/")] == []


def test_the_choice_stands_in_the_settings_and_stays(server: AppServer, page: Page) -> None:
    enrol(page, server)
    page.goto(f"{shell(server)}#/settings")
    room = page.locator("[data-name=earlier-room]")
    expect(room.locator("input[value='20']")).to_be_checked()
    room.locator("label:has(input[value='0'])").click()
    expect(room.locator("input[value='0']")).to_be_checked()
    page.reload()
    expect(room.locator("input[value='0']")).to_be_checked()
    expect(room).to_contain_text("现有 0 张，占用 0 KB")
