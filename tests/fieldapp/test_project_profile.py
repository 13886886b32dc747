"""A project's profile: accepted records and verified facts alone, each with the record behind it."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp import project_profile, services
from fieldapp.domain.project import Project
from fieldapp.fact import Closure
from fieldapp.project_profile import Profile
from sync.archive import Draft
from tests.fieldapp import desk_city
from tests.fieldapp.desk_city import City, Sent, build, logged_in, make_app, resubmit, submit
from tests.fieldapp.test_desk import decide
from tests.store import SORTS, named

TODAY = date(2026, 11, 22)


@pytest.fixture(params=SORTS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, request.param) as stores:
        made = make_app(tmp_path / "data", **stores)
        yield made
        desk_city.services(made).database.close()


@pytest.fixture
def city(app: Flask) -> City:
    return build(app)


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    return logged_in(app, "d01")


def seal(app: Flask, kind: str, stream: str, author: str = "d01", v: int = 1, **body: Any) -> str:
    record = desk_city.services(app).archive.seal([Draft(kind, stream, body, author, v=v)])[0]
    return str(record.payload["entity"])


def stream_of(city: City) -> str:
    return f"project:{city.projects['p017']}"


def entry_of(sent: Sent) -> str:
    return str(sent.parts["entry"].payload["entity"])


def verify(city: City, sent: Sent, how: str = "single") -> None:
    seal(city.app, "verification", stream_of(city), entry=entry_of(sent), is_verified=True, corroboration=how)


def recheck(city: City, entry: str, on: str, outcome: str, known_by: str = "seen") -> None:
    body = {"entry": entry, "visit": None, "checked_on": on, "outcome": outcome, "known_by": known_by}
    seal(city.app, "recheck", stream_of(city), **body)


def load(city: City) -> Profile:
    with city.app.app_context(), services.current().database.reading() as session:
        project = session.get(Project, city.projects["p017"])
        assert project is not None
        return project_profile.load(session, project, TODAY)


def test_only_what_was_accepted_and_verified_is_shown(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    found = load(city)
    assert (found.visits, found.readings, found.facts.facts, found.facts.leads) == ([], [], [], 0)
    assert found.photos.pictures == []
    assert decide(desk, sent, "accepted").status_code == 303
    found = load(city)
    assert [one.row.entity for one in found.visits] == [sent.entity]
    assert [(one.on, one.due, one.reported, one.observed) for one in found.readings] == [
        ("2026-11-12", 432, 680, 670)
    ]
    assert (found.facts.facts, found.facts.leads) == ([], 1)
    assert len(found.photos.pictures) == 1
    verify(city, sent)
    found = load(city)
    assert [(one.row.what, one.state, one.days) for one in found.facts.facts] == [
        ("<b>护栏缺失</b>", "verified", 10)
    ]
    assert found.facts.leads == 0


def test_a_wording_that_came_after_acceptance_is_marked_and_the_accepted_one_stands(
    city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    assert decide(desk, sent, "accepted").status_code == 303
    verify(city, sent)
    resubmit(city, sent, {"entry": {"what": "护栏已装"}, "progress": {"observed_permille": 900}})
    found = load(city)
    assert [(one.row.what, one.is_changed) for one in found.facts.facts] == [("<b>护栏缺失</b>", True)]
    assert [(one.observed, one.is_changed) for one in found.readings] == [(670, True)]
    page = desk.get(f"/profile/project/{city.projects['p017']}").text
    assert "归档后有改动" in page and "护栏已装" not in page


def test_what_was_reopened_is_shown_no_more_until_it_is_accepted_again(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    own = {"visit": sent.entity, "submission": sent.submission.hash, "items": [], "number": ""}
    seal(city.app, "review", stream_of(city), v=2, decision="passed", **own)
    # The first of two sign-offs accepts nothing.
    assert load(city).visits == []
    numbered = {**own, "number": "试走〔2026〕017-11 号"}
    seal(city.app, "review", stream_of(city), v=2, decision="accepted", **numbered)
    verify(city, sent)
    assert len(load(city).visits) == len(load(city).facts.facts) == 1
    seal(city.app, "review", stream_of(city), v=2, decision="reopened", reason="数据有误", **own)
    assert (load(city).visits, load(city).facts.facts, load(city).photos.pictures) == ([], [], [])
    seal(city.app, "review", stream_of(city), v=2, decision="accepted", **numbered)
    assert len(load(city).visits) == len(load(city).facts.facts) == 1


def test_problems_tell_how_long_they_took(city: City, desk: FlaskClient) -> None:
    first, second, third = (submit(city, day=day) for day in ("2026-09-10", "2026-10-10", "2026-11-12"))
    for sent in (first, second, third):
        assert decide(desk, sent, "accepted").status_code == 303
        verify(city, sent)
    recheck(city, entry_of(first), "2026-09-20", "reported", "said_by_unit")
    recheck(city, entry_of(first), "2026-09-30", "fixed")
    recheck(city, entry_of(second), "2026-10-20", "fixed")
    recheck(city, entry_of(second), "2026-11-01", "relapsed")
    found = load(city)
    assert [(one.state, one.closed_on, one.days) for one in found.facts.facts] == [
        ("closed", "2026-09-30", 20),
        ("relapsed", None, 43),
        ("verified", None, 10),
    ]
    assert found.closure == Closure(closed=1, median_days=20, open=2, oldest_days=43, relapsed=1)
    steps = [(one.on, one.step, one.kind) for one in found.chronicle if one.kind == "recheck"]
    assert steps == [
        ("2026-09-20", "done", "recheck"),
        ("2026-09-30", "result", "recheck"),
        ("2026-10-20", "result", "recheck"),
        ("2026-11-01", "result", "recheck"),
    ]


def test_milestones_slip_by_what_was_observed(city: City) -> None:
    own = {"project": city.projects["p017"], "name_en": ""}
    reached, over, ahead = (
        seal(city.app, "milestone", stream_of(city), "d04", name=name, planned_on=on, **own)
        for name, on in (("封顶", "2026-10-01"), ("验收", "2026-11-02"), ("移交", "2027-01-01"))
    )
    found = {"milestone": reached, "visit": None, "state": "reached", "observed_on": "2026-10-11"}
    seal(city.app, "reconciliation", stream_of(city), v=2, known_by="seen", slip_causes=[], **found)
    slips = load(city).milestones
    assert [(one.milestone.entity, one.is_reached, one.days) for one in slips] == [
        (reached, True, 10), (over, False, 20), (ahead, False, None),
    ]  # fmt: skip


def test_the_page_links_every_line_and_the_drawing_loads_nothing(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    assert decide(desk, sent, "accepted").status_code == 303
    verify(city, sent)
    source = {"sort": "audit", "what": "审计：计量附件缺失", "stance": "against", "dated_on": "2026-10-01"}
    entity = seal(city.app, "source", stream_of(city), "d04", **source)
    page = desk.get(f"/profile/project/{city.projects['p017']}").text
    assert f'href="/entry/{entry_of(sent)}"' in page
    assert f"#item-{sent.parts['progress'].payload['entity']}" in page
    assert f'id="item-{entity}"' in page and "审计评估" in page and "指出问题" in page
    assert "&lt;b&gt;护栏缺失" in page
    answer = desk.get(f"/profile/project/{city.projects['p017']}/progress.svg")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    drawing = ElementTree.fromstring(answer.data)
    assert [one for one in drawing.iter() if one.tag.endswith("script")] == []
    words = {one.text for one in drawing.iter() if one.tag.endswith("text")}
    assert {"序时进度", "上报", "实见"} <= words
    assert "prefers-color-scheme:dark" in answer.text


def test_projects_are_found_by_words_of_name_code_and_unit(city: City, desk: FlaskClient) -> None:
    def found(asked: str) -> list[str]:
        page = desk.get("/profile/", query_string={"q": asked}).text
        ids = {entity: code for code, entity in city.projects.items()}
        return [ids[one] for one in re.findall(r'href="/profile/project/([0-9a-f-]{36})"', page)]

    assert found("") == ["p017", "p018"]
    assert found("公路 P018") == found("road p018") == ["p018"]
    assert found("交通局 p017") == ["p017"]
    assert found("50%_") == []


def test_a_profile_is_reached_from_the_visit_and_the_board(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    link = f'href="/profile/project/{city.projects["p017"]}"'
    assert link in desk.get(sent.path).text
    assert link in desk.get("/coverage/").text
