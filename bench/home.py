"""A data folder with an archive: a unit, teams with projects, enrolled phones, an account. Made before anything is measured."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.phone import Owner
from fieldapp.account import add
from fieldapp.services import Services, open_services
from fieldapp.settings import Settings
from sync.archive import Draft
from sync.key import SealingKey

PASSWORD = "correct horse battery"
PROJECTS_PER_TEAM = 10


@dataclass(frozen=True)
class Home:
    """A prepared archive: where it is, and the phones that may send to it."""

    settings: Settings
    owners: tuple[Owner, ...]

    @property
    def database(self) -> Path:
        """Return the file of an SQLite database."""
        return self.settings.data / "archive.db"

    @property
    def environment(self) -> dict[str, str]:
        """Return what the archive's processes read."""
        return self.settings.environment()


def prepared(folder: Path, phones: int, database: str = "") -> Home:
    """Make an archive for so many phones, each of another inspector, each with the projects of a team."""
    settings = Settings(data=folder, database=database)
    services = open_services(settings)
    archive = services.archive
    people = [f"i{number:03}" for number in range(phones)]
    streams = [_team(services, person) for person in people]
    keys = [SealingKey.new() for _ in people]
    enrolments = [
        {"jwk": key.jwk, "person": person, "name": person, "role": "inspector", "label": "bench"}
        for person, key in zip(people, keys, strict=True)
    ]
    archive.seal([Draft("enrolment", "keys", body, "d04") for body in enrolments])
    with services.database.writing() as session:
        given: dict[str, Any] = {
            "password": PASSWORD,
            "role": "inspector",
            "name": "I",
            "at": services.clock(),
        }
        add(session, username=people[0], person=people[0], **given)
    beacon = archive.time_token()
    services.database.close()
    owners = (
        Owner(person, key.pem(), beacon, tuple(own))
        for person, key, own in zip(people, keys, streams, strict=True)
    )
    return Home(settings, tuple(owners))


def _team(services: Services, person: str) -> list[str]:
    """Seal a team of one inspector and its projects; return the streams."""
    archive = services.archive
    body = {"code": "t", "name": "组", "members": [{"person": person, "part": "member"}], "units": []}
    team = Draft("team", "commons", body, "d04", id=archive.new_id())
    ids = [archive.new_id() for _ in range(PROJECTS_PER_TEAM)]
    projects = [
        Draft(
            "project",
            f"project:{one}",
            project_body(f"p{os.urandom(4).hex()}", str(team.id), str(team.id)),
            "d04",
            id=one,
        )
        for one in ids
    ]
    archive.seal([team, *projects])
    return [f"project:{one}" for one in ids]


def project_body(code: str, unit: str, team: str) -> dict[str, Any]:
    """Return the body of a road under way."""
    return {
        "code": code,
        "name": f"公路 {code}",
        "name_en": f"Road {code}",
        "type": "road",
        "front": "project",
        "unit": unit,
        "team": team,
        "level": "city",
        "start_on": "2026-01-01",
        "end_on": "2027-12-31",
        "investment_wan": 100,
        "year_plan_wan": 50,
        "state": "building",
        "site": {
            "lat_e7": 264733410,
            "lon_e7": 1105640190,
            "radius_m": 300,
            "shape": "point",
            "places": [{"name": "起点", "name_en": "Start", "lat_e7": 264733410, "lon_e7": 1105640190}],
        },
        "support": [],
        "plan": [],
        "coverage": {
            "per_month": 1,
            "days_before_milestone": 3,
            "days_after_milestone": 7,
            "suspended_months": [],
        },
    }
