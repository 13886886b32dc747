"""Appraisal on site: the ballots a department uses, and what an appraisal came to. No ballot is ever a record; counts are, from five on."""

from collections import defaultdict
from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints, model_validator
from sqlmodel import Field

from fieldapp.domain.annex import MOST_READERS, Kid, Letter, Reader, check_letter
from fieldapp.domain.body import COMMONS, Body, Day, Folded, Line, Name, Part, Ref, Word, nested
from fieldapp.domain.visit import OnVisit

# Fewer marks than that would show what single people said.
LEAST = 5
# All ballots together, beside the groups `relation.…` and `contact.…`.
ALL = "all"

GroupName = Annotated[str, StringConstraints(pattern=r"^(all|(relation|contact)\.[a-z][a-z0-9_]{0,39})$")]
Count = Annotated[int, Field(ge=0, le=10_000)]
Short = Annotated[str, StringConstraints(max_length=200)]


class Wording(Part):
    """A word of a ballot in both languages; `id` names it in counts."""

    id: Word
    zh: Short
    en: Short


class Asked(Wording):
    """One question about each of those appraised; the hints say what is meant."""

    hint_zh: Line = ""
    hint_en: Line = ""


class BallotFormBody(Body):
    """A ballot: whom it is about, what it asks, which marks it offers. `relations` and `contacts` may be asked of who fills it in."""

    kind: ClassVar[str] = "ballot_form"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    code: Word
    name: Name
    name_en: Line = ""
    occasion: Line = ""
    occasion_en: Line = ""
    raters: Line = ""
    raters_en: Line = ""
    targets: list[Literal["official", "unit", "project"]] = nested(min_length=1, max_length=3)
    relations: list[Wording] = nested(max_length=10)
    relation: Line = ""
    relation_en: Line = ""
    contacts: list[Wording] = nested(max_length=5)
    contact: Line = ""
    contact_en: Line = ""
    options: list[Wording] = nested(min_length=2, max_length=8)
    questions: list[Asked] = nested(min_length=1, max_length=12)
    words: list[Wording] = nested(max_length=3)


class BallotForm(BallotFormBody, Folded, table=True):
    """Ballots as they stand."""

    __tablename__ = "ballot_form"


class Appraised(Part):
    """Somebody or something appraised, as the ballot named it."""

    noun: Literal["official", "unit", "project"]
    entity: Ref
    name: Short
    name_en: Short = ""


class Marks(Part):
    """How often each option was marked on one question about one of those appraised, in the order of the options."""

    target: Ref
    question: Word
    group: GroupName
    marks: list[Count]


class AppraisalBody(OnVisit):
    """What an appraisal came to, dated to the day. The words of the ballot stand with it: they say what was marked.

    `valid` ballots have a mark on them; nothing else of a ballot is here but sums of at least five. Groups are told where they and what
    they leave of the whole are at least five. What was written freely is in a `letter` as an annex is (PROTOCOL.md section 14), only then.
    """

    kind: ClassVar[str] = "appraisal"

    visit: Ref | None = Field(default=None, index=True)
    held_on: Day
    form: Ref
    title: Name
    title_en: Line = ""
    targets: list[Appraised] = nested(min_length=1, max_length=8)
    relations: list[Wording] = nested(max_length=10)
    contacts: list[Wording] = nested(max_length=5)
    options: list[Wording] = nested(min_length=2, max_length=8)
    questions: list[Wording] = nested(min_length=1, max_length=12)
    issued: Count
    returned: Count
    valid: Count
    counts: list[Marks] = nested(max_length=1_500)
    readers: list[Reader] = nested(default_factory=list, max_length=MOST_READERS)
    recovery: Kid | None = None
    letter: Letter | None = nested(default=None)

    @model_validator(mode="after")
    def _only_to_those_named(self) -> "AppraisalBody":
        if (self.letter is None) != (self.recovery is None) or (self.letter is None and self.readers):
            raise ValueError("readers and recovery key are those of a letter")
        if self.letter is not None and self.recovery is not None:
            check_letter(self.letter, self.readers, self.recovery)
            if self.valid < LEAST:
                raise ValueError("what fewer than five wrote is not kept")
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> "AppraisalBody":
        if not self.issued >= self.returned >= self.valid:
            raise ValueError("no more come back than were handed out, and no more are valid than came back")
        if self.valid < LEAST and self.counts:
            raise ValueError("fewer than five ballots are only counted")
        known = {one.entity for one in self.targets}, {one.id for one in self.questions}
        for one in self.counts:
            if (
                one.target not in known[0]
                or one.question not in known[1]
                or len(one.marks) != len(self.options)
            ):
                raise ValueError(
                    "marks are of a question, about somebody appraised, one count for each option"
                )
        return self

    @model_validator(mode="after")
    def _names_nobody(self) -> "AppraisalBody":
        wholes = {(one.target, one.question): one for one in self.counts if one.group == ALL}
        parts: dict[tuple[str, str, str], list[Marks]] = defaultdict(list)
        for one in self.counts:
            if not LEAST <= sum(one.marks) <= self.valid:
                raise ValueError("fewer than five marks are not told, and nobody marks twice")
            if one.group != ALL:
                parts[one.target, one.question, one.group.partition(".")[0]].append(one)
        if len({(one.target, one.question, one.group) for one in self.counts}) < len(self.counts):
            raise ValueError("a group is told once")
        for (target, question, _), groups in parts.items():
            whole = wholes.get((target, question))
            if whole is None or not _leaves_enough(whole, groups):
                raise ValueError("what groups leave of the whole is nothing or at least five")
        return self


def _leaves_enough(whole: Marks, groups: list[Marks]) -> bool:
    left: list[int] = [
        total - sum(each)
        for total, each in zip(whole.marks, zip(*(one.marks for one in groups), strict=True), strict=True)
    ]
    rest: int = sum(left)
    return min(left) >= 0 and (rest == 0 or rest >= LEAST)


class Appraisal(AppraisalBody, Folded, table=True):
    """Appraisals as they stand."""
