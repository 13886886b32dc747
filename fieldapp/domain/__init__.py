"""The kinds of records, each with its body and its table, and the rulebook made of them."""

from fieldapp.domain.annex import (
    Annex,
    AnnexBody,
    AnnexOpening,
    AnnexOpeningBody,
    ReaderKey,
    ReaderKeyBody,
    RecoveryKey,
    RecoveryKeyBody,
)
from fieldapp.domain.appraisal import Appraisal, AppraisalBody, BallotForm, BallotFormBody
from fieldapp.domain.body import Body, Folded, kind_of
from fieldapp.domain.checklist import Answer, AnswerBody, Checklist, ChecklistBody, FirstChecklistBody
from fieldapp.domain.confirmation import Confirmation, ConfirmationBody
from fieldapp.domain.entry import (
    Entry,
    EntryBody,
    FirstEntryBody,
    FirstReplyBody,
    Recheck,
    RecheckBody,
    Reply,
    ReplyBody,
    SecondEntryBody,
    Verification,
    VerificationBody,
)
from fieldapp.domain.fact_sheet import FactSheet, FactSheetBody
from fieldapp.domain.interview import Interview, InterviewBody
from fieldapp.domain.look_back import LookBack, LookBackBody
from fieldapp.domain.photo import FirstPhotoBody, Photo, PhotoBody
from fieldapp.domain.project import (
    Assignment,
    AssignmentBody,
    Claim,
    ClaimBody,
    FirstClaimBody,
    FirstProjectBody,
    Link,
    LinkBody,
    Milestone,
    MilestoneBody,
    ProgressReport,
    ProgressReportBody,
    Project,
    ProjectBody,
    ProjectType,
    ProjectTypeBody,
    Question,
    QuestionBody,
    Source,
    SourceBody,
)
from fieldapp.domain.retirement import Retirement, RetirementBody
from fieldapp.domain.review import FirstReviewBody, Review, ReviewBody
from fieldapp.domain.unit import (
    Leadership,
    LeadershipBody,
    Official,
    OfficialBody,
    Person,
    PersonBody,
    Team,
    TeamBody,
    Tenure,
    TenureBody,
    Unit,
    UnitBody,
)
from fieldapp.domain.visit import (
    DayLog,
    DayLogBody,
    FirstOutcomeBody,
    FirstReconciliationBody,
    Meeting,
    MeetingBody,
    Outcome,
    OutcomeBody,
    Progress,
    ProgressBody,
    Reconciliation,
    ReconciliationBody,
    Submission,
    SubmissionBody,
    Visit,
    VisitBody,
)
from sync.rule import Rulebook

# Each kind's newest body and the table it folds into.
TABLES: dict[type[Body], type[Folded]] = {
    UnitBody: Unit,
    OfficialBody: Official,
    TenureBody: Tenure,
    LeadershipBody: Leadership,
    PersonBody: Person,
    TeamBody: Team,
    ProjectTypeBody: ProjectType,
    ProjectBody: Project,
    MilestoneBody: Milestone,
    LinkBody: Link,
    ProgressReportBody: ProgressReport,
    ClaimBody: Claim,
    QuestionBody: Question,
    SourceBody: Source,
    AssignmentBody: Assignment,
    ChecklistBody: Checklist,
    AnswerBody: Answer,
    VisitBody: Visit,
    ProgressBody: Progress,
    ReconciliationBody: Reconciliation,
    OutcomeBody: Outcome,
    MeetingBody: Meeting,
    DayLogBody: DayLog,
    PhotoBody: Photo,
    InterviewBody: Interview,
    AnnexBody: Annex,
    AnnexOpeningBody: AnnexOpening,
    ReaderKeyBody: ReaderKey,
    RecoveryKeyBody: RecoveryKey,
    ConfirmationBody: Confirmation,
    BallotFormBody: BallotForm,
    AppraisalBody: Appraisal,
    EntryBody: Entry,
    RecheckBody: Recheck,
    LookBackBody: LookBack,
    SubmissionBody: Submission,
    VerificationBody: Verification,
    FactSheetBody: FactSheet,
    ReplyBody: Reply,
    ReviewBody: Review,
    RetirementBody: Retirement,
}

# Earlier versions of a kind's body: their rules judge what was sealed by them, for ever.
EARLIER: dict[type[Body], tuple[tuple[int, type[Body]], ...]] = {
    ChecklistBody: ((1, FirstChecklistBody),),
    ClaimBody: ((1, FirstClaimBody),),
    EntryBody: ((1, FirstEntryBody), (2, SecondEntryBody)),
    OutcomeBody: ((1, FirstOutcomeBody),),
    PhotoBody: ((1, FirstPhotoBody),),
    ProjectBody: ((1, FirstProjectBody),),
    ReconciliationBody: ((1, FirstReconciliationBody),),
    ReplyBody: ((1, FirstReplyBody),),
    ReviewBody: ((1, FirstReviewBody),),
}


def rulebook() -> Rulebook:
    """Return the rulebook of all inspection kinds; the engine adds its own of stream `keys`."""
    return Rulebook(kind_of(body, EARLIER.get(body, ())) for body in TABLES)


def table_of(kind: str) -> type[Folded] | None:
    """Return the table a kind folds into, or None for a kind of the engine."""
    return _BY_KIND.get(kind)


_BY_KIND = {body.kind: table for body, table in TABLES.items()}
