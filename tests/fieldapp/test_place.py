"""Distances of fixes to sites."""

from typing import Any

import pytest

from fieldapp.place import UNKNOWN, distance_m, standing


def point(lat: float, lon: float) -> dict[str, int]:
    return {"lat_e7": round(lat * 1e7), "lon_e7": round(lon * 1e7)}


def site(shape: str, radius_m: int, *places: tuple[float, float]) -> dict[str, Any]:
    return {
        **point(26.5, 110.5),
        "radius_m": radius_m,
        "shape": shape,
        "places": [{"name": "x", **point(*place)} for place in places],
    }


def fix(lat: float, lon: float, accuracy_m: int) -> dict[str, int]:
    return {**point(lat, lon), "accuracy_m": accuracy_m, "age_ms": 0}


def test_distance_is_geodesic() -> None:
    # By the radius of curvature of the meridian at 26.5° north: a(1−e²)/(1−e²sin²φ)^1.5 × π/180.
    assert distance_m((26.0, 110.5), (27.0, 110.5)) == pytest.approx(110_795.7, abs=1.0)


def test_a_fix_on_the_site_is_near() -> None:
    result = standing(site("point", 300), fix(26.5018, 110.5, 20))
    assert (result.nearness, result.distance_m, result.beyond_m) == ("near", 199, 0)


def test_accuracy_is_taken_off_before_far_is_said() -> None:
    assert standing(site("point", 300), fix(26.5036, 110.5, 120)).nearness == "near"
    far = standing(site("point", 300), fix(26.5036, 110.5, 20))
    assert (far.nearness, far.distance_m, far.beyond_m) == ("far", 399, 79)


def test_a_fix_wider_than_the_site_says_nothing() -> None:
    assert standing(site("point", 300), fix(26.501, 110.5, 900)).nearness == "unknown"


def test_without_a_fix_nothing_is_known() -> None:
    assert standing(site("point", 300), None) == UNKNOWN


def test_a_line_is_measured_between_its_places() -> None:
    road = site("line", 200, (26.4, 110.5), (26.6, 110.5))
    assert standing(road, fix(26.45, 110.501, 10)).distance_m == 100
    assert standing(road, fix(26.61, 110.5, 10)).nearness == "far"


def test_an_area_is_measured_to_its_nearest_place() -> None:
    area = site("area", 600, (26.5, 110.5), (26.55, 110.5))
    assert standing(area, fix(26.551, 110.5, 10)).distance_m == 111


def test_a_line_of_one_place_is_a_point() -> None:
    assert standing(site("line", 200, (26.5, 110.5)), fix(26.5, 110.5, 5)).distance_m == 0


def test_two_equal_places_on_a_line_are_no_division_by_zero() -> None:
    assert standing(site("line", 200, (26.5, 110.5), (26.5, 110.5)), fix(26.5, 110.5, 5)).distance_m == 0
