"""The rows of a table as what they mean for bodies: cells read, whatever is wrong with one named by row and heading."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fieldapp.sheet import cell
from fieldapp.sheet.book import Book
from fieldapp.sheet.cell import Unreadable
from fieldapp.sheet.column import Table
from fieldapp.sheet.layout import Layout
from fieldapp.sheet.value import Reading
from fieldapp.shifted import to_wgs84

# How percentages are written: by themselves, `35`, or `0.35`.
PERCENTS = ("auto", "percent", "fraction")


@dataclass(frozen=True)
class Asked:
    """What a person says of a table: `columns` by heading (empty: not used), the month and system of what no cell says."""

    columns: tuple[str, ...]
    month: str = ""
    system: str = "wgs84"
    percent: str = "auto"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: `heading` of the sheet (empty: the row as a whole), `text` of the cell, the end of a key, its words."""

    row: int
    heading: str
    text: str
    reason: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One row: its number in the sheet, what its cells say, and where."""

    row: int
    values: dict[str, Any]
    cells: dict[str, str]


class Reader:
    """Reads the rows of one table; `faults` are those found so far, in the order of the rows."""

    def __init__(self, book: Book, table: Table, layout: Layout, asked: Asked) -> None:
        self.table, self.layout, self.asked = table, layout, asked
        self.heading = {
            name: layout.headings[at]
            for at, name in enumerate(asked.columns)
            if name and at < len(layout.headings)
        }
        self.at = {name: at for at, name in enumerate(asked.columns) if name and at < len(layout.headings)}
        self.faults: list[Fault] = []
        year = int(asked.month[:4]) if asked.month else layout.year
        self.reading = Reading(book, table, year, asked.system, self._fractions(), self._units())

    def _fractions(self) -> dict[str, bool]:
        found = {}
        for name, at in self.at.items():
            if self.table.column(name).sort != "percent":
                continue
            cells = [row[at] for _, row in self.layout.rows if not cell.is_nothing(row[at])]
            looks_so = cell.are_fractions(cells)
            says_percent = "%" in cell.plain(self.layout.headings[at] + self.layout.units[at])
            if self.asked.percent == "auto" and looks_so and says_percent:
                self.faults.append(
                    Fault(self.layout.header_row, self.layout.headings[at], "", "percent_unclear")
                )
            found[name] = looks_so if self.asked.percent == "auto" else self.asked.percent == "fraction"
        return found

    def _units(self) -> dict[str, Decimal]:
        def unit(at: int) -> Decimal:
            return cell.unit_of(self.layout.units[at] or self.layout.headings[at])

        return {name: unit(at) for name, at in self.at.items() if self.table.column(name).sort == "amount"}

    def lines(self) -> Iterator[Line]:
        """Yield the rows of which every cell could be read; the others are faults by now."""
        for number, row in self.layout.rows:
            before = len(self.faults)
            line = self._line(number, row)
            if len(self.faults) == before:
                yield line

    def _line(self, number: int, row: Sequence[str]) -> Line:
        line = Line(number, {}, {})
        for name, at in self.at.items():
            text = row[at]
            if cell.is_nothing(text):
                continue
            line.cells[name] = text
            try:
                line.values[name] = self.reading.read(self.table.column(name), text)
            except Unreadable as wrong:
                self.faults.append(Fault(number, self.heading[name], text, wrong.reason, wrong.words))
        self._shift(line)
        return line

    def _shift(self, line: Line) -> None:
        lat, lon = line.values.get("site.lat_e7"), line.values.get("site.lon_e7")
        if (lat is None) == (lon is None):
            if lat is not None and lon is not None:
                pair = to_wgs84(self.asked.system, lat, lon)
                line.values["site.lat_e7"], line.values["site.lon_e7"] = pair
            return
        read = {"site.lat_e7", "site.lon_e7"} & line.cells.keys()
        if len(read) == 1:
            name = read.pop()
            self.faults.append(Fault(line.row, self.heading[name], line.cells[name], "half_a_place"))

    def fault(self, line: Line, name: str, reason: str, **words: Any) -> None:
        """Name what is wrong with a row that could be read; `name` is the column it is about."""
        self.faults.append(
            Fault(line.row, self.heading.get(name, ""), line.cells.get(name, ""), reason, words)
        )
