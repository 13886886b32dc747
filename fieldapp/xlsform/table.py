"""The three sheets of an XLSForm as rows by column. Columns that are not known are named, once each, where they first say something."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldapp.xlsform.fault import Faults

TRANSLATED = frozenset({"label", "hint", "required_message", "constraint_message", "form_title"})
COLUMNS: dict[str, frozenset[str]] = {
    "survey": frozenset(
        "type name label hint required required_message relevant constraint constraint_message calculation default read_only "
        "choice_filter appearance repeat_count".split()
    ),
    "choices": frozenset({"list_name", "name", "label"}),
    "settings": frozenset("form_title form_id version default_language allow_choice_duplicates".split()),
}
# Spellings that older forms use for the same column.
_ALSO = {
    "relevance": "relevant", "readonly": "read_only", "caption": "label", "calculate": "calculation", "count": "repeat_count",
    "jr:count": "repeat_count", "jr:constraintmsg": "constraint_message", "jr:requiredmsg": "required_message",
    "requiredmsg": "required_message", "constraintmsg": "constraint_message", "id_string": "form_id", "title": "form_title",
}  # fmt: skip
_MEDIA = frozenset({"image", "audio", "video", "media", "big-image"})
_FILTER_COLUMN = re.compile(r"[A-Za-z_][\w-]{0,39}")
_IN_BRACKETS = re.compile(r"\(([^)]*)\)\s*$")
_CHINESE = frozenset({"chinese", "中文", "简体中文", "汉语", "cn"})
_ENGLISH = frozenset({"english", "英文", "英语"})


@dataclass(frozen=True)
class Row:
    """One row: its number as Excel counts, and what its cells say, by column (`label_zh` for a translated one). Empty cells are absent."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        """Return what a cell says; nothing for an empty one."""
        return self.cells.get(column, "")


def language_of(text: str) -> str | None:
    """Return `zh` or `en` for the name of a language as forms write it (`English (en)`, `zh-CN`, `中文`), else None."""
    inside = _IN_BRACKETS.search(text)
    word = (inside[1] if inside else text).strip().lower()
    if word in _CHINESE or re.fullmatch(r"zh([-_].*)?", word):
        return "zh"
    return "en" if word in _ENGLISH or re.fullmatch(r"en([-_].*)?", word) else None


def rows(sheet: str, table: Sequence[Sequence[str]], faults: Faults) -> list[Row]:
    """Return the rows of a sheet that say anything; the first line names the columns."""
    if not table:
        return []
    width = max(len(row) for row in table)
    table = [[*row, *[""] * (width - len(row))] for row in table]
    columns: dict[int, str] = {}
    for at, header in enumerate(table[0]):
        told = [(number, row[at]) for number, row in enumerate(table[1:], 2) if row[at]]
        if not header and not told:
            continue
        column, reason = _column(sheet, header)
        if not reason and column in columns.values():
            reason = "double_column"
        if reason and told:
            faults.add(sheet, told[0][0], header, reason, told[0][1], str(len(told)))
        elif not reason:
            columns[at] = column
    found = []
    for number, row in enumerate(table[1:], 2):
        cells = {column: row[at] for at, column in columns.items() if row[at]}
        if cells:
            found.append(Row(number, cells))
    return found


def _column(sheet: str, header: str) -> tuple[str, str]:
    """Return the column a header names, and the reason why it is not read, or nothing."""
    plain = header.strip().lower().replace("::", ":")
    plain = plain.removeprefix("bind:").removeprefix("body:")
    base, _, tail = (_ALSO.get(plain, plain)).partition(":")
    base = re.sub(r"\s+", "_", base.strip())
    base = _ALSO.get(base, base)
    if base in _MEDIA:
        return "", "media"
    if base not in COLUMNS[sheet]:
        is_filter = sheet == "choices" and _FILTER_COLUMN.fullmatch(header.strip())
        return (f"={header.strip()}", "") if is_filter else ("", "unknown_column")
    if not tail:
        return base, ""
    language = language_of(tail)
    if base not in TRANSLATED or language is None:
        return "", "other_language" if base in TRANSLATED else "unknown_column"
    return f"{base}_{language}", ""


def filter_columns(row: Row) -> dict[str, str]:
    """Return what a row of choices says in columns of the department's own."""
    return {column[1:]: text for column, text in row.cells.items() if column.startswith("=")}


def both(row: Row, column: str, default_language: str) -> tuple[str, str]:
    """Return a translated column in Chinese and English; what is given in one language only stands for both."""
    zh, en, plain = (row.get(name) for name in (f"{column}_zh", f"{column}_en", column))
    if default_language != "en":
        zh = zh or plain
    if default_language != "zh":
        en = en or plain
    return zh or en or plain, en or zh or plain
