"""The log's own rows: what a visit is filtered by follows every fold, and can be made again from the folded tables alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import delete, select

from fieldapp.domain.entry import Entry
from fieldapp.domain.visit import MANNERS, PURPOSES
from fieldapp.visit_line import BY_NUMBER, FACETS, STATES, VisitLine
from sync import follower, rebuild
from sync.archive import Draft
from tests.fieldapp.desk_city import City, make_app, resubmit, services, submit, visit_body
from tests.fieldapp.test_desk import ON_EACH_STORE, decide, listed
from tests.fieldapp.test_desk_change import flags
from tests.store import named
from tests.sync.factory import sent


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, getattr(request, "param", "sqlite")) as stores:
        app = make_app(tmp_path, **stores)
        yield app
        services(app).database.close()


def lines(app: Flask) -> list[dict[str, Any]]:
    with services(app).database.reading() as session:
        return [one.model_dump() for one in session.exec(select(VisitLine).order_by(VisitLine.visit))]


def marks(app: Flask) -> list[tuple[str, bool, bool, bool]]:
    found = [BY_NUMBER[one["facet"]] for one in lines(app)]
    return [(one.state, one.has_problems, one.is_late, one.is_flagged) for one in found]


def test_every_combination_has_a_number_of_its_own() -> None:
    assert len(BY_NUMBER) == len(FACETS) == len(STATES) * len(PURPOSES) * len(MANNERS) * 2**3
    assert max(BY_NUMBER) < 2**31


@ON_EACH_STORE
def test_lines_follow_what_happens_to_a_visit(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    # Nothing here is clean: less was seen than reported. Phones of tests submit at once, long after the day of the visit.
    assert marks(app) == [("in_review", True, True, True)]
    assert decide(desk, first, "returned", reason="补充").status_code == 303
    assert marks(app) == [("returned", True, True, True)]
    again = resubmit(
        city,
        first,
        {"entry": {"list": "achievement"}, "progress": {"observed_permille": 675, "reported_permille": 680}},
    )
    assert marks(app) == [("resubmitted", False, True, False)]
    assert listed(desk.get("/visit/?flagged=1")) == listed(desk.get("/visit/?problems=1")) == []
    assert listed(desk.get("/visit/?late=1&state=resubmitted")) == [first.entity]
    assert decide(desk, again, "accepted").status_code == 303
    assert marks(app) == [("accepted", False, True, False)]


@pytest.mark.parametrize(
    ("changes", "is_flagged"),
    [
        ({}, False),
        ({"visit": {"is_left_late": True}}, True),
        ({"visit": {"team": ["i05"]}}, True),
        ({"progress": {"observed_permille": 680}}, True),
        ({"progress": {"observed_permille": 670}}, True),
        ({"photo": {"origin": "gallery"}}, True),
        ({"photo": {"fix": None, "no_fix": "denied"}}, True),
        # Two kilometres north of a site of three hundred metres.
        ({"photo": {"fix": {"lat_e7": 264933410, "lon_e7": 1105640190, "accuracy_m": 8, "age_ms": 9}}}, True),
        (
            {"photo": {"fix": {"lat_e7": 264753410, "lon_e7": 1105640190, "accuracy_m": 8, "age_ms": 9}}},
            False,
        ),
    ],
)
def test_a_line_is_flagged_when_the_page_shows_a_point_to_look_at(
    app: Flask,
    city: City,
    desk: FlaskClient,
    changes: dict[str, Any],
    is_flagged: bool,
) -> None:
    clean = {"progress": {"reported_permille": 680, "observed_permille": 675}}
    first = submit(city)
    resubmit(city, first, {name: clean.get(name, {}) | changes.get(name, {}) for name in {*clean, *changes}})
    assert marks(app)[0][3] is is_flagged
    shown = flags(desk.get(first.path).text)
    assert any(words in shown for words in POINTS) is is_flagged


POINTS = ("补记", "不足两人", "完全相同", "实见比上报少", "导入照片", "没有定位", "超出点位范围")


def test_a_visit_sent_within_a_week_is_not_late(city: City, desk: FlaskClient) -> None:
    today = services(city.app).clock().date()
    one, other = submit(city, day=f"{today:%Y-%m-%d}"), submit(city, "p018", "i09", day="2026-01-05")
    assert listed(desk.get("/visit/?late=1")) == [other.entity]
    assert listed(desk.get("/visit/")) == [one.entity, other.entity]


@ON_EACH_STORE
def test_lines_are_made_again_from_the_folded_tables(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    submit(city, "p018", "i09")
    decide(desk, first, "accepted")
    before, found = lines(app), services(app)
    rebuild.rebuild(found.archive)
    assert lines(app) == before
    with found.database.writing() as session:
        session.exec(delete(VisitLine))
        session.exec(delete(follower.FollowerRow))
    follower.prepare(found.database, found.archive.folder.followers)
    assert "visit_line" in follower.fill(found.database, found.archive.folder.followers)
    assert lines(app) == before
    assert follower.fill(found.database, found.archive.folder.followers) == []


def test_a_site_that_moves_is_told_to_the_lines_of_its_visits(app: Flask, city: City) -> None:
    first = submit(city)
    resubmit(city, first, {"progress": {"reported_permille": 680, "observed_permille": 675}})
    assert not marks(app)[0][3]
    found, entity = services(app), city.projects["p017"]
    with found.database.reading() as session:
        heads = found.archive.folder.heads(session, f"project:{entity}", entity)
    body = heads[0].payload["body"]
    body = {**body, "site": {**body["site"], "lat_e7": 274733410, "places": []}}
    moved = Draft("project", f"project:{entity}", body, "d04", entity=entity, supersedes=(heads[0].hash,))
    found.archive.seal([moved])
    assert marks(app)[0][3]


def test_what_was_erased_by_law_leaves_the_line(app: Flask, city: City) -> None:
    first = submit(city)
    entry = first.parts["entry"]
    services(app).archive.erase([entry.hash], str(entry.payload["stream"]), "个人信息保护法", "d04", "d05")
    with services(app).database.reading() as session:
        assert session.exec(select(Entry)).all() == []
    assert [(one["problems"], BY_NUMBER[one["facet"]].has_problems) for one in lines(app)] == [(0, False)]


def test_a_visit_nobody_submitted_has_no_line(app: Flask, city: City) -> None:
    phone, stream = city.phone("i05"), f"project:{city.projects['p017']}"
    visit = phone.seal(visit_body("2026-11-12", ["i05", "i06"]), kind="visit", stream=stream)
    services(app).archive.push(sent(visit))
    assert lines(app) == []
