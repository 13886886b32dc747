"""What was measured: a table for people, and `bench/results.json`."""

import json
import operator
from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).with_name("results.json")
SIGNS = {"≥": operator.ge, "≤": operator.le, "=": operator.eq}


@dataclass(frozen=True)
class Result:
    """One number. `reach` is what it should be, as `≥ 0.4`; empty for what is only reported."""

    value: float
    unit: str
    reach: str = ""

    @property
    def word(self) -> str:
        """Say whether the reach is met."""
        if not self.reach:
            return ""
        sign, limit = self.reach.split()
        return "met" if SIGNS[sign](self.value, float(limit)) else "NOT MET"


class Results:
    """All numbers of a run, by name; printed as they come."""

    def __init__(self) -> None:
        self.all: dict[str, Result] = {}

    def add(self, name: str, value: float, unit: str, reach: str = "") -> None:
        """Add a number, rounded to what means something."""
        found = Result(float(f"{value:.4g}") if abs(value) < 1000 else round(value), unit, reach)
        self.all[name] = found
        print(f"  {_line(name, found)}", flush=True)

    def table(self) -> str:
        """Return the table."""
        return "\n".join([_line("name", None), *(_line(name, found) for name, found in self.all.items())])

    def write(self) -> None:
        """Write the file, whole."""
        plain = {name: vars(found) for name, found in self.all.items()}
        PLACE.write_text(json.dumps(plain, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _line(name: str, found: Result | None) -> str:
    if found is None:
        return f"{name:34} {'value':>9} {'unit':10} {'reach':8} is"
    return f"{name:34} {found.value:>9g} {found.unit:10} {found.reach:8} {found.word}".rstrip()
