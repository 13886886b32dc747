"""Looking back on achievements: the vectors shared with the phone, and what the archive takes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fieldapp.domain.look_back import LookBack
from fieldapp.look_back import prospect
from tests.fieldapp.body_rule import fault

VECTORS = Path(__file__).parents[1] / "vectors" / "look_back.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
BODY = {"entry": "01920000-0000-7000-8000-000000000001", "looked_on": "2026-11-22"}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    looks = [
        LookBack(
            entity=str(at),
            captured_at=f"2026-12-01T00:00:{at:02}.000Z",
            looked_on=on,
            outcome=outcome,
            again_on=again,
        )
        for at, (on, outcome, again) in enumerate(given["looks"])
    ]
    found = prospect(given["look_back_on"], looks, date.fromisoformat(given["today"]))
    assert {"state": found.state, "on": found.on} == case["expect"]


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "holds", "known_by": "seen"},
        {"outcome": "not_held", "known_by": "documented", "what": "路灯一半不亮"},
        {"outcome": "too_early", "again_on": "2027-05-22"},
        {"outcome": "too_early", "known_by": "seen", "again_on": "2026-11-23"},
    ],
)
def test_what_was_found_is_taken(body: dict[str, Any]) -> None:
    assert fault("look_back", BODY | body) is None


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "holds"},
        {"outcome": "holds", "known_by": "seen", "again_on": "2027-05-22"},
        {"outcome": "too_early"},
        {"outcome": "too_early", "again_on": "2026-11-22"},
        {"outcome": "fixed", "known_by": "seen"},
    ],
)
def test_what_says_too_little_or_too_much_is_refused(body: dict[str, Any]) -> None:
    assert fault("look_back", BODY | body) is not None
