"""Entries of the lists, what became of them, and what the desk made of them."""

from typing import Annotated, ClassVar, Literal

from pydantic import model_validator
from sqlmodel import Field

from fieldapp.domain.body import PLACES, Body, Day, Folded, Line, Ref, Text, choice, nested
from fieldapp.domain.visit import KnownBy, OnVisit

LISTS = ("task", "progress", "problem", "achievement", "duty", "later")

Cause = Literal["subjective", "objective", "inherited"]
Causes = list[Cause]


class FirstEntryBody(OnVisit):
    """Version 1: without the checklist item."""

    kind: ClassVar[str] = "entry"

    visit: Ref | None = Field(default=None, index=True)
    list: Literal["task", "progress", "problem", "achievement", "duty", "later"] = choice()
    what: Text = Field(min_length=1)
    about: Ref | None = None
    place: Line = ""
    known_by: KnownBy | None = choice(default=None)
    seen_on: Day
    sort: Literal["fault", "difficulty"] | None = choice(default=None)
    severity: Literal["minor", "major", "serious"] | None = choice(default=None)
    cause: Causes = nested(max_length=3)
    is_fixed_at_once: bool = False
    deadline_on: Day | None = None
    responsible: Ref | None = None
    share: Literal["own", "shared", "inherited"] | None = choice(default=None)
    help_level: Literal["unit", "county", "city", "province"] | None = choice(default=None)
    wanted: Line = ""
    visibility: Literal["visible", "latent"] | None = choice(default=None)
    look_back_on: Day | None = None
    level: Literal["county", "city", "province", "state"] | None = choice(default=None)
    raised_by: Line = ""


class SecondEntryBody(FirstEntryBody):
    """Version 2: without the interview."""

    version: ClassVar[int] = 2

    item: Annotated[str, Field(max_length=80)] = ""


class EntryBody(SecondEntryBody):
    """Version 3. One item of the lists. Only `what` is asked for at once; the rest is sorted later, `later` until then.

    A problem is a `fault` or a `difficulty`; a difficulty asks for help and has neither severity nor a responsible official.
    `about` is the task, milestone or claim it belongs to; `share` how far the responsible official answers for it; `item` names the
    checklist item whose answer led to it, as photos name it; `heard_in` the interview of whose notes it is a sentence.
    """

    version: ClassVar[int] = 3

    heard_in: Ref | None = None


class Entry(EntryBody, Folded, table=True):
    """Entries as they stand, before rechecks."""


class RecheckBody(OnVisit):
    """What became of an entry, by anybody who has the stream. A report never closes anything; a check on site does."""

    kind: ClassVar[str] = "recheck"

    entry: Ref = Field(index=True)
    visit: Ref | None = Field(default=None, index=True)
    checked_on: Day
    outcome: Literal[
        "assigned", "reported", "fixed", "partly_fixed", "not_fixed", "relapsed", "unverified"
    ] = choice()
    known_by: KnownBy = choice()
    what: Text = ""


class Recheck(RecheckBody, Folded, table=True):
    """Rechecks as they stand."""


class VerificationBody(Body):
    """A person's decision at the desk that an entry is a fact, and how far independent sources agree."""

    kind: ClassVar[str] = "verification"
    nouns: ClassVar[frozenset[str]] = PLACES

    entry: Ref = Field(index=True)
    is_verified: bool
    corroboration: Literal["single", "agree", "disagree"] = choice()
    note: Text = ""


class Verification(VerificationBody, Folded, table=True):
    """Verifications as they stand."""


class FirstReplyBody(Body):
    """Version 1: of an official, without the sheet the facts were read from."""

    kind: ClassVar[str] = "reply"
    nouns: ClassVar[frozenset[str]] = PLACES

    official: Ref = Field(index=True)
    about: list[Ref] = nested(min_length=1, max_length=200)
    reply: Literal["agree", "remark", "dispute"] = choice()
    what: Text = ""
    what_en: Text = ""
    replied_on: Day


class ReplyBody(Body):
    """Version 2. What was answered to facts, entered at the desk; it travels with them. `sheet` is the fact sheet they were read from.

    `official` is null where a unit answers; `refused`: whoever it was would not sign, and `what` says why.
    """

    kind: ClassVar[str] = "reply"
    version: ClassVar[int] = 2
    nouns: ClassVar[frozenset[str]] = PLACES

    official: Ref | None = Field(default=None, index=True)
    unit: Ref | None = None
    sheet: Ref | None = Field(default=None, index=True)
    about: list[Ref] = nested(min_length=1, max_length=200)
    reply: Literal["agree", "remark", "dispute", "refused"] = choice()
    what: Text = ""
    what_en: Text = ""
    replied_on: Day

    @model_validator(mode="after")
    def _by_somebody(self) -> "ReplyBody":
        if (self.official is None) == (self.unit is None):
            raise ValueError("an official answers, or a unit")
        if self.reply != "agree" and not self.what.strip():
            raise ValueError("a remark, an objection and a refusal have words")
        return self


class Reply(ReplyBody, Folded, table=True):
    """Replies as they stand."""
