"""Eight months of ordinary visits: who went where when, what was found, and what became of it on later
visits.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from fieldapp.demo.appraisal import appraise
from fieldapp.demo.book import Row, data
from fieldapp.demo.city import City, months
from fieldapp.demo.curve import due_percent, seen_percent
from fieldapp.demo.detail import BY_CAPTION
from fieldapp.demo.shift import ANCHOR, month_index
from fieldapp.demo.visit import Occasion, Writing

DESK = ("d01", "d02", "d03")
SLOTS = ((8, 40), (10, 50), (13, 40), (15, 35))
HELP = {"self": "unit"}
# The last of these days of the anchor's month are not reviewed yet; see review.py.
FIXED, HALF, OPEN = "fixed", "partly_fixed", "not_fixed"


class Rounds:
    """The ordinary visits, month after month, so that each finds what the one before left open."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.pools = data()["pools"]
        self.written: list[Writing] = []
        self._busy: dict[tuple[str, date], int] = {}
        self._open_entries: dict[str, list[tuple[str, Row, date]]] = {}
        self._open_questions: dict[str, list[tuple[str, Row]]] = {}
        self._used: dict[tuple[str, str], int] = {}
        self._story_days = _story_days()

    def write(self) -> list[Writing]:
        """Enter all ordinary visits and return them, oldest first."""
        for first in months():
            for occasion in sorted(self._occasions(first), key=lambda one: (one.on, one.code)):
                self._ask(occasion)
                self.written.append(self._visit(occasion))
        return self.written

    # -- when
    # ---------------------------------------------------------------------------------------------------------------

    def _occasions(self, first: date) -> Iterator[Occasion]:
        for code, project in self.city.projects.items():
            random = Random(f"round {code} {first}")
            last = date.fromisoformat(project["last_visit"])
            days = self._story_days.get(code, {}).get(first.month, [])
            started = date.fromisoformat(project["start"]) <= first + timedelta(days=20)
            if not started or (first.year, first.month) > (last.year, last.month):
                continue
            is_last = (first.year, first.month) == (last.year, last.month)
            if f"{first:%Y-%m}" in project["cadence"]["suspended_months"] and not is_last:
                continue
            if days and (is_last or code != "P020"):
                continue
            on = last if is_last else _weekday(first.replace(day=random.randint(8, 24)))
            yield self._occasion(code, on, random)
            if code in RETURNED_EXTRA and is_last:
                yield self._occasion(code, on - timedelta(days=5), random, "follow_up")

    def _occasion(self, code: str, on: date, random: Random, purpose: str = "monthly") -> Occasion:
        team = self.city.projects[code]["team"]
        turn = self._busy.get((team, on), 0)
        self._busy[(team, on)] = turn + 1
        hour, minute = SLOTS[turn % len(SLOTS)]
        milestone = self._milestone_near(code, on)
        if milestone and purpose == "monthly":
            purpose = "milestone"
        manner = (
            "covert" if random.random() < 0.05 else "announced" if random.random() < 0.35 else "unannounced"
        )
        return Occasion(
            code,
            on,
            purpose,
            manner,
            hour,
            minute + random.randint(0, 9),
            random.randint(55, 105),
            milestone=milestone["id"] if milestone and purpose == "milestone" else None,
        )

    def _milestone_near(self, code: str, on: date) -> Row | None:
        """Return the milestone a visit of that day is for: one observed on it or within a week before."""
        for milestone in self.city.milestones[code]:
            if milestone["observed"] and 0 <= (on - date.fromisoformat(milestone["observed"])).days <= 7:
                return milestone
        return None

    # -- what
    # ---------------------------------------------------------------------------------------------------------------

    def _visit(self, occasion: Occasion) -> Writing:
        project = self.city.projects[occasion.code]
        random = Random(f"visit {occasion.code} {occasion.on}")
        people = self.city.inspectors(occasion.code, project["team"])
        turn = month_index(occasion.on) % len(people)
        team = (people[turn:] + people[:turn])[: random.choice((2, 2, 3))]
        writing = Writing(self.city, occasion, team)
        writing.summary = _summary(project, occasion)
        writing.next_time = [random.choice(NEXT_TIME)]
        writing.begin()
        self._photos(writing, random)
        self._follow_up(writing, random)
        self._progress(writing)
        self._entries(writing, random)
        self._talks(writing, random)
        appraise(writing)
        state = {"suspended": "stopped", "preparing": "not_started", "finished": "done"}
        self._sheet(writing, state.get(project["state"], "normal"))
        return writing

    def _photos(self, writing: Writing, random: Random) -> None:
        writing.photo("全景（北侧高点，同机位）", "overview")
        if month_index(writing.occasion.on) >= month_index(ANCHOR) - 1 or random.random() < 0.15:
            assert writing.project
            sort = writing.project["type"]
            suits = [row for row in self.pools["caption"] if sort in CAPTIONS.get(row["id"], (sort,))]
            caption = random.choice(suits)
            close_up = caption["id"] if caption["id"] in BY_CAPTION else ""
            writing.photo(
                writing.words(caption["zh"]), "detail", close_up=close_up, turn=0 if close_up else 1
            )

    def _follow_up(self, writing: Writing, random: Random) -> None:
        """Answer every question that is open and look at every problem that is."""
        code = writing.code
        still: list[tuple[str, Row]] = []
        for question, row in self._open_questions.pop(code, []):
            result = random.choice(("true", "true", "partly_true", "untrue", "unverified"))
            writing.outcome(question, result, OUTCOMES[result], "documented" if result == "true" else "seen")
            if result == "unverified":
                still.append((question, row))
        self._open_questions[code] = still
        remaining: list[tuple[str, Row, date]] = []
        for entry, row, found_on in self._open_entries.pop(code, []):
            result = random.choices((FIXED, HALF, OPEN), (60, 22, 18))[0]
            what = {
                FIXED: f"{row['fix_zh']}，现场已落实。",
                HALF: "已改一部分，其余待改。",
                OPEN: "现场未见变化。",
            }[result]
            check = writing.recheck(entry, result, "seen", what, row["id"])
            if result == FIXED and random.random() < 0.3:
                writing.photo("整改后，同一位置", f"after {row['id']}", check, turn=1)
            if result != FIXED:
                remaining.append((entry, row, found_on))
        self._open_entries[code] = remaining

    def _progress(self, writing: Writing) -> None:
        writing.progress()
        for milestone in self.city.milestones[writing.code]:
            if milestone["id"] == writing.occasion.milestone:
                writing.reconciliation(milestone, "reached")
            elif _is_claimed_only(milestone, writing.occasion.on):
                writing.reconciliation(milestone, "partly", reason="关键部位仍在收尾，手续未见")

    def _entries(self, writing: Writing, random: Random) -> None:
        sorts = random.sample(SORTS, random.choice((1, 1, 2, 2, 3)))
        for sort in sorts:
            row = self._next(sort, writing)
            if row is not None:
                entity = self._enter(writing, sort, row, random)
                if sort == "problem":
                    self._open_entries.setdefault(writing.code, []).append((entity, row, writing.occasion.on))
                    writing.review_notes[entity] = row["id"]

    def _next(self, sort: str, writing: Writing) -> Row | None:
        """Return the next item of a pool that suits the project, none twice."""
        assert writing.project
        kinds = ("*", writing.project["type"])
        suits = [row for row in self.pools[sort] if any(kind in kinds for kind in row["types"])]
        suits = [row for row in suits if row["id"] not in UNFIT.get(writing.code, ())]
        used = self._used.get((writing.code, sort), 0)
        if used >= len(suits):
            return None
        self._used[(writing.code, sort)] = used + 1
        start = int(writing.code[1:]) % len(suits)
        row: Row = suits[(start + used) % len(suits)]
        return row

    def _enter(self, writing: Writing, sort: str, row: Row, random: Random) -> str:
        body: Row = {"list": LISTS[sort], "what": row["zh"]}
        on = writing.occasion.on
        if sort == "problem":
            deadline = writing.shift.day(on + timedelta(days=row["days"])).isoformat()
            responsible, share = self._responsible(writing)
            body |= {"sort": "fault", "severity": row["severity"], "cause": [row["cause"]]}
            body |= {
                "deadline_on": deadline,
                "responsible": responsible,
                "share": share,
                "wanted": row["fix_zh"],
            }
        elif sort == "difficulty":
            help_level = HELP.get(row["help_level"], row["help_level"])
            body |= {"sort": "difficulty", "help_level": help_level, "wanted": row["wanted_zh"]}
        elif sort == "achievement":
            body |= {"visibility": row["visibility"], "share": row["share"], "level": row["level"]}
            if row["look_back_months"]:
                later = on + timedelta(days=30 * row["look_back_months"])
                body["look_back_on"] = writing.shift.day(later).isoformat()
        elif sort == "task":
            due_on = writing.shift.day(on + timedelta(days=row["due_in_days"])).isoformat()
            body |= {"deadline_on": due_on, "wanted": f"{row['standard_zh']}（{row['basis_zh']}）"}
        known_by = row.get("known_by") or random.choice(("seen", "documented", "said_by_unit"))
        return writing.entry(row["id"], known_by=known_by, **body)

    def _responsible(self, writing: Writing) -> tuple[str | None, str]:
        """Return who leads the project on the day, and how far the matter is their own."""
        assert writing.project
        day = writing.occasion.on.isoformat()
        for link in writing.project["links"]:
            if link["role"] == "lead" and link["from"] <= day and (link["to"] is None or day < link["to"]):
                fresh = (
                    link.get("inherits_from")
                    and (writing.occasion.on - date.fromisoformat(link["from"])).days < 90
                )
                return self.city.entity[link["official"]], "inherited" if fresh else "own"
        return None, "own"

    def _talks(self, writing: Writing, random: Random) -> None:
        # On a covert visit nobody is told who is asking, so only chance conversations happen.
        is_covert = writing.occasion.manner == "covert"
        rows = random.sample(self.pools["interview"], random.choice((0, 1, 1, 2)))
        for number, row in enumerate(rows):
            writing.interview(row, number, "chance" if is_covert else random.choice(MODES))
        if not is_covert and random.random() < 0.14:
            writing.meeting(random.choice(self.pools["meeting"]), random.randint(8, 26))

    def _sheet(self, writing: Writing, state: str) -> None:
        assert writing.project
        sort = writing.project["type"]
        if sort == "special_task":
            writing.checklist("special_task", state)
            return
        writing.checklist("milestone" if writing.occasion.purpose == "milestone" else "monthly", state)
        if month_index(writing.occasion.on) % 3 == int(writing.code[1:]) % 3:
            writing.checklist(f"type_{sort}", state)

    # -- what the desk asks before
    # ------------------------------------------------------------------------------------------

    def _ask(self, occasion: Occasion) -> None:
        """Release a question for about every third visit, and a claim of the unit for some, the day before."""
        random = Random(f"ask {occasion.code} {occasion.on}")
        stream, at = (
            self.city.stream(occasion.code),
            datetime.combine(occasion.on - timedelta(days=1), time(16, 10)),
        )
        name = f"{occasion.code} {occasion.on}"
        if random.random() < 0.34:
            row = random.choice(self.pools["question"])
            body = {
                "sort": "fact",
                "what": self.city.shift.words(row["zh"], occasion.on),
                "what_en": self.city.shift.words(row["en"], occasion.on),
                "origin": row["origin"],
                "asked_on": self.city.shift.day(at.date()).isoformat(),
            }
            question = self.city.ledger.enter("question", stream, body, random.choice(DESK), at, name)
            self._open_questions.setdefault(occasion.code, []).append((question, row))
        if random.random() < 0.2:
            self._claim(occasion, random, at)

    def _claim(self, occasion: Occasion, random: Random, at: datetime) -> None:
        project = self.city.projects[occasion.code]
        suits = [row for row in self.pools["progress"] if project["type"] in row["types"]]
        if not suits:
            return
        row = random.choice(suits)
        unit = next(unit["zh"] for unit in data()["units"] if unit["id"] == project["unit"])
        body = {
            "origin": "list",
            "list": "progress",
            "what": self.city.shift.words(row["zh"], occasion.on),
            "what_en": self.city.shift.words(row["en"], occasion.on),
            "claimed_by": unit,
            "claimed_on": self.city.shift.day(at.date()).isoformat(),
        }
        name = f"{occasion.code} {occasion.on}"
        claim = self.city.ledger.enter("claim", self.city.stream(occasion.code), body, DESK[2], at, name)
        self._open_questions.setdefault(occasion.code, []).append((claim, row))


LISTS = {"problem": "problem", "difficulty": "problem", "responsibility": "duty"} | {
    name: name for name in ("achievement", "task", "progress")
}
SORTS = ("problem", "problem", "difficulty", "achievement", "task", "progress", "responsibility")
MODES = ("individual", "individual", "chance", "group", "phone")
# Where a caption of the pool makes sense; those not named here do anywhere.
CAPTIONS = {
    "cp02": ("bridge_tunnel",),
    "cp03": ("road",),
    "cp06": ("utility",),
    "cp07": ("water",),
    "cp08": ("housing", "school", "health"),
    "cp09": ("industry",),
    "cp10": ("rural", "water"),
    "cp11": ("ecology",),
    "cp12": ("special_task",),
    "cp14": ("utility", "housing"),
    "cp16": ("road", "bridge_tunnel"),
    "cp17": ("bridge_tunnel", "school", "housing", "health"),
    "cp18": ("housing",),
}
NEXT_TIME = (
    "看承诺的赶工措施是否进场",
    "看整改点位是否改到位",
    "核对下月上报数与现场",
    "看下一节点的材料和人手",
    "问工人上月工资",
)
OUTCOMES = {
    "true": "查资料并看现场，说法属实。",
    "partly_true": "部分属实，其余待补资料。",
    "untrue": "与现场不符，已记入问题清单。",
    "unverified": "当日无法核实，下次再查。",
}
# Teams 1 to 5 each have one visit of the last month that was returned and waits to be put right.
RETURNED_EXTRA = ("P003", "P030", "P055", "P057", "P028")
# Items of the pools that would tell a story twice, or show a pier in a tunnel.
UNFIT = {
    "P002": ("pr02", "df01", "ac02"),
    "P010": ("pr01", "pr05", "pg03", "ta02", "ac01", "ac05", "ac11"),
    "P020": ("pr10", "pg05", "pg06", "ta07", "ac06", "ac16", "du11"),
    "P040": ("pr04", "pg11"),
    "P052": ("pr12",),
    "P069": ("ac10", "ac14", "pg15"),
}


def _story_days() -> dict[str, dict[int, list[date]]]:
    found: dict[str, dict[int, list[date]]] = {}
    for story in data()["stories"]:
        for step in story["steps"]:
            day = date.fromisoformat(step["date"])
            if day.year == ANCHOR.year:
                found.setdefault(story["project"], {}).setdefault(day.month, []).append(day)
    return found


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _is_claimed_only(milestone: Row, on: date) -> bool:
    return (
        bool(milestone["reported"])
        and not milestone["observed"]
        and date.fromisoformat(milestone["reported"]) <= on
    )


def _summary(project: Row, occasion: Occasion) -> str:
    gap = due_percent(project, occasion.on) - seen_percent(project, occasion.on, "observed")
    if project["state"] == "suspended":
        return "停工，留守人员在岗，手续仍在办理"
    if project["state"] == "preparing":
        return "前期手续办理中，现场未开工"
    if occasion.purpose == "milestone":
        return "节点已到，现场核对关键部位"
    return (
        "总体按序时推进" if gap <= 3 else "略慢于序时，原因已问清" if gap <= 8 else "明显滞后序时，已提请协调"
    )
