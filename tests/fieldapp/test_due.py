"""Due progress against the vectors it shares with the phone."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fieldapp.plan import due_permille

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "due.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    found = due_permille(given["plan"], given["start_on"], given["end_on"], date.fromisoformat(given["day"]))
    assert found == case["expect"]
