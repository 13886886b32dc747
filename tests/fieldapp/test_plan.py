"""Due progress on the plan curve."""

from datetime import date

import pytest

from fieldapp.plan import due_permille

PLAN = [
    {"on": "2026-01-01", "due_permille": 0},
    {"on": "2026-01-31", "due_permille": 300},
    {"on": "2026-03-02", "due_permille": 1000},
]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 1), 0),
        (date(2026, 1, 16), 150),
        (date(2026, 1, 31), 300),
        (date(2026, 2, 15), 650),
        (date(2026, 3, 2), 1000),
        (date(2030, 1, 1), 1000),
    ],
)
def test_due_follows_the_curve(day: date, due: int) -> None:
    assert due_permille(PLAN, "2026-01-01", "2026-03-02", day) == due


def test_half_a_permille_rounds_up() -> None:
    plan = [{"on": "2026-01-01", "due_permille": 0}, {"on": "2026-01-03", "due_permille": 1}]
    assert due_permille(plan, "2026-01-01", "2026-01-03", date(2026, 1, 2)) == 1


def test_without_a_curve_the_line_runs_from_start_to_end() -> None:
    assert due_permille([], "2026-01-01", "2026-01-11", date(2026, 1, 6)) == 500


def test_before_the_first_point_nothing_is_due() -> None:
    assert (
        due_permille(
            [{"on": "2026-01-10", "due_permille": 200}], "2026-01-01", "2026-02-01", date(2026, 1, 9)
        )
        == 0
    )
