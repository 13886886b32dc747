"""Photos on the phone: bytes first, then the draft, then the view; and what becomes of pictures that are not right."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route

from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, StoreError, enrolled


def picture(width: int = 3000, height: int = 1500, form: str = "JPEG", orientation: int = 1) -> bytes:
    """Draw a picture with edges and colours, so that it is neither black nor tiny."""
    image = Image.radial_gradient("L").resize((width, height)).convert("RGB")
    image.paste((200, 30, 30), (0, 0, width // 3, height // 4))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, form, exif=exif) if form == "JPEG" else image.save(out, form)
    return out.getvalue()


JPEG = picture()


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    phone = Phone(page, static_server)
    enrolled(phone, Archive())
    return phone


def taken(phone: Phone, data: bytes, **more: Any) -> tuple[str, dict[str, Any]]:
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": "桥墩"})["id"]
    return draft, phone.add_photo(draft, data, **more)


def stored(phone: Phone, sha256: str, *, is_small: bool = False) -> bytes:
    script = "async (wanted) => [...new Uint8Array(await (await phone.call('photo', wanted)).value.blob.arrayBuffer())]"
    return bytes(phone.page.evaluate(script, {"sha256": sha256, "isSmall": is_small}))


def test_original_stays_as_delivered_and_view_is_small_upright_and_bare(phone: Phone) -> None:
    data = picture(3000, 1500, orientation=6)
    draft, added = taken(phone, data)
    original, view = added["original"], added["view"]
    assert added["problem"] is None
    assert (original["width"], original["height"], original["required"]) == (1500, 3000, False)
    assert (view["width"], view["height"], view["required"]) == (1024, 2048, True)
    assert stored(phone, original["sha256"]) == data
    shown = Image.open(io.BytesIO(stored(phone, view["sha256"])))
    assert (shown.size, shown.format, len(shown.getexif())) == ((1024, 2048), "JPEG", 0)
    small = Image.open(io.BytesIO(stored(phone, view["sha256"], is_small=True)))
    assert (small.size, small.format, len(small.getexif())) == ((320, 640), "JPEG", 0)
    # Turned as people see it: the red corner of the stored picture stands at the top right.
    red = shown.convert("RGB").getpixel((1000, 20))
    assert isinstance(red, tuple) and red[0] > 150 > red[1]
    body = phone.call("draft", id=draft)["body"]
    assert body == {"caption": "桥墩", "original": original, "view": view}


def test_a_small_picture_is_not_enlarged_and_png_is_taken(phone: Phone) -> None:
    _, added = taken(phone, picture(200, 100, "PNG"))
    assert (added["original"]["media_type"], added["original"]["width"]) == ("image/png", 200)
    assert (added["view"]["width"], added["view"]["media_type"]) == (200, "image/jpeg")


def test_a_cut_off_picture_is_kept_and_told(phone: Phone) -> None:
    _, added = taken(phone, JPEG[: len(JPEG) * 2 // 3])
    assert added["problem"] == "cut-off"
    assert stored(phone, added["original"]["sha256"]) == JPEG[: len(JPEG) * 2 // 3]


def test_a_black_picture_is_told(phone: Phone) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480)).save(out, "JPEG")
    _, added = taken(phone, out.getvalue())
    assert (added["problem"], added["view"], added["original"]["required"]) == ("black", None, True)


def test_heic_keeps_its_original_as_required(phone: Phone) -> None:
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(range(256)) * 40
    _, added = taken(phone, heic)
    assert (added["problem"], added["view"]) == ("undecodable", None)
    assert (added["original"]["media_type"], added["original"]["required"]) == ("image/heic", True)
    assert stored(phone, added["original"]["sha256"]) == heic


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty"),
        (b"MZ not a picture" * 10, "other"),
        (b"\xef\xbb\xbf\n<!doctype HTML><title>login</title>", "web"),
        (b"%PDF-1.7\n", "document"),
        (b"PK\x03\x04" + bytes(20), "document"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2", "video"),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1", "picture"),
        (b"GIF89a" + bytes(20), "picture"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_the_draft(phone: Phone, data: bytes, found: str) -> None:
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""})["id"]
    with pytest.raises(StoreError, match="PhotoBroken") as refused:
        phone.add_photo(draft, data)
    assert refused.value.detail == {"found": found}
    assert phone.call("draft", id=draft)["body"] == {"caption": ""}


def test_original_may_be_given_up_once_the_view_stands(phone: Phone) -> None:
    draft, added = taken(phone, JPEG, keepOriginal=False)
    assert (added["original"], added["view"]["required"]) == (None, True)
    assert phone.call("draft", id=draft)["body"]["original"] is None


def test_words_come_with_the_bytes_and_what_looks_wrong_is_kept_with_the_draft(phone: Phone) -> None:
    out = io.BytesIO()
    Image.new("RGB", (640, 480)).save(out, "JPEG")
    local = {"awaits_photo_since": "2026-11-22T14:54:15.120+08:00"}
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""}, local=local)[
        "id"
    ]
    phone.add_photo(draft, out.getvalue(), body={"caption": "桥墩"})
    found = phone.call("draft", id=draft)
    assert found["body"]["caption"] == "桥墩"
    assert found["local"] == {"awaits_photo_since": None, "problem": "black"}
    phone.add_photo(draft, JPEG)
    assert phone.call("draft", id=draft)["local"]["problem"] is None
    sealed = phone.call("seal", drafts=[draft])["records"][0]["hash"]
    assert set(phone.payload(sealed)["body"]) == {"caption", "original", "view"}


def test_photos_on_the_phone_are_counted_as_people_count_them(phone: Phone) -> None:
    first, _ = taken(phone, JPEG)
    taken(phone, picture(800, 600))
    assert phone.call("storage")["photos"] == 2
    phone.call("seal", drafts=[first])
    correction = phone.call("revise", entity=first)["id"]
    assert phone.call("storage")["photos"] == 2, "other words are no other photo"
    phone.add_photo(correction, picture(900, 600))
    assert phone.call("storage")["photos"] == 3


def test_the_same_bytes_are_stored_once(phone: Phone) -> None:
    taken(phone, JPEG)
    before = phone.call("storage")
    taken(phone, JPEG)
    assert phone.call("storage")["photo_bytes"] == before["photo_bytes"]


def test_a_large_photo_comes_back_whole_and_in_ranges(phone: Phone) -> None:
    data = JPEG + bytes(range(256)) * 4000
    _, added = taken(phone, data)
    sha256 = added["original"]["sha256"]
    assert stored(phone, sha256) == data
    for start, end in ((0, 1), (262_143, 262_145), (262_144, 524_288), (len(data) - 5, len(data) + 5)):
        assert bytes(phone.port("readPhoto", sha256, start, end)) == data[start:end]


def test_what_was_written_otherwise_than_given_is_not_taken_and_may_be_given_again(
    page: Page, static_server: StaticServer
) -> None:
    def spoil(route: Route) -> None:
        body = route.fetch().text()
        written = "number, part });"
        assert body.count(written) == 1
        spoilt = body.replace(written, "number, part: part.map((byte) => byte ^ 1) });")
        route.fulfill(body=spoilt, content_type="text/javascript")

    page.route("**/store/photo.js", spoil)
    phone = Phone(page, static_server)
    enrolled(phone, Archive())
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": "桥墩"})["id"]
    with pytest.raises(StoreError, match="PhotoBroken"):
        phone.add_photo(draft, JPEG)
    assert phone.call("draft", id=draft)["body"] == {"caption": "桥墩"}
    page.unroute_all()
    phone = Phone(page, static_server)
    phone.start()
    phone.call("open", person=PERSON)
    added = phone.add_photo(draft, JPEG)
    assert stored(phone, added["original"]["sha256"]) == JPEG


def test_a_file_the_browser_can_no_longer_read_is_told_and_leaves_the_draft(
    phone: Phone, tmp_path: Path
) -> None:
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": "桥墩"})["id"]
    phone.page.evaluate(
        "document.body.append(Object.assign(document.createElement('input'), { type: 'file' }))"
    )
    give = "(draft) => phone.call('addPhoto', { draft, blob: document.querySelector('input').files[0] })"
    file = tmp_path / "photo.jpg"
    file.write_bytes(JPEG)
    phone.page.set_input_files("input", file)
    file.unlink()
    error = phone.page.evaluate(give, draft)["error"]
    assert (error["name"], error["detail"]) == ("PhotoBroken", {"found": "unreadable"})
    assert phone.call("draft", id=draft)["body"] == {"caption": "桥墩"}
    file.write_bytes(JPEG)
    phone.page.set_input_files("input", file)
    added = phone.page.evaluate(give, draft)["value"]
    assert stored(phone, added["original"]["sha256"]) == JPEG
