"""Whether the expressions of a form can be evaluated: every name known, every function one that phones have, no circle."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldapp.xlsform import expression
from fieldapp.xlsform.expression import Expression, ExpressionRefused
from fieldapp.xlsform.fault import Faults
from fieldapp.xlsform.table import Row

_REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")
# Columns whose expressions decide what an answer is, or whether there is one.
_DECIDING = frozenset({"relevant", "calculation", "default", "repeat_count"})


@dataclass(frozen=True)
class _Known:
    """A name of the survey: its row, its type, the repeat it stands in, and the groups around it, the outermost first."""

    row: Row
    sort: str
    repeat: str | None
    groups: Sequence[str]


@dataclass(frozen=True)
class _Written:
    """An expression where it stands; `listed` is the list of choices it may filter, `is_free` that no answer depends on it."""

    row: Row
    column: str
    text: str
    name: str
    listed: str | None
    is_free: bool


class Judge:
    """Collects names, texts and expressions while the survey is read, and judges them when all names are known."""

    def __init__(self, lists: Mapping[str, Sequence[Mapping[str, Any]]], faults: Faults) -> None:
        self._lists = lists
        self._faults = faults
        self._known: dict[str, _Known] = {}
        self._written: list[_Written] = []
        self._texts: list[tuple[Row, str, str]] = []

    def name(self, row: Row, name: str, sort: str, repeat: str | None, groups: Sequence[str]) -> None:
        """Note a name; one that is there already is a fault, wherever it stands."""
        if not name:
            return
        if name in self._known:
            self._fault(row, "name", "double_name", name, str(self._known[name].row.number))
        else:
            self._known[name] = _Known(row, sort, repeat, groups)

    def text(self, row: Row, column: str, text: str) -> None:
        """Note words that may quote answers (`${name}`)."""
        self._texts.append((row, column, text))

    def expression(
        self, row: Row, column: str, text: str, name: str, listed: str | None, is_free: bool = False
    ) -> None:
        """Note an expression."""
        self._written.append(_Written(row, column, text, name, listed, is_free))

    def judge(self) -> None:
        """Judge everything noted."""
        for row, column, text in self._texts:
            for name in _REFERENCE.findall(text):
                self._reference(row, column, name)
        needs: dict[str, set[str]] = {name: set() for name in self._known}
        for written in self._written:
            found = self._read(written)
            if found and written.column in _DECIDING and not written.is_free and written.name in needs:
                needs[written.name].update(found.answers)
        for name, known in self._known.items():
            needs[name].update(*(needs.get(group, set()) for group in known.groups))
        self._circles(needs)

    def _fault(self, row: Row, column: str, reason: str, word: str = "", other: str = "") -> None:
        self._faults.add("survey", row.number, column, reason, word, other)

    def _reference(self, row: Row, column: str, name: str) -> None:
        known = self._known.get(name)
        if known is None:
            self._fault(row, column, "unknown_name", name)
        elif known.sort in ("begin_group", "begin_repeat"):
            self._fault(row, column, "not_a_question", name)

    def _read(self, written: _Written) -> Expression | None:
        row, column = written.row, written.column
        try:
            found = expression.read(written.text)
        except ExpressionRefused as refused:
            self._fault(row, column, f"expression_{refused.reason}", refused.word)
            return None
        counted = list(found.counted)
        for name in found.answers:
            known = self._known.get(name)
            if known is not None and known.sort == "begin_repeat" and name in counted:
                counted.remove(name)
            else:
                self._reference(row, column, name)
        for name in found.columns:
            if column != "choice_filter" or not self._has_column(written.listed, name):
                self._fault(row, column, "unknown_word", name)
        place = self._known.get(written.name)
        if found.is_placed and (place is None or place.repeat is None):
            self._fault(row, column, "outside_repeat", "position(..)")
        return found

    def _has_column(self, listed: str | None, name: str) -> bool:
        choices = self._lists.get(listed or "", ())
        return name == "name" or any(name in choice.get("columns", ()) for choice in choices)

    def _circles(self, needs: Mapping[str, set[str]]) -> None:
        """Name each question whose answer or relevance depends on itself."""
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                known = self._known[name]
                self._fault(known.row, "name", "circle", " → ".join((*path[path.index(name) :], name)))
            elif name not in done and name in needs:
                for other in sorted(needs[name]):
                    visit(other, (*path, name))
                done.add(name)

        for name in needs:
            visit(name, ())
