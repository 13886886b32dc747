"""Assignments made at the desk: from a milestone or freely, for the team's stream only."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from fieldapp import access
from fieldapp.domain import Assignment
from fieldapp.login import Who
from sync.archive import Draft
from tests.fieldapp.desk_city import City, logged_in, services
from tests.fieldapp.test_desk import token_of

MONTH = f"{date.today():%Y-%m}"


def assign(desk: FlaskClient, **fields: str) -> int:
    token = token_of(desk.get("/assignment/"))
    given = {"csrf_token": token, "month": MONTH, "manner": "unannounced", "note": "", **fields}
    return desk.post("/assignment/", data=given).status_code


def assignments(app: Flask) -> list[Assignment]:
    with services(app).database.reading() as session:
        rows = list(session.exec(select(Assignment)))
        session.expunge_all()
        return rows


def test_a_milestone_leads_to_an_assignment_in_the_teams_stream(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    project, team = city.projects["p017"], city.teams["t1"]
    body = {"project": project, "name": "封顶", "planned_on": f"{MONTH}-28"}
    milestone = (
        services(app).archive.seal([Draft("milestone", f"project:{project}", body, "d04")])[0].payload["id"]
    )
    page = desk.get("/assignment/").text
    assert "封顶" in page and f"milestone={milestone}" in page
    link = page.partition('href="/assignment/?month=')[2]
    assert f"place=project:{project}" in link or f"place=project%3A{project}" in link
    filled = desk.get(
        f"/assignment/?month={MONTH}&place=project:{project}&team={team}&milestone={milestone}"
    ).text
    assert filled.count("selected") >= 2 and f'value="{milestone}"' in filled
    asked = {"team": team, "place": f"project:{project}", "milestone": str(milestone), "note": "夜里看一次"}
    assert assign(desk, **asked, manner="covert") == 303
    (row,) = assignments(app)
    assert (row.stream, row.project, row.milestone, row.manner, row.note, row.month, row.author) == (
        f"team:{team}", project, milestone, "covert", "夜里看一次", MONTH, "d01",
    )  # fmt: skip
    assert "夜里看一次" in desk.get("/assignment/").text
    # The team has it with its project; another team has neither, and no page counts it.
    with app.app_context(), services(app).database.reading() as session:
        own = access.streams_for(session, Who("i05", "i05", "inspector", "I05"))
        other = access.streams_for(session, Who("i09", "i09", "inspector", "I09"))
    assert row.stream in own and row.stream not in other
    assert "夜里看一次" not in desk.get("/coverage/").text


def test_a_unit_may_be_assigned_and_what_does_not_fit_is_refused(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    team = city.teams["t2"]
    for wrong in (
        {"team": team, "place": ""},
        {"team": "", "place": f"unit:{city.unit}"},
        {"team": team, "place": f"unit:{city.unit}", "manner": ""},
        {"team": team, "place": f"project:{team}"},
        {"team": team, "place": f"unit:{city.unit}", "milestone": team},
    ):
        assert assign(desk, **wrong) == 400
    assert assignments(app) == []
    assert assign(desk, team=team, place=f"unit:{city.unit}") == 303
    assert [(row.unit, row.project) for row in assignments(app)] == [(city.unit, None)]


@pytest.mark.parametrize(("person", "status"), [("i05", 403), ("d04", 200)])
def test_only_desks_assign(app: Flask, city: City, person: str, status: int) -> None:
    assert logged_in(app, person).get("/assignment/").status_code == status
