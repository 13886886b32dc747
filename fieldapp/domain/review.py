"""What a supervisor decides about a submitted visit."""

from typing import ClassVar, Literal

from pydantic import model_validator
from sqlmodel import Field

from fieldapp.domain.body import PLACES, Body, Folded, Hash, Line, Part, Ref, Text, choice, nested


class Returned(Part):
    """Why one item goes back; `record` is the revision the reviewer saw, `entity` the item it belongs to."""

    entity: Ref
    record: Hash
    reason: Line = Field(min_length=1)


class ReviewBody(Body):
    """A decision about one submission (its hash): accepted with a number, or returned with a reason and reasons per item."""

    kind: ClassVar[str] = "review"
    nouns: ClassVar[frozenset[str]] = PLACES

    visit: Ref = Field(index=True)
    submission: Hash
    decision: Literal["accepted", "returned"] = choice()
    reason: Text = ""
    items: list[Returned] = nested(max_length=500)
    number: Line = ""

    @model_validator(mode="after")
    def _says_why(self) -> "ReviewBody":
        if self.decision == "returned" and not self.reason.strip() and not self.items:
            raise ValueError("a return needs a reason")
        if self.decision == "accepted" and not self.number:
            raise ValueError("an accepted visit has a number")
        return self


class Review(ReviewBody, Folded, table=True):
    """Reviews as they stand."""
