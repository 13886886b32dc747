"""Fact sheets: what an official or a unit is told of verified facts, word for word, and by when an answer is asked."""

from typing import ClassVar, Literal

from pydantic import model_validator
from sqlmodel import Field

from fieldapp.domain.body import PLACES, Body, Day, Folded, Hash, Line, Part, Ref, Text, nested


class Fact(Part):
    """One fact as it is told: `record` is the wording of the entry it was taken from, `basis` how it is known where that names nobody."""

    entity: Ref
    record: Hash
    seen_on: Day
    place: Line = ""
    words: Text = Field(min_length=1)
    basis: Literal["seen", "measured", "documented"] | None = None
    photos: int = Field(default=0, ge=0, le=10_000)


class FactSheetBody(Body):
    """What was released, to whom (an official or a unit, one of the two), and by when an answer is asked. Silence is no answer."""

    kind: ClassVar[str] = "fact_sheet"
    nouns: ClassVar[frozenset[str]] = PLACES

    official: Ref | None = Field(default=None, index=True)
    unit: Ref | None = Field(default=None, index=True)
    released_on: Day = Field(index=True)
    answer_by_on: Day
    facts: list[Fact] = nested(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _to_somebody(self) -> "FactSheetBody":
        if (self.official is None) == (self.unit is None):
            raise ValueError("a fact sheet is for an official or for a unit")
        if self.answer_by_on < self.released_on:
            raise ValueError("an answer is asked for after the release")
        if len({fact.entity for fact in self.facts}) < len(self.facts):
            raise ValueError("a fact is told once")
        return self


class FactSheet(FactSheetBody, Folded, table=True):
    """Fact sheets as they stand."""

    __tablename__ = "fact_sheet"
