"""A visit and what is recorded on it, apart from photos, interviews, checklists and entries, which have their own files."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import StringConstraints, model_validator
from sqlalchemy import Index
from sqlmodel import Field

from fieldapp.domain.body import (
    PHONE,
    PLACES,
    Body,
    Day,
    Folded,
    Hash,
    Instant,
    Line,
    Name,
    Part,
    Permille,
    Person,
    Quantity,
    Ref,
    Text,
    Word,
    choice,
    nested,
)
from sync.rule import Role

PURPOSES = ("monthly", "milestone", "follow_up", "stationed", "campaign", "concentrated")
MANNERS = ("announced", "unannounced", "covert")
KNOWN_BY = ("seen", "measured", "documented", "said_by_unit", "said_by_others")

Purpose = Literal["monthly", "milestone", "follow_up", "stationed", "campaign", "concentrated"]
Manner = Literal["announced", "unannounced", "covert"]
KnownBy = Literal["seen", "measured", "documented", "said_by_unit", "said_by_others"]


class OnVisit(Body):
    """What phones record at a project or unit. `visit` is null for what stands outside any visit."""

    nouns: ClassVar[frozenset[str]] = PLACES
    writers: ClassVar[frozenset[Role]] = PHONE


class VisitBody(OnVisit):
    """A visit to a project or a unit; which of the two, the stream says.

    `arrived_at` and `left_at` are proposed from the first and last thing recorded; `is_left_late` marks a leaving time entered
    afterwards. `next_time` is what to look at on the next visit. Days on site lie between the two instants.
    """

    kind: ClassVar[str] = "visit"

    purpose: Purpose = choice()
    manner: Manner = choice()
    milestone: Ref | None = None
    team: list[Person] = nested(min_length=1, max_length=20)
    accompanied_by: Line = ""
    arrived_at: Instant
    left_at: Instant
    is_left_late: bool = False
    summary: Line = ""
    next_time: list[Line] = nested(max_length=20)


class Visit(VisitBody, Folded, table=True):
    """Visits as they stand."""


class ProgressBody(OnVisit):
    """Progress on one day: due by the plan, last reported, and seen on site, in tenths of a percent."""

    kind: ClassVar[str] = "progress"
    nouns: ClassVar[frozenset[str]] = frozenset({"project"})

    visit: Ref | None = Field(default=None, index=True)
    seen_on: Day
    due_permille: Permille
    reported_permille: Permille | None = None
    observed_permille: Permille
    physical: Line = ""
    has_copied_report: bool = False


class Progress(ProgressBody, Folded, table=True):
    """Observed progress as it stands."""

    # What was seen last of a project, told by the index alone.
    __table_args__ = (Index("ix_progress_newest", "stream", "seen_on", "captured_at", "observed_permille"),)


class FirstReconciliationBody(OnVisit):
    """Version 1: without the causes of a slip."""

    kind: ClassVar[str] = "reconciliation"
    nouns: ClassVar[frozenset[str]] = frozenset({"project"})

    visit: Ref | None = Field(default=None, index=True)
    milestone: Ref = Field(index=True)
    state: Literal["reached", "partly", "not_reached", "cannot_judge"] = choice()
    observed_on: Day | None = None
    observed_quantity: Quantity | None = None
    known_by: KnownBy = choice()
    reason: Line = ""


SlipCause = Literal[
    "contractor", "owner", "department", "local", "inherited", "design", "fund", "force", "external",
]  # fmt: skip
SlipCauses = list[SlipCause]


class ReconciliationBody(FirstReconciliationBody):
    """Version 2. What was found of a milestone. `slip_causes` and `reason` are for what is late; `known_by` is how it is known."""

    version: ClassVar[int] = 2

    slip_causes: SlipCauses = nested(default_factory=list, max_length=9)

    @model_validator(mode="after")
    def _told_once(self) -> "ReconciliationBody":
        if len(set(self.slip_causes)) < len(self.slip_causes):
            raise ValueError("a cause is named once")
        if self.slip_causes and self.state == "cannot_judge":
            raise ValueError("what cannot be judged has not slipped")
        return self


class Reconciliation(ReconciliationBody, Folded, table=True):
    """Reconciliations as they stand."""


FACT_OUTCOMES = ("true", "partly_true", "untrue", "unverified")
PROBLEM_OUTCOMES = ("fixed", "partly_fixed", "not_fixed", "unverified")
DECISION_OUTCOMES = ("done", "partly_done", "not_done", "unverified")


class _Outcome(OnVisit):
    """What every version says of an outcome."""

    kind: ClassVar[str] = "outcome"

    visit: Ref | None = Field(default=None, index=True)
    about: Ref = Field(index=True)
    known_by: KnownBy | None = choice(default=None)
    what: Text = ""


class FirstOutcomeBody(_Outcome):
    """Version 1: of a question or a claim."""

    outcome: Literal["true", "partly_true", "untrue", "fixed", "partly_fixed", "not_fixed", "unverified"] = (
        choice()
    )


class OutcomeBody(_Outcome):
    """Version 2. What verifying a question or a claim came to, or what became of something a meeting decided.

    `item` names the decision by its number in the meeting, from 1, as text; else it is empty.
    """

    version: ClassVar[int] = 2

    outcome: Literal[
        "true", "partly_true", "untrue", "fixed", "partly_fixed", "not_fixed", "unverified",
        "done", "partly_done", "not_done",
    ] = choice()  # fmt: skip
    item: Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]?)?$")] = ""

    @model_validator(mode="after")
    def _fitting(self) -> "OutcomeBody":
        if self.outcome != "unverified" and (self.outcome in DECISION_OUTCOMES) != bool(self.item):
            raise ValueError("an outcome fits what it is about: a decision by its number, or something else")
        return self


class Outcome(OutcomeBody, Folded, table=True):
    """Outcomes as they stand."""


class Decided(Part):
    """One thing a meeting decided."""

    what: Line
    who: Line = ""
    by_on: Day | None = None


class MeetingBody(OnVisit):
    """A meeting sat in on."""

    kind: ClassVar[str] = "meeting"

    visit: Ref | None = Field(default=None, index=True)
    held_on: Day
    title: Name
    chair: Line = ""
    matter: Text = ""
    decided: list[Decided] = nested(max_length=40)
    attended: int | None = Field(default=None, ge=0, le=10_000)


class Meeting(MeetingBody, Folded, table=True):
    """Meetings as they stand."""

    def named(self, item: str) -> str:
        """Return the words of a decision by its number, from 1; the meeting's title where it has none such."""
        at = int(item) - 1 if item else -1
        decisions: list[Any] = list(self.decided)
        return str(decisions[at]["what"]) if 0 <= at < len(decisions) else self.title


class DayLogBody(OnVisit):
    """What was done on one day of a longer visit."""

    kind: ClassVar[str] = "day_log"

    visit: Ref = Field(index=True)
    day_on: Day
    what: Text


class DayLog(DayLogBody, Folded, table=True):
    """Day logs as they stand."""

    __tablename__ = "day_log"


class Missing(Part):
    """Something the visit should have had: a stable word and, where one is meant, the item."""

    what: Word
    item: Annotated[str, Field(max_length=80)] = ""


class SubmissionBody(OnVisit):
    """The manifest of a visit: the hashes of its records, sealed with them. An incomplete one says what is missing and why."""

    kind: ClassVar[str] = "submission"

    visit: Ref = Field(index=True)
    records: list[Hash] = nested(min_length=1, max_length=2_000)
    missing: list[Missing] = nested(max_length=100)
    reason: Line = ""

    @model_validator(mode="after")
    def _ascending(self) -> "SubmissionBody":
        if self.records != sorted(set(self.records)):
            raise ValueError("records must be ascending, without duplicates")
        return self


class Submission(SubmissionBody, Folded, table=True):
    """Submissions as they stand."""
