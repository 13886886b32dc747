"""Achievements looked back on, months or years after they were recorded."""

from typing import ClassVar, Literal

from pydantic import model_validator
from sqlmodel import Field

from fieldapp.domain.body import Day, Folded, Ref, Text, choice
from fieldapp.domain.visit import KnownBy, OnVisit


class LookBackBody(OnVisit):
    """What became of an achievement when somebody looked back on it. `again_on` is the next day to do so, while it cannot be told yet."""

    kind: ClassVar[str] = "look_back"

    entry: Ref = Field(index=True)
    visit: Ref | None = Field(default=None, index=True)
    looked_on: Day
    outcome: Literal["holds", "partly_holds", "not_held", "too_early"] = choice()
    known_by: KnownBy | None = choice(default=None)
    what: Text = ""
    again_on: Day | None = None

    @model_validator(mode="after")
    def _told_or_later(self) -> "LookBackBody":
        if self.outcome != "too_early":
            if self.known_by is None or self.again_on is not None:
                raise ValueError("what can be told says how it is known, and has no later day")
        elif self.again_on is None or self.again_on <= self.looked_on:
            raise ValueError("what cannot be told yet has a later day")
        return self


class LookBack(LookBackBody, Folded, table=True):
    """Achievements looked back on, as they stand."""

    __tablename__ = "look_back"
