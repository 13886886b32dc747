"""An application with two teams, two projects and phones, and visits submitted to it: plain functions for tests of the desk."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from fieldapp import Settings
from fieldapp.application import make
from fieldapp.domain import TABLES
from fieldapp.services import Clock, Services
from sync.archive import Draft
from sync.record import Record
from sync.upload import Uploads
from tests import account
from tests.sync.factory import Phone, enrolled, sent

PASSWORD = "correct horse battery"
PEOPLE = {
    "i05": "inspector",
    "i06": "inspector",
    "i09": "inspector",
    "d01": "supervisor",
    "d02": "supervisor",
    "d04": "administrator",
}
SITE = {
    "lat_e7": 264733410,
    "lon_e7": 1105640190,
    "radius_m": 300,
    "shape": "point",
    "places": [{"name": "起点", "name_en": "Start", "lat_e7": 264733410, "lon_e7": 1105640190}],
}


def services(app: Flask) -> Services:
    """Return what an application works with."""
    found: Services = app.extensions["fieldapp"]
    return found


def make_app(folder: Path, clock: Clock | None = None, **settings: Any) -> Flask:
    """Return an application with an account for each of `PEOPLE`."""
    app = make(Settings(data=folder, number_prefix="试走", **settings), clock)
    app.testing = True
    with services(app).database.writing() as session:
        for person, role in PEOPLE.items():
            account.add(session, person, PASSWORD, role)
    return app


def logged_in(app: Flask, person: str | None) -> FlaskClient:
    """Return a browser with a person's login, or one without any."""
    client = app.test_client()
    if person:
        given = {"username": person, "password": PASSWORD}
        answer = client.post("/session", json=given, headers={"Fieldapp-Client": "1"})
        assert answer.status_code == 200
    return client


@dataclass
class City:
    """Who and what there is: entities by name."""

    app: Flask
    unit: str = ""
    teams: dict[str, str] = field(default_factory=dict)
    projects: dict[str, str] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)

    def phone(self, person: str) -> Phone:
        """Return a person's enrolled phone, the same one each time."""
        if person not in self.phones:
            self.phones[person] = enrolled(services(self.app).archive, person)
        return self.phones[person]


def build(app: Flask) -> City:
    """Seal one unit, teams `t1` (i05, i06) and `t2` (i09), and a project for each: `p017` and `p018`."""
    city, seal = City(app), services(app).archive.seal
    body = {"code": "u01", "name": "交通局", "name_en": "Transport", "sort": "bureau", "is_lead": True}
    city.unit = seal([Draft("unit", "commons", body, "d04")])[0].payload["id"]
    for code, people in (("t1", ("i05", "i06")), ("t2", ("i09",))):
        members = [{"person": person, "part": "member"} for person in people]
        body = {
            "code": code,
            "name": code.upper(),
            "members": members,
            "units": [city.unit] if code == "t1" else [],
        }
        city.teams[code] = seal([Draft("team", "commons", body, "d04")])[0].payload["id"]
    for code, team in (("p017", "t1"), ("p018", "t2")):
        identity = services(app).archive.new_id()
        draft = Draft(
            "project",
            f"project:{identity}",
            project_body(code, city.unit, city.teams[team]),
            "d04",
            id=identity,
        )
        seal([draft])
        city.projects[code] = identity
    return city


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
        "site": SITE,
        "support": [],
        "plan": [],
        "coverage": {
            "per_month": 1,
            "days_before_milestone": 3,
            "days_after_milestone": 7,
            "suspended_months": [],
        },
    }


@dataclass
class Sent:
    """A visit as a phone submitted it."""

    visit: Record
    parts: dict[str, Record]
    submission: Record

    @property
    def entity(self) -> str:
        """Return the visit's entity."""
        return str(self.visit.payload["entity"])

    @property
    def path(self) -> str:
        """Return the visit's page."""
        return f"/visit/{self.entity}"


def submit(
    city: City, code: str = "p017", person: str = "i05", day: str = "2026-11-12", has_bytes: bool = True
) -> Sent:
    """Seal and push a visit with progress, a problem and a photo, whose bytes follow when `has_bytes`."""
    phone, stream = city.phone(person), f"project:{city.projects[code]}"
    archive = services(city.app).archive

    def seal(kind: str, body: dict[str, Any]) -> Record:
        return phone.seal(body, kind=kind, stream=stream, id=archive.new_id(), beacon=archive.time_token())

    visit = seal("visit", visit_body(day, [person, "i06"]))
    own = {"visit": visit.payload["id"]}
    picture = jpeg(visit.payload["id"])
    parts = {
        "progress": seal(
            "progress",
            own | {"seen_on": day, "due_permille": 780, "reported_permille": 680, "observed_permille": 670},
        ),
        "entry": seal(
            "entry",
            own
            | {
                "list": "problem",
                "what": "<b>护栏缺失</b>",
                "seen_on": day,
                "cause": [],
                "severity": "major",
            },
        ),
        "photo": seal("photo", own | photo_body(day, picture)),
    }
    submission = seal(
        "submission", own | {"records": sorted(one.hash for one in (visit, *parts.values())), "missing": []}
    )
    pushed = archive.push(sent(visit, *parts.values(), submission))
    assert [one.verdict for one in pushed.judgements] == ["appended"] * 5
    if has_bytes:
        hand_over(city, parts["photo"], picture)
    return Sent(visit, parts, submission)


def visit_body(day: str, team: list[str]) -> dict[str, Any]:
    """Return the body of a monthly visit of an hour and a half."""
    return {
        "purpose": "monthly",
        "manner": "unannounced",
        "team": team,
        "arrived_at": f"{day}T14:20:40.000+08:00",
        "left_at": f"{day}T15:50:10.000+08:00",
        "next_time": [],
    }


def photo_body(day: str, picture: bytes) -> dict[str, Any]:
    """Return the body of a photo taken at the site, without the visit."""
    view = {
        "sha256": hashlib.sha256(picture).hexdigest(),
        "size_bytes": len(picture),
        "media_type": "image/jpeg",
        "width": 64,
        "height": 48,
        "required": True,
    }
    fix = {"lat_e7": SITE["lat_e7"], "lon_e7": SITE["lon_e7"], "accuracy_m": 8, "age_ms": 900}
    return {
        "caption": "全景",
        "origin": "camera",
        "taken_at": f"{day}T14:30:00.000+08:00",
        "fix": fix,
        "view": view,
    }


def jpeg(word: str) -> bytes:
    """Return a small picture; other words give other bytes."""
    colour = tuple(hashlib.sha256(word.encode()).digest()[:3])
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


def hand_over(city: City, photo: Record, picture: bytes) -> None:
    """Give the archive the bytes a photo record names."""
    sha256 = hashlib.sha256(picture).hexdigest()
    Uploads(services(city.app).archive).receive(photo.hash, sha256, len(picture), [picture])


def correct(city: City, first: Sent, what: str) -> Sent:
    """Seal and push a corrected problem and a new submission of the same visit."""
    return resubmit(city, first, {"entry": {"what": what}})


def resubmit(
    city: City,
    first: Sent,
    changes: Mapping[str, Mapping[str, Any]],
    added: Mapping[str, Mapping[str, Any]] | None = None,
    at: str = "",
    **manifest: Any,
) -> Sent:
    """Seal and push what changes of a visit's parts (by name), what is added (by kind), and a new submission of it all.

    `at` is what the phone's clock says, at its own offset.
    """
    archive, stream = services(city.app).archive, str(first.visit.payload["stream"])
    phone = city.phone(str(first.visit.payload["author"]))
    newest = {body.kind: body.version for body in TABLES}

    def seal(kind: str, body: Mapping[str, Any], before: Record | None = None) -> Record:
        given: dict[str, Any] = {"kind": kind, "v": newest[kind], "stream": stream, "id": archive.new_id()}
        given |= {"captured_at": at} if at else {}
        if before:
            given |= {"entity": before.payload["entity"], "supersedes": [before.hash]}
        return phone.seal(body, **given)

    before = {"visit": first.visit, **first.parts}
    fresh = {
        name: seal(before[name].payload["kind"], {**before[name].body, **change}, before[name])
        for name, change in changes.items()
    }
    own = {"visit": first.visit.payload["entity"]}
    fresh |= {kind: seal(kind, own | dict(body)) for kind, body in (added or {}).items()}
    parts = before | fresh
    body = {**first.submission.body, "records": sorted(one.hash for one in parts.values()), **manifest}
    submission = seal("submission", body, first.submission)
    pushed = archive.push(sent(*fresh.values(), submission))
    assert {one.verdict for one in pushed.judgements} == {"appended"}
    return Sent(parts.pop("visit"), parts, submission)
