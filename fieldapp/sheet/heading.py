"""What a column is called: the heading we write, and which column a heading in somebody's sheet means."""

import re
from collections.abc import Mapping, Sequence

from fieldapp.catalogue import LANGUAGES, load
from fieldapp.sheet.cell import plain
from fieldapp.sheet.column import Column, Table
from fieldapp.word import label_key

# A shorter word stands in too many headings to say what a column is.
SHORTEST_PART = 3
# Between the heading of a group and that of a column in it.
GROUPED = "／"
_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_ORNAMENT = re.compile(r"[*/:#·、。,.“”\"'_-]")


def heading_key(table: Table, column: Column) -> str:
    """Return the message that heads a column: one of the sheet's own where there is one, else the member's label."""
    for key in (f"sheet.column.{table.name}.{column.name}", f"sheet.column.{column.name}"):
        if key in load("zh-CN"):
            return key
    return label_key(table.body.kind, column.name)


def whole(heading: str) -> str:
    """Return a heading as it is compared first: without spaces and ornaments."""
    return _ORNAMENT.sub("", plain(heading))


def bare(heading: str) -> str:
    """Return a heading as it is compared then: also without what stands in brackets, most often a unit."""
    return _ORNAMENT.sub("", _BRACKETS.sub("", plain(heading))) or whole(heading)


def known(table: Table) -> dict[str, str]:
    """Return the column each known heading means, by the heading as it is compared; our own headings win."""
    found: dict[str, str] = {}
    own = [(load(tag)[heading_key(table, one)], one.name) for one in table.columns for tag in LANGUAGES]
    called = [(word, one.name) for one in table.columns for word in (one.name, *one.called)]
    for form in (whole, bare):
        for word, name in (*own, *called):
            found.setdefault(form(word), name)
    return found


def exact(heading: str, words: Mapping[str, str]) -> str:
    """Return the column a heading means word for word, or what stands below its group does; empty for none."""
    last = heading.rpartition(GROUPED)[2]
    forms = (whole(heading), bare(heading), whole(last), bare(last))
    return next((words[form] for form in forms if form in words), "")


def mapped(headings: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """Return the column of each heading, none twice: those that say it word for word first, then those that have its longest word."""
    found = [""] * len(headings)
    for at, heading in enumerate(headings):
        name = exact(heading, words)
        if name and name not in found:
            found[at] = name
    for at, heading in enumerate(headings):
        told = bare(heading)
        parts = [word for word in words if len(word) >= SHORTEST_PART and word in told]
        for word in sorted(parts, key=len, reverse=True):
            if not found[at] and words[word] not in found:
                found[at] = words[word]
    return found
