"""A large archive, written straight into the stores: years of visits with their records, photo rows and folded rows.

Nothing is checked and nothing is signed: seals are of zeros. Hashes, chains, bodies and rows are what they would be.
"""

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlmodel import SQLModel

from bench.home import project_body
from fieldapp.domain import TABLES
from fieldapp.domain.visit import MANNERS, PURPOSES
from fieldapp.services import Services
from fieldapp.visit_line import Found, VisitLine, VisitLines, line_of
from sync import base64url, instant, stream
from sync.archive import Draft
from sync.folding import defaults
from sync.prepared import Prepared, insertion
from sync.table import Media, RecordMedia, RecordRow, StreamRow

# Of a visit: itself, progress, two things found, answers, five photos, the submission and the decision.
RECORDS, PHOTOS = 12, 5
VISITS_PER_PROJECT, PROJECTS_PER_UNIT, PROJECTS_PER_TEAM = 100, 20, 20
DAYS = 1_400
BATCH = 1_000
DESK = "d01"
# Only so many of the newest visits hold a time token in each record: it is a third of its bytes, and a disk is only so large.
SEALED_IN_TIME = 10_000
CHECKLIST = "01930000-0000-7000-8000-0000000000c1"
SIGNATURE = base64url.encode(bytes(64))
SITE = {"lat_e7": 264733410, "lon_e7": 1105640190}
VERSIONS = {body.kind: body.version for body in TABLES}
ROWS: dict[str, type[SQLModel]] = {body.kind: table for body, table in TABLES.items()}
EMPTY = {body.kind: defaults(table) for body, table in TABLES.items()}
SUBJECTS = (
    "墩承台", "箱梁预制", "路基填筑", "桩基", "主体结构", "外墙保温", "消防管网", "排水沟",
    "挡土墙", "隧道初支", "钢结构", "机电安装", "绿化带", "沥青面层", "边坡防护", "配电房", "污水处理池", "临时用电", "脚手架", "塔吊",
)  # fmt: skip
FINDINGS = (
    "钢筋外露，保护层厚度不足", "混凝土表面蜂窝麻面", "围挡破损，行人可以进入", "排水不畅，雨后积水",
    "模板支撑间距过大", "未见旁站记录", "材料堆放混乱", "进度滞后，班组人数不足", "已按图施工，质量较好", "整改到位，资料齐全", "护栏缺失",
    "formwork not braced", "safety net missing", "安全帽佩戴不规范",
)  # fmt: skip
DONE = (
    "已通知班组返工",
    "现场负责人在场",
    "未见书面整改通知",
    "监理已签字",
    "要求三日内整改",
    "与上月相比没有变化",
    "比上月好转",
)


@dataclass
class Place:
    """A stream that is visited, and where it ends."""

    name: str
    team: list[str]
    is_project: bool
    position: int
    head: bytes


@dataclass
class Writing:
    """Rows on their way into the tables, by table; and what seals and numbers them."""

    services: Services
    chance: random.Random
    beacon: str | None
    header: str
    rows: dict[type[Any], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def record(
        self, place: Place, kind: str, body: Mapping[str, Any], at: datetime, author: str, *,
        identity: str = "", is_complete: bool = True,
    ) -> tuple[str, str]:  # fmt: skip
        """Add a record and its folded row; return its entity and hash."""
        identity = identity or self.identity(at)
        captured, counter = instant.write(at, 480), 0 if author == DESK else place.position + 1
        payload = {
            "id": identity, "kind": kind, "v": VERSIONS[kind], "stream": place.name, "entity": identity, "supersedes": [],
            "author": author, "counter": counter, "captured_at": captured,
            "clock": {"offset_ms": -320, "checked_at": captured}, "beacon": self.beacon,
            "salt": base64url.encode(self.chance.randbytes(16)), "body": body,
        }  # fmt: skip
        raw = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        signed = f"{self.header}.{base64url.encode(raw)}"
        known = hashlib.sha256(signed.encode()).hexdigest()
        place.position, place.head = place.position + 1, stream.extend(place.head, known)
        utc, offset = instant.utc_column(captured)
        came = instant.write(at + timedelta(minutes=20))
        kid = self.services.archive.key.kid
        self.rows[RecordRow].append({
            "hash": known, "id": identity, "kind": kind, "v": payload["v"], "stream": place.name, "entity": identity,
            "author": author, "kid": kid, "counter": counter, "captured_at": utc, "position": place.position,
            "head": place.head.hex(), "appended_at": came, "completed_at": came if is_complete else None,
            "supersedes": [], "bytes": f"{signed}.{SIGNATURE}".encode(),
        })  # fmt: skip
        table: Any = ROWS[kind]
        self.rows[table].append({
            **EMPTY[kind], **body, "entity": identity, "stream": place.name, "record": known, "author": author,
            "kid": kid, "captured_at": utc, "captured_offset_min": offset, "revisions": 1, "is_conflict": False,
        })  # fmt: skip
        return identity, known

    def identity(self, at: datetime) -> str:
        """Return a UUID version 7 of an instant."""
        digits = f"{int(at.timestamp() * 1000):012x}7{self.chance.getrandbits(12):03x}{self.chance.getrandbits(62) | 1 << 63:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def flush(self) -> None:
        """Write the rows, in one transaction."""
        with self.services.database.writing() as session:
            for table, rows in self.rows.items():
                named: Any = table
                insertion(named).many(session, rows)
            for follower in self.services.archive.folder.followers:
                if not isinstance(follower, VisitLines):
                    follower.follow(session, "", self.rows, {})
        self.rows.clear()


def fill(services: Services, visits: int) -> None:
    """Add so many visits of some years, the last ones of yesterday."""
    chance = random.Random(visits)
    places = _places(services, visits, chance)
    head = {"alg": "ES256", "kid": services.archive.key.kid, "typ": "fieldapp-record"}
    header = base64url.encode(json.dumps(head, separators=(",", ":")).encode())
    writing = Writing(
        services, chance, services.archive.time_token() if visits <= SEALED_IN_TIME else None, header
    )
    last = datetime.combine(date.today() - timedelta(days=1), datetime.min.time(), UTC)
    for number in range(visits):
        arrived = last - timedelta(days=DAYS * (visits - 1 - number) / visits, hours=-chance.randrange(8) / 2)
        if number == visits - SEALED_IN_TIME:
            writing.beacon = services.archive.time_token()
        _visit(writing, chance.choice(places), arrived, 1 - number / visits)
        if (number + 1) % BATCH == 0:
            writing.flush()
    writing.flush()
    with services.database.writing() as session:
        for place in places:
            end = {"of": place.name, "position_": place.position, "head_": place.head.hex()}
            _MOVE_END.count(session, **end)
    if not services.database.is_sqlite:
        # As the server does by itself in time.
        with services.database.transaction() as connection:
            connection.exec_driver_sql("ANALYZE")


def _places(services: Services, visits: int, chance: random.Random) -> list[Place]:
    """Seal units, teams and the projects they look after; return where visits go, a unit itself now and then."""
    projects = max(PROJECTS_PER_UNIT, visits // VISITS_PER_PROJECT)
    seal, new_id = services.archive.seal, services.archive.new_id
    units = [new_id() for _ in range(-(-projects // PROJECTS_PER_UNIT))]
    teams = [new_id() for _ in range(-(-projects // PROJECTS_PER_TEAM))]
    people = {team: [f"i{3 * at + one:05}" for one in range(3)] for at, team in enumerate(teams)}
    drafts = [
        _shared("person", {"person": one, "name": f"走访员{one[1:]}", "role": "inspector"}, new_id())
        for some in people.values()
        for one in some
    ]
    for at, unit in enumerate(units):
        body = {
            "code": f"u{at:05}",
            "name": f"第{at + 1}建设局",
            "name_en": f"Bureau {at + 1}",
            "sort": "bureau",
            "is_lead": True,
        }
        drafts.append(_shared("unit", body, unit))
    for at, team in enumerate(teams):
        body = {"code": f"t{at:05}", "name": f"第{at + 1}组", "units": units[at :: len(teams)]}
        body["members"] = [{"person": one, "part": "member"} for one in people[team]]
        drafts.append(_shared("team", body, team))
    drafts += [
        draft
        for at in range(projects)
        for draft in _project(
            new_id(), at, units[at // PROJECTS_PER_UNIT], teams[at // PROJECTS_PER_TEAM], chance, new_id
        )
    ]
    for start in range(0, len(drafts), BATCH):
        seal(drafts[start : start + BATCH])
    team_of = {draft.stream: people[draft.body["team"]] for draft in drafts if draft.kind == "project"}
    team_of |= {f"unit:{unit}": people[teams[at % len(teams)]] for at, unit in enumerate(units)}
    ends = {row.name: row for row in services.archive.heads(sorted(team_of))}
    places = []
    for name, members in team_of.items():
        empty = stream.head0(services.archive.name, name).hex()
        end = ends.get(name) or StreamRow(name=name, position=0, head=empty)
        places.append(
            Place(name, members, name.startswith("project:"), end.position, bytes.fromhex(end.head))
        )
    with services.database.writing() as session:
        session.add_all(
            StreamRow(name=one.name, position=0, head=one.head.hex())
            for one in places
            if one.name not in ends
        )
    return places


def _shared(kind: str, body: Mapping[str, Any], identity: str) -> Draft:
    return Draft(kind, "commons", body, "d04", v=VERSIONS[kind], id=identity)


def _project(
    identity: str, at: int, unit: str, team: str, chance: random.Random, new_id: Callable[[], str]
) -> list[Draft]:
    """Return a project with eight milestones and three questions."""
    name = f"{chance.choice(SUBJECTS)}工程{at + 1}标"
    body = project_body(f"p{at:05}", unit, team) | {"name": name, "name_en": f"Section {at + 1}"}
    body["start_on"] = f"{date.today() - timedelta(days=DAYS):%Y-%m-%d}"
    stream_ = f"project:{identity}"
    drafts = [Draft("project", stream_, body, "d04", id=identity)]
    for step in range(8):
        day = date.today() + timedelta(days=(step - 6) * DAYS // 8)
        planned = {"project": identity, "name": f"{chance.choice(SUBJECTS)}完成", "planned_on": str(day)}
        drafts.append(Draft("milestone", stream_, planned, "d04", id=new_id()))
    for _ in range(3):
        asked = {
            "sort": "fact",
            "what": f"{chance.choice(SUBJECTS)}是否{chance.choice(DONE)}",
            "origin": "last_visit",
        }
        asked["asked_on"] = str(date.today() - timedelta(days=chance.randrange(DAYS)))
        drafts.append(Draft("question", stream_, asked, "d04", id=new_id()))
    return drafts


def _visit(writing: Writing, place: Place, at: datetime, age: float) -> None:
    """Add one visit with all it is made of. `age` is 0 for the newest and 1 for the oldest: what waits is new."""
    chance, author = writing.chance, place.team[0]
    left = at + timedelta(hours=1.5)
    came = left + timedelta(days=12 if chance.random() < 0.04 else 0)
    arrived_at, left_at = instant.write(at, 480), instant.write(left, 480)
    day = arrived_at[:10]
    body = {
        "purpose": chance.choices(PURPOSES, (70, 12, 8, 2, 5, 3))[0], "manner": chance.choices(MANNERS, (50, 40, 10))[0],
        "milestone": None, "team": place.team[: 1 if chance.random() < 0.05 else 2], "accompanied_by": "", "arrived_at": arrived_at,
        "left_at": left_at, "is_left_late": chance.random() < 0.05, "summary": _words(chance), "next_time": [_words(chance)],
    }  # fmt: skip
    visit, first = writing.record(place, "visit", body, left, author)
    own = {"visit": visit}
    found = Found(
        (
            visit,
            author,
            body["team"],
            arrived_at,
            left_at,
            body["purpose"],
            body["manner"],
            body["is_left_late"],
            False,
        )
    )
    hashes = [first]
    parts = _parts(chance, day, place.is_project)
    for kind, part in parts:
        hashes.append(writing.record(place, kind, own | part, left, author)[1])
        found.problems += part.get("list") == "problem"
        if kind == "progress":
            found.progress.append((visit, part["reported_permille"], part["observed_permille"]))
    is_whole = age > 0.001 or chance.random() < 0.5
    for number in range(PHOTOS):
        photo = _photo(chance, arrived_at, number)
        hashes.append(_write_photo(writing, place, own | photo, left, author, is_whole or number > 0))
        found.photos.append((visit, photo["origin"], photo["fix"]))
    manifest = {"visit": visit, "records": sorted(hashes), "missing": [], "reason": ""}
    entity, submission = writing.record(place, "submission", manifest, came, author)
    appended = writing.rows[RecordRow][-1]["appended_at"]
    found.submissions.append((visit, author, entity, submission, [], place.position, appended, appended, 1))
    # Of the newest hundredth most wait; of the older ones some were sent back and never came again.
    decision = "accepted" if chance.random() > (0.8 if age < 0.01 else 0.004) else "returned"
    if decision == "accepted" or chance.random() < (0.3 if age < 0.01 else 1):
        said = {"visit": visit, "submission": submission, "decision": decision, "items": []}
        said |= (
            {"reason": _words(chance), "number": ""}
            if decision == "returned"
            else {"reason": "", "number": f"〔{day[:4]}〕{submission[:12]} 号"}
        )
        writing.record(place, "review", said, came + timedelta(days=1), DESK)
        found.reviews.append((visit, submission, decision, place.position, appended, False))
    writing.rows[VisitLine].append(
        line_of(place.name, found, SITE | {"radius_m": 300, "shape": "point", "places": []})
    )


def _parts(chance: random.Random, day: str, is_project: bool) -> list[tuple[str, dict[str, Any]]]:
    """Return kind and body of what was seen and asked, without the visit."""
    reported = chance.randrange(300, 900)
    seen = {
        "seen_on": day, "due_permille": 600, "reported_permille": reported, "observed_permille": reported - chance.randrange(1, 12),
        "physical": _words(chance), "has_copied_report": False,
    }  # fmt: skip
    sorts = chance.choices(("problem", "achievement", "task"), (35, 45, 20), k=2 if is_project else 3)
    entries: list[tuple[str, dict[str, Any]]] = [
        ("entry", {"list": one, "what": _words(chance), "seen_on": day, "known_by": "seen", "cause": []})
        for one in sorts
    ]
    answers = {f"item_{number:02}": "conforms" for number in range(24)}
    answer = {
        "checklist": CHECKLIST,
        "edition": "1",
        "answers": answers,
        "notes": {"item_03": _words(chance)},
    }
    return [*([("progress", seen)] if is_project else []), *entries, ("answer", answer)]


def _photo(chance: random.Random, at: str, number: int) -> dict[str, Any]:
    is_imported = chance.random() < 0.01
    fix = {
        "lat_e7": SITE["lat_e7"] + chance.randrange(-9_000, 9_000),
        "lon_e7": SITE["lon_e7"],
        "accuracy_m": 8,
        "age_ms": 900,
    }
    view = {
        "sha256": chance.randbytes(32).hex(), "size_bytes": 250_000, "media_type": "image/jpeg", "width": 2048, "height": 1536,
        "required": True,
    }  # fmt: skip
    return {
        "about": None, "item": "", "caption": _words(chance) if number == 0 else "", "place": "", "taken_at": at,
        "origin": "gallery" if is_imported else "camera", "fix": fix, "no_fix": None, "view": view, "original": None,
        "pair_of": None, "marks": [], "is_blurred": False,
    }  # fmt: skip


def _write_photo(
    writing: Writing, place: Place, body: Mapping[str, Any], at: datetime, author: str, is_whole: bool
) -> str:
    _, known = writing.record(place, "photo", body, at, author, is_complete=is_whole)
    came, view = writing.rows[RecordRow][-1]["appended_at"], body["view"]
    named = {name: view[name] for name in ("sha256", "size_bytes", "media_type")}
    line = {"record": known, "part": "view", "is_required": True, "received_at": came if is_whole else None}
    writing.rows[RecordMedia].append(named | line)
    if is_whole:
        writing.rows[Media].append(
            {"sha256": view["sha256"], "size_bytes": view["size_bytes"], "stored_at": came}
        )
    return known


def _words(chance: random.Random) -> str:
    subject, finding, done = chance.choice(SUBJECTS), chance.choice(FINDINGS), chance.choice(DONE)
    return f"{chance.randrange(1, 40)}号{subject}：{finding}，{done}。"


def _move_end(_is_sqlite: bool) -> Executable:
    table = StreamRow.__table__  # type: ignore[attr-defined]
    moved: dict[str, Any] = {"position": bindparam("position_"), "head": bindparam("head_")}
    return update(table).where(table.c.name == bindparam("of")).values(moved)


_MOVE_END = Prepared(_move_end)
