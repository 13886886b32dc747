"""A small part of the demo city in an archive: one team, its projects, and past visits in every state the phone shows."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fieldapp.command.archive import opened
from fieldapp.demo import book
from fieldapp.services import Services
from fieldapp.settings import Settings
from sync.archive import Draft
from tests import account
from tests.browser import template

CITY: dict[str, Any] = book.read("demo_city")
USERNAME, PASSWORD = "i01", "mountain-ladder-41"
COLLEAGUE, REVIEWER = "i02", "d01"
ACCOUNTS = (
    (USERNAME, "奚银杏", "inspector"),
    (COLLEAGUE, "范水杉", "inspector"),
    (REVIEWER, "薛天枢", "supervisor"),
)
REASON = "进度照片与桩号不符，请补拍起点桩号处"
_IDS = uuid.UUID("0d9f4a52-53a5-7c1e-8f00-2b6f6c1d7a11")


def ref(name: str) -> str:
    """Return the id of a thing of the city: a UUID 7 that is the same each time."""
    digits = uuid.uuid5(_IDS, name).hex
    return f"019a{digits[:4]}-{digits[4:8]}-7{digits[8:11]}-8{digits[11:14]}-{digits[14:26]}"


def seed(folder: Path) -> None:
    """Fill a data folder that does not exist yet."""
    template.copy(fill, folder)


def fill(folder: Path, today: date | None = None) -> None:
    """Fill a data folder that no server has open: team T1, accounts `USERNAME`, `COLLEAGUE` and `REVIEWER` with one password."""
    day = today or date.today()
    with opened(Settings(data=folder, department="云岭市走访档案中心")) as services:
        services.archive.seal([*_masters(), *_projects(day)])
        _seal_visits(services, day)
        with services.database.writing() as session:
            for username, name, role in ACCOUNTS:
                account.add(session, username, PASSWORD, role, name)


def own_projects() -> list[dict[str, Any]]:
    """Return the team's projects as the city's data have them."""
    return [project for project in CITY["projects"] if project["team"] == "T1"]


def _draft(
    kind: str, name: str, stream: str, body: dict[str, Any], author: str = "d04", **rest: Any
) -> Draft:
    return Draft(kind=kind, id=ref(f"{kind}:{name}"), stream=stream, body=body, author=author, **rest)


def _unit(code: str | None) -> str | None:
    return None if code in (None, "CITY") else ref(f"unit:{code}")


def _masters() -> Iterator[Draft]:
    for unit in [*CITY["units"], *CITY["support_units"]]:
        body = {
            "code": unit["id"].lower(), "name": unit["zh"], "name_en": unit["en"], "sort": unit.get("kind", "support"),
            "is_lead": unit["id"].startswith("U"),
        }  # fmt: skip
        yield _draft("unit", unit["id"], "commons", body)
    for official in CITY["officials"]:
        body = {"code": official["id"].lower(), "name": official["zh"], "name_en": official["en"]}
        yield _draft("official", official["id"], "commons", body)
        for number, tenure in enumerate(official["tenures"]):
            body = {
                "official": ref(f"official:{official['id']}"), "unit": _unit(tenure["unit"]), "post": tenure["post_zh"],
                "post_en": tenure["post_en"], "from_on": tenure["from"], "to_on": tenure["to"],
            }  # fmt: skip
            yield _draft("tenure", f"{official['id']}-{number}", "commons", body)
    team = next(team for team in CITY["teams"] if team["id"] == "T1")
    for member in team["members"]:
        body = {
            "person": member["id"].lower(),
            "name": member["zh"],
            "name_en": member["en"],
            "role": "inspector",
        }
        yield _draft("person", member["id"], "commons", body)
    yield _draft(
        "person",
        "D01",
        "commons",
        {"person": "d01", "name": "薛天枢", "name_en": "Xue Tianshu", "role": "supervisor"},
    )
    members = [{"person": member["id"].lower(), "part": member["part"]} for member in team["members"]]
    body = {
        "code": "t1",
        "name": team["zh"],
        "name_en": team["en"],
        "members": members,
        "units": [_unit(code) for code in team["units"]],
    }
    yield _draft("team", "T1", "commons", body)


def _projects(today: date) -> Iterator[Draft]:
    for project in own_projects():
        name = project["id"]
        stream = f"project:{ref('project:' + name)}"
        yield _draft("project", name, stream, _project_body(project, today))
        for number, link in enumerate(project["links"]):
            body = {
                "project": ref(f"project:{name}"), "official": ref(f"official:{link['official']}"),
                "role": link["role"], "from_on": link["from"], "to_on": link["to"],
            }  # fmt: skip
            yield _draft("link", f"{name}-{number}", stream, body)
        report = {
            "project": ref(f"project:{name}"), "month": f"{today:%Y-%m}", "reported_on": f"{today:%Y-%m}-01",
            "reported_permille": round(project["progress"]["reported"] * 10),
        }  # fmt: skip
        yield _draft("progress_report", name, stream, report)
    yield from _milestones(today)


def _project_body(project: dict[str, Any], today: date) -> dict[str, Any]:
    site, cadence = project["site"], project["cadence"]
    places = [{"name": one["zh"], "name_en": one["en"], **_point(one)} for one in site["places"]]
    return {
        "code": project["id"].lower(), "name": project["zh"], "name_en": project["en"], "type": project["type"],
        "front": project["front"], "unit": ref(f"unit:{project['unit']}"), "team": ref("team:T1"), "level": project["level"],
        "start_on": project["start"], "end_on": project["end"], "investment_wan": project["investment_wan"],
        "year_plan_wan": project["year_plan_wan"], "state": project["state"],
        "state_reason": (project["state_reason"] or {}).get("zh", ""),
        "state_reason_en": (project["state_reason"] or {}).get("en", ""), "support": [ref(f"unit:{code}") for code in project["support"]],
        "site": {**_point(site), "radius_m": site["radius_m"], "shape": site["shape"], "places": places},
        "plan": [
            {"on": project["start"], "due_permille": 0},
            {"on": str(today), "due_permille": round(project["progress"]["due"] * 10)},
            {"on": str(max(date.fromisoformat(project["end"]), today + timedelta(days=30))), "due_permille": 1000},
        ],
        "coverage": {
            "per_month": cadence["per_month"], "days_before_milestone": cadence["milestone_window_days"][0],
            "days_after_milestone": cadence["milestone_window_days"][1], "suspended_months": cadence["suspended_months"],
        },
    }  # fmt: skip


def _point(place: dict[str, Any]) -> dict[str, int]:
    return {"lat_e7": round(place["lat"] * 1e7), "lon_e7": round(place["lon"] * 1e7)}


def _milestones(today: date) -> Iterator[Draft]:
    """The third project has a milestone in four days; the others keep the city's dates."""
    near = own_projects()[2]["id"]
    for milestone in CITY["milestones"]:
        if milestone["project"] not in {project["id"] for project in own_projects()}:
            continue
        is_near = milestone["id"] == f"{near}-M4"
        body = {
            "project": ref(f"project:{milestone['project']}"), "name": milestone["zh"], "name_en": milestone["en"],
            "planned_on": str(today + timedelta(days=4)) if is_near else milestone["planned"],
            "reported_on": None if is_near else milestone["reported"],
            "key_part": milestone["key_part"]["zh"], "key_part_en": milestone["key_part"]["en"],
        }  # fmt: skip
        yield _draft("milestone", milestone["id"], f"project:{body['project']}", body)


def _seal_visits(services: Services, today: date) -> None:
    """Four were visited this month (the last of them sent back), the next eight last month, the rest longer ago."""
    for number, project in enumerate(own_projects()):
        months = 0 if number < 4 else 1 if number < 12 else 3
        decision = "returned" if number == 3 else "waiting" if number == 2 else "accepted"
        _seal_visit(services, project, _some_time_ago(today, months, number), decision)


def _some_time_ago(today: date, months: int, number: int) -> date:
    first = today.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return min(first + timedelta(days=number), today) if months == 0 else first + timedelta(days=3 + number)


def _seal_visit(services: Services, project: dict[str, Any], day: date, decision: str) -> None:
    drafts = _visit(project, day)
    records = services.archive.seal(drafts)
    visit, entry = drafts[0], drafts[2]
    body = {"visit": visit.id, "records": sorted(one.hash for one in records), "missing": []}
    submission = _draft(
        "submission", project["id"], visit.stream, body, author=USERNAME, captured_at=_instant(day, 11)
    )
    sealed = services.archive.seal([submission])[0]
    if decision != "waiting":
        item = {"entity": entry.id, "record": records[2].hash, "reason": "请写明抽查的具体位置和数量"}
        review = {"visit": visit.id, "submission": sealed.hash, "decision": decision, "items": []}
        review |= (
            {"number": "云一线走〔2026〕1号"}
            if decision == "accepted"
            else {"reason": REASON, "items": [item]}
        )
        services.archive.seal(
            [
                _draft(
                    "review",
                    project["id"],
                    visit.stream,
                    review,
                    author=REVIEWER,
                    captured_at=_instant(day, 15),
                )
            ]
        )


def _visit(project: dict[str, Any], day: date) -> list[Draft]:
    stream, figures = f"project:{ref('project:' + project['id'])}", project["progress"]
    visit = {
        "purpose": "monthly", "manner": "unannounced", "team": ["i01", "i02"], "arrived_at": _instant(day, 9),
        "left_at": _instant(day, 11), "summary": "现场施工正常，进度与计划有差距", "next_time": ["看护坡是否返工"],
    }  # fmt: skip
    on_visit = {"visit": ref(f"visit:{project['id']}")}
    progress = on_visit | {
        "seen_on": str(day), "due_permille": round(figures["due"] * 10), "physical": "主体结构完成三层",
        "reported_permille": round(figures["reported"] * 10), "observed_permille": round(figures["observed"] * 10),
    }  # fmt: skip
    entry = on_visit | {
        "list": "problem", "cause": [], "sort": "fault", "severity": "serious", "known_by": "seen", "seen_on": str(day),
        "what": "3号墩承台抽查2处，钢筋外露，保护层垫块缺失", "deadline_on": str(day + timedelta(days=15)),
    }  # fmt: skip
    question = {
        "sort": "problem", "what": "护坡开裂处是否已返工？", "what_en": "Has the cracked slope been redone?",
        "origin": "visit", "asked_on": str(day),
    }  # fmt: skip
    bodies = [("visit", visit), ("progress", progress), ("entry", entry), ("question", question)]
    return [
        _draft(kind, project["id"], stream, body, author=USERNAME, captured_at=_instant(day, 11))
        for kind, body in bodies
    ]


def _instant(day: date, hour: int) -> str:
    return f"{day}T{hour:02d}:10:00.000+08:00"
