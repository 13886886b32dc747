"""XLSForms become checklists whole, or are refused with everything that is wrong."""

import json
import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from fieldapp.catalogue import DEFAULT_LANGUAGE, load
from fieldapp.command import group
from fieldapp.command.archive import opened
from fieldapp.domain import Checklist, ChecklistBody, rulebook
from fieldapp.edition import Editions
from fieldapp.settings import Settings
from fieldapp.xlsform import expression
from fieldapp.xlsform.expression import ExpressionRefused
from fieldapp.xlsform.fault import Fault, XlsformRefused
from fieldapp.xlsform.form import compile_form
from fieldapp.xlsform.workbook import MAX_ROWS, WorkbookRefused, read
from tests.fieldapp.workbook_file import write
from tests.fieldapp.xlsform_bridge import BRIDGE

VECTORS = Path(__file__).parents[1] / "vectors"
SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "xlsforms"
CHOICES = [["list_name", "name", "label"], ["yes_no", "yes", "是"], ["yes_no", "no", "否"]]


def survey(
    *rows: dict[str, str], choices: Sequence[Sequence[str]] = CHOICES, **sheets: Any
) -> dict[str, Any]:
    """Return the sheets of a form of these questions; what is not said of one is text named after its row."""
    plain = {"type": "text", "label": "问题"}
    filled = [
        plain | ({"name": f"q{at}"} if "type" not in row or " group" not in row["type"] else {}) | row
        for at, row in enumerate(rows)
    ]
    columns = list(dict.fromkeys(column for row in filled for column in row))
    table = [columns, *([row.get(column, "") for column in columns] for row in filled)]
    return {"survey": table, "choices": choices, **sheets}


def faults(sheets: dict[str, Any]) -> list[tuple[Any, ...]]:
    with pytest.raises(XlsformRefused) as refused:
        compile_form(sheets, "form")
    return [(one.sheet, one.row, one.column, one.reason, one.word) for one in refused.value.faults]


def only(*rows: dict[str, str], **sheets: Any) -> tuple[Any, ...]:
    """Return row, column, reason, word of the one fault there is."""
    (fault,) = faults(survey(*rows, **sheets))
    return fault[1:]


def test_a_form_becomes_a_body_of_version_two() -> None:
    body = compile_form(BRIDGE, "file")
    kind = rulebook().kinds["checklist"]
    kind.versions[2](body)
    assert (body["code"], body["edition"], body["name"], body["name_en"]) == (
        "bridge",
        "3",
        "桥梁检查",
        "Bridge check",
    )
    first, beams, last = body["groups"]
    assert [item["id"] for item in first["items"]] == ["intro", "state", "reason", "length", "half"]
    assert first["items"][1] == {
        "id": "state", "type": "select_one state", "zh": "现场状态", "en": "State on site", "required": "true()",
        "required_zh": "请选择", "required_en": "Please choose",
    }  # fmt: skip
    assert (beams["id"], beams["repeat"], beams["items"][1]["constraint"]) == (
        "beam",
        {},
        ". >= 0 and . <= 50",
    )
    assert (first["items"][3]["default"], last["items"][5]["default"]) == ("'120'", "today() + 30")
    assert last["items"][0]["zh"] == "共 ${cracks} 条裂缝"
    assert [choice["name"] for choice in body["choices"]["state"]] == ["working", "stopped", "done"]


def test_the_same_form_without_a_version_is_the_same_edition() -> None:
    form = survey({})
    assert compile_form(form, "form") == compile_form(form, "form")
    assert compile_form(form, "form")["edition"] != compile_form(survey({"label": "别的"}), "form")["edition"]


def test_plain_labels_stand_for_both_languages_and_named_ones_for_their_own() -> None:
    named = survey({"label": "甲", "label::English (en)": "A", "label::中文": "乙"})
    item = compile_form(named, "form")["groups"][0]["items"][0]
    assert (item["zh"], item["en"]) == ("乙", "A")
    item = compile_form(survey({}), "form")["groups"][0]["items"][0]
    assert (item["zh"], item["en"]) == ("问题", "问题")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"type": "barcode"}, (2, "type", "unknown_type", "barcode")),
        ({"type": "\x1b[2Jaudio"}, (2, "type", "unknown_type", " [2Jaudio")),
        ({"type": "start"}, (2, "type", "metadata", "start")),
        ({"type": "select_one_from_file a.csv"}, (2, "type", "unknown_type", "select_one_from_file a.csv")),
        ({"type": "select_one yes_no or_other"}, (2, "type", "or_other", "select_one yes_no or_other")),
        ({"type": "select_one nothing"}, (2, "type", "unknown_list", "nothing")),
        ({"type": "select_one"}, (2, "type", "no_list", "select_one")),
        ({"type": ""}, (2, "type", "empty", "")),
        ({"name": ""}, (2, "name", "empty", "")),
        ({"name": "1a"}, (2, "name", "bad_name", "1a")),
        ({"name": "a" * 41}, (2, "name", "name_too_long", "a" * 41)),
        ({"label": ""}, (2, "label", "no_label", "q0")),
        ({"label::Français (fr)": "Q"}, (2, "label::Français (fr)", "other_language", "Q")),
        ({"guidance_hint": "g"}, (2, "guidance_hint", "unknown_column", "g")),
        ({"media::image": "a.jpg"}, (2, "media::image", "media", "a.jpg")),
        ({"choice_filter": "name = 1"}, (2, "choice_filter", "not_for_type", "text")),
        ({"type": "note", "required": "yes"}, (2, "required", "not_for_type", "note")),
        ({"type": "integer", "default": "many"}, (2, "default", "bad_default", "many")),
        ({"type": "date", "default": "2026-02-30"}, (2, "default", "bad_default", "2026-02-30")),
        ({"type": "calculate"}, (2, "calculation", "empty", "")),
        ({"appearance": "signature"}, (2, "appearance", "appearance", "signature")),
        ({"constraint_message": "no"}, (2, "constraint_message", "message_alone", "constraint")),
        ({"relevant": "${nobody} = 1"}, (2, "relevant", "unknown_name", "nobody")),
        ({"relevant": "${q0} = 1"}, (2, "name", "circle", "q0 → q0")),
        ({"relevant": "pulldata('a', 'b', 'c', 'd')"}, (2, "relevant", "expression_unknown_function", "pulldata")),
        ({"constraint": "if(., 1)"}, (2, "constraint", "expression_wrong_count", "if")),
        ({"constraint": ". > "}, (2, "constraint", "expression_ends_early", "")),
        ({"constraint": ". = ‘a’"}, (2, "constraint", "expression_quotes", "‘a’")),
        ({"relevant": "/data/q = 1"}, (2, "relevant", "expression_path", "/data/q = 1")),
        ({"relevant": "anything = 1"}, (2, "relevant", "unknown_word", "anything")),
        ({"constraint": "regex(., '[')"}, (2, "constraint", "expression_bad_pattern", "[")),
        ({"constraint": "regex(., '(a+)+b')"}, (2, "constraint", "expression_bad_pattern", "(a+)+b")),
        ({"constraint": "(" * 3000 + "1"}, (2, "constraint", "expression_too_deep", "")),
        ({"calculation": "format-date(today(), '%B')"}, (2, "calculation", "expression_bad_format", "%B")),
        ({"calculation": "position(..)"}, (2, "calculation", "outside_repeat", "position(..)")),
        ({"label": "见 ${nobody}"}, (2, "label", "unknown_name", "nobody")),
        ({"repeat_count": "3"}, (2, "repeat_count", "not_for_type", "text")),
        ({"type": "end group", "name": ""}, (2, "type", "not_begun", "end group")),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(
    row: dict[str, str], fault: tuple[Any, ...]
) -> None:
    assert only(row) == fault


def test_groups_are_held_to_their_ends() -> None:
    begin, end = {"type": "begin group", "name": "g"}, {"type": "end group", "name": "", "label": ""}
    assert only(begin, {}) == (2, "type", "not_ended", "g")
    assert only(begin, end) == (2, "type", "empty_group", "g")
    assert only({**begin, "type": "begin repeat"}, {}, end)[:3] == (4, "type", "wrong_end")
    repeat = {"type": "begin repeat", "name": "r"}
    done = {"type": "end repeat", "name": "", "label": ""}
    nested = only(repeat, {"type": "begin repeat", "name": "s"}, {}, done, done)
    assert nested == (3, "type", "nested_repeat", "s")


def test_every_fault_is_told_at_once_in_the_order_of_the_sheets() -> None:
    form = survey(
        {"type": "audio"},
        {"name": "q2"},
        {"relevant": "${a}"},
        settings=[["style"], ["pages"]],
        notes=[["x"]],
    )
    form["choices"] = [*CHOICES, ["yes_no", "yes", "是"], ["", "a b", ""]]
    assert [(sheet, row, reason) for sheet, row, _, reason, _ in faults(form)] == [
        ("notes", 0, "unknown_sheet"),
        ("survey", 2, "unknown_type"),
        ("survey", 4, "double_name"),
        ("survey", 4, "unknown_name"),
        ("choices", 4, "double_choice"),
        ("choices", 5, "no_label"),
        ("choices", 5, "empty"),
        ("choices", 5, "bad_choice_name"),
        ("settings", 2, "unknown_column"),
    ]


def test_remarks_may_stand_in_sheets_with_an_underscore() -> None:
    assert compile_form(survey({}, _remarks=[["for the author"]]), "form")["code"] == "form"


def test_circles_are_found_across_groups() -> None:
    rows = [
        {"type": "begin group", "name": "g", "relevant": "${b} = 1"},
        {"type": "calculate", "name": "a", "calculation": "1", "label": ""},
        {"type": "end group", "name": "", "label": ""},
        {"type": "calculate", "name": "b", "calculation": "${a} + 1", "label": ""},
    ]
    assert only(*rows)[2] == "circle"


REASON = re.compile(r'"((?:[a-z]+_)+[a-z]+|appearance|circle|empty|media|metadata|path|quotes|unexpected)"')
SAID = frozenset(
    {"place", "sheet_place", "refused", "fits", "edition_taken", "taken_new", "taken_revised", "taken_same"}
)


def test_every_reason_has_words_and_no_words_are_left_over() -> None:
    source = Path(expression.__file__).parent
    used = {word for path in source.glob("*.py") for word in REASON.findall(path.read_text(encoding="utf-8"))}
    keys = {key.removeprefix("xlsform.") for key in load(DEFAULT_LANGUAGE) if key.startswith("xlsform.")}
    left = {key for key in keys - SAID if key not in used and key.partition("_")[2] not in used}
    assert left - {"file_unreadable", "file_protected", "file_too_large"} == set()


EXPRESSIONS = json.loads((VECTORS / "expression.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", EXPRESSIONS, ids=[case["name"] for case in EXPRESSIONS])
def test_expression_vectors_are_read_or_refused_as_the_browser_does(case: dict[str, Any]) -> None:
    if case["expect"] != "refused":
        expression.read(case["input"]["expression"])
        return
    with pytest.raises(ExpressionRefused):
        expression.read(case["input"]["expression"])


def test_files_that_are_no_workbooks_are_refused(tmp_path: Path) -> None:
    good = write(tmp_path / "good.xlsx", BRIDGE)
    assert read(good)["survey"][1][0] == "note"
    for name, content, reason in (
        ("words.xlsx", b"no workbook", "unreadable"),
        ("empty.xlsx", b"", "unreadable"),
        ("cut.xlsx", good.read_bytes()[:-400], "unreadable"),
        ("big.xlsx", b"PK" + bytes(9 * 1024 * 1024), "too_large"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WorkbookRefused) as refused:
            read(tmp_path / name)
        assert (name, refused.value.reason) == (name, reason)


def test_bombs_are_ordinary_bad_input(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    path, bomb = write(tmp_path / "form.xlsx", BRIDGE), tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            target.writestr(member, source.read(member).decode().replace("</sheetData>", far))
    with pytest.raises(WorkbookRefused):
        read(bomb)
    rows = [["type", "name", "label"], *([["text", f"q{at}", "q"] for at in range(MAX_ROWS + 1)])]
    with pytest.raises(WorkbookRefused) as refused:
        read(write(tmp_path / "rows.xlsx", {"survey": rows}))
    assert refused.value.reason == "too_large"


def take(path: Path, data: Path, *more: str) -> Result:
    words = ["checklist", "import", str(path), "--by", "d04", "--data", str(data), "--language", "en", *more]
    hidden: dict[str, str | None] = {name: None for name in os.environ if name.startswith("FIELDAPP_")}
    return CliRunner().invoke(group, words, env=hidden)


def test_a_form_imported_again_is_a_new_edition_and_the_old_one_stays_readable(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = take(write(tmp_path / "one.xlsx", BRIDGE), data)
    assert (first.exit_code, first.output) == (0, "Checklist bridge taken in, edition 3\n")
    assert "nothing changed" in take(tmp_path / "one.xlsx", data).output
    changed = BRIDGE | {"survey": [*BRIDGE["survey"], ["text", "rest", "其他", "Anything else"]]}
    refused = take(write(tmp_path / "two.xlsx", changed), data)
    assert refused.exit_code == 1 and "give the sheet settings a new version" in refused.output
    renewed = changed | {"settings": [BRIDGE["settings"][0], ["桥梁检查", "Bridge check", "bridge", "4"]]}
    second = take(write(tmp_path / "two.xlsx", renewed), data)
    assert "now edition 4" in second.output
    with opened(Settings(data=data)) as services, services.database.reading() as session:
        (row,) = session.exec(select(Checklist)).all()
        editions = Editions(session)
        before, now = editions.of(row.entity, "3"), editions.of(row.entity, "4")
    assert (row.edition, row.revisions, row.is_conflict) == ("4", 2, False)
    assert before is not None and now is not None
    assert (before.edition, len(before.groups), now.edition) == ("3", 3, "4")
    assert ChecklistBody.version == 2


def test_the_command_tells_faults_line_by_line(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.xlsx", survey({"type": "audio"}, {"relevant": "${a}"}))
    answer = take(path, tmp_path / "data", "--check")
    assert answer.exit_code == 1
    assert answer.output.splitlines() == [
        "survey, row 2, type: the type “audio” is not supported",
        "survey, row 3, relevant: there is no question “a”",
        "Error: bad.xlsx was not taken in; 2 places to mend, listed above",
    ]
    assert not (tmp_path / "data").exists()
    author = CliRunner().invoke(group, ["checklist", "import", str(path)])
    assert author.exit_code == 2


OUTCOMES: dict[str, Fault | None] = {
    "building_natural_risks_survey.xlsx": Fault("survey", 13, "type", "unknown_type", "select_one_from_file features.csv"),
    "choice_filter_test.xlsx": None,
    "duplicate_columns.xlsx": Fault("survey", 2, "label", "double_column", "a", "40"),
    "group.xlsx": Fault("survey", 4, "type", "unknown_type", "phone number"),
    "repeat_date_test.xls": Fault("choices", 20, "image", "media", "a.jpg", "4"),
    "specify_other.xlsx": Fault("survey", 2, "type", "or_other", "select one from sexes or specify other"),
    "tutorial.xls": Fault("choices", 3, "tutorial notes", "unknown_column"),
    "unknown_question_type.xls": Fault("survey", 52, "type", "unknown_type", "unknown"),
    "yes_or_no_question.xlsx": None,
}  # fmt: skip


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not part of the repository")
@pytest.mark.parametrize("name", OUTCOMES)
def test_samples_are_taken_in_or_refused_for_the_right_reason(name: str) -> None:
    wanted = OUTCOMES[name]
    sheets = read(SAMPLES / name)
    if wanted is None:
        rulebook().kinds["checklist"].versions[2](compile_form(sheets, "sample"))
        return
    with pytest.raises(XlsformRefused) as refused:
        compile_form(sheets, "sample")
    told = [(one.sheet, one.row, one.column, one.reason) for one in refused.value.faults]
    assert (wanted.sheet, wanted.row, wanted.column, wanted.reason) in told
