"""Outcomes as the archive takes them: of either version, each fitting what it is about."""

from typing import Any

import pytest

from fieldapp.domain import Meeting
from tests.fieldapp.body_rule import fault

BODY = {"about": "01920000-0000-7000-8000-000000000001"}


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"outcome": "true"}),
        (2, {"outcome": "partly_true"}),
        (2, {"outcome": "fixed", "item": ""}),
        (2, {"outcome": "done", "item": "1"}),
        (2, {"outcome": "unverified", "item": "40"}),
    ],
)
def test_an_outcome_that_fits_is_taken(version: int, body: dict[str, Any]) -> None:
    assert fault("outcome", BODY | body, version) is None


@pytest.mark.parametrize(
    ("version", "body"),
    [
        (1, {"outcome": "done"}),
        (1, {"outcome": "true", "item": "1"}),
        (2, {"outcome": "done"}),
        (2, {"outcome": "true", "item": "1"}),
        (2, {"outcome": "done", "item": "0"}),
        (2, {"outcome": "done", "item": "x"}),
    ],
)
def test_an_outcome_that_fits_nothing_is_refused(version: int, body: dict[str, Any]) -> None:
    assert fault("outcome", BODY | body, version) is not None


def test_a_decision_is_named_by_its_number_and_else_by_the_meeting() -> None:
    meeting = Meeting(title="协调会", decided=[{"what": "交地"}, {"what": "迁线"}])
    assert [meeting.named(item) for item in ("1", "2", "3", "")] == ["交地", "迁线", "协调会", "协调会"]
