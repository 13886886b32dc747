"""Tables as offices hand them in: merged titles, two rows of headings, units, sums, dates as text; written for tests."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

# First row, first column, last row, last column, counted from 0, and what the merged cell says.
Merged = tuple[int, int, int, int, str]


def workbook(rows: Sequence[Sequence[Any]], merged: Sequence[Merged] = (), name: str = "Sheet1") -> bytes:
    """Return an XLSX of one sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value not in (None, ""):
                    sheet.write(at, column, value)
        for first_row, first, last_row, last, words in merged:
            sheet.merge_range(first_row, first, last_row, last, words)
    return file.getvalue()


def progress_table() -> bytes:
    """Return a monthly table: title over all columns, grouped headings, units, a project over two milestones, sums, a note."""
    rows: list[list[Any]] = [
        [],
        ["填报单位：交通局"],
        ["序号", "项目名称", "投资", "", "上报进度", "形象进度", "节点", "", "填报日期"],
        ["", "", "年度计划", "完成投资", "", "", "名称", "实际完成时间", ""],
        ["", "", "（亿元）", "（亿元）", "（%）", "", "", "", ""],
        [1, "公路 p017", 0.5, 0.35, "68.5%", "路基完成", "征地", "2026年3月5日", "2026.11.28"],
        [2, "", 0.5, 0.35, "68.5%", "路基完成", "路基", "11月20日", "2026.11.28"],
        [3, "P018", 1, 0.2, 41, "桥墩施工", "", "", 46354],
        ["", "合 计", 1.5, 0.55, "", "", "", "", ""],
        ["备注：以统计部门数据为准。"],
    ]
    merged: list[Merged] = [
        (0, 0, 0, 8, "云岭市2026年11月重点项目调度表"),
        (2, 2, 2, 3, "投资"),
        (2, 6, 2, 7, "节点"),
        (5, 1, 6, 1, "公路 p017"),
    ]
    return workbook(rows, merged)
