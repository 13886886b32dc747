"""Photos on the phone's screens: what came back is taken again, what is no photo is said to be, what looks wrong stays told."""

import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from fieldapp.domain import Photo, Submission
from sync.table import Quarantined, RecordRow
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.test_journey import log_in
from tests.browser.test_shell import shell
from tests.browser.test_visit import begin, enrolled, go, rows, sent

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(range(256)) * 40
REASON = "画面看不清桩号，请靠近重拍"
ADDRESSES = "pictures => pictures.map(({ src }) => src)"
READABLE = """addresses => Promise.all(addresses.map(async (src) => {
  const picture = Object.assign(new Image(), { src });
  return picture.decode().then(() => true, () => false);
}))"""


@pytest.fixture
def make_phone(profile_browser: Callable[..., ProfileBrowser]) -> Callable[..., ProfileBrowser]:
    """Make the inspector's phone; `permissions=[]` for one whose person does not allow positions."""
    usual = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "timezone_id": "Asia/Shanghai"}
    place = {"geolocation": visit_city.SITE, "permissions": ["geolocation"]}
    return lambda **options: profile_browser(**{**usual, **place, **options})


@pytest.fixture
def phone(make_phone: Callable[..., ProfileBrowser]) -> ProfileBrowser:
    return make_phone()


def black(folder: Path) -> Path:
    """Return what some cameras give instead of an error."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480)).save(out, "JPEG")
    return written(folder, "black.jpg", out.getvalue())


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def imported(page: Page, *files: Path) -> None:
    """Bring files in from the gallery."""
    page.locator("[data-name=more]").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-name=gallery]").click()
    chooser.value.set_files(list(files))


def captions(page: Page) -> list[str]:
    """Return the captions of the photos on the hub, oldest first."""
    return page.locator("[data-name=part-photo] .visit-thumb > span:last-child").all_inner_texts()[::-1]


def submit_all_the_same(hand: Hand, why: str) -> None:
    hand.tap("[data-name=finish]")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", why)
    hand.tap("[data-name=submit-anyway]")
    expect(hand.page).to_have_url(re.compile("#/outbox$"))


def return_photo(desk: Page, server: AppServer, visit: str) -> str:
    """Send the visit back for its photo; return the photo."""
    log_in(desk, server)
    desk.goto(f"{server.origin}/visit/{visit}")
    item = desk.locator(".photos > li").first
    item.locator("summary").click()
    field = item.locator("input[name^=reason-]")
    field.fill(REASON)
    photo = str(field.get_attribute("name")).removeprefix("reason-")
    desk.get_by_role("button", name="退回补充").click()
    expect(desk.locator(".visit .decision")).to_contain_text("已退回")
    return photo


def test_returned_photo_is_taken_again_and_the_desk_shows_both(
    server: AppServer, phone: ProfileBrowser, desk: Page, tmp_path: Path
) -> None:
    first, second, *_ = photos(tmp_path)
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.photograph("[data-name=photo]", first)
    expect(page.locator("[data-name=part-photo] img")).to_have_count(1)
    [caption] = captions(page)
    submit_all_the_same(hand, "先交照片")
    sent(page)
    photo = return_photo(desk, server, visit)

    page.reload()
    go(page, "correct", visit)
    item = page.locator("[data-name=returned-item]")
    expect(item).to_contain_text(REASON)
    expect(item).to_contain_text("待补充")
    item.locator(".card-head").click()
    expect(page.locator("[data-name=returned-reason]")).to_contain_text(REASON)
    before = page.locator(".visit-photo img").get_attribute("src")
    hand.photograph("[data-name=retake]", second)
    expect(page.locator("[data-name=correcting]")).to_be_visible()
    expect(page.locator(".visit-photo img")).not_to_have_attribute("src", str(before))
    expect(page.locator("textarea[name=caption]")).to_have_value(caption)
    page.fill("input[name=place]", "3号墩东侧")
    hand.see('[data-name="state"][data-state="kept"]')
    go(page, "correct", visit)
    expect(item).to_contain_text("更正稿")
    submit_all_the_same(hand, "已靠近重拍")
    sent(page)

    desk.goto(f"{server.origin}/visit/{visit}")
    both = desk.locator(".since .both img")
    for image in (both.first, both.last):
        image.scroll_into_view_if_needed()
        expect(image).to_be_visible()
        expect(image).to_have_js_property("complete", True)
    desk.goto(f"{server.origin}/visit/{visit}/photo/{photo}")
    expect(desk.locator(".photo-large img")).to_be_visible()
    expect(desk.locator(".changed .both img").first).to_be_visible()
    server.stop()
    assert_both_stand(server, visit, photo)


def assert_both_stand(server: AppServer, visit: str, photo: str) -> None:
    [row] = rows(server, Photo, entity=photo)
    assert (row.revisions, row.is_conflict, row.place, row.origin) == (2, False, "3号墩东侧", "camera")
    revisions = rows(server, RecordRow, entity=photo)
    assert len(revisions) == 2 and all(one.completed_at for one in revisions)
    [submission] = rows(server, Submission, visit=visit)
    assert row.record in submission.records and submission.revisions == 2
    assert not {one.hash for one in revisions if one.hash != row.record} & set(submission.records)
    assert rows(server, Quarantined) == []


def returned_photo(server: AppServer, phone: ProfileBrowser, desk: Page, folder: Path) -> tuple[Page, str]:
    """Have a visit with one photo sent back; return the page at that photo, and the visit."""
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.photograph("[data-name=photo]", photos(folder)[0])
    expect(page.locator("[data-name=part-photo] img")).to_have_count(1)
    submit_all_the_same(hand, "先交照片")
    sent(page)
    photo = return_photo(desk, server, visit)
    page.reload()
    go(page, "visit", visit, "photo", photo)
    expect(page.locator("[data-name=retake]")).to_be_visible()
    return page, visit


def test_a_camera_closed_or_killed_leaves_the_returned_photo_as_it_was(
    server: AppServer, phone: ProfileBrowser, desk: Page, tmp_path: Path
) -> None:
    page, visit = returned_photo(server, phone, desk, tmp_path)
    address = page.url
    with page.expect_file_chooser():
        page.locator("[data-name=retake]").click()
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#/correct/{visit}")
    expect(page.locator("[data-name=returned-item]")).to_contain_text("待补充")
    go(page, "visit", visit)
    page.locator("[data-name=photo-lost]").get_by_role("button", name="不再需要").click()
    expect(page.locator("[data-name=photo-lost]")).to_have_count(0)
    expect(page.locator("[data-name=part-photo] img")).to_have_count(1)
    page.goto(address)
    expect(page.locator("[data-name=sealed]")).to_be_visible()


def test_a_dropped_correction_of_a_caption_shows_the_sealed_words_again(
    server: AppServer, phone: ProfileBrowser, desk: Page, tmp_path: Path
) -> None:
    page, _ = returned_photo(server, phone, desk, tmp_path)
    address, caption = page.url, page.locator("textarea[name=caption]")
    sealed = caption.input_value()
    for words in ("改了一次", "改了两次"):
        caption.fill(words)
        expect(page.locator("[data-name=correcting]")).to_be_visible()
        page.locator("[data-name=drop]").click()
        expect(page.locator("[data-name=part-photo]")).to_contain_text(sealed)
        page.goto(address)
        expect(caption).to_have_value(sealed)
        expect(page.locator("[data-name=sealed]")).to_be_visible()


def test_a_file_that_is_no_photo_is_named_for_what_it_is(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    refused = page.locator("[data-name=photo-refused]")
    for content, words in (
        ("<!DOCTYPE html><html>登录</html>", "网页文件"),
        ("", "空文件"),
        ("%PDF-1.7 ", "文档"),
    ):
        hand.photograph("[data-name=photo]", written(tmp_path, "现场.jpg", content.encode()))
        expect(refused).to_contain_text("现场.jpg")
        expect(refused).to_contain_text(words)
        expect(refused.get_by_role("button")).to_have_count(1)
        refused.get_by_role("button").click()
        expect(page.locator("[data-name=photo-lost]")).to_have_count(0)
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#/visit/{visit}")
    expect(page.locator("[data-name=note]")).to_be_visible()
    expect(page.locator("[data-name=photo-lost]")).to_have_count(0)


def test_numbers_neither_skip_refused_files_nor_come_twice(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    one, two, three, four = photos(tmp_path)
    web = written(tmp_path, "web.jpg", b"<html></html>")
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    cards = page.locator("[data-name=part-photo] img")
    imported(page, one, web, two)
    expect(cards).to_have_count(2)
    expect(page.locator("[data-name=photo-refused]")).to_contain_text("web.jpg")
    page.locator("[data-name=photo-refused] button").click()
    hand.photograph("[data-name=photo]", web)
    page.locator("[data-name=photo-refused] button").click()
    hand.photograph("[data-name=photo]", three)
    expect(cards).to_have_count(3)
    assert [caption.split(" · ")[-1] for caption in captions(page)] == ["照片1", "照片2", "照片3"]
    page.locator("[data-name=part-photo] .card-head").last.click()
    page.locator("[data-name=drop]").click()
    expect(cards).to_have_count(2)
    shown = page.locator("[data-name=part-photo] img")
    expect(shown).to_have_count(2)
    before = shown.evaluate_all(ADDRESSES)
    imported(page, four)
    expect(cards).to_have_count(3)
    assert [caption.split(" · ")[-1] for caption in captions(page)] == ["照片2", "照片3", "照片4"]
    expect(shown).to_have_count(3)
    after = shown.evaluate_all(ADDRESSES)
    # What is shown already is not read again; what is left gives its memory back.
    assert set(before) < set(after)
    assert page.evaluate(READABLE, after) == [True, True, True]
    go(page, "outbox")
    assert page.evaluate(READABLE, after) == [False, False, False]
    # The dropped one is still here: it can be taken back.
    expect(page.locator("[data-name=storage]")).to_contain_text("本机照片 4 张")


def test_a_black_picture_stays_told_through_a_kill_and_at_the_end(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.photograph("[data-name=photo]", black(tmp_path))
    expect(page.locator("[data-name=part-photo]")).to_contain_text("请重拍")
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#/visit/{visit}")
    page.locator("[data-name=part-photo] .card-head").click()
    expect(page.locator("[data-name=photo-bad]")).to_contain_text("全黑或不完整")
    go(page, "visit", visit, "finish")
    page.locator("[data-name=doubtful] a").click()
    with page.expect_file_chooser() as chooser:
        page.locator("[data-name=retake]").click()
    chooser.value.set_files(photos(tmp_path)[0])
    expect(page.locator("[data-name=photo-bad]")).to_have_count(0)
    go(page, "visit", visit)
    expect(page.locator("[data-name=part-photo]")).to_have_count(1)
    assert captions(page)[0].endswith("照片1")
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=doubtful]")).to_have_count(0)


def test_a_visit_without_a_position_says_so_once_and_goes_on(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], tmp_path: Path
) -> None:
    phone = make_phone(permissions=[], geolocation=None)
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    said = page.locator("[data-name=no-position]")
    expect(said).to_contain_text("未允许定位")
    expect(said).to_contain_text("走访照常进行")
    hand.photograph("[data-name=photo]", photos(tmp_path)[0])
    page.locator("[data-name=part-photo] .card-head").click()
    expect(page.locator("main")).to_contain_text("未允许定位")
    page.locator("[data-name=done]").click()
    expect(page.locator("[data-name=part-photo]")).to_be_visible()
    said.get_by_role("button").click()
    expect(said).to_have_count(0)
    go(page, "home")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    page.go_back()
    expect(page.locator("[data-name=part-photo]")).to_be_visible()
    expect(said).to_have_count(0)
    phone.kill()

    page = phone.start()
    page.goto(f"{shell(server)}#/visit/{visit}")
    expect(page.locator("[data-name=part-photo]")).to_be_visible()
    page.evaluate("() => new Promise((done) => navigator.geolocation.getCurrentPosition(done, done))")
    expect(page.locator("[data-name=no-position]")).to_have_count(0)


def test_a_picture_the_phone_cannot_show_stays_inside_its_tile(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    heic = written(tmp_path, "IMG_0001.heic", HEIC)
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.photograph("[data-name=photo]", heic)
    hub = page.locator("[data-name=part-photo] .picture[data-state=absent]")
    expect(hub).to_have_text("无法预览")
    assert_inside(page, "[data-name=part-photo] .picture")
    hand.tap("[data-name=note]")
    hand.photograph(".strip-add", heic)
    expect(page.locator(".strip .picture[data-state=absent]")).to_have_text("无法预览")
    assert_inside(page, ".strip .picture")


def assert_inside(page: Page, selector: str) -> None:
    """Nothing of the tile is cut off or stands out."""
    script = "(tile) => [tile.scrollWidth - tile.clientWidth, tile.scrollHeight - tile.clientHeight]"
    assert page.locator(selector).first.evaluate(script) == [0, 0]


def test_only_what_a_camera_wrote_just_now_is_called_the_cameras(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    old = written(tmp_path, "old.jpg", photos(tmp_path)[0].read_bytes())
    os.utime(old, (1_700_000_000, 1_700_000_000))
    with page.expect_file_chooser() as chooser:
        hand.tap("[data-name=photo]")
    chooser.value.set_files(old)
    expect(page.locator(".said-line")).to_contain_text("按导入照片记录")
    hand.tap("[data-name=part-photo] .card-head")
    expect(page.locator("main")).to_contain_text("导入照片，不取定位")
    hand.tap("[data-name=done]")
    hand.photograph("[data-name=photo]", old)
    expect(page.locator("[data-name=part-photo]")).to_have_count(2)
    hand.tap("[data-name=part-photo] .card-head")
    expect(page.locator("main")).to_contain_text("相机拍摄")
