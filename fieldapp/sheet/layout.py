"""Where the table in a sheet is: one or two rows of headings; titles, units, sums and notes are skipped, and said so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fieldapp.sheet.cell import plain
from fieldapp.sheet.heading import GROUPED, exact

# Deeper than this no table begins.
MOST_ABOVE = 30
SUMS = re.compile(r"(合计|总计|小计|平均|累计合计|本页合计|total|subtotal|sum)[:：]?")
NOTES = re.compile(
    r"(注|备注|说明|填表说明|填报说明|填表人|填报人|审核人|制表|制表人|note|notes)[:：].*|(注|填表说明)\d?[.、].*"
)
UNITS = re.compile(
    r"[(（]?(亿元|万元|元|%|‰|米|公里|千米|平方米|公顷|亩|个|项|处|户|人|吨|年月日|yyyymmdd|百分点|度|10,?000yuan|m|km)[)）]?"
)
_MONTH = re.compile(r"(20\d\d)\s*年\s*(?:1\s*[-—–~至]\s*)?(\d{1,2})\s*月")
_YEAR = re.compile(r"(20\d\d)\s*年")

Why = Literal["title", "unit", "sum", "note"]


@dataclass(frozen=True)
class Skipped:
    """A row that is no part of the table: its number in the sheet, why, and how it begins."""

    row: int
    why: Why
    words: str


@dataclass(frozen=True)
class Layout:
    """A table in a sheet. `rows` are numbered as in the sheet; `units` are what the row of units says under each heading."""

    headings: list[str]
    header_row: int
    units: list[str]
    rows: list[tuple[int, list[str]]]
    skipped: list[Skipped]
    month: str
    year: int | None


def find(rows: Sequence[Sequence[str]], words: Mapping[str, str]) -> Layout | None:
    """Return the table of a sheet; None when no row has two headings that mean something."""
    width = max(map(len, rows), default=0)
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    best = max(range(min(len(even), MOST_ABOVE)), key=lambda at: _score(even[at], words), default=0)
    single = even[best] if even else []
    double = _joined(even, best)
    pairs = [(_score(single, words), best, 1, single)]
    if double:
        pairs.append((_score(double, words), best, 2, double))
    if best and (upper := _joined(even, best - 1)):
        pairs.append((_score(upper, words), best - 1, 2, upper))
    score, at, height, headings = max(pairs, key=lambda one: (one[0], -one[2]))
    if score < 2:
        return None
    return _layout(even, at, height, headings)


def _score(headings: Sequence[str], words: Mapping[str, str]) -> int:
    return len({name for heading in headings if (name := exact(heading, words))})


def _joined(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """Return the headings of two rows of which the upper one groups; empty when the lower one is none."""
    if at + 1 >= len(rows) or len({cell for cell in rows[at] if cell}) < 2:
        return []
    upper, lower, group = rows[at], rows[at + 1], ""
    if any(re.search(r"\d{3}|\d[./-]\d", cell) for cell in lower) or len(list(filter(None, lower))) < 2:
        return []
    found = []
    for above, below in zip(upper, lower, strict=True):
        # A group that is not merged stands over its first column only.
        group = above or group if below else above
        found.append(above if not below or above == below else f"{group}{GROUPED}{below}" if group else below)
    return found


def _layout(rows: Sequence[list[str]], at: int, height: int, headings: list[str]) -> Layout:
    skipped = [Skipped(number, "title", _begin(row)) for number, row in enumerate(rows[:at], 1) if any(row)]
    title = " ".join(cell for row in rows[:at] for cell in dict.fromkeys(row))
    units = [""] * len(headings)
    kept: list[tuple[int, list[str]]] = []
    for number, row in enumerate(rows[at + height :], at + height + 1):
        if not any(row):
            continue
        why = _why(row, is_first=not kept)
        if why == "unit":
            units = row
        if why:
            skipped.append(Skipped(number, why, _begin(row)))
        else:
            kept.append((number, row))
    month, year = _MONTH.search(title), _YEAR.search(title)
    is_month = month is not None and 1 <= int(month[2]) <= 12
    return Layout(
        headings=headings,
        header_row=at + height,
        units=units,
        rows=kept,
        skipped=skipped,
        month=f"{month[1]}-{int(month[2]):02d}" if month and is_month else "",
        year=int(year[1]) if year else None,
    )


def _why(row: Sequence[str], is_first: bool) -> Why | None:
    told = [plain(cell) for cell in row if cell]
    distinct = set(told)
    if is_first and all(UNITS.fullmatch(cell) for cell in told):
        return "unit"
    if any(SUMS.fullmatch(cell) for cell in told[:3]):
        return "sum"
    if len(distinct) <= 2 and NOTES.fullmatch(told[0]):
        return "note"
    return None


def _begin(row: Sequence[str]) -> str:
    return next((cell for cell in row if cell), "")[:60]
