"""A small drawing of a site and where its photos were taken: no map, no network, only distances kept true. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fieldapp.place import Standing

WIDTH, HEIGHT, MARGIN = 320.0, 220.0, 18.0
METRES_PER_E7 = 0.011132
STEPS_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True)
class Dot:
    """A point of the drawing, in its units; `radius` is the accuracy of a fix or the reach of a site."""

    x: float
    y: float
    radius: float
    word: str
    name: str


@dataclass(frozen=True)
class Sketch:
    """The drawing, y down. `bar` is how long `bar_m` metres are.

    The reach of a site is what `fieldapp.place` measures against: circles around its middle and its places (`reaches`), or, of a
    long site, a band along the `line` through its places, `band` wide.
    """

    reaches: list[Dot]
    band: float
    places: list[Dot]
    line: str
    photos: list[Dot]
    bar: float
    bar_m: int
    width: float = WIDTH
    height: float = HEIGHT


Metres = tuple[float, float]


def sketch(site: Any, photos: Iterable[tuple[Any, Standing | None]]) -> Sketch | None:
    """Draw a site (as a project's body holds it) and the photos that have a fix; None when no photo has one."""
    fixed = [(photo, standing) for photo, standing in photos if photo.fix]
    if not fixed:
        return None
    origin = (site["lat_e7"], site["lon_e7"])
    places = [(_metres(place, origin), str(place["name"])) for place in site["places"]]
    taken = [(_metres(photo.fix, origin), photo, standing) for photo, standing in fixed]
    reach = float(site["radius_m"])
    is_line = site["shape"] == "line" and len(places) > 1
    measured = [at for at, _ in places] if is_line else [(0.0, 0.0), *(at for at, _ in places)]
    scale, middle = _fit(measured, [at for at, _, _ in taken], reach)

    def dot(at: Metres, radius_m: float, word: str, name: str) -> Dot:
        x = WIDTH / 2 + (at[0] - middle[0]) * scale
        y = HEIGHT / 2 - (at[1] - middle[1]) * scale
        return Dot(round(x, 1), round(y, 1), round(radius_m * scale, 1), word, name)

    drawn = [dot(at, 0, "place", name) for at, name in places]
    bar_m = _bar(scale)
    return Sketch(
        reaches=[] if is_line else [dot(at, reach, "site", "") for at in measured],
        band=round(2 * reach * scale, 1),
        places=drawn,
        line=" ".join(f"{one.x},{one.y}" for one in drawn) if is_line else "",
        photos=[
            dot(at, photo.fix["accuracy_m"], _word(standing), photo.caption) for at, photo, standing in taken
        ],
        bar=round(bar_m * scale, 1),
        bar_m=bar_m,
    )


def _word(standing: Standing | None) -> str:
    return standing.nearness if standing else "unknown"


def _metres(point: Mapping[str, Any], origin: tuple[int, int]) -> Metres:
    """Return metres east and north of the origin; flat is near enough for a drawing."""
    shrink = math.cos(math.radians(origin[0] / 1e7))
    return (point["lon_e7"] - origin[1]) * METRES_PER_E7 * shrink, (
        point["lat_e7"] - origin[0]
    ) * METRES_PER_E7


def _fit(measured: list[Metres], taken: list[Metres], reach_m: float) -> tuple[float, Metres]:
    """Return units for a metre and the middle, so that every photo and all of the reach fit."""
    edges = [(x + side * reach_m, y + side * reach_m) for x, y in measured for side in (-1, 1)]
    xs, ys = [x for x, _ in (*edges, *taken)], [y for _, y in (*edges, *taken)]
    wide, high = max(max(xs) - min(xs), 20.0), max(max(ys) - min(ys), 20.0)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
    return scale, ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)


def _bar(scale: float) -> int:
    """Return the longest round distance that takes at most a third of the width."""
    return max((step for step in STEPS_M if step * scale <= WIDTH / 3), default=STEPS_M[0])
