"""One visit being written: every part goes into the ledger as the inspectors would have recorded it, minute
by minute.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from fieldapp.demo.answer import answers_to
from fieldapp.demo.book import Row
from fieldapp.demo.city import City, point
from fieldapp.demo.curve import due_percent, permille, reported_percent, seen_percent
from fieldapp.demo.photos import Shot
from fieldapp.demo.shift import instant_text

METRE_E7 = 90  # about one metre of latitude, in degrees × 10⁷


@dataclass(frozen=True)
class Occasion:
    """When, where and how a visit happens. `days` above 1 is a stationed one."""

    code: str
    on: date
    purpose: str = "monthly"
    manner: str = "unannounced"
    hour: int = 9
    minute: int = 0
    duration_min: int = 75
    days: int = 1
    milestone: str | None = None


@dataclass
class Writing:
    """A visit's parts as they are entered. `team` is who went, main recorder first; parts carry its name as
    author.
    """

    city: City
    occasion: Occasion
    team: list[str]
    summary: str = ""
    next_time: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = self.city.ledger
        self.shift = self.city.shift
        self.code = self.occasion.code
        self.stream = self.city.stream(self.code)
        self.project: Row | None = self.city.projects.get(self.code)
        self.name = f"{self.code} {self.occasion.on} {self.occasion.purpose}"
        self.random = Random(self.name)
        self.arrived = datetime.combine(self.occasion.on, time(self.occasion.hour, self.occasion.minute))
        self.left = self.arrived + timedelta(minutes=self.occasion.duration_min, days=self.occasion.days - 1)
        self.clock = self.arrived
        self.id = self.ledger.id_of(f"visit {self.name}", self.shift.instant(self.arrived))
        self.review_notes: dict[str, str] = {}
        self.returned_for = ""

    # -- the visit itself
    # ---------------------------------------------------------------------------------------------------

    def body(self) -> Row:
        """Return the visit's own body."""
        companions = "业主代表、总监理工程师" if self.occasion.manner == "announced" else ""
        milestone = self.occasion.milestone
        return {
            "purpose": self.occasion.purpose,
            "manner": self.occasion.manner,
            "milestone": self.city.entity[milestone] if milestone else None,
            "team": self.team,
            "accompanied_by": companions,
            "arrived_at": instant_text(self.shift.instant(self.arrived)),
            "left_at": instant_text(self.shift.instant(self.left)),
            "is_left_late": self.random.random() < 0.1,
            "summary": self.summary,
            "next_time": self.next_time,
        }

    def begin(self) -> None:
        """Enter the visit; its body is complete because the summary is known before."""
        entity = self.ledger.enter("visit", self.stream, self.body(), self.team[0], self.arrived, self.name)
        assert entity == self.id
        self.parts.append(entity)

    def part(self, kind: str, body: Row, name: str, author: str | None = None, minutes: int = 4) -> str:
        """Enter a part of the visit some minutes after the one before."""
        self.clock = min(
            self.clock + timedelta(minutes=minutes, seconds=self.random.randint(0, 50)), self.left
        )
        whole = {"visit": self.id, **body}
        entity = self.ledger.enter(
            kind, self.stream, whole, author or self.team[0], self.clock, f"{self.name} {name}"
        )
        self.parts.append(entity)
        return entity

    def of_kind(self, kind: str) -> list[str]:
        """Return the parts of a kind, in order."""
        return [part for part in self.parts if self.ledger.drafts[part].kind == kind]

    def first(self, kind: str) -> str | None:
        """Return the first part of a kind, if there is any."""
        return next(iter(self.of_kind(kind)), None)

    @property
    def today(self) -> str:
        """The day of the visit as records have it."""
        return self.shift.day(self.clock.date()).isoformat()

    def words(self, text: str) -> str:
        """Return a sentence of the pools as it reads on the day of the visit."""
        return self.shift.words(text, self.occasion.on)

    # -- its parts
    # ----------------------------------------------------------------------------------------------------------

    def photo(
        self, caption: str, name: str, about: str | None = None, *, far: bool = False, **shot: Any
    ) -> str:
        """Take a photo: bytes are painted when the ledger asks for them."""
        assert self.project or self.code[0] == "U"
        sort = self.project["type"] if self.project else "water"
        seen = seen_percent(self.project, self.occasion.on, "observed") / 100 if self.project else 0.8
        self.clock += timedelta(minutes=2, seconds=self.random.randint(0, 50))
        # A unit is visited at the pumping stations its project is about.
        subject = self.code if self.project else "P020"
        place = self.random.choice(self.city.projects[subject]["site"]["places"])
        body = {"visit": self.id, "about": about, "caption": caption, **self._taken(place, far)}
        number = len(self.of_kind("photo"))
        picture = Shot(subject, sort, str(self.clock.date()), shot.pop("share", seen), number=number, **shot)
        entity = self.ledger.enter_photo(
            self.stream,
            {**body, "place": place["zh"]},
            self.team[0],
            self.clock,
            picture,
            f"{self.name} {name}",
        )
        self.parts.append(entity)
        return entity

    def _taken(self, place: Row, far: bool) -> Row:
        taken_at = instant_text(self.shift.instant(self.clock))
        chance = self.random.random()
        if chance < 0.04 and not far:
            return {"origin": "gallery", "taken_at": taken_at, "fix": None, "no_fix": "imported"}
        if chance < 0.09 and not far:
            return {"origin": "camera", "taken_at": taken_at, "fix": None, "no_fix": "timeout"}
        spread = 90 if not far else 0
        away = 2_600 if far else 0
        middle = point(place)
        fix = {
            "lat_e7": middle["lat_e7"] + METRE_E7 * (away + self.random.randint(-spread, spread)),
            "lon_e7": middle["lon_e7"] + METRE_E7 * (away + self.random.randint(-spread, spread)),
            "accuracy_m": self.random.choice((5, 8, 10, 12, 18, 25, 40)),
            "age_ms": self.random.randint(200, 9_000),
        }
        return {"origin": "camera", "taken_at": taken_at, "fix": fix}

    def progress(
        self, due: float | None = None, reported: float | None = None, observed: float | None = None
    ) -> None:
        """Enter progress; what is not given follows from the data's curve."""
        assert self.project
        day = self.occasion.on
        figures = {
            "due": due_percent(self.project, day) if due is None else due,
            "reported": reported_percent(self.project, day) if reported is None else reported,
            "observed": seen_percent(self.project, day, "observed") if observed is None else observed,
        }
        body = {
            "seen_on": self.today,
            "due_permille": permille(figures["due"]),
            "reported_permille": permille(figures["reported"]),
            "observed_permille": permille(figures["observed"]),
            "physical": f"累计完成约{figures['observed']:.0f}%",
            "has_copied_report": permille(figures["observed"]) == permille(figures["reported"]),
        }
        self.part("progress", body, "progress", minutes=6)

    def entry(self, name: str, **body: Any) -> str:
        """Enter an item of the lists."""
        what = (
            self.shift.words(body.pop("what")) if body.pop("is_told", False) else self.words(body.pop("what"))
        )
        whole = {"cause": [], **body, "what": what}
        return self.part("entry", {"seen_on": self.today, **whole}, f"entry {name}")

    def recheck(self, entry: str, outcome: str, known_by: str, what: str, name: str) -> str:
        """Enter what became of an entry found before."""
        body = {
            "entry": entry,
            "checked_on": self.today,
            "outcome": outcome,
            "known_by": known_by,
            "what": what,
        }
        return self.part("recheck", body, f"recheck {name}")

    def outcome(self, about: str, outcome: str, what: str, known_by: str = "seen") -> str:
        """Enter what verifying a question or claim came to."""
        body = {"about": about, "outcome": outcome, "known_by": known_by, "what": what}
        return self.part("outcome", body, f"outcome {about}")

    def interview(self, row: Row, number: int, mode: str = "individual", relation: str | None = None) -> str:
        """Enter a conversation by code; the second of the team takes the notes."""
        author = self.team[1] if len(self.team) > 1 else self.team[0]
        body = {
            "talked_on": self.today,
            "code": f"{row['role'][0].upper()}{self.random.randint(1, 90):02d}",
            "role": row["role"],
            "relation": relation or row["relation"],
            "knows": row["knows"],
            "mode": mode,
            "note_taker": author,
            "is_use_told": True,
            "asked": [],
            "notes": self.words(row["zh"]),
        }
        return self.part("interview", body, f"interview {number}", author, minutes=9)

    def meeting(self, row: Row, attended: int) -> str:
        """Enter a meeting sat in on."""
        decided = [{"what": self.words(part)} for part in row["decided_zh"].split("；")]
        body = {
            "held_on": self.today,
            "title": row["zh"],
            "chair": "挂钩领导",
            "matter": row["topic_zh"],
            "decided": decided,
            "attended": attended,
        }
        return self.part("meeting", body, "meeting", minutes=12)

    def day_log(self, day: date, what: str, number: int) -> str:
        """Enter what was done on one day of a stationed visit, in the evening."""
        self.clock = datetime.combine(day, time(17, 20))
        body = {"day_on": self.shift.day(day).isoformat(), "what": self.words(what)}
        return self.part("day_log", body, f"day {number}")

    def reconciliation(self, milestone: Row, state: str, known_by: str = "seen", reason: str = "") -> str:
        """Enter what was found of a milestone."""
        is_reached, quantity = state == "reached", milestone["planned_quantity"]
        observed = milestone["observed"] or milestone["reported"]
        body = {
            "milestone": self.city.entity[milestone["id"]],
            "state": state,
            "observed_on": self.shift.text_day(observed) if is_reached and observed else None,
            "observed_quantity": str(quantity) if is_reached and quantity is not None else None,
            "known_by": known_by,
            "reason": reason,
        }
        return self.part("reconciliation", body, f"milestone {milestone['id']}")

    def checklist(self, code: str, state: str = "normal") -> str:
        """Enter the answers to a template: core items and those whose turn it is."""
        sheet = self.city.checklists[code]
        observed = seen_percent(self.project, self.occasion.on, "observed") if self.project else 0.0
        given, notes = answers_to(sheet, self.occasion.on, observed, state, self.random)
        body = {
            "checklist": self.city.entity[code],
            "edition": sheet["version"],
            "answers": given,
            "notes": notes,
        }
        return self.part("answer", body, f"answer {code}", minutes=8)
