"""Covering faces: the old bytes are gone from the phone's files, whenever it is killed; and where they would stay it is not done."""

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page, expect

from fieldapp.domain import Photo
from tests.browser import test_photo, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.store_page import KINDS, PERSON, Archive, Phone, StoreError, enrolled
from tests.browser.test_marking import drag, grey
from tests.browser.test_photo import submit_all_the_same
from tests.browser.test_store_photo import stored, taken
from tests.browser.test_visit import begin, go, rows, sent
from tests.browser.test_visit import enrolled as enrolled_at

make_phone = test_photo.make_phone
FACE = {"x": 250, "y": 250, "to_x": 750, "to_y": 750}
# More flushes than covering a face takes.
MOST_FLUSHES = 40


def noisy(seed: int = 7) -> bytes:
    """Return a picture no other has a part of."""
    out = io.BytesIO()
    pixels = random.Random(seed).randbytes(640 * 480 * 3)
    Image.frombytes("RGB", (640, 480), pixels).save(out, "JPEG", quality=95)
    return out.getvalue()


class Home:
    """A phone with photos, whose browser may be killed; `draft` is the newest one's, `old` its original, view and small picture."""

    def __init__(self, browser: ProfileBrowser, server: StaticServer) -> None:
        self.browser, self.server = browser, server
        self.phone = Phone(browser.start(), server)
        enrolled(self.phone, Archive())
        self.photograph(1)

    def photograph(self, seed: int) -> None:
        self.draft, added = taken(self.phone, noisy(seed))
        self.hashes = [added[name]["sha256"] for name in ("original", "view")]
        self.old = [stored(self.phone, sha256) for sha256 in self.hashes]
        self.old.append(stored(self.phone, self.hashes[1], is_small=True))

    def open(self) -> None:
        self.phone = Phone(self.browser.start(), self.server)
        self.phone.start(KINDS)
        self.phone.call("open", person=PERSON)

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = self.phone.call("draft", id=self.draft)["body"]
        return body

    def left(self, picture: bytes) -> str:
        """Tell how much of a picture lies in the profile, while nothing is open. A stretch may be parted by the end of a page."""
        content = b"".join(path.read_bytes() for path in self.browser.profile.rglob("*") if path.is_file())
        stretches = [picture[at : at + 64] for at in range(1_000, len(picture) - 64, 3_000)]
        found = sum(one in content for one in stretches)
        return "nothing" if found == 0 else "all" if found > 0.9 * len(stretches) else f"{found} stretches"

    def is_over(self) -> bool:
        """Tell whether the worker stands still, or has done what it was asked."""
        self.phone.page.wait_for_timeout(20)
        return bool(self.phone.events("fault")) or bool(self.phone.page.evaluate("globalThis.isDone"))


@pytest.fixture
def home(profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer) -> Home:
    return Home(profile_browser(), static_server)


def test_a_covered_face_leaves_nothing_of_the_old_picture_in_the_phones_files(home: Home) -> None:
    home.browser.kill()
    # The search finds what is there.
    assert [home.left(picture) for picture in home.old] == ["all"] * 3

    home.open()
    home.phone.call("blurPhoto", draft=home.draft, areas=[FACE])
    body = home.body()
    assert (body["original"], body["is_blurred"], body["caption"]) == (None, True, "桥墩")
    assert [home.phone.call("photo", sha256=sha256) for sha256 in home.hashes] == [None, None]
    fresh = stored(home.phone, body["view"]["sha256"])
    assert_covered(*(Image.open(io.BytesIO(picture)).convert("L") for picture in (fresh, home.old[1])))
    home.browser.kill()
    assert home.left(fresh) == "all"
    assert [home.left(picture) for picture in home.old] == ["nothing"] * 3


def assert_covered(shown: Image.Image, before: Image.Image) -> None:
    """Plain cells inside, the same picture outside."""
    assert shown.size == before.size
    inside, outside = (180, 140, 460, 340), (0, 0, 120, 100)
    assert ImageStat.Stat(ImageChops.difference(shown.crop(outside), before.crop(outside))).mean[0] < 12
    assert ImageStat.Stat(before.crop(inside)).stddev[0] > 40
    assert ImageStat.Stat(shown.crop(inside)).stddev[0] < 15


def test_killed_at_any_moment_it_is_the_old_picture_or_the_new_one_never_both(home: Home) -> None:
    for flushes in range(1, MOST_FLUSHES):
        home.phone.call("halt", after=flushes)
        home.phone.page.evaluate(COVER, {"draft": home.draft, "areas": [FACE]})
        until(home.is_over, "a flush")
        is_done = home.phone.page.evaluate("globalThis.isDone")
        home.browser.kill()
        home.open()
        is_covered = home.body().get("is_blurred", False)
        assert {home.phone.call("photo", sha256=sha256) is None for sha256 in home.hashes} == {is_covered}
        assert home.phone.call("storage")["photo_bytes"] == named_bytes(home.phone)
        home.phone.rest()
        assert {home.left(picture) for picture in home.old} == {"nothing" if is_covered else "all"}
        if is_done:
            assert is_covered and flushes > 4
            return
        home.phone.call("visible")
        if is_covered:
            home.photograph(flushes)
    raise AssertionError("it never ended")


COVER = """(args) => {
    globalThis.isDone = false;
    phone.call("blurPhoto", args).then(() => { globalThis.isDone = true; });
}"""


def named_bytes(phone: Phone) -> int:
    """Return how large the images are that drafts name."""
    bodies = [draft["body"] for draft in phone.call("drafts", kind="photo")]
    images = [image for body in bodies for image in (body["view"], body["original"]) if image]
    return sum({image["sha256"]: image["size_bytes"] for image in images}.values())


def test_a_face_is_not_covered_where_the_old_picture_would_stay(
    page: Page, static_server: StaticServer
) -> None:
    phone = Phone(page, static_server)
    enrolled(phone, Archive())
    draft, _ = taken(phone, noisy())
    assert phone.call("mayBlur", id=draft) is None
    other, _ = taken(phone, noisy())
    phone.call("discardDraft", id=other)
    assert refusal(phone, draft) == "shared"
    sealed, _ = taken(phone, noisy(8))
    phone.call("seal", drafts=[sealed])
    correction = phone.call("revise", entity=sealed)["id"]
    assert refusal(phone, correction) == "sealed"
    undecodable, _ = taken(phone, test_photo.HEIC)
    assert refusal(phone, undecodable) == "no-view"


def refusal(phone: Phone, draft: str) -> Any:
    """Return the reason, which the question and the act give alike."""
    reason = phone.call("mayBlur", id=draft)
    with pytest.raises(StoreError) as refused:
        phone.call("blurPhoto", draft=draft, areas=[FACE])
    assert refused.value.detail == {"reason": reason}
    return reason


def test_a_face_is_covered_by_hand_before_the_visit_is_submitted(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], tmp_path: Path
) -> None:
    page = enrolled_at(make_phone(), server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.photograph("[data-name=photo]", grey(tmp_path))
    hand.tap("[data-name=part-photo] a")
    photo = str(page.evaluate("location.hash.split('/')[4]"))
    hash_line = page.locator("[data-name=watermark] span").last
    before = hash_line.inner_text()
    hand.tap("[data-name=blur]")
    expect(page.locator("[data-name=cover]")).to_be_disabled()
    drag(page, (0.2, 0.2), (0.5, 0.6), "blurring")
    hand.tap("[data-name=cover]")
    expect(page.locator("[data-name=blur-ask]")).to_contain_text("手机相册里若另存了一张，请自行删除")
    hand.tap("[data-name=cover-now]")
    expect(page.locator("[data-name=blurred]")).to_be_visible()
    expect(hash_line).not_to_have_text(before)
    go(page, "visit", visit)
    submit_all_the_same(hand, "先交照片")
    sent(page)
    go(page, "visit", visit, "photo", photo)
    expect(page.locator("[data-name=blurred]")).to_be_visible()
    expect(page.locator("[data-name=blur]")).to_have_count(0)
    server.stop()
    [row] = rows(server, Photo, entity=photo)
    assert (row.is_blurred, row.original, row.view["width"]) == (True, None, 1600)
