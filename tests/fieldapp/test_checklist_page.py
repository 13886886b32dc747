"""A checklist from an Excel file at the desk: looked at first, with everything that is wrong; entered when confirmed."""

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp.domain import Checklist
from tests.fieldapp.desk_city import City, logged_in, services
from tests.fieldapp.workbook_file import Rows, write
from tests.fieldapp.xlsform_bridge import BRIDGE


@pytest.fixture
def desk(city: City) -> FlaskClient:
    return logged_in(city.app, "d04")


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def sent(desk: FlaskClient, folder: Path, sheets: dict[str, Rows], **chosen: str) -> TestResponse:
    content = write(folder / "form.xlsx", sheets).read_bytes()
    values = {"csrf_token": token(desk.get("/checklist/new").text), "file": (io.BytesIO(content), "桥.xlsx")}
    return desk.post("/checklist/new", data=values | chosen)


def confirmed(desk: FlaskClient, preview: TestResponse, spoilt: str = "") -> TestResponse:
    carried = re.search(r'name="carried" value="([^"]*)"', preview.text)
    assert carried
    values = {"csrf_token": token(preview.text), "carried": carried[1] + spoilt}
    return desk.post("/checklist/entry", data=values)


def standing(city: City) -> list[tuple[str, str, int, list[str]]]:
    with services(city.app).database.reading() as session:
        return [
            (one.code, one.edition, one.revisions, one.purposes) for one in session.exec(select(Checklist))
        ]


def test_a_file_is_shown_as_phones_ask_it_and_entered_only_when_confirmed(
    city: City, desk: FlaskClient, tmp_path: Path
) -> None:
    preview = sent(desk, tmp_path, BRIDGE, purposes="monthly")
    assert (
        preview.status_code == 200 and "现场状态" in preview.text and 'type="radio" disabled' in preview.text
    )
    assert standing(city) == []
    answer = confirmed(desk, preview)
    assert answer.status_code == 303 and standing(city) == [("bridge", "3", 1, ["monthly"])]
    page = desk.get(answer.headers["Location"]).text
    assert "桥梁检查" in page and "月度" in page


def test_a_new_edition_leaves_the_earlier_one_to_be_looked_at(
    city: City, desk: FlaskClient, tmp_path: Path
) -> None:
    confirmed(desk, sent(desk, tmp_path, BRIDGE))
    settings = [[cell.replace("3", "4") for cell in row] for row in BRIDGE["settings"]]
    survey = [[cell.replace("现场状态", "桥面状态") for cell in row] for row in BRIDGE["survey"]]
    preview = sent(desk, tmp_path, BRIDGE | {"settings": settings, "survey": survey})
    assert "确认后代替版次3" in preview.text
    entity = confirmed(desk, preview).headers["Location"].rpartition("/")[2]
    assert standing(city) == [("bridge", "4", 2, [])]
    assert "桥面状态" in desk.get(f"/checklist/{entity}").text
    earlier = desk.get(f"/checklist/{entity}?edition=3").text
    assert "现场状态" in earlier and "桥面状态" not in earlier
    assert desk.get(f"/checklist/{entity}?edition=9").status_code == 404


def test_everything_wrong_is_told_by_sheet_and_row_and_nothing_is_entered(
    city: City, desk: FlaskClient, tmp_path: Path
) -> None:
    survey = [["type", "name", "label"], ["select_one nowhere", "a", "问题"], ["text", "", "问题"]]
    answer = sent(desk, tmp_path, {"survey": survey})
    alert = re.search(r"role=\"alert\"><p>([^<]*)<", answer.text)
    assert answer.status_code == 400 and alert and alert[1] == "桥.xlsx不能导入，共3处须修改"
    places = re.findall(r"<tr><td>(\w+)</td><td>(\d+)</td><td>(\w+)</td>", answer.text)
    assert places == [("survey", "2", "type"), ("survey", "3", "name"), ("settings", "2", "form_id")]
    assert standing(city) == []


def test_the_same_edition_with_other_words_is_refused(city: City, desk: FlaskClient, tmp_path: Path) -> None:
    confirmed(desk, sent(desk, tmp_path, BRIDGE))
    survey = [[cell.replace("现场状态", "桥面状态") for cell in row] for row in BRIDGE["survey"]]
    answer = confirmed(desk, sent(desk, tmp_path, BRIDGE | {"survey": survey}))
    assert answer.status_code == 409 and "已有版本 3" in answer.text
    assert standing(city) == [("bridge", "3", 1, [])]


def test_what_was_not_looked_at_here_is_not_entered(city: City, desk: FlaskClient, tmp_path: Path) -> None:
    assert confirmed(desk, sent(desk, tmp_path, BRIDGE), spoilt="x").status_code == 400
    assert standing(city) == []


def test_a_file_that_is_no_workbook_is_refused(city: City, desk: FlaskClient) -> None:
    values = {
        "csrf_token": token(desk.get("/checklist/new").text),
        "file": (io.BytesIO(b"rubbish"), "a.xlsx"),
    }
    answer = desk.post("/checklist/new", data=values)
    assert answer.status_code == 400 and "a.xlsx 不是能够打开的 Excel 文件" in answer.text
