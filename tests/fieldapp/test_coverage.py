"""The coverage rule against the vectors it shares with the phone."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fieldapp.coverage import Rule, SubmittedVisit, lacks, state_of, window_of

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "coverage.json").read_text(encoding="utf-8"))


def rule_of(given: dict[str, Any]) -> Rule:
    start_on, months = date.fromisoformat(given["start_on"]), tuple(given["suspended_months"])
    return Rule(**{**given, "start_on": start_on, "suspended_months": months})


def visits_of(given: list[dict[str, Any]]) -> list[SubmittedVisit]:
    return [SubmittedVisit(**{**visit, "on": date.fromisoformat(visit["on"])}) for visit in given]


@pytest.mark.parametrize("case", VECTORS["months"], ids=lambda case: case["name"])
def test_state_of_month(case: dict[str, Any]) -> None:
    rule, visits = rule_of(case["rule"]), visits_of(case["visits"])
    assert state_of(rule, visits, case["month"], date.fromisoformat(case["today"])) == case["expect"]


@pytest.mark.parametrize("case", VECTORS["windows"], ids=lambda case: case["name"])
def test_window_of_milestone(case: dict[str, Any]) -> None:
    rule, visits = rule_of(case["rule"]), visits_of(case["visits"])
    window = window_of(
        rule, visits, date.fromisoformat(case["planned_on"]), date.fromisoformat(case["today"])
    )
    expect = case["expect"]
    assert (str(window.from_on), str(window.to_on), window.state) == (
        expect["from_on"],
        expect["to_on"],
        expect["state"],
    )


def test_lacks_names_everything_missing() -> None:
    thin = SubmittedVisit(date(2026, 11, 2), people=1, has_progress=False, unanswered=2, decision="waiting")
    assert lacks(thin) == ("two_inspectors", "observed_progress", "open_questions")
