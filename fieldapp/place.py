"""Where a photo was taken, against the site: geodesic distances on WGS-84.

Signals point a person to look; nothing here says whether a photo or a position is genuine, and no distance
is a verdict.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Nearness = Literal["near", "far", "unknown"]
LatLon = tuple[float, float]

DEGREES_PER_UNIT = 1e-7
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Standing:
    """How a fix stands to a site; both figures in metres, `distance_m` to the site's drawn shape, None
    without a fix.

    `beyond_m` is what is left after the accuracy and the radius are taken off: 0 when the fix may well lie
    on the site.
    """

    nearness: Nearness
    distance_m: int | None
    accuracy_m: int | None
    beyond_m: int | None


UNKNOWN = Standing("unknown", None, None, None)


def standing(site: Mapping[str, Any], fix: Mapping[str, Any] | None) -> Standing:
    """Compare a photo's `fix` with a project's `site`.

    Far: even the distance less the accuracy is beyond the radius. Unknown: there is no fix, or one wider
    than the site itself.
    """
    if fix is None:
        return UNKNOWN
    distance_m = distance_to_site_m(site, _lat_lon(fix))
    accuracy_m, radius_m = int(fix["accuracy_m"]), int(site["radius_m"])
    beyond_m = max(0, round(distance_m) - accuracy_m - radius_m)
    return Standing(_nearness(distance_m, accuracy_m, radius_m), round(distance_m), accuracy_m, beyond_m)


def _nearness(distance_m: float, accuracy_m: int, radius_m: int) -> Nearness:
    if distance_m - accuracy_m > radius_m:
        return "far"
    return "near" if accuracy_m <= radius_m else "unknown"


def distance_to_site_m(site: Mapping[str, Any], at: LatLon) -> float:
    """Return metres from a point to what the site is drawn as: its middle or any named place, or the line
    through its places.
    """
    places = [_lat_lon(place) for place in site["places"]]
    if site["shape"] == "line" and len(places) > 1:
        pairs = itertools.pairwise(places)
        return min(_distance_to_segment_m(at, start, end) for start, end in pairs)
    return min(distance_m(at, place) for place in [_lat_lon(site), *places])


def distance_m(left: LatLon, right: LatLon) -> float:
    """Return the geodesic distance of two points given as (latitude, longitude) in degrees."""
    # Only here: geopy loads what asks map services over the network, which is a third of a second of every start.
    from geopy.distance import geodesic

    return float(geodesic(left, right).meters)


def _distance_to_segment_m(at: LatLon, start: LatLon, end: LatLon) -> float:
    """Return the geodesic distance to the nearest point of a segment.

    The nearest point is found on a plane around `at`: exact enough for lines of some tens of kilometres,
    and the distance to it is geodesic again.
    """
    x_scale = math.cos(math.radians(at[0])) * METRES_PER_DEGREE
    start_xy = ((start[1] - at[1]) * x_scale, (start[0] - at[0]) * METRES_PER_DEGREE)
    step = ((end[1] - start[1]) * x_scale, (end[0] - start[0]) * METRES_PER_DEGREE)
    length_squared = step[0] ** 2 + step[1] ** 2
    along = -(start_xy[0] * step[0] + start_xy[1] * step[1]) / length_squared if length_squared else 0.0
    share = min(1.0, max(0.0, along))
    nearest = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
    return distance_m(at, nearest)


def _lat_lon(point: Mapping[str, Any]) -> LatLon:
    return point["lat_e7"] * DEGREES_PER_UNIT, point["lon_e7"] * DEGREES_PER_UNIT
