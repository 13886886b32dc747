"""What a preview says, in the words of a language: what is wrong with a row, and what stands in a cell."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fieldapp.catalogue import load
from fieldapp.sheet.column import TABLES, Table
from fieldapp.sheet.heading import heading_key
from fieldapp.sheet.preview import Member
from fieldapp.sheet.row import Fault
from fieldapp.sheet.value import Cell


def fault_words(fault: Fault, table: Table, language: str) -> str:
    """Return what is wrong and what to do about it."""
    words, named = load(language), dict(fault.words)
    if "column" in named:
        named["column"] = _label(table, named["column"], words)
    return words[f"sheet.fault.{fault.reason}"].format(**named)


def _label(table: Table, name: str, words: Mapping[str, str]) -> str:
    """Return what a column is called; a part of one is called as the whole."""
    for column in (*table.columns, *TABLES["milestone"].columns):
        if name == column.name or name == column.name.partition(".")[0]:
            return words[heading_key(table, column)]
    return words.get(f"field.{name}", name)


def member_words(member: Member, language: str) -> str:
    """Return a change as one line: what stood there, what is to stand."""
    words = load(language)
    key = "sheet.set" if member.before is None else "sheet.from_to"
    said: dict[str, Any] = {
        "before": cell_words(member, member.before),
        "after": cell_words(member, member.after),
    }
    empty = words["sheet.empty"]
    return words[key].format(
        label=words[heading_key(member.table, member.column)],
        **{name: text or empty for name, text in said.items()},
    )


def cell_words(member: Member, value: Cell) -> str:
    """Return what a cell says."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}%" if member.column.sort == "percent" else f"{value:f}"
    return str(value)
