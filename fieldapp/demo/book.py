"""The data files of the demo city, as they lie in `data/`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "city_book"
Row = dict[str, Any]


@cache
def read(name: str) -> Any:
    """Return one of the data files."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def data() -> Row:
    """Return the city's data as its file has it."""
    city: Row = read("demo_city")
    return city
