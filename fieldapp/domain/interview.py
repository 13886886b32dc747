"""Interviews: a code, a relation, and what was said. Names and telephone numbers have no place here."""

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints
from sqlmodel import Field

from fieldapp.domain.body import Day, Folded, Line, Part, Person, Ref, Text, Word, choice, nested
from fieldapp.domain.visit import OnVisit

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,4}$")]


class Asked(Part):
    """One question of the outline and the note under it."""

    question: Annotated[str, Field(max_length=80)]
    note: Text = ""


class InterviewBody(OnVisit):
    """A conversation on site or outside any visit. `role` is an outline's id, `relation` is to the official, `knows` how well."""

    kind: ClassVar[str] = "interview"

    visit: Ref | None = Field(default=None, index=True)
    talked_on: Day
    code: Code
    role: Word
    relation: Literal["superior", "peer", "subordinate", "served", "beside", "self", "other"] = choice()
    knows: Literal["daily", "sometimes", "hearsay"] = choice()
    mode: Literal["individual", "group", "chance", "phone", "written", "return"] = choice()
    note_taker: Person | None = None
    is_use_told: bool
    asked: list[Asked] = nested(max_length=40)
    notes: Text = ""
    about: Line = ""


class Interview(InterviewBody, Folded, table=True):
    """Interviews as they stand."""
