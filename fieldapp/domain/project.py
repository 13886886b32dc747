"""Projects and what is known of them before anybody goes: plan, milestones, links, reported progress, claims, questions, sources."""

from typing import ClassVar, Literal

from pydantic import model_validator
from sqlalchemy import BigInteger
from sqlmodel import Field

from fieldapp.domain.body import (
    COMMONS,
    PLACES,
    Body,
    Day,
    Folded,
    Line,
    Month,
    Name,
    Part,
    Permille,
    Point,
    Quantity,
    Ref,
    Text,
    Word,
    choice,
    nested,
)

PROJECT = frozenset({"project"})


class Place(Point):
    """A named place of a site."""

    name: Name
    name_en: Line = ""


class Site(Point):
    """Where a project is: its middle, how far it reaches, and its named places."""

    radius_m: int = Field(ge=1, le=200_000)
    shape: Literal["point", "line", "area"]
    places: list[Place]


class PlanPoint(Part):
    """Progress due on a day, in tenths of a percent; days ascend, straight lines between."""

    on: Day
    due_permille: Permille


class CoverageRule(Part):
    """How often a project is to be visited, and how near to a milestone counts as at it."""

    per_month: int = Field(ge=0, le=31)
    days_before_milestone: int = Field(ge=0, le=90)
    days_after_milestone: int = Field(ge=0, le=90)
    suspended_months: list[Month]


class ProjectTypeBody(Body):
    """A type of project (road, school …) and the measure its quantity is counted in."""

    kind: ClassVar[str] = "project_type"
    nouns: ClassVar[frozenset[str]] = COMMONS
    is_shared: ClassVar[bool] = True

    code: Word
    name: Name
    name_en: Line = ""
    front: Word
    measure: Line = ""
    measure_en: Line = ""


class ProjectType(ProjectTypeBody, Folded, table=True):
    """Types as they stand."""

    __tablename__ = "project_type"


class FirstProjectBody(Body):
    """Version 1: without sign-offs. `state_reason` says why it rests; `plan` is the due curve; money in units of 10,000 yuan."""

    kind: ClassVar[str] = "project"
    nouns: ClassVar[frozenset[str]] = PROJECT
    is_shared: ClassVar[bool] = True

    code: Word = Field(index=True)
    name: Name
    name_en: Line = ""
    type: Word
    front: Word
    unit: Ref = Field(index=True)
    team: Ref = Field(index=True)
    district: Line = ""
    district_en: Line = ""
    level: Word
    start_on: Day
    end_on: Day
    investment_wan: int = Field(ge=0, sa_type=BigInteger)
    year_plan_wan: int = Field(ge=0, sa_type=BigInteger)
    quantity: Quantity | None = None
    measure: Line = ""
    measure_en: Line = ""
    state: Literal["preparing", "building", "suspended", "finished"] = choice()
    state_reason: Line = ""
    state_reason_en: Line = ""
    site: Site = nested()
    support: list[Ref] = nested()
    contractor: Line = ""
    contractor_en: Line = ""
    supervision: Line = ""
    supervision_en: Line = ""
    plan: list[PlanPoint] = nested()
    coverage: CoverageRule = nested()


class ProjectBody(FirstProjectBody):
    """Version 2. What is visited. `sign_offs` is how many people accept a visit: one, or two one after the other (复核, 审签)."""

    version: ClassVar[int] = 2

    sign_offs: int = Field(default=1, ge=1, le=2)


class Project(ProjectBody, Folded, table=True):
    """Projects as they stand."""


class MilestoneBody(Body):
    """A planned and reported date and quantity; what was observed stands in reconciliations."""

    kind: ClassVar[str] = "milestone"
    nouns: ClassVar[frozenset[str]] = PROJECT
    is_shared: ClassVar[bool] = True

    project: Ref = Field(index=True)
    name: Name
    name_en: Line = ""
    planned_on: Day
    reported_on: Day | None = None
    planned_quantity: Quantity | None = None
    reported_quantity: Quantity | None = None
    key_part: Line = ""
    key_part_en: Line = ""
    proof: Line = ""
    proof_en: Line = ""


class Milestone(MilestoneBody, Folded, table=True):
    """Milestones as they stand."""


class LinkBody(Body):
    """Who (an official or a unit, one of the two) is tied to a project in which role, from when to when."""

    kind: ClassVar[str] = "link"
    nouns: ClassVar[frozenset[str]] = PROJECT
    is_shared: ClassVar[bool] = True

    project: Ref = Field(index=True)
    official: Ref | None = None
    unit: Ref | None = None
    role: Literal["patron", "lead", "owner", "support", "local"] = choice()
    from_on: Day
    to_on: Day | None = None
    inherits_from: Ref | None = None


class Link(LinkBody, Folded, table=True):
    """Links as they stand."""


class ProgressReportBody(Body):
    """What a unit reported for a month: progress in tenths of a percent, the year's spending in 10,000 yuan."""

    kind: ClassVar[str] = "progress_report"
    nouns: ClassVar[frozenset[str]] = PROJECT
    is_shared: ClassVar[bool] = True

    project: Ref = Field(index=True)
    month: Month
    reported_on: Day
    reported_permille: Permille
    spent_wan: int | None = Field(default=None, ge=0, sa_type=BigInteger)
    physical: Line = ""


class ProgressReport(ProgressReportBody, Folded, table=True):
    """Monthly reports as they stand."""

    __tablename__ = "progress_report"


class FirstClaimBody(Body):
    """Version 1: without figure and visit."""

    kind: ClassVar[str] = "claim"
    nouns: ClassVar[frozenset[str]] = PLACES
    writers: ClassVar = frozenset({"inspector", "supervisor", "administrator"})
    is_shared: ClassVar[bool] = True

    origin: Literal["list", "indicator", "said"] = choice()
    list: Literal["task", "progress", "problem", "achievement", "duty"] | None = choice(default=None)
    what: Line
    what_en: Line = ""
    claimed_by: Line = ""
    claimed_on: Day


class ClaimBody(FirstClaimBody):
    """Version 2. What a unit or official reports beforehand or says on site, to be verified.

    One `said` on a visit says who said it, as a post or role; `figure` is what was claimed in numbers, in the speaker's words.
    """

    version: ClassVar[int] = 2

    figure: Line = ""
    visit: Ref | None = Field(default=None, index=True)

    @model_validator(mode="after")
    def _said_by_somebody(self) -> "ClaimBody":
        if self.visit is not None and (self.origin != "said" or not self.claimed_by):
            raise ValueError("a claim recorded on a visit was said by somebody there")
        return self


class Claim(ClaimBody, Folded, table=True):
    """Claims as they stand."""


class QuestionBody(Body):
    """Something to verify on the next visit. `sort` decides which outcomes fit: a fact is true or not, a problem solved or not."""

    kind: ClassVar[str] = "question"
    nouns: ClassVar[frozenset[str]] = PLACES
    writers: ClassVar = frozenset({"inspector", "supervisor", "administrator"})

    sort: Literal["fact", "problem"] = choice()
    what: Line
    what_en: Line = ""
    origin: Word
    about: Ref | None = None
    asked_on: Day
    visit: Ref | None = None


class Question(QuestionBody, Folded, table=True):
    """Questions as they stand."""


class SourceBody(Body):
    """Evidence from elsewhere (audit, inspection tour …), quoted; `stance` is for or against the work, as the source has it."""

    kind: ClassVar[str] = "source"
    nouns: ClassVar[frozenset[str]] = frozenset({"project", "unit", "official"})
    is_shared: ClassVar[bool] = True

    sort: Word
    what: Text
    what_en: Text = ""
    stance: Literal["for", "against", "neutral"] = choice()
    dated_on: Day


class Source(SourceBody, Folded, table=True):
    """Sources as they stand."""


class AssignmentBody(Body):
    """Which team goes where, for a month or for a milestone."""

    kind: ClassVar[str] = "assignment"
    nouns: ClassVar[frozenset[str]] = frozenset({"team"})
    is_shared: ClassVar[bool] = True

    project: Ref | None = None
    unit: Ref | None = None
    month: Month
    milestone: Ref | None = None
    manner: Literal["announced", "unannounced", "covert"] = choice()
    note: Text = ""


class Assignment(AssignmentBody, Folded, table=True):
    """Assignments as they stand."""
