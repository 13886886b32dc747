"""The gram rule in Python: the vectors that the browser's is judged by, and what a typed text asks for."""

import json
from pathlib import Path
from typing import Any

import pytest

from fieldapp.grams import Wanted, grams, wanted

VECTORS = sorted((Path(__file__).parents[1] / "vectors" / "grams").glob("*.json"))


def _case(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", VECTORS, ids=[path.stem for path in VECTORS])
def test_a_text_is_cut_as_the_vector_says(path: Path) -> None:
    case = _case(path)
    assert grams(case["input"]["text"]) == case["expect"]["grams"]


def test_pairs_stand_for_characters_and_the_last_word_is_a_beginning() -> None:
    assert wanted("C30 钢筋外 Bri") == [
        Wanted("c30", False), Wanted("钢筋", False), Wanted("筋外", False), Wanted("bri", True),
    ]  # fmt: skip
    assert wanted("桥") == [Wanted("桥", False)]
    assert wanted("！—") == []
