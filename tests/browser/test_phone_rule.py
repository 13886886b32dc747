"""Small rules of the phone that are no visit's, judged by its own modules."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.test_visit_rule import rule


def test_a_place_is_shown_as_chinese_maps_shift_it(judge: Page) -> None:
    """The pair is the one that published reconstructions of the shift are tested with; elsewhere nothing is shifted."""
    shifted = rule(judge, "toGcj02", {"lat_e7": 311774276, "lon_e7": 1215272106})
    assert (shifted["lat_e7"], shifted["lon_e7"]) == (
        pytest.approx(311753039.8, abs=10),
        pytest.approx(1215315418.6, abs=10),
    )
    abroad = {"lat_e7": 488566000, "lon_e7": 23522000}
    assert rule(judge, "toGcj02", abroad) == abroad


@pytest.mark.parametrize(
    ("days", "alarm"),
    [
        (0, None),
        (1, "day"),
        (2, "day"),
        (3, "soon"),
        (6, "soon"),
        (7, "package"),
        (29, "package"),
        (30, "danger"),
    ],
)
def test_the_longer_something_waits_the_louder_it_is_said(judge: Page, days: int, alarm: str | None) -> None:
    since = "2026-10-01T08:00:00.000+08:00"
    at = datetime.fromisoformat(since) + timedelta(days=days, hours=23)
    assert rule(judge, "waiting", since, at.timestamp() * 1000) == {"days": days, "alarm": alarm}


def test_a_clock_set_back_makes_nothing_of_the_wait(judge: Page) -> None:
    assert rule(judge, "waiting", "2029-10-01T08:00:00.000+08:00", 0) == {"days": 0, "alarm": None}
    assert rule(judge, "waiting", None, 0) == {"days": 0, "alarm": None}
