"""What is drawn over a photo, against the vectors it shares with the phone."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from fieldapp.mark import drawing

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "mark.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    given = case["input"]
    assert asdict(drawing(given["marks"], given["width"], given["height"])) == case["expect"]
