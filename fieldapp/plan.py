"""Progress due on a day by a project's plan curve (序时进度). Pure; whole numbers only, so that the phone's
twin gives the same figure.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

FULL_PERMILLE = 1000


def due_permille(plan: Sequence[Mapping[str, Any]], start_on: str, end_on: str, day: date) -> int:
    """Return the progress due at the end of `day`, in tenths of a percent.

    `plan` is `project.plan` (days ascending); straight lines between its points, half a permille rounds up.
    Before the first point nothing is due; after the last, what it says. Without a plan the line runs from
    the project's start to its end.
    """
    points = points_of(plan, start_on, end_on)
    if day < points[0][0]:
        return 0
    if day >= points[-1][0]:
        return points[-1][1]
    after = next(index for index, (on, _) in enumerate(points) if on > day)
    return _between(points[after - 1], points[after], day)


def points_of(plan: Sequence[Mapping[str, Any]], start_on: str, end_on: str) -> list[tuple[date, int]]:
    """Return the curve's points, days ascending; without a plan those of the straight line from start to end."""
    points = [(date.fromisoformat(point["on"]), int(point["due_permille"])) for point in plan]
    return points or [(date.fromisoformat(start_on), 0), (date.fromisoformat(end_on), FULL_PERMILLE)]


def _between(left: tuple[date, int], right: tuple[date, int], day: date) -> int:
    span, gone = (right[0] - left[0]).days, (day - left[0]).days
    return left[1] + (2 * (right[1] - left[1]) * gone + span) // (2 * span)
