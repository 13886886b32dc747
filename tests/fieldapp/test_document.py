"""Word documents: what stands in them, what must not, and templates of a department's own."""

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docx import Document
from flask import Flask
from flask.testing import FlaskClient

from fieldapp.catalogue import LANGUAGES
from fieldapp.command.template import command
from fieldapp.document.filling import TemplateRefused, fill, placeholders
from fieldapp.document.kind import DOCUMENTS, ours
from sync.archive import Draft
from tests.fieldapp.desk_city import City, Sent, build, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_desk import token_of
from tests.fieldapp.test_ledger import INTERVIEW, entry_of
from tests.quality.checkout import ROOT


def text_of(content: bytes) -> str:
    """Return all text of a Word file, table cells included, in its order."""
    document = Document(io.BytesIO(content))
    return "\n".join(one.text or "" for one in document.element.body.iter() if one.tag.endswith("}t"))


def verify(city: City, sent: Sent, corroboration: str = "agree") -> None:
    body = {
        "entry": entry_of(sent),
        "is_verified": True,
        "corroboration": corroboration,
        "note": "已到现场看过",
    }
    services(city.app).archive.seal([Draft("verification", sent.visit.payload["stream"], body, "d01")])


def stated(desk: FlaskClient, path: str) -> str:
    """Say what a document is for, and return its path."""
    page = desk.get(path)
    if page.mimetype == "text/html":
        fields = {"csrf_token": token_of(page), "register_purpose": "report"}
        assert desk.post(path, data=fields).status_code == 303
    return path


def report(desk: FlaskClient, app: Flask, sent: Sent) -> bytes:
    """Return a visit's report, its pictures made before."""
    path = stated(desk, f"/document/visit/{sent.entity}")
    desk.get(path)
    assert services(app).pictures.wait(30)
    answer = desk.get(path)
    assert answer.status_code == 200
    return answer.data


def paper(desk: FlaskClient, app: Flask, sent: Sent) -> bytes:
    """Return the working paper of a visit's problem, which no photo shows."""
    answer = desk.get(stated(desk, f"/document/entry/{entry_of(sent)}"))
    assert answer.status_code == 200
    return answer.data


def test_a_report_tells_what_was_found_and_how(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    verify(city, sent)
    content = report(desk, app, sent)
    text = text_of(content)
    for words in ("编号待定", "公路 p017 2026年11月月度走访纪实", "一、", "走访概况", "抽查（不打招呼，到场亮明身份）", "实地勘察",
                  "序时 78%，上报 68%，实见 67%", "与序时相比 -11 个百分点", "与上报相比 -1 个百分点",
                  "<b>护栏缺失</b>", "未送确认。", "图1", "全景", sent.visit.hash[:24]):  # fmt: skip
        assert words in text
    assert len(Document(io.BytesIO(content)).inline_shapes) == 1


def test_nothing_leaves_before_it_is_said_what_for(city: City, app: Flask, desk: FlaskClient) -> None:
    sent = submit(city)
    for path in (f"/document/visit/{sent.entity}", f"/document/entry/{entry_of(sent)}"):
        asked = desk.get(path)
        assert (asked.status_code, asked.mimetype) == (200, "text/html")
    assert "用途 编写材料" in text_of(report(desk, app, sent))


def test_leads_are_counted_and_their_content_is_not_told(app: Flask, city: City, desk: FlaskClient) -> None:
    text = text_of(report(desk, app, submit(city)))
    assert "另有待核实线索 1 条，不列内容。" in text
    assert "护栏缺失" not in text


def test_a_report_says_how_many_were_heard_and_never_what_they_said(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = resubmit(city, submit(city), {}, {"interview": INTERVIEW})
    text = text_of(report(desk, app, sent))
    assert "谈话 1 人次：服务对象 1。" in text
    assert INTERVIEW["notes"] not in text
    assert INTERVIEW["code"] not in text


def test_a_covert_visit_names_nobody_who_went_along_and_was_not_shown(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = resubmit(city, submit(city), {"visit": {"manner": "covert"}})
    text = text_of(report(desk, app, sent))
    assert "陪同人员" not in text
    assert "暗访，未送确认。" in text


def test_pictures_that_are_being_made_are_waited_for(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    answer = desk.get(stated(desk, f"/document/visit/{sent.entity}"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_a_photo_that_has_not_come_is_named(app: Flask, city: City, desk: FlaskClient) -> None:
    content = report(desk, app, submit(city, has_bytes=False))
    assert len(Document(io.BytesIO(content)).inline_shapes) == 0
    assert "图1　全景" in text_of(content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_is_filled_in_both_languages(
    city: City, desk: FlaskClient, app: Flask, language: str
) -> None:
    sent = submit(city)
    verify(city, sent)
    desk.set_cookie("lang", language)
    head = {"zh-CN": "走访概况", "en": "I  Visit"}[language]
    assert head in text_of(report(desk, app, sent)).replace("\n", "")
    assert {"zh-CN": "相互印证", "en": "Corroborated"}[language] in text_of(paper(desk, app, sent))


def test_a_paper_of_a_single_source_is_headed_as_a_lead(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    verify(city, sent, "single")
    assert "线索，待核实" in text_of(paper(desk, app, sent))


def test_a_paper_of_sources_that_agree_is_not(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    verify(city, sent)
    text = text_of(paper(desk, app, sent))
    assert "线索，待核实" not in text
    assert "已到现场看过" in text


def test_a_difficulty_has_no_working_paper(city: City, desk: FlaskClient) -> None:
    sent = resubmit(city, submit(city), {"entry": {"sort": "difficulty", "severity": None}})
    assert desk.get(f"/document/entry/{entry_of(sent)}").status_code == 404


@pytest.mark.parametrize("person", ["i05", None])
def test_documents_are_made_at_the_desk_only(city: City, app: Flask, person: str | None) -> None:
    sent = submit(city)
    browser = logged_in(app, person)
    paths = (f"/document/visit/{sent.entity}", f"/document/entry/{entry_of(sent)}")
    assert {browser.get(path).status_code for path in paths} == {403 if person else 401}


def own_template(folder: Path, text: str) -> None:
    document = Document()
    document.add_paragraph(text)
    document.save(str(folder / "visit_report.zh-CN.docx"))


def test_a_department_has_its_own_template(tmp_path: Path) -> None:
    folder = tmp_path / "template"
    folder.mkdir()
    own_template(folder, "本局格式：{{ title }}")
    app = make_app(tmp_path / "archive", templates=str(folder))
    city = build(app)
    text = text_of(report(logged_in(app, "d01"), app, submit(city)))
    services(app).database.close()
    assert text == "本局格式：公路 p017 2026年11月月度走访纪实"


@pytest.mark.parametrize("text", ["{{ nobody_fills_this }}", "{% if %}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_that_cannot_be_filled_is_named(tmp_path: Path, text: str) -> None:
    own_template(tmp_path, text)
    with pytest.raises(TemplateRefused, match=r"own\.docx"):
        fill((tmp_path / "visit_report.zh-CN.docx").read_bytes(), {}, "zh-CN", "own.docx")


def test_text_that_no_document_can_hold_is_replaced(tmp_path: Path) -> None:
    own_template(tmp_path, "{{ said }}")
    filled = fill(
        (tmp_path / "visit_report.zh-CN.docx").read_bytes(), {"said": "甲\x00<w:t>\ud800乙"}, "zh-CN"
    )
    assert text_of(filled) == "甲\ufffd<w:t>\ufffd乙"


def test_headings_are_numbered_as_they_stand() -> None:
    document = Document()
    for _ in range(11):
        document.add_paragraph("{{ heading() }}")
    target = io.BytesIO()
    document.save(target)
    numbers = {tag: text_of(fill(target.getvalue(), {}, tag)).split("\n") for tag in LANGUAGES}
    assert numbers["zh-CN"] == [
        f"{one}、" for one in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")
    ]
    assert [one.strip() for one in numbers["en"]][:4] == ["I", "II", "III", "IV"]


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def test_templates_are_written_checked_and_never_overwritten(tmp_path: Path) -> None:
    assert run("write", tmp_path).exit_code == 0
    names = {f"{name}.{language}.docx" for name in DOCUMENTS for language in LANGUAGES}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert {run("check", tmp_path / name).exit_code for name in names} == {0}
    own_template(tmp_path, "{{ title }}")
    run("write", tmp_path)
    assert (tmp_path / "visit_report.zh-CN.docx").read_bytes() != ours("visit_report", "zh-CN")
    own_template(tmp_path, "{{ titel }}")
    refused = run("check", tmp_path / "visit_report.zh-CN.docx")
    assert refused.exit_code == 1
    assert "titel" in str(refused.exception)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_fills_a_template_is_documented(name: str) -> None:
    told = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    names = placeholders(ours(name, "zh-CN"), name) - {"heading", "second"}
    assert {one for one in names if f"`{one}`" not in told} == set()


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice, which no registry of ours has"
)
def test_libreoffice_opens_a_report_and_makes_a_pdf(
    app: Flask, city: City, desk: FlaskClient, tmp_path: Path
) -> None:
    """The files stay in var/document, to be looked at."""
    sent = submit(city)
    verify(city, sent)
    place = ROOT / "var" / "document"
    place.mkdir(parents=True, exist_ok=True)
    (place / "visit_report.docx").write_bytes(report(desk, app, sent))
    (place / "working_paper.docx").write_bytes(paper(desk, app, sent))
    command = ["soffice", f"-env:UserInstallation={tmp_path.as_uri()}", "--headless", "--convert-to", "pdf"]
    files = [place / "visit_report.docx", place / "working_paper.docx"]
    subprocess.run([*command, "--outdir", place, *files], check=True, timeout=100, stdout=subprocess.DEVNULL)
    for name in ("visit_report", "working_paper"):
        pdf = (place / f"{name}.pdf").read_bytes()
        assert pdf.startswith(b"%PDF-")
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 1
