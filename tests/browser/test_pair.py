"""Before and after: an earlier photo over the picture of the camera, and the two beside each other on the phone and at the desk."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from fieldapp.domain import Photo
from tests.browser import test_photo, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand, just_taken
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import ref
from tests.browser.test_journey import log_in
from tests.browser.test_photo import submit_all_the_same
from tests.browser.test_shell import shell
from tests.browser.test_visit import begin, enrolled, go, rows, sent

# A camera that always shows something, and a person who allows it.
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

make_phone = test_photo.make_phone


def photographed(page: Page, picture: Path) -> str:
    """Photograph with the phone's own camera; return the photo."""
    Hand(page).photograph("[data-name=photo]", picture)
    page.locator("[data-name=part-photo] a").first.click()
    expect(page.locator(".visit-photo img")).to_be_visible()
    return str(page.evaluate("location.hash.split('/')[4]"))


def test_photo_from_the_same_spot_is_shown_beside_the_earlier_one(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], desk: Page, tmp_path: Path
) -> None:
    phone = make_phone(arguments=CAMERA)
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    first = photographed(page, photos(tmp_path)[0])
    hand.tap("[data-name=take-same]")
    live = page.locator("video.viewfinder-live")
    expect(live).to_have_attribute("data-lens", "open")
    expect(page.locator(".viewfinder[data-state=over] .viewfinder-earlier img")).to_be_visible()
    hand.tap("[data-name=beside]")
    expect(page.locator(".viewfinder[data-state=beside]")).to_be_visible()
    stream = live.evaluate_handle("(video) => video.srcObject")
    hand.tap("[data-name=shutter]")
    pair = page.locator("[data-name=pair] figure")
    expect(pair.locator("img")).to_have_count(2)
    assert [words.split()[0] for words in pair.locator("figcaption").all_inner_texts()] == ["前", "后"]
    assert stream.evaluate("(stream) => stream.getTracks().every(({ readyState }) => readyState === 'ended')")
    expect(page.locator("textarea[name=caption]")).to_have_value("与上次同一位置 · 照片2")
    second = str(page.evaluate("location.hash.split('/')[4]"))
    phone.kill()

    server.start()
    page = phone.start()
    page.goto(f"{shell(server)}#/visit/{visit}/photo/{second}")
    expect(page.locator("[data-name=pair] img")).to_have_count(2)
    go(page, "visit", visit)
    submit_all_the_same(Hand(page), "先交照片")
    sent(page)
    log_in(desk, server)
    desk.goto(f"{server.origin}/visit/{visit}/photo/{second}")
    for image in desk.locator(".photo-pair img").all():
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("(image) => image.naturalWidth") > 0
    server.stop()
    [row] = rows(server, Photo, entity=second)
    assert (row.pair_of, row.origin, row.original["media_type"]) == (first, "camera", "image/jpeg")


def test_a_problem_photographed_on_an_earlier_visit_is_photographed_again_without_a_camera_in_the_app(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], tmp_path: Path
) -> None:
    page = enrolled(make_phone(), server)
    hand = Hand(page)
    problem = ref("entry:" + visit_city.PROJECT)
    item = page.locator(f"[data-name=before-{problem}]")
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    hand.option(f"outcome-{problem}", "not_fixed")
    hand.option(f"known-{problem}", "seen")
    with page.expect_file_chooser() as chooser:
        item.locator(".strip-add").click()
    chooser.value.set_files(just_taken(photos(tmp_path)[0]))
    expect(item.locator(".strip img")).to_have_count(1)
    hand.tap("[data-name=done]")
    submit_all_the_same(hand, "先交照片")
    visit = begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=more]")
    hand.tap("[data-name=same]")
    expect(page.locator("[data-name=earlier-photo] img")).to_be_visible()
    go(page, "visit", visit, "before")
    item.locator("[data-name=earlier] [data-name=take-same]").click()
    expect(page.locator("[data-name=no-camera]")).to_contain_text("应用内相机打不开")
    expect(page.locator(".viewfinder-earlier img")).to_be_visible()
    hand.photograph("[data-name=own-camera]", photos(tmp_path)[1])
    expect(page.locator("[data-name=pair] img")).to_have_count(2)
    go(page, "visit", visit, "before")
    expect(item.locator("[data-name=pair] img")).to_have_count(2)
    expect(item.locator("[data-name=take-same]")).to_have_count(0)
