"""The small city with what a visit asks for: every checklist, and at one project a question and a claim to verify."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from fieldapp.command.archive import opened
from fieldapp.settings import Settings
from sync.archive import Draft
from tests.browser import small_city
from tests.browser.small_city import DATA, ref

CHECKLISTS = json.loads((DATA / "checklists.json").read_text("utf-8"))
ARCHIVIST = "d04"
# Visited last month, due now: an open problem, an open question and a wish for next time stand there.
PROJECT = small_city.own_projects()[4]["id"]
# A milestone is due in four days.
MILESTONE_PROJECT = small_city.own_projects()[2]["id"]
# Sent back by the reviewer, with a reason for the visit and one for an entry.
RETURNED_PROJECT = small_city.own_projects()[3]["id"]


def seed(folder: Path) -> None:
    """Fill a data folder that no server has open."""
    small_city.seed(folder)
    with opened(Settings(data=folder)) as services:
        services.archive.seal([*_checklists(), *_claims()])


def _checklists() -> Iterator[Draft]:
    for sheet in CHECKLISTS["checklists"]:
        body = {
            "code": sheet["id"], "edition": sheet["version"], "name": sheet["zh"], "name_en": sheet["en"],
            "purposes": sheet.get("for_purpose") or sheet.get("adds_to", []), "types": sheet.get("for_type", []),
            "rotation": sheet.get("rotation", {}).get("per_visit"), "groups": sheet["groups"],
            "choices": _choices_of(sheet),
        }  # fmt: skip
        yield _draft("checklist", sheet["id"], "commons", body)


def _choices_of(sheet: dict[str, Any]) -> dict[str, Any]:
    types = [item["type"] for group in sheet["groups"] for item in group["items"]]
    return {name: CHECKLISTS["choices"][name] for _, _, name in (kind.partition(" ") for kind in types) if name}


def _claims() -> Iterator[Draft]:
    body = {
        "origin": "list", "list": "achievement", "what": "上报：路基贯通提前十天完成", "what_en": "Roadbed finished ten days early",
        "claimed_by": "项目单位", "claimed_on": str(date.today().replace(day=1)),
    }  # fmt: skip
    yield _draft("claim", PROJECT, f"project:{ref('project:' + PROJECT)}", body)


def _draft(kind: str, name: str, stream: str, body: dict[str, Any]) -> Draft:
    return Draft(kind=kind, id=ref(f"{kind}:{name}"), stream=stream, body=body, author=ARCHIVIST)
