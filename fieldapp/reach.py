"""Which streams a person reaches, as a set and as a condition of a query. `access.py` says whose they are."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

# Officials' streams are the only ones a desk may not have.
OFFICIAL = "official:"


class DeskStreams(set[str]):
    """Every stream there is, officials' only where they are allowed: a query need not name thousands."""

    def __init__(self, names: Iterable[str], has_officials: bool) -> None:
        super().__init__(one for one in names if has_officials or not one.startswith(OFFICIAL))
        self.has_officials = has_officials


def within(column: Any, streams: Iterable[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that say that a column names one of the streams."""
    if isinstance(streams, DeskStreams):
        return [] if streams.has_officials else [col(column).not_like(f"{OFFICIAL}%")]
    return [col(column).in_(sorted(streams))]
