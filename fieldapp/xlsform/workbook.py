"""The sheets of an Excel file as plain text. Files of unknown origin are opened here and nowhere else.

Reading happens in a process of its own (`python -I workbook.py`) with little memory, little time and no secrets in its environment: a bomb
or a broken file ends that process, not the import. This file imports nothing of the application.
"""

import datetime
import io
import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_MEMORY_BYTES = 1024 * 1024 * 1024
MAX_CPU_S = 20
MAX_ROWS, MAX_COLUMNS = 5_000, 200
MAX_CHARS = 2 * 1024 * 1024
# Tables of figures are longer than forms; on top of their rows stand titles, below them sums and notes.
MAX_TABLE_ROWS, MAX_TABLE_CHARS = 5_200, 4 * 1024 * 1024

Sheets = dict[str, list[list[str]]]


class WorkbookRefused(Exception):
    """A file that is not read; `reason` is `unreadable`, `protected` or `too_large`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(path: Path) -> Sheets:
    """Return every sheet by its name, rows from the first line of the sheet on, cells as text; raises `WorkbookRefused`."""
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    return _read(content)


def read_table(content: bytes) -> Sheets:
    """Return what `read` does of a table: longer ones too, and what a merged cell says stands in every cell it covers."""
    return _read(content, "table")


def _read(content: bytes, *words: str) -> Sheets:
    if len(content) > MAX_FILE_BYTES:
        raise WorkbookRefused("too_large")
    # Only here: as a program this file knows nothing of the application.
    from fieldapp import limited_process

    try:
        written = limited_process.run(__file__, *words, input=content)
    except subprocess.TimeoutExpired as slow:
        raise WorkbookRefused("too_large") from slow
    if written is None:
        raise WorkbookRefused("unreadable")
    found = json.loads(written)
    if isinstance(found, str):
        raise WorkbookRefused(found)
    sheets: Sheets = found
    return sheets


def _sheets(content: bytes, is_table: bool) -> Sheets | str:
    """Return the sheets, or the reason why not."""
    import python_calamine as calamine

    most_rows, most_chars = (MAX_TABLE_ROWS, MAX_TABLE_CHARS) if is_table else (MAX_ROWS, MAX_CHARS)

    try:
        workbook = calamine.load_workbook(io.BytesIO(content))
        names = [one.name for one in workbook.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
        sheets: Sheets = {}
        for name in names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height > most_rows or sheet.total_width > MAX_COLUMNS:
                return "too_large"
            rows = sheet.to_python(skip_empty_area=False)
            sheets[name] = [[_text(cell) for cell in row] for row in rows]
            if is_table:
                _fill(sheets[name], sheet.merged_cell_ranges or ())
    except calamine.PasswordError:
        return "protected"
    except calamine.CalamineError:
        return "unreadable"
    chars = sum(len(cell) for rows in sheets.values() for row in rows for cell in row)
    return "too_large" if chars > most_chars else sheets


def _fill(rows: list[list[str]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Write what merged cells say into every cell they cover; the ranges go from the first row and column to the last."""
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


def _text(cell: object) -> str:
    """Write a cell as its author reads it: whole numbers without a point, days and times in ISO 8601."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, datetime.time):
        return cell.isoformat(timespec="minutes")
    return str(cell).replace("\u00a0", " ").strip()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.write(json.dumps(_sheets(sys.stdin.buffer.read(), sys.argv[1:] == ["table"])))
