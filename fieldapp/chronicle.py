"""The chronicle (全程纪实): what was asked, decided, done, with what result, seen or heard. Pure; every line leads to its record's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fieldapp.accepted import Shown
from fieldapp.fact import Fact

Step = Literal["asked", "decided", "done", "result", "found", "heard"]
STEPS: tuple[Step, ...] = ("asked", "decided", "done", "result", "found", "heard")
# Which step a recheck is: assigning asks, a report says what was done, a check says with what result.
OF_RECHECK: dict[str, Step] = {"assigned": "asked", "reported": "done"}


@dataclass(frozen=True)
class Line:
    """One line. `kind` is the record's, `row` it, `subject` what it is about where that has words of its own.

    `target` is the page that shows it: a visit, an entry, or the part of a profile named by its kind.
    """

    on: str
    step: Step
    kind: str
    row: Any
    subject: Any = None
    is_changed: bool = False

    @property
    def target(self) -> tuple[str, str]:
        """Return noun and entity of the page that shows the line; nothing leads elsewhere than to what is sealed."""
        if self.kind in ("entry", "recheck", "look_back", "reply"):
            return "entry", self.subject.entity if self.subject is not None else self.row.entity
        if self.kind == "visit":
            return "visit", self.row.entity
        visit = getattr(self.row, "visit", None)
        return ("visit", visit) if visit else ("record", self.row.entity)

    @property
    def year(self) -> str:
        """Return the year the line stands in."""
        return self.on[:4]


def of_facts(facts: Iterable[Fact]) -> Iterable[Line]:
    """Yield the lines of facts, of what became of them and of what officials replied."""
    for fact in facts:
        step: Step = "heard" if fact.row.known_by in ("said_by_unit", "said_by_others") else "found"
        if fact.list in ("task", "duty"):
            step = "asked"
        elif fact.list == "achievement":
            step = "result"
        yield Line(fact.row.seen_on, step, "entry", fact.row, is_changed=fact.is_changed)
        for one in fact.rechecks:
            yield Line(one.checked_on, OF_RECHECK.get(one.outcome, "result"), "recheck", one, fact.row)
        for back in fact.look_backs:
            yield Line(back.looked_on, "result", "look_back", back, fact.row)
        for reply in fact.replies:
            yield Line(reply.replied_on, "heard", "reply", reply, fact.row)


def of_rows(kind: str, step: Step, day: str, shown: Iterable[Shown]) -> Iterable[Line]:
    """Yield one line for each row, on the day its member `day` says."""
    for one in shown:
        yield Line(getattr(one.row, day)[:10], step, kind, one.row, is_changed=one.is_changed)


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return lines by day, and on a day in the order of the steps."""
    return sorted(lines, key=lambda line: (line.on, STEPS.index(line.step), line.row.captured_at))


def years(lines: Sequence[Line]) -> list[str]:
    """Return the years there are lines of, newest first."""
    return sorted({line.year for line in lines}, reverse=True)
