"""What is wrong with a form, cell by cell. An import names everything at once, so that the author mends it in one go."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 80


@dataclass(frozen=True, order=True)
class Fault:
    """Something that is not understood or not supported. `row` counts as Excel does, 0 means the whole sheet; `column` is its header.

    `reason` is the stem of a key of the catalogue (`xlsform.…`), `word` what in the cell is meant, `other` a second word.
    """

    sheet: str
    row: int
    column: str
    reason: str
    word: str = ""
    other: str = ""


class XlsformRefused(Exception):
    """A form that is not imported; `faults` in the order of its sheets and rows."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} faults, first {self.faults[0]}")


@dataclass
class Faults:
    """Collects the faults of a form."""

    found: list[Fault]

    def add(self, sheet: str, row: int, column: str, reason: str, word: str = "", other: str = "") -> None:
        """Note one. What a file says is shown on a terminal: as one short line, without signs that steer it."""
        self.found.append(Fault(_shown(sheet), row, _shown(column), reason, _shown(word), _shown(other)))


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:MOST_SHOWN])
