"""The six stories of the data told whole: every step, state, reply, correction, recheck, relapse, claim and
pair of photos.

A story's later word on a problem is a recheck of what was found before; only new facts become entries.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from fieldapp.demo.book import Row, data
from fieldapp.demo.city import City
from fieldapp.demo.curve import reported_percent
from fieldapp.demo.visit import Occasion, Writing

LISTS = {"responsibility": "duty"}
# The thing that is photographed before and after, and the hour of a visit where it matters.
SUBJECTS = {"P040": "cp08", "P052": "charger", "P020": "generator", "P069": "cp12"}
HOURS = {"2026-05-27": 21, "2026-09-09": 16}
MILESTONES = {
    "2026-07-16": ("P010-M4", "cannot_judge", "said_by_unit"),
    "2026-07-23": ("P010-M4", "reached", "seen"),
    "2026-08-13": ("P040-M3", "partly", "seen"),
    "2026-06-15": ("P069-M2", "reached", "documented"),
}
CLAIMED_BY = {"P052": "市工业和信息化局", "P010": "市交通运输局"}
LATE_FAULT = datetime(2026, 9, 8, 10, 15)


@dataclass
class Told:
    """What a story left for the desk to do after its visits."""

    verified: dict[str, tuple[bool, str]] = field(default_factory=dict)
    replies: list[Row] = field(default_factory=list)
    corrections: list[Row] = field(default_factory=list)


class Story:
    """One story on its way through its steps."""

    def __init__(self, city: City, row: Row, told: Told) -> None:
        self.city = city
        self.row = row
        self.told = told
        self.code: str = row["project"]
        self.open: list[str] = []
        self.claims: list[str] = []
        self.first: str | None = None

    def tell(self) -> list[Writing]:
        """Enter every step; return the visits."""
        return [self._step(step) for step in self.row["steps"]]

    def _step(self, step: Row) -> Writing:
        writing = self._writing(step)
        if step.get("days", 1) > 1:
            self._prelude(writing)
        writing.begin()
        writing.photo(
            "全景（北侧高点，同机位）",
            "overview",
            far="review" in step and step["review"]["result"] == "returned",
            **_light(step),
        )
        if step.get("question"):
            self._question(writing, step["question"])
        self._progress(writing, step)
        made = [entity for row in step["entries"] for entity in self._entry(writing, row, step)]
        self._talks(writing, step)
        self._sheet(writing)
        if "reply" in step:
            self.told.replies.append(
                {
                    **step["reply"],
                    "about": made or self.open,
                    "stream": writing.stream,
                    "on": writing.occasion.on,
                }
            )
        writing.returned_for = _returned_for(step)
        return writing

    def _writing(self, step: Row) -> Writing:
        on, days = date.fromisoformat(step["date"]), step.get("days", 1)
        code = self.row["unit"] if days > 1 else self.code
        milestone = MILESTONES.get(step["date"], (None,))[0]
        purpose, manner, hour = step["purpose"], step["manner"], HOURS.get(step["date"], 9)
        occasion = Occasion(code, on, purpose, manner, hour, 20, 95 if days == 1 else 480, days, milestone)
        people = self.city.inspectors(self.code, self.city.projects[self.code]["team"])
        writing = Writing(self.city, occasion, people[: 3 if days > 1 else 2])
        writing.summary = self.city.shift.words(step["entries"][0]["zh"])
        return writing

    # -- problems and what became of them
    # -----------------------------------------------------------------------------------

    def _entry(self, writing: Writing, row: Row, step: Row) -> list[str]:
        """Enter one thing of a step; return the entities the desk decides about."""
        is_problem = row["list"] == "problem" and row.get("kind") != "difficulty"
        if row.get("corrects"):
            return self._correction(writing, row)
        is_followed_up = row["state"] in ("closed", "rectifying") and not row.get("relapsed")
        if is_problem and self.open and is_followed_up:
            checks = self._rechecks(writing, row)
            inherited = (
                [self._new(writing, row, step)] if row["state"] == "rectifying" and "share" in row else []
            )
            return checks + inherited
        entity = self._new(writing, row, step)
        if is_problem:
            self.first = self.first or entity
            self.open.append(entity)
            self._before(writing, entity)
            if row.get("relapsed"):
                writing.recheck(self.open[0], "relapsed", "seen", "同一故障再次出现", "relapsed")
        self._claim(writing, row, entity)
        return [entity]

    def _rechecks(self, writing: Writing, row: Row) -> list[str]:
        is_closed, made = row["state"] == "closed", []
        outcome = "fixed" if is_closed else "not_fixed" if row.get("share") == "inherited" else "partly_fixed"
        what = self.city.shift.words(row["zh"])
        for number, entry in enumerate(self.open):
            check = writing.recheck(entry, outcome, row["known_by"], what, f"{number}")
            made.append(entry)
            if row.get("pair") and number == 0:
                self._after(writing, check, row)
        if is_closed:
            self.open = []
        return made if is_closed else []

    def _new(self, writing: Writing, row: Row, step: Row) -> str:
        sort = None
        if row["list"] == "problem":
            sort = row.get("kind", "fault")
        body: Row = {
            "list": LISTS.get(row["list"], row["list"]),
            "what": row["zh"],
            "known_by": row["known_by"],
            "sort": sort,
            "is_fixed_at_once": row.get("fix_now", False),
            "share": row.get("share"),
            **{name: row[name] for name in ("severity", "help_level", "visibility", "level") if name in row},
        }
        if row.get("cause"):
            body["cause"] = [row["cause"]]
        if sort == "fault":
            body["responsible"] = self.city.entity[step.get("responsible") or self._lead(writing)]
            later = writing.occasion.on + timedelta(days=15)
            body["deadline_on"] = self.city.shift.day(later).isoformat()
        if row.get("share") == "inherited":
            body["cause"], body["about"] = ["inherited"], self.first
        if row.get("look_back"):
            body["look_back_on"] = self.city.shift.text_day(f"{row['look_back']}-01")
        entity = writing.entry(row["zh"], is_told=True, **body)
        self.told.verified[entity] = (row["state"] != "lead", row["corroboration"])
        return entity

    def _lead(self, writing: Writing) -> str:
        day, links = writing.occasion.on.isoformat(), self.city.projects[self.code]["links"]
        leads = [link for link in links if link["role"] == "lead" and link["from"] <= day]
        official: str = max(leads, key=lambda link: link["from"])["official"]
        return official

    def _correction(self, writing: Writing, row: Row) -> list[str]:
        """Record what was measured again; the first entry's author corrects its wording when the visit is
        sealed.
        """
        assert self.first
        entity = writing.entry(
            row["zh"],
            is_told=True,
            list="problem",
            sort="fault",
            what=row["zh"],
            known_by=row["known_by"],
            about=self.first,
            severity="serious",
        )
        self.told.verified[entity] = (True, row["corroboration"])
        self.told.verified[self.first] = (True, row["corroboration"])
        what = self.city.shift.words(
            "8月上报新增路基2.4公里，按桩号复量为2.1公里（原记1.9公里，未计右侧覆土养护段）"
        )
        at = self.city.shift.instant(writing.left) + timedelta(minutes=20)
        self.told.corrections.append({"entity": self.first, "what": what, "at": at})
        writing.photo("右侧0.4公里覆土养护段", "cured", entity, turn=1)
        return [entity, self.first]

    def _claim(self, writing: Writing, row: Row, entity: str) -> None:
        """Enter the claim a thing was measured against, and what verifying came to."""
        if "claim" in row:
            body = {
                "origin": "said" if row["known_by"] == "said_by_unit" else "list",
                "list": "achievement" if row["list"] == "achievement" else "progress",
                "what": row["claim"],
                "claimed_by": CLAIMED_BY[self.code],
                "claimed_on": writing.today,
            }
            name = f"{self.code} {row['claim']}"
            at = writing.clock
            claim = self.city.ledger.enter("claim", writing.stream, body, writing.team[0], at, name)
            self.claims.append(claim)
            if body["origin"] == "said":
                writing.parts.append(claim)
        if "claim_outcome" in row:
            for claim in self.claims:
                writing.outcome(
                    claim, row["claim_outcome"], self.city.shift.words(row["zh"]), row["known_by"]
                )
            self.claims = []

    # -- photos, talks, the rest
    # --------------------------------------------------------------------------------------------

    def _before(self, writing: Writing, entity: str) -> None:
        subject = SUBJECTS.get(self.code, "")
        shot: dict[str, Any] = {"close_up": subject, "is_good": False} if subject else {"turn": 1}
        writing.photo("问题部位", f"before {entity}", entity, **shot, is_night=writing.occasion.hour > 19)

    def _after(self, writing: Writing, check: str, row: Row) -> None:
        subject = SUBJECTS.get(self.code, "")
        shot: dict[str, Any] = {"close_up": subject, "is_good": True} if subject else {"turn": 1}
        writing.photo(f"整改后，同一位置：{row['zh']}"[:60], f"after {check}", check, **shot)

    def _progress(self, writing: Writing, step: Row) -> None:
        if writing.project is None:
            return
        given: dict[str, float] = {
            name: step[name] for name in ("due", "reported", "observed") if name in step
        }
        # Between two months' reports the last figure reported stands.
        given.setdefault("reported", reported_percent(self.city.projects[self.code], writing.occasion.on))
        writing.progress(**given)
        if step["date"] in MILESTONES:
            code, state, known_by = MILESTONES[step["date"]]
            milestone = next(row for row in self.city.milestones[self.code] if row["id"] == code)
            writing.reconciliation(milestone, state, known_by)

    def _question(self, writing: Writing, origin: str) -> None:
        pool = next(row for row in data()["pools"]["question"] if row["origin"] == origin)
        asked_at = datetime.combine(writing.occasion.on - timedelta(days=3), time(15, 0))
        body = {
            "sort": "fact",
            "what": self.city.shift.words(pool["zh"]),
            "what_en": self.city.shift.words(pool["en"]),
            "origin": origin,
            "asked_on": self.city.shift.day(asked_at.date()).isoformat(),
        }
        question = self.city.ledger.enter(
            "question", writing.stream, body, "d01", asked_at, f"{self.code} {origin}"
        )
        what = "值班记录显示两个月到站4次，均有议定事项；备用电源一事未跟到底。"
        writing.outcome(question, "partly_true", what, "documented")

    def _talks(self, writing: Writing, step: Row) -> None:
        if "circles" in step:
            self._five_days(writing, step)
            return
        if step["manner"] != "covert":
            row = data()["pools"]["interview"][int(self.code[1:]) % 12]
            writing.interview(row, 0)

    def _five_days(self, writing: Writing, step: Row) -> None:
        """Enter the conversations and day logs of a stationed visit, a few each day."""
        talks = [(relation, number) for relation, count in step["circles"].items() for number in range(count)]
        logs = data()["pools"]["day_log"]
        for day in range(step["days"]):
            on = writing.occasion.on + timedelta(days=day)
            writing.clock = datetime.combine(on, time(9, 30))
            for relation, number in talks[day :: step["days"]]:
                role = "enterprise" if relation == "served" else relation
                row = {"role": role, "relation": relation, "knows": "daily", "zh": TALKS[relation][number]}
                writing.interview(row, len(writing.parts), "individual" if relation != "served" else "chance")
            if day == 1:
                writing.meeting(data()["pools"]["meeting"][2], 14)
            writing.day_log(on, logs[day]["zh"], day + 1)

    def _sheet(self, writing: Writing) -> None:
        if writing.project is None:
            writing.checklist("stationed")
        elif writing.project["type"] == "special_task":
            writing.checklist("special_task")
        else:
            writing.checklist("milestone" if writing.occasion.purpose == "milestone" else "monthly")

    def _prelude(self, writing: Writing) -> None:
        """Enter the fault's first appearance, told by telephone before the stationed visit and put right
        then: it came back.
        """
        body = {
            "list": "problem",
            "what": self.city.shift.words("白塔站备用电源起不来，9月6日报修后恢复"),
            "known_by": "said_by_unit",
            "seen_on": self.city.shift.day(LATE_FAULT.date()).isoformat(),
            "sort": "fault",
            "severity": "major",
            "cause": [],
        }
        ledger, author = self.city.ledger, writing.team[1]
        entry = ledger.enter("entry", writing.stream, body, author, LATE_FAULT, "pumps prelude")
        check = {
            "entry": entry,
            "checked_on": self.city.shift.day(LATE_FAULT.date()).isoformat(),
            "outcome": "fixed",
            "known_by": "documented",
            "what": "维修单载明已更换启动电池。",
        }
        at = LATE_FAULT + timedelta(minutes=40)
        ledger.enter("recheck", writing.stream, check, author, at, "pumps prelude")
        self.open.append(entry)


def tell_all(city: City) -> tuple[list[Writing], Told]:
    """Enter all stories; return their visits and what the desk is to do after them."""
    told = Told()
    visits = [writing for row in data()["stories"] for writing in Story(city, row, told).tell()]
    return visits, told


def _light(step: Row) -> dict[str, Any]:
    return {"is_night": True} if HOURS.get(step["date"], 9) > 19 else {}


def _returned_for(step: Row) -> str:
    review = step.get("review", {})
    return str(review["reason_zh"]) if review.get("result") == "returned" else ""


TALKS = {
    "superior": ("设备更新的报告他交过两次，第二次带了分站清单。", "防汛会上他报的数与我们抽查的一致。"),
    "peer": (
        "备用电源归设备部还是运维队，会上议过，没有定。",
        "他主动把调度中心的值班表并到运维队一起排。",
        "经费调剂时他先保老站，新站往后放。",
    ),
    "subordinate": (
        "白塔站那台机，9月报过两次，换了电池又不行。",
        "一站一图一卡是今年春天开始做的，我们自己画的。",
        "夜里两个人看三个站，雨大时跑不过来。",
        "设备部说是运维的事，运维说是设备的事。",
        "他每月来站里两回，问得细，走了之后有回音。",
        "巡检表以前四张，现在并成一张。",
        "备件申请走了二十天。",
        "演练真启动过，就是白塔站没带载。",
        "新来的照着卡也能排故障，不用等老师傅。",
    ),
    "served": (
        "今年门口没有再积水。",
        "打电话有人接，来得比去年快。",
        "泵站夜里响，跟他们说了，加了隔音板。",
        "六月那场雨，他们提前来关的闸。",
        "不知道归谁管，找社区转的。",
        "垃圾堵口的事说过一次就清了。",
    ),
}
