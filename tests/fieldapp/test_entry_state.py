"""The state of an entry against the vectors it shares with the phone."""

import json
from pathlib import Path
from typing import Any

import pytest

from fieldapp.domain.entry import Recheck, Verification
from fieldapp.entry_state import entry_state, is_closed

VECTORS = Path(__file__).parents[1] / "vectors" / "entry_state.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    rechecks = [
        Recheck(
            entity=str(at), entry="e", checked_on=on, captured_at=f"2026-12-01T00:00:0{at}.000Z", outcome=outcome, known_by=known_by
        )
        for at, (on, outcome, known_by) in enumerate(given["rechecks"])
    ]  # fmt: skip
    state = entry_state(rechecks, Verification(entry="e", is_verified=given["is_verified"]))
    assert {"state": state, "is_closed": is_closed(given["is_fixed_at_once"], state)} == case["expect"]
