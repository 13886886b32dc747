"""Interviews at the desk: on visits and outside any, by project and unit, page by page; each with who may see it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sync.record import Record
from tests.fieldapp.desk_city import City, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_annex import TALK, Keys
from tests.fieldapp.test_check import ZH
from tests.sync.factory import sent


def alone(city: City, stream: str, **changes: Any) -> Record:
    """Have a phone send a talk outside any visit."""
    archive = services(city.app).archive
    body = {**TALK, "visit": None, **changes}
    record = city.phone("i05").seal(body, kind="interview", stream=stream, id=archive.new_id())
    assert [one.verdict for one in archive.push(sent(record)).judgements] == ["appended"]
    return record


def test_a_talk_outside_any_visit_stands_in_the_log_and_with_its_project_or_unit(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    project, unit = city.projects["p017"], city.unit
    on_visit = resubmit(city, submit(city), {}, {"interview": {**TALK, "code": "A1"}})
    alone(city, f"project:{project}", code="B2", notes="<b>电话约谈</b>")
    alone(city, f"unit:{unit}", code="C3")
    whole = desk.get("/interview/", headers=ZH).text
    assert all(f"代号 {code}" in whole for code in ("A1", "B2", "C3"))
    outside = desk.get("/interview/?outside=1", headers=ZH).text
    assert "代号 B2" in outside and "代号 C3" in outside and "代号 A1" not in outside
    of_project = desk.get(f"/interview/?project={project}", headers=ZH).text
    assert "代号 A1" in of_project and "代号 B2" in of_project and "代号 C3" not in of_project
    of_unit = desk.get(f"/interview/?unit={unit}", headers=ZH).text
    assert "代号 C3" in of_unit and "代号 B2" not in of_unit
    assert "走访之外的谈话 1 次" in desk.get(on_visit.path, headers=ZH).text
    assert "没有这样的谈话" in desk.get(f"/interview/?project={unit}", headers=ZH).text


def test_one_of_them_is_read_with_its_annex_named(app: Flask, city: City, desk: FlaskClient) -> None:
    stream = f"project:{city.projects['p017']}"
    talk = alone(city, stream, code="B2", notes="<b>电话约谈</b>")
    entity = services(app).archive.new_id()
    body = Keys().body(entity, str(talk.payload["entity"]))
    services(app).archive.push(sent(city.phone("i05").seal(body, kind="annex", stream=stream, id=entity)))
    page = desk.get(f"/interview/{talk.payload['entity']}", headers=ZH).text
    assert "&lt;b&gt;电话约谈" in page and "走访之外" in page and f"/annex/{entity}" in page
    assert desk.get(f"/annex/{entity}").status_code == 200
    assert desk.get(f"/interview/{entity}").status_code == 404


def test_the_log_is_the_desks(app: Flask, city: City) -> None:
    assert logged_in(app, "i05").get("/interview/").status_code == 403


@pytest.mark.parametrize("size", [2])
def test_the_log_goes_on_page_by_page(tmp_path: Any, size: int) -> None:
    from tests.fieldapp.desk_city import build

    app = make_app(tmp_path, page_size=size)
    city = build(app)
    codes = ["B1", "B2", "B3", "B4", "B5"]
    for code in codes:
        alone(city, f"project:{city.projects['p017']}", code=code, talked_on=f"2026-11-1{code[1]}")
    desk, path, seen = logged_in(app, "d01"), "/interview/", []
    while path:
        page = desk.get(path, headers=ZH).text
        seen.append([code for code in codes if f"代号 {code}" in page])
        _, _, rest = page.partition('rel="next" href="')
        path = rest.partition('"')[0].replace("&amp;", "&")
    services(app).database.close()
    assert seen == [["B4", "B5"], ["B2", "B3"], ["B1"]]
