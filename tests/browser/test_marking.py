"""Marks on a photo: drawn with a finger or the keyboard, over every copy that is shown or shared, never into its bytes."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from fieldapp.domain import Photo
from tests.browser import test_photo, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_journey import log_in
from tests.browser.test_photo import submit_all_the_same, written
from tests.browser.test_shell import shell
from tests.browser.test_visit import begin, enrolled, go, rows, sent

make_phone = test_photo.make_phone
phone = test_photo.phone


def grey(folder: Path) -> Path:
    """Return a picture with no red in it."""
    out = io.BytesIO()
    Image.effect_noise((1600, 1200), 30).save(out, "JPEG", quality=90)
    return written(folder, "grey.jpg", out.getvalue())


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], stage: str = "marking") -> None:
    """Drag over the picture; places in parts of its width and height."""
    box = page.locator(f"[data-name={stage}] img").bounding_box()
    assert box is not None
    (x, y), (to_x, to_y) = [
        (box["x"] + box["width"] * across, box["y"] + box["height"] * down) for across, down in (start, end)
    ]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def assert_near(found: list[int], wanted: list[int]) -> None:
    assert all(abs(one - other) <= 6 for one, other in zip(found, wanted, strict=True)), found


def test_marks_are_shown_over_every_copy_and_the_bytes_stay(
    server: AppServer, phone: ProfileBrowser, desk: Page, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.photograph("[data-name=photo]", grey(tmp_path))
    hand.tap("[data-name=part-photo] a")
    photo = str(page.evaluate("location.hash.split('/')[4]"))
    before = page.locator("[data-name=watermark] span").last.inner_text()
    hand.tap("[data-name=mark]")
    expect(page.locator("[data-name=marking] img")).to_be_visible()
    drag(page, (0.1, 0.2), (0.5, 0.6))
    hand.tap("[data-name=tool-arrow]")
    drag(page, (0.9, 0.9), (0.6, 0.5))
    drag(page, (0.3, 0.3), (0.301, 0.301))
    hand.tap("[data-name=tool-text]")
    hand.write("input[name=words]", "裂缝")
    drag(page, (0.2, 0.8), (0.2, 0.8))
    layer = page.locator("[data-name=marking] .photo-marks").first
    expect(layer).to_have_attribute("aria-label", "标注 3 个 圆圈、箭头、裂缝")
    hand.tap("[data-name=undo]")
    expect(layer).to_have_attribute("aria-label", "标注 2 个 圆圈、箭头")
    hand.tap("[data-name=tool-circle]")
    page.locator("[data-name=marking]").focus()
    for key in ("Enter", "ArrowUp", "Enter", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(layer).to_have_attribute("aria-label", "标注 3 个 圆圈、箭头、圆圈")
    hand.see('[data-name="state"][data-state="kept"]')
    phone.kill()

    server.start()
    page = phone.start()
    page.goto(f"{shell(server)}#/visit/{visit}/photo/{photo}")
    expect(page.locator(".visit-photo .photo-marks ellipse.edge")).to_have_count(2)
    assert page.locator("[data-name=watermark] span").last.inner_text() == before
    page.evaluate("navigator.canShare = undefined")
    with page.expect_download() as download:
        page.locator("[data-name=share]").click()
    copy = Image.open(download.value.path())
    for place in ((0.1, 0.4), (0.5, 0.4), (0.75, 0.7)):
        assert_red(copy, *place)
    go(page, "visit", visit)
    expect(page.locator("[data-name=part-photo] .photo-marks")).to_be_visible()
    submit_all_the_same(Hand(page), "先交照片")
    sent(page)
    log_in(desk, server)
    desk.goto(f"{server.origin}/visit/{visit}")
    expect(desk.locator(".photos .photo-marks")).to_be_visible()
    desk.goto(f"{server.origin}/visit/{visit}/photo/{photo}")
    expect(desk.locator(".photo-large .photo-marks ellipse.edge")).to_have_count(2)
    server.stop()
    [row] = rows(server, Photo, entity=photo)
    assert [one["shape"] for one in row.marks] == ["circle", "arrow", "circle"]
    circle, arrow, typed = ([one[name] for name in ("x", "y", "to_x", "to_y")] for one in row.marks)
    assert_near(circle, [100, 200, 500, 600])
    assert_near(arrow, [900, 900, 600, 500])
    assert typed == [500, 480, 540, 500]
    assert row.view["sha256"].startswith(before.removeprefix("SHA-256 "))


def assert_red(picture: Image.Image, across: float, down: float) -> None:
    """Find the mark's colour near a place of the picture."""
    x, y = int(picture.width * across), int(picture.height * down)
    near = picture.convert("RGB").crop((x - 14, y - 14, x + 14, y + 14))
    assert any(red > 180 and green < 90 and blue < 90 for red, green, blue in near.get_flattened_data())
