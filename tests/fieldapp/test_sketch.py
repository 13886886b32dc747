"""The drawing says of each photo what the words beside it say."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldapp.place import standing
from fieldapp.sketch import HEIGHT, WIDTH, Dot, Sketch, sketch

NEARBY = st.tuples(st.integers(-300_000, 300_000), st.integers(-300_000, 300_000))


@dataclass
class Taken:
    """A photo with a fix that is exact."""

    fix: dict[str, int]
    caption: str = "x"


def at(east: int, north: int) -> dict[str, int]:
    return {"lat_e7": 265_000_000 + north, "lon_e7": 1_105_000_000 + east}


def distance(one: Dot, x: float, y: float) -> float:
    return math.hypot(one.x - x, one.y - y)


def from_line(drawn: Sketch, dot: Dot) -> float:
    """Return the distance of a dot to the drawn line."""
    corners = [(float(x), float(y)) for x, y in (pair.split(",") for pair in drawn.line.split())]
    found = []
    for (ax, ay), (bx, by) in pairwise(corners):
        length = (bx - ax) ** 2 + (by - ay) ** 2
        along = ((dot.x - ax) * (bx - ax) + (dot.y - ay) * (by - ay)) / length if length else 0.0
        share = min(1.0, max(0.0, along))
        found.append(distance(dot, ax + share * (bx - ax), ay + share * (by - ay)))
    return min(found)


@pytest.mark.parametrize("shape", ["point", "line", "area"])
@given(places=st.lists(NEARBY, max_size=4), photo=NEARBY, radius_m=st.integers(50, 2_000))
def test_a_photo_lies_inside_the_drawn_reach_exactly_when_it_is_near(
    shape: str, places: list[tuple[int, int]], photo: tuple[int, int], radius_m: int
) -> None:
    named = [{"name": "y", **at(*place)} for place in places]
    site: dict[str, Any] = {**at(0, 0), "radius_m": radius_m, "shape": shape, "places": named}
    taken = Taken({**at(*photo), "accuracy_m": 0, "age_ms": 0})
    stands = standing(site, taken.fix)
    drawn = sketch(site, [(taken, stands)])
    assert drawn is not None and stands.distance_m is not None
    dot = drawn.photos[0]
    assert 0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT
    reach = drawn.band / 2
    away = from_line(drawn, dot) if drawn.line else min(distance(one, dot.x, dot.y) for one in drawn.reaches)
    # A drawing on a plane, rounded to a tenth of a unit: at the very edge either may be said.
    if abs(stands.distance_m - radius_m) > 0.02 * radius_m + 0.3 * radius_m / max(reach, 0.1):
        assert (away <= reach) == (stands.nearness == "near")
