"""Checklist templates and the answers given to them. Nothing is prefilled as fine; *not checked* is an answer."""

from typing import Annotated, Any, ClassVar

import pydantic
from pydantic import StringConstraints, model_validator
from sqlmodel import Field

from fieldapp.domain.body import COMMONS, Body, Folded, Line, Name, Part, Ref, Word, nested
from fieldapp.domain.visit import OnVisit

# Longest name of an item. Inside a repeat its answers are called `name[3]`, and an answer's name has at most 40 characters.
ITEM_CHARS, REPEATED_CHARS, ANSWER_CHARS = 40, 36, 40

ItemName = Annotated[str, StringConstraints(pattern=r"^[\p{L}_][\p{L}\p{N}_.-]{0,39}$")]
ItemType = Annotated[
    str,
    StringConstraints(
        pattern=r"^(text|integer|decimal|date|time|dateTime|note|image|geopoint|calculate|hidden|acknowledge"
        r"|select_one \S{1,100}|select_multiple \S{1,100})$"
    ),
]
Label = Annotated[str, StringConstraints(max_length=4_000)]
# The part of XPath that XLSForm uses (docs/checklists.md), as the department wrote it.
Expression = Annotated[str, StringConstraints(max_length=4_000)]


class ChoiceOf(Part):
    """One choice of a list; `columns` are what a `choice_filter` reads of it."""

    name: Annotated[str, StringConstraints(pattern=r"^\S{1,100}$")]
    zh: Label
    en: Label
    columns: dict[str, Label] = pydantic.Field(default_factory=dict)


class Item(Part):
    """One row of the survey. What is absent or empty is not asked of it; `default` is an expression, too."""

    id: ItemName
    type: ItemType
    zh: Label = ""
    en: Label = ""
    hint_zh: Label = ""
    hint_en: Label = ""
    relevant: Expression = ""
    required: Expression = ""
    required_zh: Label = ""
    required_en: Label = ""
    constraint: Expression = ""
    constraint_zh: Label = ""
    constraint_en: Label = ""
    calculation: Expression = ""
    default: Expression = ""
    read_only: Expression = ""
    choice_filter: Expression = ""
    appearance: Line = ""


class Repeat(Part):
    """A group asked as often as people add it, or `count` says. The numbers of its instances are the answer under the group's id."""

    count: Expression = ""


class Group(Part):
    """Items that stand together, in the order of the survey; groups may hold groups, a repeat holds no repeat."""

    id: Annotated[str, StringConstraints(pattern=r"^([\p{L}_][\p{L}\p{N}_.-]{0,39})?$")]
    zh: Label = ""
    en: Label = ""
    relevant: Expression = ""
    appearance: Line = ""
    repeat: Repeat | None = None
    items: list["Item | Group"]


class _Checklist(Body):
    """What every version says of a template."""

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


class FirstChecklistBody(_Checklist):
    """Version 1: `groups` of items with core items and items in turn, what an answer raises, and what other cards record."""

    groups: list[dict[str, Any]] = nested()
    choices: dict[str, list[dict[str, Any]]] = nested()


class ChecklistBody(_Checklist):
    """Version 2: what an XLSForm says, whole. A template: `groups` of items and the `choices` they name, in both languages."""

    version: ClassVar[int] = 2

    groups: list[Group] = nested()
    choices: dict[str, list[ChoiceOf]] = nested()


class Checklist(ChecklistBody, Folded, table=True):
    """Templates as they stand, of either version."""


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
            if len(name) > ANSWER_CHARS:
                raise ValueError(f"{name[:40]} is too long")
        return self


class Answer(AnswerBody, Folded, table=True):
    """Answers as they stand."""
