"""Rows as a file: XLSX with typed cells, CSV that Excel opens rightly, GeoJSON. Rows pass through one by one and are never all in memory.

Nothing a person wrote can become a formula: in XLSX every text is written as text, in CSV a sign before it keeps it one.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Literal

import xlsxwriter

from fieldapp.sheet.source import FORMULA_SIGNS
from fieldapp.sheet.value import Cell

Kind = Literal["text", "day", "percent", "number"]

# What one sheet of an XLSX holds, the row of headings included.
MOST_SHEET_ROWS = 1_048_576
MOST_SHEET_NAME = 31
# Widths in characters, by what a column holds.
WIDTHS: dict[Kind, int] = {"text": 24, "day": 12, "percent": 10, "number": 14}
FORMATS: dict[Kind, str] = {"day": "yyyy-mm-dd", "percent": "0.0"}


@dataclass(frozen=True)
class Heading:
    """A column of a file: what heads it and what its cells hold; percentages are numbers like 64.7."""

    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Facts:
    """What a file says of itself: `lines` are by whom, when, what for, of what, each with its label; `about` heads them."""

    title: str
    about: str
    by: str
    lines: Sequence[tuple[str, str]]


def write_xlsx(
    file: IO[bytes], facts: Facts, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write rows as XLSX: the table first, what the file says of itself on the sheet behind it and in its properties."""
    # What a person wrote stays what it is: no text becomes a formula, a link or a number.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as workbook:
        about = "；".join(f"{label} {words}" for label, words in facts.lines)
        workbook.set_properties({"title": facts.title, "author": facts.by, "comments": about})
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats = {kind: workbook.add_format({"num_format": form}) for kind, form in FORMATS.items()}
        styles = [formats.get(heading.kind) for heading in headings]
        sheet, at, part = None, 0, 0
        for row in rows:
            if sheet is None or at == MOST_SHEET_ROWS:
                part += 1
                sheet, at = _begin(workbook, facts.title, part, headings, bold), 1
            for column, value in enumerate(row):
                _write(sheet, at, column, value, styles[column])
            at += 1
        if sheet is None:
            _begin(workbook, facts.title, 1, headings, bold)
        notes = workbook.add_worksheet(_sheet_name(facts.about, ""))
        notes.set_column(0, 0, 16)
        notes.set_column(1, 1, 80)
        for number, (label, words) in enumerate(facts.lines):
            notes.write_string(number, 0, label, bold)
            notes.write_string(number, 1, words)


def _begin(workbook: Any, title: str, part: int, headings: Sequence[Heading], bold: Any) -> Any:
    ending = f" {part}" if part > 1 else ""
    sheet = workbook.add_worksheet(_sheet_name(title, ending))
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, WIDTHS[heading.kind])
        sheet.write_string(0, column, heading.label, bold)
    return sheet


def _sheet_name(title: str, ending: str) -> str:
    clean = "".join(" " if sign in "[]:*?/\\'" else sign for sign in title).strip()
    return clean[: MOST_SHEET_NAME - len(ending)] + ending


def _write(sheet: Any, row: int, column: int, value: Cell, style: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
    else:
        sheet.write_number(row, column, float(value), style)


def write_csv(
    file: IO[bytes], facts: Facts, headings: Sequence[Heading], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write rows as CSV in UTF-8 with the mark Excel needs; the last line is what the file says of itself."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([heading.label for heading in headings])
    kinds = [heading.kind for heading in headings]
    for row in rows:
        writer.writerow([_safe(value, kind) for value, kind in zip(row, kinds, strict=True)])
    writer.writerow([f"{facts.about}：" + "；".join(f"{label} {words}" for label, words in facts.lines)])
    text.flush()
    text.detach()


def _safe(value: Cell, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        is_risky = value.lstrip("'")[:1] in FORMULA_SIGNS
        return f"'{value}" if is_risky else value
    if isinstance(value, Decimal):
        return f"{value:f}%" if kind == "percent" else f"{value:f}"
    return str(value)


@dataclass(frozen=True)
class Feature:
    """A place with what is told of it; `lat_e7`, `lon_e7` in WGS-84."""

    lat_e7: int
    lon_e7: int
    told: Mapping[str, Any]


def write_geojson(file: IO[bytes], facts: Facts, features: Iterable[Feature]) -> None:
    """Write places as GeoJSON (RFC 7946: WGS-84, longitude first); `about` says what the file is."""
    about = {"title": facts.title, **dict(facts.lines)}
    head = json.dumps({"type": "FeatureCollection", "about": about}, ensure_ascii=False)
    file.write(f'{head[:-1]}, "features": ['.encode())
    for number, one in enumerate(features):
        place = {"type": "Point", "coordinates": [one.lon_e7 / 1e7, one.lat_e7 / 1e7]}
        feature = {"type": "Feature", "geometry": place, "properties": dict(one.told)}
        file.write(f"{',' if number else ''}\n{json.dumps(feature, ensure_ascii=False)}".encode())
    file.write(b"\n]}\n")
