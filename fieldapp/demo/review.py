"""After the visits: submissions, what supervisors decided, what was put right, what the desk verified, what
officials replied.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Literal

from fieldapp.demo.book import Row, data
from fieldapp.demo.city import City
from fieldapp.demo.shift import ANCHOR
from fieldapp.demo.stories import Told
from fieldapp.demo.visit import Writing
from fieldapp.demo.visits import DESK, RETURNED_EXTRA

Course = Literal["accepted", "waiting", "returned", "resubmitted", "mended"]

# Return reason of the pool → the kind of part it names and how its author puts it right.
MENDED = {
    "rt02": ("entry", "what", "（补充：现场点数已完成12处，余3处）"),
    "rt03": ("entry", "what", "（补充：另查监理日志，与说法一致）"),
    "rt13": ("entry", "what", "（补充日期见监理通知单）"),
    "rt08": ("photo", "caption", "（拍摄位置：东侧便道高点）"),
}
RESUBMITTED = "P022"
# What would have been decided from this day of the data on still waits for review.
UNDECIDED_FROM = ANCHOR - timedelta(days=4)


@dataclass
class Case:
    """One visit on its way through review; instants are shifted ones and only go forward."""

    writing: Writing
    course: Course
    reason: str
    item: str | None
    at: datetime
    number: str = ""
    submission: str = ""

    def later(self, at: datetime) -> datetime:
        """Return the instant of the next step: `at`, or a little after the one before when days were
        pressed together.
        """
        self.at = max(at, self.at + timedelta(minutes=9))
        return self.at


class Desk:
    """Takes visits through submission and review, in four rounds of sealing."""

    def __init__(self, city: City, visits: list[Writing], told: Told) -> None:
        self.city = city
        self.ledger = city.ledger
        self.told = told
        ordered = sorted(visits, key=lambda visit: (visit.arrived, visit.code))
        self.cases = [self._case(writing) for writing in ordered]
        self._number()

    def submit(self) -> None:
        """Enter the submissions of all visits."""
        for case in self.cases:
            at = case.later(self.city.shift.instant(case.writing.left) + timedelta(minutes=12))
            case.submission = self.ledger.enter(
                "submission",
                case.writing.stream,
                self._manifest(case),
                case.writing.team[0],
                at,
                case.writing.name,
            )

    def decide(self) -> None:
        """Enter what supervisors decided first."""
        for case in self.cases:
            if case.course != "waiting":
                self._review(case, "accepted" if case.course == "accepted" else "returned")

    def mend(self) -> None:
        """Enter what inspectors corrected after a return, and the stories' corrections."""
        for case in self._mended():
            assert case.item
            draft = self.ledger.drafts[case.item]
            member, addition = _mending(case.reason)
            body = {**draft.body, member: f"{draft.body[member]}{addition}"}
            at = case.later(self._next_day(case, 9))
            self.ledger.revise(draft.kind, draft.stream, body, draft.author, at, case.item)
        for correction in self.told.corrections:
            draft = self.ledger.drafts[correction["entity"]]
            body = {**draft.body, "what": correction["what"]}
            self.ledger.revise(
                "entry", draft.stream, body, draft.author, correction["at"], correction["entity"]
            )

    def resubmit(self) -> None:
        """Enter the second submissions; each supersedes the first."""
        for case in self._mended():
            at = case.later(case.at)
            stream, author = case.writing.stream, case.writing.team[0]
            self.ledger.revise("submission", stream, self._manifest(case), author, at, case.submission)

    def decide_again(self) -> None:
        """Enter the second decisions, what was verified as fact, and replies."""
        for case in self._mended():
            if case.course == "mended":
                self._review(case, "accepted", "again")
        for case in self.cases:
            if case.course in ("accepted", "mended"):
                self._verify(case)
        for number, reply in enumerate(self.told.replies):
            self._story_reply(number, reply)

    def _mended(self) -> list[Case]:
        return [case for case in self.cases if case.course in ("mended", "resubmitted")]

    # -- which course a visit takes
    # -----------------------------------------------------------------------------------------

    def _case(self, writing: Writing) -> Case:
        random = Random(f"review {writing.name}")
        decided_on = writing.left.date() + timedelta(days=random.randint(1, 4))
        start = self.city.shift.instant(writing.left)
        parts = {"entry": writing.first("entry"), "photo": writing.first("photo")}
        if writing.returned_for:
            return Case(writing, "mended", writing.returned_for, parts["photo"], start)
        fitting = [code for code, (kind, _, _) in MENDED.items() if parts[kind]]
        code = random.choice(fitting)
        reason = next(row["zh"] for row in data()["pools"]["return_reason"] if row["id"] == code)
        return Case(
            writing,
            self._course(writing, random, decided_on >= UNDECIDED_FROM),
            reason,
            parts[MENDED[code][0]],
            start,
        )

    def _course(self, writing: Writing, random: Random, is_new: bool) -> Course:
        code, day = writing.code, writing.occasion.on
        is_of_this_month = (day.year, day.month) == (ANCHOR.year, ANCHOR.month)
        if code in RETURNED_EXTRA and writing.occasion.purpose == "follow_up":
            return "returned"
        if code == RESUBMITTED and is_of_this_month:
            return "resubmitted"
        if is_new:
            return "waiting"
        return "mended" if not is_of_this_month and random.random() < 0.09 else "accepted"

    def _number(self) -> None:
        """Give each visit its number: project and month, and a count from the second visit of the month on."""
        counts: dict[str, int] = {}
        for case in self.cases:
            day = self.city.shift.day(case.writing.occasion.on)
            code = case.writing.code.removeprefix("P")
            key = f"云一线走〔{day.year}〕{code}-{day.month:02d}"
            counts[key] = counts.get(key, 0) + 1
            case.number = f"{key}{f'-{counts[key]}' if counts[key] > 1 else ''} 号"

    # -- the records
    # --------------------------------------------------------------------------------------------------------

    def _manifest(self, case: Case) -> dict[str, object]:
        hashes = sorted(self.ledger.hashes[entity] for entity in case.writing.parts)
        return {"visit": case.writing.id, "records": hashes, "missing": [], "reason": ""}

    def _next_day(self, case: Case, hour: int) -> datetime:
        at = (case.at + timedelta(days=1)).replace(hour=hour, minute=10)
        return at if at.date() < self.city.shift.load_on else case.at

    def _review(self, case: Case, decision: str, name: str = "") -> None:
        random = Random(f"decide {case.writing.name} {name}")
        wanted = case.writing.left + timedelta(days=random.randint(1, 4))
        at = self.city.shift.instant(wanted.replace(hour=17, minute=random.randint(30, 59)))
        body: dict[str, object] = {
            "visit": case.writing.id,
            "submission": self.ledger.hashes[case.submission],
            "decision": decision,
        }
        if decision == "accepted":
            body["number"] = case.number
        else:
            body["reason"] = "记录总体完整，请按条目补充后再提交。"
            if case.item:
                record = self.ledger.hashes[case.item]
                body["items"] = [{"entity": case.item, "record": record, "reason": case.reason}]
        body.setdefault("items", [])
        author, stream = random.choice(DESK), case.writing.stream
        self.ledger.enter("review", stream, body, author, case.later(at), f"{case.writing.name} {name}")

    def _verify(self, case: Case) -> None:
        random = Random(f"verify {case.writing.name}")
        for entity in case.writing.of_kind("entry"):
            is_verified, how = self.told.verified.get(entity, (random.random() < 0.7, "single"))
            if entity not in self.told.verified and is_verified and random.random() < 0.4:
                how = "agree"
            if not is_verified:
                continue
            body = {"entry": entity, "is_verified": True, "corroboration": how}
            at = case.at + timedelta(minutes=25)
            self.ledger.enter("verification", case.writing.stream, body, DESK[0], at, entity)
            if entity in case.writing.review_notes and random.random() < 0.3:
                self._reply(case, entity, random)

    def _reply(self, case: Case, entity: str, random: Random) -> None:
        responsible = self.ledger.drafts[entity].body.get("responsible")
        if responsible is None:
            return
        row = random.choice([row for row in data()["pools"]["reply"] if row["kind"] == "agree"])
        at = self._next_day(case, 15)
        body = {
            "official": responsible,
            "about": [entity],
            "reply": row["kind"],
            "what": self.city.shift.words(row["zh"], case.writing.occasion.on),
            "what_en": self.city.shift.words(row["en"], case.writing.occasion.on),
            "replied_on": at.date().isoformat(),
        }
        self.ledger.enter("reply", case.writing.stream, body, DESK[2], max(at, case.at), entity)

    def _story_reply(self, number: int, reply: Row) -> None:
        at = self.city.shift.instant(datetime.combine(reply["on"], time(18, 40)) + timedelta(days=4))
        body = {
            "official": self.city.entity[reply["by"]],
            "about": reply["about"],
            "reply": reply["kind"],
            "what": self.city.shift.words(reply["zh"]),
            "what_en": self.city.shift.words(reply["en"]),
            "replied_on": at.date().isoformat(),
        }
        self.ledger.enter("reply", reply["stream"], body, DESK[2], at, f"story {number}")


def _mending(reason: str) -> tuple[str, str]:
    """Return which member is put right and what is added to it."""
    by_reason = {row["zh"]: row["id"] for row in data()["pools"]["return_reason"]}
    _, member, addition = MENDED[by_reason[reason]]
    return member, addition
