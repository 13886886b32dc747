"""Master data at the desk: made, changed, retired; nothing lost, nothing changed unseen, and what does not fit together is said."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp import access, board, login, retirement
from fieldapp.domain.project import Milestone, Project
from fieldapp.domain.unit import Official, Person, Team, Tenure, Unit
from sync.archive import Draft
from tests.fieldapp.desk_city import City, build, logged_in, make_app, services
from tests.store import SORTS, named


@pytest.fixture(params=SORTS)
def city(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[City]:
    with named(request, request.param) as stores:
        app = make_app(tmp_path, **stores)
        city = build(app)
        for person in ("i05", "i06", "i09"):
            body = {"person": person, "name": person.upper(), "role": "inspector"}
            services(app).archive.seal([Draft("person", "commons", body, "d04")])
        yield city
        services(app).database.close()


@pytest.fixture
def desk(city: City) -> FlaskClient:
    return logged_in(city.app, "d04")


def rows(city: City, table: type[Any]) -> list[Any]:
    with services(city.app).database.reading() as session:
        return sorted(session.exec(select(table)).all(), key=lambda one: one.captured_at)


def fill(desk: FlaskClient, path: str, **filled: Any) -> TestResponse:
    """Open a form and send it with what it holds and what is filled in."""
    page = desk.get(path)
    assert page.status_code == 200, path
    values = carried(page.text)
    values.update({name.replace("__", "-"): value for name, value in filled.items()})
    return desk.post(path, data=values)


def carried(page: str) -> dict[str, Any]:
    """Return what a browser would send of a form that nobody touched."""
    form = page[page.index('class="master-form"') :]
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)
        is_off = 'type="checkbox"' in tag and "checked" not in tag
        if name is None or is_off:
            continue
        value = re.search(r'value="([^"]*)"', tag)
        values.setdefault(name[1], []).append(value[1] if value else "")
    for name_, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', inside)
        values[name_] = chosen[1] if chosen else ""
    for name_, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name_] = text.strip()
    return values


def alerts(answer: TestResponse) -> list[str]:
    return [text.strip() for text in re.findall(r'<span class="fault"[^>]*>([^<]*)</span>', answer.text)]


def made(answer: TestResponse) -> str:
    assert answer.status_code == 303, alerts(answer)
    return answer.headers["Location"].rpartition("/")[2]


PROJECT = {
    "code": "p071",
    "name": "云岭二桥",
    "type": "",
    "front": "project",
    "level": "city",
    "state": "building",
    "start_on": "2026-01-01",
    "end_on": "2027-12-31",
    "investment_wan": "12000",
    "year_plan_wan": "6000",
    "site__lat_e7": "26°28′24.0276″N",
    "site__lon_e7": "110.5640190",
    "site__radius_m": "300",
    "site__shape": "area",
    "site__places__0__name": "1号墩",
    "site__places__0__lat_e7": "26.4733410",
    "site__places__0__lon_e7": "110 33 50.4684",
    "plan__0__on": "2026-01-01",
    "plan__0__due_permille": "0",
    "plan__1__on": "2027-12-31",
    "plan__1__due_permille": "100",
    "coverage__suspended_months": "2027-02，2027-01",
}


def road(desk: FlaskClient) -> None:
    made(fill(desk, "/master/project_type/new", code="road", name="公路", front="project"))


def test_a_project_is_made_with_site_places_plan_and_rule(city: City, desk: FlaskClient) -> None:
    road(desk)
    filled = PROJECT | {"type": "road", "unit": city.unit, "team": city.teams["t1"]}
    entity = made(fill(desk, "/master/project/new", **filled))
    project = next(one for one in rows(city, Project) if one.entity == entity)
    assert project.stream == f"project:{entity}" and project.author == "d04"
    assert project.site == {
        "lat_e7": 264733410,
        "lon_e7": 1105640190,
        "radius_m": 300,
        "shape": "area",
        "places": [{"name": "1号墩", "name_en": "", "lat_e7": 264733410, "lon_e7": 1105640190}],
    }
    assert project.plan == [
        {"on": "2026-01-01", "due_permille": 0},
        {"on": "2027-12-31", "due_permille": 1000},
    ]
    assert project.coverage == {
        "per_month": 1,
        "days_before_milestone": 3,
        "days_after_milestone": 7,
        "suspended_months": ["2027-02", "2027-01"],
    }
    page = desk.get(f"/master/project/{entity}").text
    assert all(words in page for words in ("26.47334, 110.56402", "1号墩", "公路", "<polyline"))


def test_more_rows_are_given_without_anything_being_saved(city: City, desk: FlaskClient) -> None:
    path = f"/master/project/{city.projects['p017']}/change"
    answer = fill(desk, path, name="改到一半", more="plan")
    assert (answer.status_code, answer.text.count('name="plan-')) == (200, 16)
    assert "改到一半" in answer.text and rows(city, Project)[0].revisions == 1


def test_a_change_supersedes_and_its_history_says_what_by_whom(city: City, desk: FlaskClient) -> None:
    path = f"/master/unit/{city.unit}"
    assert made(fill(desk, f"{path}/change", name="市交通运输局")) == city.unit
    unit = rows(city, Unit)[0]
    assert (unit.name, unit.name_en, unit.revisions, unit.is_lead) == ("市交通运输局", "Transport", 2, True)
    page = desk.get(path).text
    history = page[page.index('id="history"') :]
    assert "d04" in history and "修改" in history and "录入" in history and "运输" in history


def test_who_changes_what_somebody_else_changed_meanwhile_sees_both(city: City, desk: FlaskClient) -> None:
    path = f"/master/unit/{city.unit}/change"
    mine = carried(desk.get(path).text) | {"name": "甲"}
    made(fill(desk, path, name="乙"))
    answer = desk.post(path, data=mine)
    assert answer.status_code == 409
    assert "<del>乙</del>" in answer.text and "<ins>甲</ins>" in answer.text
    assert rows(city, Unit)[0].name == "乙"
    assert made(desk.post(path, data=carried(answer.text))) == city.unit
    unit = rows(city, Unit)[0]
    assert (unit.name, unit.revisions, unit.is_conflict) == ("甲", 3, False)


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"code": "p018"}, ["代码p018已用于公路 p018"]),
        ({"end_on": "2025-12-31"}, ["止日2025-12-31早于起日2026-01-01"]),
        ({"site__lat_e7": "ungefähr 26"}, ["无法识别的度数，请写成 26.4733 或 26°28′24″"]),
        ({"site__radius_m": "0"}, ["须在1到200000之间"]),
        ({"code": "P 17"}, ["只能用小写字母、数字和下划线，以字母开头，最多40个字符"]),
        (
            {"plan__0__on": "2026-05-01", "plan__0__due_permille": "40", "plan__1__on": "2026-04-01"},
            ["此项必填"],
        ),
        (
            {
                "plan__0__on": "2026-05-01",
                "plan__0__due_permille": "40",
                "plan__1__on": "2026-04-01",
                "plan__1__due_permille": "50",
            },
            ["2026-04-01不在2026-05-01之后"],
        ),
        (
            {
                "plan__0__on": "2026-05-01",
                "plan__0__due_permille": "40",
                "plan__1__on": "2026-06-01",
                "plan__1__due_permille": "39.9",
            },
            ["2026-06-01的应达进度低于前一行"],
        ),
        ({"coverage__suspended_months": "2026-13"}, ["月份写成2026-11，多个之间用空格隔开"]),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_saved(
    city: City, desk: FlaskClient, changed: dict[str, str], faults: list[str]
) -> None:
    road(desk)
    path = f"/master/project/{city.projects['p017']}/change"
    answer = fill(desk, path, **changed)
    assert (answer.status_code, alerts(answer)) == (400, faults)
    assert [one.revisions for one in rows(city, Project)] == [1, 1]


def test_an_overlapping_tenure_is_doubted_and_then_taken(city: City, desk: FlaskClient) -> None:
    who = made(fill(desk, "/master/official/new", code="o01", name="周立春"))
    path = "/master/tenure/new"
    filled = {"official": who, "unit": city.unit, "post": "局长", "from_on": "2024-03-01"}
    made(fill(desk, path, **filled))
    doubted = fill(desk, path, **filled | {"post": "书记", "from_on": "2025-01-01"})
    assert (doubted.status_code, alerts(doubted)) == (400, ["同期另任局长，2024-03-01至…"])
    assert len(rows(city, Tenure)) == 1
    assert made(desk.post(path, data=carried(doubted.text) | {"meant": "1"}))
    assert [one.post for one in rows(city, Tenure)] == ["局长", "书记"]


def test_a_head_must_have_a_tenure_in_the_unit(city: City, desk: FlaskClient) -> None:
    who = made(fill(desk, "/master/official/new", code="o01", name="周立春"))
    filled = {"unit": city.unit, "name": "本届班子", "head": who, "from_on": "2024-03-01"}
    answer = fill(desk, "/master/leadership/new", **filled)
    assert alerts(answer) == ["主要负责人在此期间没有该单位任职，请先录入任职"]
    made(fill(desk, "/master/tenure/new", official=who, unit=city.unit, post="局长", from_on="2024-03-01"))
    assert made(fill(desk, "/master/leadership/new", **filled))


def test_a_link_names_an_official_or_a_unit(city: City, desk: FlaskClient) -> None:
    path = f"/master/link/new?within=project:{city.projects['p017']}"
    answer = fill(desk, path, role="support", from_on="2026-02-01")
    assert alerts(answer) == ["干部、单位须选其一，且只选其一"]
    assert made(fill(desk, path, role="support", from_on="2026-02-01", unit=city.unit))


def test_a_team_has_known_members_once_and_one_leader(city: City, desk: FlaskClient) -> None:
    path = f"/master/team/{city.teams['t2']}/change"
    members = {
        "members__0__part": "leader",
        "members__1__person": "i09",
        "members__1__part": "leader",
    }
    assert alerts(fill(desk, path, **members)) == ["i09重复 组长只能有一人"]
    made(fill(desk, path, **members | {"members__1__person": "i06", "members__1__part": "member"}))
    team = next(one for one in rows(city, Team) if one.entity == city.teams["t2"])
    assert team.members == [{"person": "i09", "part": "leader"}, {"person": "i06", "part": "member"}]


def retire(desk: FlaskClient, path: str, act: str = "retire", reason: str = "录错了") -> TestResponse:
    token = carried(desk.get(path).text)["csrf_token"]
    return desk.post(f"{path}/retirement", data={"csrf_token": token, "act": act, "reason": reason})


def test_what_is_retired_leaves_choices_and_boards_and_stays_in_history(
    city: City, desk: FlaskClient
) -> None:
    path = f"/master/project/{city.projects['p017']}"
    milestone = made(
        fill(
            desk,
            f"/master/milestone/new?within=project:{city.projects['p018']}",
            name="封顶",
            planned_on="2026-11-20",
        )
    )
    for one in (
        path,
        f"/master/milestone/{milestone}",
        f"/master/unit/{city.unit}",
        f"/master/team/{city.teams['t1']}",
    ):
        assert retire(desk, one).status_code == 303
    assert "公路 p017" not in desk.get("/master/project/").text
    assert "公路 p017" in desk.get("/master/project/?state=retired").text
    new = desk.get("/master/project/new").text
    assert "u01 交通局" not in new and "t1 T1" not in new and "t2 T2" in new
    # What names it already may go on naming it.
    assert "u01 交通局（已停用）" in desk.get(f"/master/project/{city.projects['p018']}/change").text
    history = desk.get(path).text.partition('id="history"')[2]
    assert "录错了" in history and "恢复使用" in history
    with services(city.app).database.reading() as session, city.app.app_context():
        streams = access.streams_for(session, login.Who("d04", "d04", "administrator", "", "d04"))
        now = services(city.app).clock().date()
        found = board.load(session, streams, board.Filter(to="2026-11"), now, (100, 300))
        inspector = access.streams_for(session, login.Who("i05", "i05", "inspector", "", "i05"))
    assert [row.project.code for row in found.rows] == ["p018"]
    assert found.rows[0].cells[-1].milestones == ()
    assert inspector == {"keys", "commons"}
    assert {one.entity for one in rows(city, Milestone)} == {milestone}


def test_retiring_asks_why_and_is_taken_back_the_same_way(city: City, desk: FlaskClient) -> None:
    path = f"/master/unit/{city.unit}"
    assert retire(desk, path, reason=" ").status_code == 400
    for act, is_retired in (("retire", True), ("retire", True), ("restore", False), ("retire", True)):
        assert retire(desk, path, act, "机构改革").status_code == 303
        with services(city.app).database.reading() as session:
            assert (retirement.retired(session, [city.unit]) == {city.unit}) is is_retired
    history = desk.get(path).text.partition('id="history"')[2]
    assert history.count("机构改革") == 3


def test_a_list_is_paged_by_key_and_searched(city: City, desk: FlaskClient) -> None:
    seal = services(city.app).archive.seal
    seal(
        [
            Draft("official", "commons", {"code": f"o{number:03}", "name": f"干部{number}"}, "d04")
            for number in range(70)
        ]
    )
    seen: list[str] = []
    path: str | None = "/master/official/"
    while path:
        page = desk.get(path).text
        seen += re.findall(r">(o\d{3}) 干部", page)
        after = re.search(r'rel="next" href="([^"]*)"', page)
        path = after[1].replace("&amp;", "&") if after else None
    assert seen == [f"o{number:03}" for number in range(70)]
    assert re.findall(r">(o\d{3}) ", desk.get("/master/official/?q=干部6").text) == [
        "o006",
        *(f"o{number:03}" for number in range(60, 70)),
    ]
    assert "没有找到" in desk.get("/master/official/?q=100%25").text
    assert len(rows(city, Official)) == 70


def test_staff_are_named_by_their_accounts_and_keep_their_role(city: City, desk: FlaskClient) -> None:
    person = rows(city, Person)[0]
    assert desk.get("/master/person/new").status_code == 404
    made(fill(desk, f"/master/person/{person.entity}/change", post="二级主任科员", home_unit=city.unit))
    person = next(one for one in rows(city, Person) if one.entity == person.entity)
    assert (person.role, person.post, person.home_unit) == ("inspector", "二级主任科员", city.unit)
