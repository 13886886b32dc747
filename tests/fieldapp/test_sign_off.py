"""One or two sign-offs by the project's rule, reopening what was accepted, and who is kept from deciding."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp import visit_log
from fieldapp.domain import ProjectBody
from fieldapp.visit_log import state_of
from sync.archive import Draft
from tests.fieldapp.body_rule import fault
from tests.fieldapp.desk_city import City, Sent, correct, logged_in, project_body, services, submit
from tests.fieldapp.test_desk import decide, listed, reviews, slug_of
from tests.sync.factory import sent

BODY = {"visit": "0193a5c0-0000-7000-8000-000000000001", "submission": "0" * 64, "items": []}


def ask_for_two(city: City, code: str = "p017") -> None:
    """Seal the project anew, with two sign-offs."""
    home = services(city.app)
    stream = f"project:{city.projects[code]}"
    with home.database.reading() as session:
        head = session.get(visit_log.Project, city.projects[code])
        assert head is not None
    body = project_body(code, city.unit, city.teams["t1"]) | {"sign_offs": 2}
    draft = Draft(
        "project", stream, body, "d04", entity=head.entity, supersedes=[head.record], v=ProjectBody.version
    )
    home.archive.seal([draft])


def state(city: City, visit: Sent) -> tuple[str, bool]:
    """Return a visit's state in the log, and whether it changed after acceptance."""
    with services(city.app).database.reading() as session:
        line = state_of(session, [str(visit.visit.payload["stream"])], visit.entity)
    assert line is not None
    return line.state, line.is_changed


@pytest.fixture
def other(app: Flask, city: City) -> FlaskClient:
    return logged_in(app, "d02")


def test_two_people_sign_and_the_second_gives_the_number(
    city: City, app: Flask, desk: FlaskClient, other: FlaskClient
) -> None:
    ask_for_two(city)
    visit = submit(city)
    assert decide(desk, visit, "accepted").status_code == 303
    assert state(city, visit) == ("passed", False)
    assert [(one.decision, one.author, one.number) for one in reviews(app)] == [("passed", "d01", "")]
    assert decide(other, visit, "accepted").status_code == 303
    assert state(city, visit) == ("accepted", False)
    second = reviews(app)[1]
    assert (second.decision, second.author, second.number) == ("accepted", "d02", "试走〔2026〕017-11 号")


def test_the_first_person_cannot_be_the_second(city: City, app: Flask, desk: FlaskClient) -> None:
    ask_for_two(city)
    visit = submit(city)
    decide(desk, visit, "accepted")
    page = decide(desk, visit, "accepted")
    assert (page.status_code, slug_of(page, "second-person")) == (403, True)
    assert [one.decision for one in reviews(app)] == ["passed"]
    # What waits for somebody else's sign-off is not offered to the first one as the next visit.
    later = submit(city, day="2026-11-13")
    assert decide(desk, later, "returned", reason="缺照片").status_code == 303
    assert visit.entity not in desk.get(later.path).text.partition('rel="next"')[2].partition("</nav>")[0]


def test_what_was_passed_waits_and_can_be_sent_back(
    city: City, app: Flask, desk: FlaskClient, other: FlaskClient
) -> None:
    ask_for_two(city)
    visit = submit(city)
    decide(desk, visit, "accepted")
    assert listed(other.get("/visit/?state=waiting")) == [visit.entity]
    assert listed(other.get("/visit/?state=passed")) == [visit.entity]
    assert decide(other, visit, "returned", reason="形象进度没有写").status_code == 303
    assert state(city, visit) == ("returned", False)
    again = correct(city, visit, "护栏缺失 20 米")
    assert state(city, again)[0] == "resubmitted"
    # A new submission begins with the first sign-off, whoever gave it before.
    assert decide(other, again, "accepted").status_code == 303
    assert decide(desk, again, "accepted").status_code == 303
    assert [one.decision for one in reviews(app)] == ["passed", "returned", "passed", "accepted"]


def test_one_sign_off_is_enough_where_nothing_else_is_asked(city: City, desk: FlaskClient) -> None:
    visit = submit(city)
    decide(desk, visit, "accepted")
    assert state(city, visit) == ("accepted", False)


def test_an_acceptance_is_taken_back_with_a_reason_and_keeps_its_number(
    city: City, app: Flask, desk: FlaskClient, other: FlaskClient
) -> None:
    visit = submit(city)
    decide(desk, visit, "accepted")
    assert decide(other, visit, "reopened", reason="  ").status_code == 400
    assert decide(other, visit, "reopened", reason="群众反映里程有误").status_code == 303
    assert state(city, visit) == ("resubmitted", False)
    assert "群众反映里程有误" in desk.get(visit.path).text
    assert decide(other, visit, "accepted").status_code == 303
    told = [(one.decision, one.number) for one in reviews(app)]
    number = "试走〔2026〕017-11 号"
    assert told == [("accepted", number), ("reopened", ""), ("accepted", number)]


def test_only_what_was_accepted_is_reopened(city: City, desk: FlaskClient) -> None:
    page = decide(desk, submit(city), "reopened", reason="不清楚")
    assert (page.status_code, slug_of(page, "already-decided")) == (409, True)


def test_what_changed_after_acceptance_is_marked_in_the_log(city: City, desk: FlaskClient) -> None:
    visit = submit(city)
    decide(desk, visit, "accepted")
    assert "归档后有改动" not in desk.get("/visit/").text
    again = correct(city, visit, "护栏缺失 20 米")
    assert state(city, again) == ("resubmitted", True)
    assert "归档后有改动" in desk.get("/visit/").text
    decide(desk, again, "accepted")
    assert state(city, again) == ("accepted", False)


@pytest.mark.parametrize("decision", ["accepted", "returned"])
def test_whoever_recorded_anything_of_a_visit_does_not_decide_about_it(
    city: City, app: Flask, other: FlaskClient, decision: str
) -> None:
    visit = submit(city)
    body = {
        "visit": visit.entity,
        "list": "later",
        "what": "路过时看到",
        "seen_on": "2026-11-12",
        "cause": [],
    }
    record = city.phone("d02").seal(body, kind="entry", stream=str(visit.visit.payload["stream"]))
    assert services(app).archive.push(sent(record)).judgements[0].verdict == "appended"
    page = decide(other, visit, decision, reason="" if decision == "accepted" else "不清楚")
    assert page.status_code == 403
    assert reviews(app) == []
    assert 'name="decision"' not in other.get(visit.path).text


@pytest.mark.parametrize(
    ("body", "version", "is_taken"),
    [
        ({"decision": "passed"}, 2, True),
        ({"decision": "passed"}, 1, False),
        ({"decision": "reopened"}, 2, False),
        ({"decision": "reopened", "reason": "有误"}, 2, True),
        ({"decision": "accepted"}, 2, False),
        ({"decision": "returned"}, 2, False),
        ({"decision": "returned", "reason": "缺照片"}, 1, True),
    ],
)
def test_what_a_decision_must_say(body: dict[str, Any], version: int, is_taken: bool) -> None:
    assert (fault("review", BODY | body, version) is None) is is_taken
