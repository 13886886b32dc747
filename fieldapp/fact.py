"""Verified facts of projects and units: accepted entries a person verified at the desk, with what became of them and what was answered.

Leads are counted, never shown. All queries for facts stand here, for the profiles of projects, officials and units alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlmodel import Session, select

from fieldapp.accepted import Accepted
from fieldapp.domain.entry import Entry, Recheck, Reply, Verification
from fieldapp.domain.look_back import LookBack
from fieldapp.entry_state import ON_SITE, EntryState, entry_state, is_closed, overdue_days

# In this order; achievements stand beside problems, with as much room.
LISTS = ("task", "progress", "problem", "achievement", "difficulty", "duty")


@dataclass(frozen=True)
class Fact:
    """One verified entry. `closed_on` is the day a check on site last closed it, None while it is open; lists are oldest first.

    `days` is how long it took to close, or has been open.
    """

    row: Entry
    is_changed: bool
    state: EntryState
    verification: Verification
    rechecks: list[Recheck]
    look_backs: list[LookBack]
    replies: list[Reply]
    closed_on: str | None
    days: int
    overdue: int

    @property
    def list(self) -> str:
        """Return the list the fact stands in; difficulties have their own."""
        is_difficulty = self.row.list == "problem" and self.row.sort == "difficulty"
        return "difficulty" if is_difficulty else self.row.list


@dataclass(frozen=True)
class Facts:
    """The facts of some streams, the first seen first, and how many accepted entries are still leads."""

    facts: list[Fact]
    leads: int

    def of_list(self, name: str) -> list[Fact]:
        """Return the facts of one list."""
        return [fact for fact in self.facts if fact.list == name]


@dataclass(frozen=True)
class Closure:
    """How long problems took: how many were closed and in how many days (median), how many are open and since how many days at most."""

    closed: int
    median_days: int | None
    open: int
    oldest_days: int | None
    relapsed: int


def load(session: Session, accepted: Accepted, streams: Sequence[str], today: date) -> Facts:
    """Return the facts of streams."""

    def rows_of(table: Any) -> list[Any]:
        order = (table.captured_at, table.entity)
        return list(session.exec(select(table).where(table.stream.in_(streams)).order_by(*order)))

    shown = accepted.shown(rows_of(Entry))
    decided = {one.entry: one for one in rows_of(Verification)}
    rechecks = _by(accepted.shown(rows_of(Recheck)), lambda row: [row.entry])
    look_backs = _by(accepted.shown(rows_of(LookBack)), lambda row: [row.entry])
    replies = _by(accepted.shown(rows_of(Reply)), lambda row: row.about)
    facts = []
    for one in shown:
        verification = decided.get(one.row.entity)
        if verification is None or not verification.is_verified:
            continue
        own: dict[str, Any] = {
            "rechecks": sorted(rechecks[one.row.entity], key=lambda row: (row.checked_on, row.captured_at)),
            "look_backs": look_backs[one.row.entity],
            "replies": replies[one.row.entity],
        }
        facts.append(_fact(one.row, one.is_changed, verification, own, today))
    facts.sort(key=lambda fact: (fact.row.seen_on, fact.row.entity))
    return Facts(facts, len(shown) - len(facts))


def _by(shown: Iterable[Any], of: Any) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for one in shown:
        for entity in of(one.row):
            found[entity].append(one.row)
    return found


def _fact(
    row: Entry, is_changed: bool, verification: Verification, own: Mapping[str, Any], today: date
) -> Fact:
    state = entry_state(own["rechecks"], verification)
    closed_on = None
    if is_closed(row.is_fixed_at_once, state):
        fixed = [one for one in own["rechecks"] if one.outcome == "fixed" and one.known_by in ON_SITE]
        closed_on = fixed[-1].checked_on if fixed else row.seen_on
    until = date.fromisoformat(closed_on) if closed_on else today
    return Fact(
        row=row,
        is_changed=is_changed,
        state=state,
        verification=verification,
        closed_on=closed_on,
        days=max(0, (until - date.fromisoformat(row.seen_on)).days),
        overdue=overdue_days(row, state, today),
        **own,
    )


def closure(facts: Iterable[Fact]) -> Closure:
    """Return how long problems took to be put right; difficulties are none."""
    problems = [fact for fact in facts if fact.list == "problem"]
    closed = [fact.days for fact in problems if fact.closed_on]
    still = [fact.days for fact in problems if not fact.closed_on]
    relapsed = sum(any(one.outcome == "relapsed" for one in fact.rechecks) for fact in problems)
    return Closure(
        len(closed), round(median(closed)) if closed else None, len(still), max(still, default=None), relapsed
    )
