"""The small city with what a visit asks for: every checklist, a claim to verify, and somebody who has to keep away."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fieldapp import ballot
from fieldapp.command.archive import opened
from fieldapp.demo import book
from fieldapp.domain import Person
from fieldapp.services import Services
from fieldapp.settings import Settings
from sync.archive import Draft
from tests.browser import small_city, template
from tests.browser.small_city import CITY, ref

# Where the inspector stands.
SITE = {"latitude": 26.516691, "longitude": 110.509876, "accuracy": 12}

CHECKLISTS: dict[str, Any] = book.read("checklists")
ARCHIVIST = "d04"


def _has_milestone_near(project: dict[str, Any]) -> bool:
    before, after = project["cadence"]["milestone_window_days"]
    planned = [
        date.fromisoformat(one["planned"]) for one in CITY["milestones"] if one["project"] == project["id"]
    ]
    return any(day - timedelta(days=before) <= date.today() <= day + timedelta(days=after) for day in planned)


_PROJECTS = small_city.own_projects()
# Visited last month and due now, no milestone near: an open problem, a question, a claim and a wish for next time stand there.
PROJECT = next(project["id"] for project in _PROJECTS[4:10] if not _has_milestone_near(project))
# A milestone is due in four days.
MILESTONE_PROJECT = _PROJECTS[2]["id"]
# Sent back by the reviewer, with a reason for the visit and one for an entry.
RETURNED_PROJECT = _PROJECTS[3]["id"]
# An inspector of the team comes from the unit that leads this project.
RECUSED, RECUSED_PROJECT, RECUSED_UNIT = next(
    (one["inspector"], one["project"], one["because_unit"])
    for one in CITY["avoidance"]
    if one["project"] in {project["id"] for project in _PROJECTS}
)


def seed(folder: Path) -> None:
    """Fill a data folder that does not exist yet."""
    template.copy(_fill, folder)


def _fill(folder: Path) -> None:
    small_city.fill(folder)
    with opened(Settings(data=folder)) as services:
        services.archive.seal([*_checklists(), *_ballots(), *_claims(), *_past()])
        _seal_home(services)


def _checklists() -> Iterator[Draft]:
    for sheet in CHECKLISTS["checklists"]:
        body = {
            "code": sheet["id"], "edition": sheet["version"], "name": sheet["zh"], "name_en": sheet["en"],
            "purposes": sheet.get("for_purpose") or sheet.get("adds_to", []), "types": sheet.get("for_type", []),
            "rotation": sheet.get("rotation", {}).get("per_visit"), "groups": sheet["groups"],
            "choices": _choices_of(sheet),
        }  # fmt: skip
        yield _draft("checklist", sheet["id"], "commons", body)


def _ballots() -> Iterator[Draft]:
    return (_draft("ballot_form", body["code"], "commons", body) for body in ballot.read())


def _choices_of(sheet: dict[str, Any]) -> dict[str, Any]:
    types = [item["type"] for group in sheet["groups"] for item in group["items"]]
    return {
        name: CHECKLISTS["choices"][name] for _, _, name in (kind.partition(" ") for kind in types) if name
    }


def _claims() -> Iterator[Draft]:
    body = {
        "origin": "list", "list": "achievement", "what": "上报：路基贯通提前十天完成", "what_en": "Roadbed finished ten days early",
        "claimed_by": "项目单位", "claimed_on": str(date.today().replace(day=1)),
    }  # fmt: skip
    yield _draft("claim", PROJECT, f"project:{ref('project:' + PROJECT)}", body)


def _past() -> Iterator[Draft]:
    """What others said of it, and a unit that served it once."""
    stream = f"project:{ref('project:' + PROJECT)}"
    body: dict[str, Any] = {
        "sort": "audit", "what": "进度款支付缺少计量附件3份", "what_en": "Three measurement annexes missing", "stance": "against",
        "dated_on": "2026-06-30",
    }  # fmt: skip
    yield _draft("source", PROJECT, stream, body)
    body = {
        "project": ref(f"project:{PROJECT}"), "unit": ref(f"unit:{RECUSED_UNIT}"), "role": "support", "from_on": "2025-01-01",
        "to_on": "2025-06-30",
    }  # fmt: skip
    yield _draft("link", f"{PROJECT}-past", stream, body)


def _draft(kind: str, name: str, stream: str, body: dict[str, Any]) -> Draft:
    return Draft(kind=kind, id=ref(f"{kind}:{name}"), stream=stream, body=body, author=ARCHIVIST)


def _seal_home(services: Services) -> None:
    """Say where the inspector comes from who has to keep away from one project."""
    team = next(team for team in CITY["teams"] if team["id"] == "T1")
    member = next(member for member in team["members"] if member["id"] == RECUSED)
    entity = ref(f"person:{RECUSED}")
    with services.database.reading() as session:
        before = session.get(Person, entity)
        assert before is not None
        supersedes = (before.record,)
    body = {
        "person": RECUSED.lower(), "name": member["zh"], "name_en": member["en"], "role": "inspector",
        "home_unit": ref(f"unit:{RECUSED_UNIT}"),
    }  # fmt: skip
    services.archive.seal([Draft("person", "commons", body, ARCHIVIST, entity=entity, supersedes=supersedes)])
