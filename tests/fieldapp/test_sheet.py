"""What cells and headings of offices' tables mean."""

import io
from decimal import Decimal
from typing import Any

import pytest

from fieldapp.sheet import cell, layout, source
from fieldapp.sheet.cell import Unreadable
from fieldapp.sheet.column import TABLES
from fieldapp.sheet.heading import known, mapped
from fieldapp.shifted import to_gcj02, to_wgs84
from tests.fieldapp.messy_sheet import workbook

REPORT = known(TABLES["progress_report"])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年3月5日", "2026-03-05"),
        ("2026 年 3 月 5 号", "2026-03-05"),
        ("2026.3.5", "2026-03-05"),
        ("２０２６／３／５", "2026-03-05"),
        ("2026-03-05T00:00", "2026-03-05"),
        ("20260305", "2026-03-05"),
        ("3月5日", "2025-03-05"),
        ("46086", "2026-03-05"),
        ("2026年2月底", "2026-02-28"),
        ("12月末", "2025-12-31"),
    ],
)
def test_days_are_read_as_offices_write_them(text: str, day: str) -> None:
    assert cell.day(text, 2025) == day


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026年3月", "day_missing"),
        ("3月", "day_missing"),
        ("2026年2月30日", "no_such_day"),
        ("2026年13月1日", "no_such_day"),
        ("三月五日", "no_day"),
        ("12", "no_day"),
        ("13月底", "no_such_day"),
    ],
)
def test_what_is_no_day_is_refused_and_says_why(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        cell.day(text, 2026)
    assert refused.value.reason == reason


def test_a_day_without_a_year_needs_the_tables() -> None:
    with pytest.raises(Unreadable) as refused:
        cell.day("3月5日", None)
    assert refused.value.reason == "year_missing"
    assert [cell.month(text, 2026) for text in ("2026年3月", "2026-03", "202603", "3月份", "2026.3.5")] == [
        "2026-03"
    ] * 5


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (lambda text: cell.permille(text, False), "35%", 350),
        (lambda text: cell.permille(text, True), "35 ％", 350),
        (lambda text: cell.permille(text, False), "35", 350),
        (lambda text: cell.permille(text, True), "0.352", 352),
        (lambda text: cell.wan(text, Decimal(1)), "1,234.5", 1235),
        (lambda text: cell.wan(text, Decimal(1)), "1.2亿元", 12_000),
        (lambda text: cell.wan(text, Decimal(10_000)), "0.35", 3_500),
        (lambda text: cell.wan(text, Decimal(10_000)), "350万", 350),
        (cell.quantity, "1,200.50", "1200.5"),
        (cell.quantity, "100", "100"),
        (cell.whole, "300", 300),
        (cell.flag, "是", True),
        (cell.flag, "No", False),
    ],
)
def test_figures_are_read_with_their_units(read: Any, text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "reason"),
    [
        (lambda text: cell.permille(text, False), "约35", "no_percent"),
        (lambda text: cell.permille(text, False), "135", "percent_range"),
        (lambda text: cell.wan(text, Decimal(1)), "-3", "negative"),
        (lambda text: cell.wan(text, Decimal(1)), "9e999", "no_amount"),
        (cell.quantity, "1,20", "no_number"),
        (cell.whole, "2.5", "no_whole"),
        (cell.flag, "也许", "no_flag"),
    ],
)
def test_what_is_no_figure_is_refused_and_says_why(read: Any, text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("cells", "are_so"),
    [
        (["0.35", "1"], True),
        (["0.35", "35"], False),
        (["1", "0"], False),
        (["35%", "0.5"], True),
        ([], False),
    ],
)
def test_a_columns_figures_say_whether_they_are_parts_of_one(cells: list[str], are_so: bool) -> None:
    assert cell.are_fractions(cells) is are_so


def test_a_place_comes_back_from_the_shift_of_maps_in_china() -> None:
    # The case of static/js/core/gcj02.js.
    assert to_gcj02(31.1774276, 121.5272106) == (
        pytest.approx(31.17530398, abs=1e-6),
        pytest.approx(121.53154186, abs=1e-6),
    )
    assert to_wgs84("gcj02", 311753040, 1215315419) == (
        pytest.approx(311774276, abs=10),
        pytest.approx(1215272106, abs=10),
    )
    # Tian'anmen as Baidu has it and as the other maps have it: two metres apart after both ways back.
    baidu, other = to_wgs84("bd09", 399150850, 1164039670), to_wgs84("gcj02", 399087340, 1163975760)
    assert baidu == (pytest.approx(other[0], abs=300), pytest.approx(other[1], abs=300))
    assert to_wgs84("wgs84", 1, 2) == (1, 2)
    assert to_wgs84("gcj02", 488566000, 23522000) == (488566000, 23522000)


def test_columns_are_known_by_what_offices_call_them() -> None:
    headings = ["序号", "项目\n名称", "截至本月底累计完成投资（亿元）", "*上报进度", "形象 进度", "备注"]
    assert mapped(headings, REPORT) == ["", "project", "spent_wan", "reported_permille", "physical", ""]
    # No two columns of a sheet are the same.
    assert mapped(["项目名称", "项目编号"], REPORT) == ["project", ""]


@pytest.mark.parametrize(
    "content",
    [
        "项目,上报进度\r\n公路,35\r\n".encode("gb18030"),
        "项目,上报进度\r\n公路,35\r\n".encode("utf-8-sig"),
        "项目;上报进度\n公路;35\n".encode(),
        "项目\t上报进度\n公路\t35\n".encode("utf-16"),
    ],
    ids=["gb18030", "utf-8 with mark", "semicolons", "utf-16 with tabs"],
)
def test_csv_is_read_however_excel_wrote_it(content: bytes) -> None:
    assert source.read(content) == {"CSV": [["项目", "上报进度"], ["公路", "35"]]}


def test_titles_units_sums_and_notes_are_left_out_and_said_so() -> None:
    rows = [
        ["2026年1—10月调度表"],
        ["项目", "进度", "完成投资"],
        ["", "%", "万元"],
        ["公路", "35", "9"],
        ["", "", ""],
        ["小计：", "", "9"],
        ["注：截至月底"],
    ]
    found = layout.find(rows, REPORT)
    assert found is not None
    assert [(one.row, one.why) for one in found.skipped] == [
        (1, "title"),
        (3, "unit"),
        (6, "sum"),
        (7, "note"),
    ]
    assert (found.header_row, found.rows, found.month, found.year) == (
        2,
        [(4, ["公路", "35", "9"])],
        "2026-10",
        2026,
    )
    assert layout.find([["甲", "乙"], ["1", "2"]], REPORT) is None
    assert layout.find([], REPORT) is None


def test_a_merged_cell_says_the_same_for_every_row_it_covers() -> None:
    content = workbook([["项目", "节点"], ["", "甲"], ["", "乙"]], [(1, 0, 2, 0, "公路")])
    assert source.read(content) == {"Sheet1": [["项目", "节点"], ["公路", "甲"], ["公路", "乙"]]}


def test_a_sheet_that_would_grow_in_memory_is_refused() -> None:
    content = workbook([["项目"], *[["长" * 30_000] for _ in range(150)]])
    with pytest.raises(source.WorkbookRefused) as refused:
        source.read(content)
    assert refused.value.reason == "too_large"
    assert len(content) < 2_000_000 and io.BytesIO(content).read(2) == b"PK"
