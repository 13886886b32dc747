"""Tables at the desk: uploaded, looked at, taken over whole or not at all."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlmodel import select

from fieldapp.domain import Milestone, ProgressReport, Project, Unit
from sync.archive import Draft
from sync.table import RecordRow
from tests.fieldapp.desk_city import City, logged_in, services
from tests.fieldapp.messy_sheet import progress_table, workbook
from tests.fieldapp.test_desk import token_of


@pytest.fixture
def office(app: Flask, city: City) -> FlaskClient:
    project = city.projects["p017"]
    for name in ("征地", "路基"):
        body = {"project": project, "name": name, "planned_on": "2026-03-01"}
        services(app).archive.seal([Draft("milestone", f"project:{project}", body, "d04")])
    return logged_in(app, "d04")


def upload(office: FlaskClient, kind: str, content: bytes, name: str = "表.xlsx") -> str:
    """Return the address of the preview."""
    token = token_of(office.get("/import/"))
    given: dict[str, Any] = {"csrf_token": token, "kind": kind, "file": (io.BytesIO(content), name)}
    answer = office.post("/import/", data=given)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def taken(office: FlaskClient, address: str, **choices: str) -> Any:
    """Confirm what the preview shows and return the answer."""
    page = office.get(address, query_string=choices)
    return confirm(office, address, hidden(page.text))


def hidden(page: str) -> dict[str, str]:
    """Return what the form of the preview sends."""
    form = page.partition('method="post" action="/import/')[2].partition("</form>")[0]
    inputs = [part.partition(">")[0] for part in form.split("<input ")[1:]]
    read = lambda part, name: part.partition(f'{name}="')[2].partition('"')[0]  # noqa: E731
    return {read(part, "name"): read(part, "value") for part in inputs}


def confirm(office: FlaskClient, address: str, fields: dict[str, str]) -> Any:
    return office.post(address, data=fields)


def records(app: Flask) -> int:
    with services(app).database.reading() as session:
        return session.exec(select(func.count()).select_from(RecordRow)).one()


def rows(app: Flask, table: Any) -> list[Any]:
    with services(app).database.reading() as session:
        found = list(session.exec(select(table).order_by(table.captured_at, table.entity)))
        session.expunge_all()
        return found


def test_a_messy_monthly_table_is_previewed_and_then_taken_over_whole(
    app: Flask, city: City, office: FlaskClient
) -> None:
    before = records(app)
    address = upload(office, "progress_report", progress_table())
    page = office.get(address).text
    assert "新增 2 行，改动 2 行，不变 0 行，有误 0 处" in page
    assert "路基：" not in page and "节点" in page and "合 计" in page and "填报单位：交通局" in page
    assert records(app) == before
    answer = taken(office, address)
    assert (answer.status_code, answer.location) == (303, address)
    assert "写入 4 条记录" in office.get(address).text
    told = sorted(
        (
            one.project,
            one.month,
            one.reported_on,
            one.reported_permille,
            one.spent_wan,
            one.physical,
            one.author,
        )
        for one in rows(app, ProgressReport)
    )
    assert told == sorted([
        (city.projects["p017"], "2026-11", "2026-11-28", 685, 3500, "路基完成", "d04"),
        (city.projects["p018"], "2026-11", "2026-11-28", 410, 2000, "桥墩施工", "d04"),
    ])  # fmt: skip
    assert [(one.name, one.reported_on, one.revisions) for one in rows(app, Milestone)] == [
        ("征地", "2026-03-05", 2),
        ("路基", "2026-11-20", 2),
    ]
    # Confirmed twice, it is written once; the same file again changes nothing.
    assert confirm(office, address, {"csrf_token": token_of(office.get("/import/"))}).status_code == 303
    again = office.get(upload(office, "progress_report", progress_table())).text
    assert "新增 0 行，改动 0 行，不变 4 行，有误 0 处" in again
    assert records(app) == before + 4


def test_every_bad_row_is_named_and_nothing_is_written(app: Flask, city: City, office: FlaskClient) -> None:
    seal = services(app).archive.seal
    for code in ("u08", "u09"):
        seal(
            [
                Draft(
                    "unit",
                    "commons",
                    {"code": code, "name": "城投公司", "sort": "enterprise", "is_lead": True},
                    "d04",
                )
            ]
        )
    content = workbook(
        [
            ["项目编号", "项目名称", "牵头单位", "经度", "纬度", "开工日期", "总投资（万元）"],
            ["p017", "公路一", "交通局", "110°33′50.7″", "26°28′24″", "2026.3.5", 900],
            ["p017", "公路一", "交通局", 110.5, 26.4, "2026.3.5", 900],
            ["p018", "公路二", "城投公司", 110.5, "", "2026年13月5日", "约9百万"],
            ["p999", "新路", "水务局", 110.5, 26.4, "2026年3月", 900],
        ]
    )
    before, address = records(app), upload(office, "project", content)
    page = office.get(address).text
    told = list(csv.reader(io.StringIO(office.get(f"{address}/preview.csv").data.decode("utf-8-sig"))))
    assert [line[0:1] + line[2:4] for line in told[1:] if line[1:2] == [""]] == [
        ["3", "项目编号", "p017"],
        ["4", "牵头单位", "城投公司"],
        ["4", "经度", "110.5"],
        ["4", "开工日期", "2026年13月5日"],
        ["4", "总投资（万元）", "约9百万"],
        ["5", "牵头单位", "水务局"],
        ["5", "开工日期", "2026年3月"],
    ]
    assert "有几个同名：u08 城投公司、u09 城投公司" in page and "第 2 行说的是同一个" in page
    assert "全部导入" not in page
    forced = {"csrf_token": token_of(office.get("/import/")), "digest": ""}
    assert confirm(office, address, forced).status_code == 400
    assert records(app) == before


def test_a_table_looked_at_before_somebody_changed_the_archive_is_refused(
    app: Flask, city: City, office: FlaskClient
) -> None:
    address = upload(office, "unit", workbook([["代号", "名称"], ["u01", "交通运输局"]]))
    fields = hidden(office.get(address).text)
    (unit,) = rows(app, Unit)
    body = {"code": "u01", "name": "市交通局", "sort": "bureau", "is_lead": True}
    services(app).archive.seal(
        [Draft("unit", "commons", body, "d04", entity=unit.entity, supersedes=(unit.record,))]
    )
    before, answer = records(app), confirm(office, address, fields)
    assert answer.status_code == 409 and "什么都没有写入" in answer.text
    assert "市交通局 → 交通运输局" in answer.text
    assert (records(app), [one.name for one in rows(app, Unit)]) == (before, ["市交通局"])
    assert taken(office, address).status_code == 303
    assert [one.name for one in rows(app, Unit)] == ["交通运输局"]


def test_a_person_says_what_a_column_is_and_in_which_system_places_are(
    app: Flask, city: City, office: FlaskClient
) -> None:
    content = workbook([["编号", "东经", "北纬", "甲"], ["p017", 121.5315418, 31.1753040, "5千"]])
    address = upload(office, "project", content)
    assert "不变 0 行" in office.get(address).text
    choices = {"c0": "code", "c1": "site.lon_e7", "c2": "site.lat_e7", "c3": "contractor", "system": "gcj02"}
    assert taken(office, address, **choices).status_code == 303
    row = next(one for one in rows(app, Project) if one.code == "p017")
    assert row.contractor == "5千"
    assert (row.site["lat_e7"], row.site["lon_e7"]) == (
        pytest.approx(311774276, abs=30),
        pytest.approx(1215272106, abs=30),
    )
    # What the table has no column for stays as it is.
    assert (row.site["radius_m"], row.site["places"][0]["name_en"], row.name) == (300, "Start", "公路 p017")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"\0" * 40, "读不出来"),
        (b"\xd0\xcf\x11\xe0broken", "读不出来"),
        (b"\xff\xfe\x00\xd8", "读不出来"),
        (b"", "没有内容"),
        (b"a,b\n" * 6_000, "太大"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(
    app: Flask, city: City, office: FlaskClient, content: bytes, words: str
) -> None:
    token = token_of(office.get("/import/"))
    given: dict[str, Any] = {"csrf_token": token, "kind": "unit", "file": (io.BytesIO(content), "坏.xlsx")}
    answer = office.post("/import/", data=given)
    assert answer.status_code == 400 and words in answer.text and "坏.xlsx" in answer.text


def test_only_who_gave_a_table_sees_it_and_only_administrators_give_one(
    app: Flask, city: City, office: FlaskClient
) -> None:
    address = upload(office, "unit", workbook([["代号", "名称"], ["u01", "局"]]))
    for person in ("d01", "i05"):
        other = logged_in(app, person)
        assert [other.get(path).status_code for path in ("/import/", address, "/import/unit.csv")] == [
            403
        ] * 3
    assert office.get("/import/" + "A" * 22).status_code == 404
    assert office.get("/import/..%2f..%2fkey").status_code == 404
