"""The watermark: where its words stand in a picture, and what a copy that leaves the app says. The photo itself stays as it was."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Page, expect

from tests.browser import test_photo, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_visit import begin, enrolled

LINES = ["环城北路东段工程", "3号墩 · 照片2", "2026-11-22 14:54:15 +08:00", "未取得定位"]


make_phone = test_photo.make_phone


def rule(page: Page, name: str, *values: Any) -> Any:
    return page.evaluate("([name, values]) => rule(name, values)", [name, list(values)])


def test_words_break_at_blanks_and_chinese_between_letters(judge: Page) -> None:
    assert rule(judge, "wrapped", "bridge over the river", 12) == ["bridge over", "the river"]
    assert rule(judge, "wrapped", "环城北路东段工程", 3) == ["环城北", "路东段", "工程"]
    assert rule(judge, "wrapped", "W" * 7, 3) == ["WWW", "WWW", "W"]
    assert rule(judge, "wrapped", "宽", 0) == ["宽"]


@pytest.mark.parametrize("size", [(2048, 1536), (1536, 2048), (640, 480), (90, 60)])
@pytest.mark.parametrize("lines", [LINES, [*LINES, "很长的名称" * 60]], ids=["usual", "long"])
def test_the_panel_lies_in_the_corner_and_within_the_picture(
    judge: Page, size: tuple[int, int], lines: list[str]
) -> None:
    width, height = size
    panel = rule(judge, "watermark", lines, {"width": width, "height": height})
    assert (panel["x"], panel["y"] + panel["height"]) == (0, height)
    assert panel["width"] <= width and panel["y"] >= 0
    assert panel["rows"][0] == lines[0][: len(panel["rows"][0])]
    if min(size) >= 480:
        assert "".join(panel["rows"]) == "".join(lines)
        assert panel["font_px"] * 60 >= min(size)


def test_a_shared_copy_says_where_when_and_by_whom_and_the_photo_stays(
    server: AppServer, make_phone: Callable[..., ProfileBrowser], tmp_path: Path
) -> None:
    phone = make_phone(permissions=[])
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    name = page.locator("h1").inner_text()
    page.set_viewport_size({"width": 360, "height": 640})
    white = tmp_path / "white.jpg"
    Image.effect_noise((1200, 900), 8).point(lambda value: 255 - value // 16).convert("RGB").save(
        white, "JPEG", quality=95
    )
    hand.photograph("[data-name=photo]", white)
    page.locator("[data-name=part-photo] a").first.click()
    lines = page.locator("[data-name=watermark] span")
    expect(lines.nth(0)).to_have_text(name)
    said = lines.all_inner_texts()
    assert "未取得定位" in said
    assert any("+08:00" in line for line in said)
    assert any(line.endswith(" · 月度走访 · 抽查") for line in said)
    page.evaluate("navigator.canShare = undefined")
    with page.expect_download() as download:
        page.locator("[data-name=share]").click()
    assert download.value.suggested_filename.endswith("照片1.jpg")
    copy = Path(download.value.path()).read_bytes()
    picture = Image.open(io.BytesIO(copy))
    assert picture.size == (1200, 900) and not picture.getexif()
    corner, rest = picture.crop((4, 880, 40, 896)), picture.crop((1000, 20, 1180, 200))
    assert ImageStat.Stat(corner.convert("L")).mean[0] < 100 < 200 < ImageStat.Stat(rest.convert("L")).mean[0]
    assert lines.all_inner_texts() == said
