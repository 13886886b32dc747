"""Tables as files: what is written comes back as it was, and nothing a person wrote becomes a formula."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from fieldapp import Settings
from fieldapp.command import group
from fieldapp.demo.city import City as DemoCity
from fieldapp.demo.ledger import Ledger
from fieldapp.demo.shift import ANCHOR, Shift
from fieldapp.register import RegisterLine
from fieldapp.services import Services, open_services
from fieldapp.sheet import export, layout, source
from fieldapp.sheet.column import TABLES
from fieldapp.sheet.file import Facts, Heading, write_csv, write_xlsx
from fieldapp.sheet.heading import known, mapped
from fieldapp.sheet.preview import look
from fieldapp.sheet.row import Asked
from sync.archive import Draft
from tests.fieldapp.desk_city import City, logged_in, services
from tests.fieldapp.test_desk import token_of

FACTS = Facts("项目", "说明", "周立春", [("导出人", "周立春"), ("用途", "汇总、报告材料")])
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://example.org")', "'=1", "{=1}", "正常"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    found = open_services(Settings(data=tmp_path_factory.mktemp("demo")))
    ledger = Ledger(found.archive, Shift(ANCHOR))
    DemoCity(ledger).enter()
    ledger.seal(lambda _number: None)
    yield found
    found.database.close()


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("write", "language"), [(write_xlsx, "zh-CN"), (write_csv, "en")])
def test_a_table_that_is_taken_in_as_it_went_out_changes_nothing(
    demo: Services, name: str, write: Any, language: str
) -> None:
    table, file = TABLES[name], io.BytesIO()
    with demo.database.reading() as session:
        rows = list(export.rows(session, table, None, language))
        write(file, FACTS, export.headings(table, language), rows)
        (sheet, *_) = source.read(file.getvalue()).values()
        found = layout.find(sheet, known(table))
        assert found is not None
        columns = mapped(found.headings, known(table))
        assert columns == [one.name for one in export.columns(table)]
        preview = look(demo, session, table, found, Asked(tuple(columns)), "d04", language)
    assert (preview.faults, preview.drafts) == ([], [])
    assert preview.count("same") == (len(demo_plans(rows)) if name == "plan" else len(rows)) > 0


def demo_plans(rows: list[Any]) -> set[str]:
    return {row[0] for row in rows}


def test_no_text_becomes_a_formula_a_link_or_a_number() -> None:
    file = io.BytesIO()
    write_xlsx(file, FACTS, [Heading("内容")], [[text] for text in HOSTILE])
    with zipfile.ZipFile(io.BytesIO(file.getvalue())) as parts:
        sheets = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name)
    assert "<f>" not in sheets and "<f " not in sheets and "hyperlink" not in sheets.replace("HYPERLINK", "")
    plain = io.BytesIO()
    write_csv(plain, FACTS, [Heading("内容"), Heading("序号")], [[text, "1"] for text in HOSTILE])
    assert plain.getvalue().startswith(b"\xef\xbb\xbf")
    cells = [row[0] for row in csv.reader(io.StringIO(plain.getvalue().decode("utf-8-sig"), newline=""))]
    assert cells[1:-1] == [f"'{text}" for text in HOSTILE[:7]] + HOSTILE[7:]
    # What was protected comes back as it was.
    assert [row[0] for row in source.read(plain.getvalue())["CSV"][1:-1]] == HOSTILE


def test_an_export_asks_what_for_and_says_so_in_the_file(app: Flask, city: City) -> None:
    office = logged_in(app, "d04")
    question = office.get("/import/unit.xlsx")
    assert question.mimetype == "text/html" and "用途" in question.text
    answered(office, "/import/unit.xlsx")
    answer = office.get("/import/unit.xlsx")
    assert (
        answer.mimetype.endswith("spreadsheetml.sheet")
        and "attachment" in answer.headers["Content-Disposition"]
    )
    sheets = source.read(answer.data)
    assert list(sheets) == ["单位", "说明"]
    assert sheets["单位"][1][:2] == ["u01", "交通局"]
    told = dict(row[:2] for row in sheets["说明"])
    assert (told["内容"], told["导出人"], told["用途"]) == ("单位", "D04", "编写材料")
    with services(app).database.reading() as session:
        lines = session.exec(select(RegisterLine).where(RegisterLine.act == "exported")).all()
    assert [(one.person, one.subject, one.purpose) for one in lines] == [("d04", "table?kind=unit", "report")]


def answered(office: FlaskClient, path: str) -> None:
    given = {"csrf_token": token_of(office.get(path)), "register_purpose": "report", "register_words": ""}
    assert office.post(path, data=given).status_code == 303


def test_one_month_of_the_monthly_table_goes_out_alone(app: Flask, city: City) -> None:
    office, project = logged_in(app, "d04"), city.projects["p017"]
    for month, figure in (("2026-10", 300), ("2026-11", 350)):
        body = {"project": project, "month": month, "reported_on": f"{month}-28", "reported_permille": figure}
        services(app).archive.seal([Draft("progress_report", f"project:{project}", body, "d04")])
    path = "/import/progress_report.csv?month=2026-11"
    answered(office, path)
    rows = list(csv.reader(io.StringIO(office.get(path).data.decode("utf-8-sig"))))
    assert [row[:4] for row in rows[1:-1]] == [["公路 p017", "2026-11", "2026-11-28", "35%"]]


def test_the_command_writes_a_table_and_takes_it_in(tmp_path: Path, app: Flask, city: City) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(
            group, ["table", *words, "--by", "d04", "--data", str(app.extensions["fieldapp"].settings.data)]
        )

    file = tmp_path / "unit.csv"
    assert run("export", "unit", str(file)).exit_code == 0
    assert "不变 1 行" in run("import", "unit", str(file), "--check").output
    file.write_text(file.read_text("utf-8-sig").replace("交通局", "交通运输局"), "utf-8")
    assert "写入 1 条记录" in run("import", "unit", str(file)).output
    assert "不变 1 行" in run("import", "unit", str(file)).output
    file.write_text("代号,名称\nu01,局\n9,坏\n", "utf-8")
    refused = run("import", "unit", str(file))
    assert refused.exit_code == 1 and "行 3 代号 9" in refused.output
    assert run("import", "unit", str(file), "--column", "甲=code").exit_code == 1
