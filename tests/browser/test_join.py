"""Two inspectors on one visit: one shows a code, the other scans it without a network, both record, and the archive has one visit."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fieldapp.domain import Entry, Interview, Photo, Submission, Visit
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import COLLEAGUE, PASSWORD, REVIEWER, USERNAME, ref
from tests.browser.test_shell import IS_KEPT, log_in, shell
from tests.browser.test_visit import begin, enrolled, go, note, rows, sent, submit_incomplete, talk
from tests.browser.visit_code import written
from tests.browser.wait import until_true

MAIN_WORDS, COLLEAGUE_WORDS = "东侧临边无防护", "项目部资料与现场不符"
CODE = "[data-name=code]"
Camera = tuple[ProfileBrowser, Path]


@pytest.fixture
def colleague(profile_browser: Callable[..., ProfileBrowser], tmp_path: Path) -> Camera:
    """A second phone, and the file of what its camera sees."""
    seen = tmp_path / "seen.mjpeg"
    film(seen, Image.new("RGB", (640, 480), "grey"))
    arguments = (
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={seen}",
    )  # fmt: skip
    options: dict[str, Any] = {
        "viewport": {"width": 360, "height": 640},
        "has_touch": True,
        "timezone_id": "Asia/Shanghai",
    }
    permissions = ["geolocation", "camera"]
    return profile_browser(
        "colleague", arguments=arguments, geolocation=visit_city.SITE, permissions=permissions, **options
    ), seen


def film(path: Path, picture: Image.Image) -> None:
    frame = io.BytesIO()
    picture.save(frame, "JPEG", quality=80)
    path.write_bytes(frame.getvalue() * 10)


def held_up(screen: Page) -> Image.Image:
    """Return what a camera sees of the other phone's screen: not straight, not sharp, and not all of the picture."""
    code = Image.open(io.BytesIO(screen.locator(CODE).screenshot(scale="css")))
    scene = Image.new("RGB", (640, 480), (70, 66, 60))
    phone = code.convert("RGB").resize((380, 380)).rotate(7, expand=True, fillcolor=(70, 66, 60))
    scene.paste(phone, (110, 25))
    return scene


def colleague_enrolled(phone: ProfileBrowser, server: AppServer) -> Page:
    page = phone.start()
    page.goto(shell(server))
    log_in(page, COLLEAGUE)
    expect(page.locator("[data-name=due]").first).to_be_visible()
    until_true(page, IS_KEPT)
    return page


def show_code(hand: Hand) -> None:
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=join]")
    hand.see(CODE)


def shown_text(page: Page) -> str:
    page.locator(".code-text summary").click()
    return page.locator("[data-name=code-text]").inner_text()


def paste(hand: Hand, text: str) -> None:
    go(hand.page, "join")
    hand.write("textarea[name=code]", text)
    hand.tap("[data-name=paste] [data-name=join]")


def submit_whole(hand: Hand) -> None:
    """Nothing of the whole visit is asked of who joined."""
    hand.tap("[data-name=finish]")
    expect(hand.page.locator("[data-name=missing]")).to_have_count(0)
    expect(hand.page.locator("textarea[name=summary]")).to_have_count(0)
    hand.tap("[data-name=submit]")
    expect(hand.page.locator(".state[data-state=saved]").first).to_be_visible()


def at_desk(desk: Page, server: AppServer) -> None:
    desk.goto(f"{server.origin}/")
    desk.get_by_role("link", name="审核登录").click()
    desk.get_by_label("用户名").fill(REVIEWER)
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
    desk.wait_for_url("**/visit/?state=waiting")


@pytest.mark.parametrize("first", ["main", "colleague"])
def test_two_phones_offline_make_one_visit(
    server: AppServer, phone: ProfileBrowser, colleague: Camera, desk: Page, tmp_path: Path, first: str
) -> None:
    (other_phone, seen), pictures = colleague, photos(tmp_path)
    main, other = enrolled(phone, server), colleague_enrolled(other_phone, server)
    server.stop()
    hand, second = Hand(main), Hand(other)
    visit = begin(hand, visit_city.PROJECT)
    note(hand, MAIN_WORDS, pictures[0])
    talk(hand)
    show_code(hand)
    film(seen, held_up(main))

    go(other, "home")
    second.tap("[data-name=join]")
    other.wait_for_url(f"**#/visit/{visit}")
    expect(other.locator("[data-name=guest]")).to_contain_text("本次走访由奚银杏主记录")
    expect(other.locator("[data-name=not-named]")).to_have_count(0)
    note(second, COLLEAGUE_WORDS, pictures[1])
    talk(second)
    # The joined visit is there again after the app was closed.
    other_phone.close()
    other = other_phone.start()
    other.goto(shell(server))
    second = Hand(other)
    second.tap("[data-name=continue-joined]")
    expect(other.locator("[data-name=part-entry]")).to_contain_text(COLLEAGUE_WORDS)

    phones = {"main": lambda: finish_main(hand, visit), "colleague": lambda: submit_whole(second)}
    pages = {"main": main, "colleague": other}
    for name in sorted(phones, key=lambda each: each != first):
        server.stop()
        phones[name]()
        server.start()
        sent(pages[name])

    read_and_accept(desk, server, visit)
    # Both phones learn that it is over.
    for page in (main, other):
        page.reload()
        go(page, "visit", visit)
        expect(page.locator("[data-name=archived]")).to_contain_text("已归档")
    expect(main.locator("main")).to_contain_text(COLLEAGUE_WORDS)
    server.stop()
    assert_one_visit(server, visit)


def read_and_accept(desk: Page, server: AppServer, visit: str) -> None:
    """One visit in the log, both authors named, both submissions in its history."""
    at_desk(desk, server)
    links = desk.locator(f'a[href*="{visit}"]')
    assert {link.get_attribute("href").partition("?")[0] for link in links.all()} == {f"/visit/{visit}"}  # type: ignore[union-attr]
    desk.goto(f"{server.origin}/visit/{visit}")
    timeline = desk.locator("ol.timeline li")
    expect(timeline.filter(has_text=COLLEAGUE_WORDS)).to_contain_text("范水杉")
    expect(timeline.filter(has_text=MAIN_WORDS)).not_to_contain_text("范水杉")
    history = desk.locator("ol.history > li")
    expect(history).to_have_count(2)
    expect(history.filter(has_text="范水杉")).to_contain_text("提交")
    desk.locator("button[value=accepted]").click()
    expect(desk.locator(".visit-state")).to_contain_text("已归档")


def assert_one_visit(server: AppServer, visit: str) -> None:
    """Everything both recorded is of it and in one of the two submissions."""
    (row,) = rows(server, Visit, entity=visit)
    submissions = rows(server, Submission, visit=visit)
    assert (row.author, row.is_conflict) == (USERNAME, False)
    assert {one.author for one in submissions} == {USERNAME, COLLEAGUE}
    parts = [
        *rows(server, Entry, visit=visit),
        *rows(server, Interview, visit=visit),
        *rows(server, Photo, visit=visit),
    ]
    listed = [hash for one in submissions for hash in one.records]
    assert sorted(listed) == sorted([row.record, *(part.record for part in parts)])
    assert {(part.author, type(part)) for part in parts} == {
        (person, kind) for person in (USERNAME, COLLEAGUE) for kind in (Entry, Interview, Photo)
    }
    codes = [one.code for one in rows(server, Interview, visit=visit)]
    assert len(set(codes)) == 2


def finish_main(hand: Hand, visit: str) -> None:
    go(hand.page, "visit", visit)
    submit_incomplete(hand)


def test_a_covert_visit_does_not_name_itself_and_a_picture_or_its_text_are_enough(
    server: AppServer, phone: ProfileBrowser, colleague: Camera, tmp_path: Path
) -> None:
    main, other = enrolled(phone, server), colleague_enrolled(colleague[0], server)
    server.stop()
    hand, second = Hand(main), Hand(other)
    go(main, "start", ref(f"project:{visit_city.PROJECT}"))
    hand.tap("[data-name=manner]")
    hand.option("manner", "covert")
    title = main.locator("h1").inner_text()
    hand.tap("[data-name=start]")
    hand.see("[data-name=photo]")
    visit = main.evaluate("location.hash.split('/')[2]")
    show_code(hand)
    text = shown_text(main)
    shown = main.locator("body").inner_text()
    assert "暗访" not in shown and title not in shown
    picture = tmp_path / "code.png"
    held_up(main).save(picture)
    other_picture = tmp_path / "none.png"
    Image.new("RGB", (400, 300), "white").save(other_picture)

    go(other, "join")
    for path in (other_picture, picture):
        with other.expect_file_chooser() as chooser:
            second.tap("[data-name=picture]")
        chooser.value.set_files(path)
        if path == other_picture:
            expect(other.locator("[data-name=refused]")).to_contain_text("没有认出二维码")
    other.wait_for_url(f"**#/visit/{visit}")
    # What does not belong to a covert visit is not offered to the colleague either.
    second.tap("[data-name=more]")
    expect(other.locator("[data-name=more-sheet] [data-name=confirm]")).to_have_count(0)
    second.tap("[data-name=more-sheet] [data-name=leave]")
    expect(other).to_have_url(re.compile("#/$"))
    expect(other.locator("[data-name=joined-visit]")).to_have_count(0)

    paste(second, text[:-3])
    expect(other.locator("[data-name=refused]")).to_contain_text("文字不完整或有误")
    other.locator("textarea[name=code]").fill("")
    second.write("textarea[name=code]", f" {text[:50]}\n{text[50:]} ")
    second.tap("[data-name=paste] [data-name=join]")
    other.wait_for_url(f"**#/visit/{visit}")


def test_a_phone_that_never_heard_of_the_project_joins_and_its_person_is_told_to_be_named(
    server: AppServer, colleague: Camera
) -> None:
    page = colleague_enrolled(colleague[0], server)
    server.stop()
    hand = Hand(page)
    archive = page.evaluate(
        "async () => (await (await import('/phone/static/js/device/store.js')).store.call('identity')).archive"
    )
    visit, project = ref("visit:elsewhere"), ref("project:elsewhere")
    code = {
        "archive": archive[:12], "visit": visit, "stream": f"project:{project}", "name": "北山水厂", "name_en": "Beishan Waterworks",
        "purpose": "monthly", "manner": "announced", "milestone": None, "arrived_at": "2026-11-27T09:05:00.000+08:00", "author": "i09",
        "team": ["i09"],
    }  # fmt: skip
    paste(hand, written(code | {"archive": "another-one-"}))
    expect(page.locator("[data-name=refused]")).to_contain_text("另一个单位")
    page.locator("textarea[name=code]").fill("")
    paste(hand, written(code))
    page.wait_for_url(f"**#/visit/{visit}")
    expect(page.locator("h1")).to_have_text("北山水厂")
    expect(page.locator("[data-name=not-named]")).to_contain_text("走访人员名单里没有你")
    note(hand, COLLEAGUE_WORDS)
    go(page, "home")
    expect(page.locator("[data-name=joined-visit] h2")).to_have_text("北山水厂")
    hand.tap("[data-name=continue-joined]")
    submit_whole(hand)
    expect(page.locator("[data-name=outbox-visit] h2")).to_contain_text("北山水厂")
    go(page, "home")
    expect(page.locator("[data-name=progress]")).to_be_visible()
    expect(page.locator("[data-name=joined-visit]")).to_have_count(0)
    server.start()
    sent(page)
    server.stop()
    (entry,) = rows(server, Entry, what=COLLEAGUE_WORDS)
    assert (entry.visit, entry.stream, entry.author) == (visit, f"project:{project}", COLLEAGUE)


def test_what_is_sent_back_of_a_colleagues_is_the_colleagues_to_mend(
    server: AppServer, phone: ProfileBrowser, colleague: Camera, desk: Page
) -> None:
    main, other = enrolled(phone, server), colleague_enrolled(colleague[0], server)
    server.stop()
    hand, second = Hand(main), Hand(other)
    visit = begin(hand, visit_city.PROJECT)
    note(hand, MAIN_WORDS)
    show_code(hand)
    paste(second, shown_text(main))
    other.wait_for_url(f"**#/visit/{visit}")
    note(second, COLLEAGUE_WORDS)
    finish_main(hand, visit)
    submit_whole(second)
    server.start()
    sent(main)
    sent(other)

    at_desk(desk, server)
    desk.goto(f"{server.origin}/visit/{visit}")
    item = desk.locator("li.part", has_text=COLLEAGUE_WORDS)
    item.locator("summary").filter(has_text="退回此项").click()
    item.locator("input[name^=reason-]").fill("写明是哪份资料")
    desk.get_by_role("button", name="退回补充").click()
    expect(desk.locator(".visit .decision")).to_contain_text("已退回")

    for page in (main, other):
        page.reload()
    go(other, "returned")
    of_visit = f"[data-name=returned-visit]:has(a[href='#/correct/{visit}'])"
    expect(other.locator(of_visit)).to_contain_text("写明是哪份资料")
    go(main, "visit", visit)
    # The main recorder reads what the colleague recorded, and is asked for nothing.
    expect(main.locator("main")).to_contain_text(COLLEAGUE_WORDS)
    expect(main.locator("[data-name=returned]")).to_have_count(0)
    go(main, "returned")
    expect(main.locator("h1")).to_have_text("退回待补")
    expect(main.locator(of_visit)).to_have_count(0)

    go(other, "correct", visit)
    second.tap("[data-name=returned-item] .card-head")
    second.write("textarea[name=what]", "（监理日志）")
    second.tap("[data-name=done]")
    second.tap("[data-name=finish]")
    second.tap("[data-name=submit]")
    second.tap("[data-name=submit-anyway]")
    # What is read before it is sealed says that all is safe: so it was until now.
    other.wait_for_url("**#/outbox")
    sent(other)
    desk.goto(f"{server.origin}/visit/{visit}")
    expect(desk.locator("ol.history > li")).to_have_count(4)
    expect(desk.locator("ol.history > li").last).to_contain_text("范水杉")
    desk.locator("button[value=accepted]").click()
    expect(desk.locator(".visit-state")).to_contain_text("已归档")
    main.reload()
    go(main, "visit", visit)
    expect(main.locator("[data-name=archived]")).to_contain_text("已归档")
