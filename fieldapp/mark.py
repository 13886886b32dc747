"""What is drawn over a photo, as plain shapes; `static/js/core/mark.js` gives the same (tests/vectors/mark.json)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 1000
WITHOUT_SIZE = (4, 3)
HEAD, HEAD_SHARE = 70, 0.5
COS, SIN = 0.88, 0.47
FONT = 52


@dataclass(frozen=True)
class Drawing:
    """Shapes in a space as wide and high as the picture, its longer side 1,000."""

    width: int
    height: int
    shapes: list[dict[str, Any]]


def drawing(marks: Iterable[Mapping[str, Any]], width: int | None, height: int | None) -> Drawing:
    """Return the shapes of marks over a picture; where its size is not known it is taken for 4:3."""
    wide, high = (width, height) if width and height else WITHOUT_SIZE
    longest = max(wide, high)
    space = (_whole(LONGEST * wide / longest), _whole(LONGEST * high / longest))
    return Drawing(*space, [_shape(mark, *space) for mark in marks])


def _shape(mark: Mapping[str, Any], width: int, height: int) -> dict[str, Any]:
    shape = mark["shape"]
    x, y = mark["x"] * width / 1000, mark["y"] * height / 1000
    if shape == "text":
        # Words grow towards the middle and stay inside.
        anchor = "start" if mark["x"] < 500 else "end"
        return {
            "shape": shape,
            "x": _whole(x),
            "y": _whole(max(y, FONT)),
            "anchor": anchor,
            "text": mark["text"],
        }
    to_x, to_y = mark["to_x"] * width / 1000, mark["to_y"] * height / 1000
    if shape == "circle":
        return {
            "shape": shape,
            "cx": _whole((x + to_x) / 2),
            "cy": _whole((y + to_y) / 2),
            "rx": _whole(abs(to_x - x) / 2),
            "ry": _whole(abs(to_y - y) / 2),
        }
    return {"shape": shape, "path": [*map(_whole, (x, y, to_x, to_y))], "head": _head(x, y, to_x, to_y)}


def _head(x: float, y: float, to_x: float, to_y: float) -> list[int]:
    """Return the three points of an arrow's head: one side, the tip, the other side."""
    length = math.sqrt((to_x - x) * (to_x - x) + (to_y - y) * (to_y - y)) or 1.0
    reach = min(HEAD, HEAD_SHARE * length) / length
    back_x, back_y = (x - to_x) * reach, (y - to_y) * reach
    one = (to_x + back_x * COS - back_y * SIN, to_y + back_x * SIN + back_y * COS)
    other = (to_x + back_x * COS + back_y * SIN, to_y - back_x * SIN + back_y * COS)
    return [*map(_whole, (*one, to_x, to_y, *other))]


def _whole(number: float) -> int:
    return math.floor(number + 0.5)
