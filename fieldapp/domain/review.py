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


class _Review(Body):
    """What every version says of a decision."""

    kind: ClassVar[str] = "review"
    nouns: ClassVar[frozenset[str]] = PLACES

    visit: Ref = Field(index=True)
    submission: Hash
    reason: Text = ""
    items: list[Returned] = nested(max_length=500)
    number: Line = ""


class FirstReviewBody(_Review):
    """Version 1: one person decides, once. Accepted with a number, or returned with a reason and reasons per item."""

    decision: Literal["accepted", "returned"] = choice()

    @model_validator(mode="after")
    def _says_why(self) -> "FirstReviewBody":
        _check(self.decision, self)
        return self


class ReviewBody(_Review):
    """Version 2. A decision about one submission (its hash).

    Where the project asks for two sign-offs, `passed` is the first (复核) and `accepted`, by somebody else, the second (审签). `reopened`
    takes back what was accepted, with a reason; the number stays the visit's.
    """

    version: ClassVar[int] = 2

    decision: Literal["accepted", "returned", "passed", "reopened"] = choice()

    @model_validator(mode="after")
    def _says_why(self) -> "ReviewBody":
        _check(self.decision, self)
        return self


def _check(decision: str, body: _Review) -> None:
    if decision == "returned" and not body.reason.strip() and not body.items:
        raise ValueError("a return needs a reason")
    if decision == "reopened" and not body.reason.strip():
        raise ValueError("reopening needs a reason")
    if decision == "accepted" and not body.number:
        raise ValueError("an accepted visit has a number")
    if decision in ("passed", "reopened") and body.items:
        raise ValueError("only a return is about single items")


class Review(ReviewBody, Folded, table=True):
    """Reviews as they stand."""
