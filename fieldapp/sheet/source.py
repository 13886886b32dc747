"""The sheets of a file somebody hands over, XLSX, XLS or CSV, as rows of text. What it is, its content says, not its name."""

import codecs
import csv
import io

from fieldapp.xlsform.workbook import (
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    MAX_TABLE_CHARS,
    MAX_TABLE_ROWS,
    Sheets,
    WorkbookRefused,
    read_table,
)

# How a ZIP (XLSX) and an OLE file (XLS, or an XLSX with a password) begin.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
DELIMITERS = ",;\t"
SAMPLE_LINES = 20


def read(content: bytes) -> Sheets:
    """Return every sheet that says something by its name, rows from the first line on; raises `WorkbookRefused`."""
    if len(content) > MAX_FILE_BYTES:
        raise WorkbookRefused("too_large")
    found = read_table(content) if content.startswith(WORKBOOKS) else {"CSV": _csv(content)}
    return {name: rows for name, rows in found.items() if any(any(row) for row in rows)}


def _csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    if "\0" in text or len(text) > MAX_TABLE_CHARS:
        raise WorkbookRefused("unreadable" if "\0" in text else "too_large")
    head = text.split("\n", SAMPLE_LINES)[:SAMPLE_LINES]
    delimiter = max(DELIMITERS, key=lambda sign: sum(line.count(sign) for line in head))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([_plain(cell) for cell in row])
            if len(rows) > MAX_TABLE_ROWS or len(row) > MAX_COLUMNS:
                raise WorkbookRefused("too_large")
    except csv.Error as error:
        raise WorkbookRefused("unreadable") from error
    return rows


def _decoded(content: bytes) -> str:
    """Return the text: UTF-8, UTF-16 with its mark, else what Excel writes in China."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WorkbookRefused("unreadable")


def _plain(cell: str) -> str:
    """Return what a cell says, without the sign that our own CSV puts before what a program could take for a formula."""
    bare = cell.replace("\u00a0", " ").strip()
    is_protected = bare[:1] == "'" and bare[1:].lstrip("'")[:1] in FORMULA_SIGNS
    return bare[1:] if is_protected and bare[1:] else bare


# Cells of a CSV that begin so are run as formulas by spreadsheet programs.
FORMULA_SIGNS = frozenset("=+-@\t\r")
