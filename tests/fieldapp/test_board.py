"""The coverage board: which projects lack visits, as the phone judges it too."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp import access, board
from fieldapp.board import Board, Filter
from fieldapp.login import Who
from sync.archive import Draft
from tests.fieldapp.desk_city import City, logged_in, services, submit
from tests.fieldapp.test_desk import decide

TODAY = date(2026, 11, 22)
SUPERVISOR = Who("d01", "d01", "supervisor", "D01")


def load(app: Flask, today: date = TODAY, **asked: str) -> Board:
    with app.app_context(), services(app).database.reading() as session:
        streams = access.streams_for(session, SUPERVISOR)
        return board.load(session, streams, Filter(**asked), today, (30, 100))


def states(found: Board, code: str) -> dict[str, str]:
    row = next(row for row in found.rows if row.project.code == code)
    return {cell.month: cell.state for cell in row.cells}


def test_a_month_is_due_until_a_visit_counts_and_covered_when_it_is_accepted(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    waiting = load(app)
    assert waiting.months == ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11")
    assert states(waiting, "p017") == {
        "2026-06": "overdue", "2026-07": "overdue", "2026-08": "overdue", "2026-09": "overdue", "2026-10": "overdue",
        "2026-11": "in_review",
    }  # fmt: skip
    # The month before was left out too: the running one is overdue already.
    assert states(waiting, "p018")["2026-11"] == "overdue"
    assert decide(desk, sent, "accepted").status_code == 303
    cell = load(app).rows[0].cells[-1]
    assert (cell.state, cell.visits, cell.minutes) == ("covered", 1, 90)


def test_a_returned_visit_and_one_without_its_content_do_not_count(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city, day="2026-10-12")
    assert states(load(app, date(2026, 10, 20)), "p017")["2026-10"] == "in_review"
    assert decide(desk, sent, "returned", reason="请补拍").status_code == 303
    assert states(load(app, date(2026, 10, 20)), "p017")["2026-10"] == "overdue"
    # A question that was open on arrival and got no outcome.
    other = submit(city, "p018", "i09", day="2026-10-12")
    stream = f"project:{city.projects['p018']}"
    question = {"sort": "fact", "what": "砂石料到了没有", "origin": "last_visit", "asked_on": "2026-10-01"}
    asked = services(app).archive.seal([Draft("question", stream, question, "d04")])[0].payload["entity"]
    assert states(load(app, date(2026, 10, 20)), "p018")["2026-10"] == "overdue"
    outcome = {"visit": other.entity, "about": asked, "outcome": "unverified", "what": "", "item": ""}
    services(app).archive.seal([Draft("outcome", stream, outcome, "d04", v=2)])
    assert states(load(app, date(2026, 10, 20)), "p018")["2026-10"] == "in_review"


def test_milestones_stand_in_their_month_with_their_window(app: Flask, city: City) -> None:
    submit(city)
    project = city.projects["p017"]
    body = {"project": project, "name": "封顶", "planned_on": "2026-11-10"}
    late = {"project": project, "name": "验收", "planned_on": "2026-10-10"}
    stream = f"project:{project}"
    services(app).archive.seal([Draft("milestone", stream, one, "d04") for one in (body, late)])
    row = next(row for row in load(app).rows if row.project.code == "p017")
    found = {cell.month: [(one.name, window.state) for one, window in cell.milestones] for cell in row.cells}
    assert found["2026-11"] == [("封顶", "checked")]
    assert found["2026-10"] == [("验收", "unchecked")]


@pytest.mark.parametrize(
    ("observed", "lamp"), [(430, "on_time"), (400, "behind"), (300, "far_behind"), (None, "unseen")]
)
def test_the_lamp_says_how_far_progress_is_behind_the_plan(
    app: Flask, city: City, observed: int | None, lamp: str
) -> None:
    # Half of the line from 2026-01-01 to 2027-12-31 is due on 2026-11-12: 432 permille.
    if observed is not None:
        body = {"visit": None, "seen_on": "2026-11-12", "due_permille": 0, "observed_permille": observed}
        services(app).archive.seal([Draft("progress", f"project:{city.projects['p017']}", body, "d04")])
    row = next(row for row in load(app).rows if row.project.code == "p017")
    assert row.lamp.state == lamp
    if observed is not None:
        assert (row.lamp.due_permille, row.lamp.observed_permille) == (432, observed)


def test_counts_are_of_projects_by_unit_and_team_and_filters_narrow_them(app: Flask, city: City) -> None:
    submit(city)
    whole = load(app)
    assert [(unit.code, dict(counts)) for unit, counts in whole.by_unit] == [
        ("u01", {"in_review": 1, "overdue": 1})
    ]
    assert [(team.code, dict(counts)) for team, counts in whole.by_team] == [
        ("t1", {"in_review": 1}),
        ("t2", {"overdue": 1}),
    ]
    assert [row.project.code for row in load(app, state="overdue").rows] == ["p018"]
    team = load(app, team=city.teams["t1"])
    assert [row.project.code for row in team.rows] == ["p017"]
    assert dict(team.counts) == {"in_review": 1}


def test_the_page_is_a_link_names_nobody_and_leads_to_the_visits(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    submit(city, day=f"{date.today():%Y-%m}-01")
    page = desk.get("/coverage/").text
    assert "公路 p017" in page and "公路 p018" in page
    assert f"month={date.today():%Y-%m}" in page
    for person in ("i05", "i06", "i09"):
        assert person.upper() not in page
    narrowed = desk.get("/coverage/?state=in_review").text
    assert "公路 p017" in narrowed and "公路 p018" not in narrowed
    odd = desk.get("/coverage/?state=x&to=1999-01&unit=y").text
    assert odd.count("<p>") >= 3 and "公路 p018" in odd
    earlier = desk.get("/coverage/?to=2026-08").text
    assert "2026-03" in earlier and 'rel="next"' in earlier
    assert "Coverage" in desk.get("/coverage/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize(("person", "status"), [("i05", 403), (None, 401)])
def test_only_desks_see_it(app: Flask, city: City, person: str | None, status: int) -> None:
    assert logged_in(app, person).get("/coverage/").status_code == status


def test_too_many_projects_for_one_board_are_looked_at_by_unit_or_team(app: Flask, city: City) -> None:
    with app.app_context(), services(app).database.reading() as session:
        streams = access.streams_for(session, SUPERVISOR)
        whole = board.load(session, streams, Filter(), TODAY, (30, 100), most=1)
        of_team = board.load(session, streams, Filter(team=city.teams["t1"]), TODAY, (30, 100), most=1)
    assert (whole.is_too_large, whole.rows, [unit.code for unit, _ in whole.by_unit]) == (True, [], ["u01"])
    assert [team.code for team, _ in whole.by_team] == ["t1", "t2"]
    assert (of_team.is_too_large, [row.project.code for row in of_team.rows]) == (False, ["p017"])
