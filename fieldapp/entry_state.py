"""What an entry has become: a pure function of the entry, its rechecks and the desk's verification.

A report never closes anything; a check on site does, and what was closed may relapse. Twin of static/js/core/entry_state.js, held
together by tests/vectors/entry_state.json.
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from fieldapp.domain.entry import Entry, Recheck, Verification

EntryState = Literal["lead", "verified", "rectifying", "closed", "relapsed"]
ON_SITE = frozenset({"seen", "measured"})


def entry_state(rechecks: Iterable[Recheck], verification: Verification | None) -> EntryState:
    """Return the state after all rechecks, by the day they were made."""
    state: EntryState = "verified" if verification and verification.is_verified else "lead"
    for recheck in sorted(rechecks, key=lambda one: (one.checked_on, one.captured_at, one.entity)):
        state = _after(state, recheck)
    return state


def _after(state: EntryState, recheck: Recheck) -> EntryState:
    match recheck.outcome:
        case "fixed":
            return "closed" if recheck.known_by in ON_SITE else "rectifying"
        case "relapsed":
            return "relapsed"
        case "not_fixed":
            return "relapsed" if state == "closed" else "rectifying"
        case "assigned" | "reported" | "partly_fixed":
            return state if state == "relapsed" else "rectifying"
    return state


def is_closed(is_fixed_at_once: bool, state: EntryState) -> bool:
    """Tell whether nothing is asked of an entry any more; what was fixed on the spot is closed until somebody finds otherwise."""
    return state == "closed" or (is_fixed_at_once and state in ("lead", "verified"))


def overdue_days(entry: Entry, state: EntryState, today: date) -> int:
    """Return by how many days an entry is over its deadline; 0 when it has none, is not due yet, or is closed."""
    if entry.deadline_on is None or is_closed(entry.is_fixed_at_once, state):
        return 0
    return max(0, (today - date.fromisoformat(entry.deadline_on)).days)
