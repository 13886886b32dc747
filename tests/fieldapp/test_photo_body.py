"""What the archive takes for a photo, in each version of its body."""

from typing import Any

import pytest

from fieldapp.domain import rulebook
from sync.error import BodyInvalid
from tests.fieldapp.desk_city import photo_body

EARLIER = "01930000-0000-7000-8000-000000000001"


def judged(version: int, **members: Any) -> str:
    """Return the member at fault, nothing for a good body."""
    body = {
        name: value for name, value in photo_body("2026-11-20", b"picture").items() if name not in members
    }
    try:
        rulebook().kinds["photo"].versions[version](body | members)
    except BodyInvalid as invalid:
        return invalid.where or "whole"
    return ""


def test_a_photo_of_the_second_version_may_name_the_earlier_one_it_is_compared_with() -> None:
    assert judged(1) == judged(2) == judged(2, pair_of=None) == judged(2, pair_of=EARLIER) == ""


@pytest.mark.parametrize(("version", "value"), [(1, EARLIER), (2, ""), (2, "0" * 64), (2, [EARLIER])])
def test_anything_else_is_no_earlier_photo(version: int, value: Any) -> None:
    assert judged(version, pair_of=value) == "pair_of"


ARROW = {"shape": "arrow", "x": 0, "y": 1000, "to_x": 500, "to_y": 20}
WORDS = {"shape": "text", "x": 10, "y": 20, "text": "裂缝"}


def test_marks_lie_within_the_picture_and_are_few_and_short() -> None:
    assert judged(2, marks=[ARROW, ARROW | {"shape": "circle"}, WORDS | {"text": "缝" * 40}]) == ""
    assert judged(1, marks=[]) == "marks"
    assert judged(2, marks=[ARROW] * 21) == "marks"
    for wrong in (
        *(
            ARROW | wrong
            for wrong in (
                {"to_x": 1001},
                {"x": -1},
                {"x": 0.5},
                {"to_y": None},
                {"text": "裂缝"},
                {"shape": "line"},
            )
        ),
        *(
            WORDS | wrong
            for wrong in ({"text": " "}, {"text": "缝" * 41}, {"to_x": 1, "to_y": 1}, {"colour": "red"})
        ),
    ):
        assert judged(2, marks=[wrong]).startswith("marks.0")


def test_a_photo_with_covered_faces_has_no_original() -> None:
    image = photo_body("2026-11-20", b"picture")["view"]
    assert judged(2, is_blurred=True) == judged(2, original=image) == ""
    assert (
        judged(2, is_blurred=True, original=image)
        == judged(2, is_blurred=True, view=None, original=image)
        == "whole"
    )
    assert judged(1, is_blurred=False) == "is_blurred"
