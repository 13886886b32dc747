"""A plan curve as a line to be drawn. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from fieldapp.plan import FULL_PERMILLE, points_of

WIDTH, HEIGHT = 600, 160


@dataclass(frozen=True)
class Drawing:
    """Points (x, y) in a box of `WIDTH` × `HEIGHT`, the origin above and to the left, and the days at its sides."""

    line: tuple[tuple[int, int], ...]
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT


def of_body(body: Mapping[str, Any]) -> Drawing | None:
    """Return the curve of a project's body; None while it is not whole, or its days do not ascend."""
    try:
        points = points_of(body["plan"], body["start_on"], body["end_on"])
    except (TypeError, ValueError):
        return None
    first, last = points[0][0], points[-1][0]
    days = (last - first).days
    if days <= 0 or any(after <= before for (before, _), (after, _) in pairwise(points)):
        return None
    line = (
        (round((on - first).days * WIDTH / days), round(HEIGHT - due * HEIGHT / FULL_PERMILLE))
        for on, due in points
    )
    return Drawing(tuple(line), first, last)
