"""Checklist templates and the answers given to them. Nothing is prefilled as fine; *not checked* is an answer."""

from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints, model_validator
from sqlmodel import Field

from fieldapp.domain.body import COMMONS, Body, Folded, Line, Name, Ref, Word, nested
from fieldapp.domain.visit import OnVisit


class ChecklistBody(Body):
    """A template, whole: `groups` of items and the `choices` they name, as the department wrote them, in both languages."""

    kind: ClassVar[str] = "checklist"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    code: Word = Field(index=True)
    edition: Line
    name: Name
    name_en: Line = ""
    purposes: list[Word] = nested()
    types: list[Word] = nested()
    rotation: int | None = Field(default=None, ge=1, le=100)
    groups: list[dict[str, Any]] = nested()
    choices: dict[str, list[dict[str, Any]]] = nested()


class Checklist(ChecklistBody, Folded, table=True):
    """Templates as they stand."""


Answered = Annotated[str, StringConstraints(max_length=4_000)]


class AnswerBody(OnVisit):
    """Answers to one template on one visit. Values are text: a choice's name, several parted by blanks, a number, a date."""

    kind: ClassVar[str] = "answer"

    visit: Ref = Field(index=True)
    checklist: Ref
    edition: Line
    answers: dict[str, Answered] = nested()
    notes: dict[str, Answered] = nested(default_factory=dict)

    @model_validator(mode="after")
    def _bounded(self) -> "AnswerBody":
        for name in (*self.answers, *self.notes):
            if len(name) > 40:
                raise ValueError(f"{name[:40]} is too long")
        return self


class Answer(AnswerBody, Folded, table=True):
    """Answers as they stand."""
