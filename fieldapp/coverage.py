"""Whether a project was visited as its rule asks: per month, and at milestones. Pure;
`static/js/core/coverage.js` is its twin.

Counts what a visit holds, never minutes: time on site is shown, and is no pass mark. Nothing here is about
inspectors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

MonthState = Literal["covered", "in_review", "due", "overdue", "suspended", "closed"]
WindowState = Literal["checked", "ahead", "open", "unchecked"]
Decision = Literal["waiting", "returned", "accepted"]
Lack = Literal["two_inspectors", "observed_progress", "open_questions"]

MIN_PEOPLE = 2


@dataclass(frozen=True)
class Rule:
    """`project.coverage` and what else bounds it: the months nothing is asked, the project's first day, and
    whether it is finished.
    """

    per_month: int
    days_before_milestone: int
    days_after_milestone: int
    suspended_months: tuple[str, ...]
    start_on: date
    is_finished: bool = False


@dataclass(frozen=True)
class SubmittedVisit:
    """What coverage asks of a submitted visit. `unanswered` counts questions that were open on arrival and
    got no outcome.
    """

    on: date
    people: int
    has_progress: bool
    unanswered: int
    decision: Decision


@dataclass(frozen=True)
class Window:
    """The days around a planned milestone in which a visit counts as at it."""

    planned_on: date
    from_on: date
    to_on: date
    state: WindowState


def lacks(visit: SubmittedVisit) -> tuple[Lack, ...]:
    """Return what a visit lacks of the minimum of content; empty when it has all of it."""
    checks: tuple[tuple[Lack, bool], ...] = (
        ("two_inspectors", visit.people < MIN_PEOPLE),
        ("observed_progress", not visit.has_progress),
        ("open_questions", visit.unanswered > 0),
    )
    return tuple(lack for lack, is_lacking in checks if is_lacking)


def counts(visit: SubmittedVisit) -> bool:
    """Return whether a visit covers: it has the minimum of content and was not returned."""
    return visit.decision != "returned" and not lacks(visit)


def state_of(rule: Rule, visits: Iterable[SubmittedVisit], month: str, today: date) -> MonthState:
    """Return how a project stands in `month` (`YYYY-MM`), seen on `today`.

    Visits settle it first: enough accepted ones are *covered*, enough with those still waiting *in_review*.
    Without them a month is *overdue* once it is over, and the running month already when the one before it,
    too, was left uncovered.
    """
    counting = [visit for visit in visits if counts(visit)]
    settled = _settled(rule, counting, month)
    if settled is not None:
        return settled
    if month < _month(today):
        return "overdue"
    before = _month_before(month)
    if (
        month == _month(today)
        and before >= _month(rule.start_on)
        and _settled(rule, counting, before) is None
    ):
        return "overdue"
    return "due"


def _settled(rule: Rule, counting: Sequence[SubmittedVisit], month: str) -> MonthState | None:
    in_month = [visit for visit in counting if _month(visit.on) == month]
    if month in rule.suspended_months and not in_month:
        return "suspended"
    if sum(visit.decision == "accepted" for visit in in_month) >= rule.per_month:
        return "covered"
    if len(in_month) >= rule.per_month:
        return "in_review"
    if rule.is_finished or month < _month(rule.start_on):
        return "closed"
    return "suspended" if month in rule.suspended_months else None


def window_of(rule: Rule, visits: Iterable[SubmittedVisit], planned_on: date, today: date) -> Window:
    """Return the window of a milestone: *checked* by a visit that counts, *ahead*, *open* now, or passed
    *unchecked*.
    """
    from_on = planned_on - timedelta(days=rule.days_before_milestone)
    to_on = planned_on + timedelta(days=rule.days_after_milestone)
    state: WindowState
    if any(counts(visit) and from_on <= visit.on <= to_on for visit in visits):
        state = "checked"
    elif today < from_on:
        state = "ahead"
    else:
        state = "open" if today <= to_on else "unchecked"
    return Window(planned_on, from_on, to_on, state)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _month_before(month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    return _month(first - timedelta(days=1))
