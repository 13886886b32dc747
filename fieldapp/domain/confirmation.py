"""Confirmation on site: the unit visited reads what was recorded and says whether it is so, by its own hand; or declines."""

from typing import Annotated, ClassVar, Literal

from pydantic import model_validator
from sqlmodel import Field

from fieldapp.domain.body import Day, Folded, Line, Part, Ref, Text, choice, nested
from fieldapp.domain.visit import OnVisit

Thousandth = Annotated[int, Field(ge=0, le=1000)]


class Stroke(Part):
    """One stroke of a signature: x, y, x, y … in thousandths of the pad's width."""

    points: Annotated[list[Thousandth], Field(min_length=2, max_length=2000)]

    @model_validator(mode="after")
    def _pairs(self) -> "Stroke":
        if len(self.points) % 2:
            raise ValueError("points come in pairs")
        return self


class Shown(Part):
    """One fact as it was read, word for word: what it says may be corrected later."""

    entity: Ref
    words: Text = Field(min_length=1)


class ConfirmationBody(OnVisit):
    """What the unit said to what it was shown. `by` is who spoke for it: unit, post, name; `shown` what it read; `said` its own words.

    The proof is a paper, photographed as a photo about this, or a signature on the screen; whoever refuses gives a reason and no proof.
    """

    kind: ClassVar[str] = "confirmation"

    visit: Ref | None = Field(default=None, index=True)
    confirmed_on: Day
    outcome: Literal["correct", "remark", "disputed", "refused"] = choice()
    proof: Literal["paper", "screen"] | None = choice(default=None)
    by: Line = Field(min_length=1)
    said: Text = ""
    shown: list[Shown] = nested(max_length=500)
    signature: list[Stroke] = nested(max_length=200)

    @model_validator(mode="after")
    def _by_their_hand(self) -> "ConfirmationBody":
        if (self.outcome == "refused") != (self.proof is None):
            raise ValueError("a proof belongs to every confirmation and to no refusal")
        if (self.proof == "screen") != bool(self.signature):
            raise ValueError("a signature belongs to a proof on the screen")
        if self.outcome != "correct" and not self.said:
            raise ValueError("a remark, an objection and a refusal have words")
        return self


class Confirmation(ConfirmationBody, Folded, table=True):
    """Confirmations as they stand."""
