"""A filled checklist is read in the words of the form it was filled in."""

from types import SimpleNamespace
from typing import Any

from fieldapp.answer_sheet import item_words, sheet
from fieldapp.xlsform.form import compile_form
from tests.fieldapp.xlsform_bridge import BRIDGE

FORM: Any = SimpleNamespace(**compile_form(BRIDGE, "bridge"))
ANSWERS = {
    "state": "stopped", "beam": "1 3", "number[1]": "L1", "crack[1]": "2", "number[3]": "L3", "crack[3]": "unchecked", "cracks": "2",
    "trades": "steel wood", "poured": "2026-11-20T14:05", "number[2]": "taken away",
}  # fmt: skip


def lines(language: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    answer: Any = SimpleNamespace(answers=ANSWERS, notes={"reason": "门卫不让进"})
    return [
        (title, [(line.question, line.answer, line.note) for line in found])
        for title, found in sheet(FORM, answer, language)
    ]


def test_groups_repeats_and_choices_are_in_words() -> None:
    assert lines("zh-CN") == [
        ("", [("现场状态", "停工", ""), ("停工原因", "", "门卫不让进")]),
        ("梁 1", [("梁号", "L1", ""), ("裂缝数", "2", "")]),
        ("梁 2", [("梁号", "L3", ""), ("裂缝数", "unchecked", "")]),
        (
            "结束前",
            [("cracks", "2", ""), ("在场工种", "钢筋；模板", ""), ("浇筑时间", "2026-11-20 14:05", "")],
        ),
    ]
    assert lines("en")[1] == ("Beam 1", [("Number of the beam", "L1", ""), ("Cracks", "2", "")])


def test_single_answers_are_named_by_their_item() -> None:
    assert item_words(FORM, "state", "done", "en") == ("State on site", "Finished")
    assert item_words(FORM, "crack[3]", "4", "zh-CN") == ("裂缝数 3", "4")
    assert item_words(FORM, "beam", "1 3", "zh-CN") == ("梁", "2")
    assert item_words(FORM, "nobody", "x", "en") == ("nobody", "x")


def test_an_answer_that_led_to_an_entry_wants_none_any_more() -> None:
    item = {
        "id": "odour",
        "zh": "有无异味",
        "type": "select_one odour",
        "raises": {"list": "problem", "when": ["strong"]},
    }
    group = {"zh": "现场", "en": "Site", "items": [item]}
    form: Any = SimpleNamespace(
        groups=[group], choices={"odour": [{"name": "strong", "zh": "明显", "en": "Strong"}]}
    )
    answer: Any = SimpleNamespace(answers={"odour": "strong"}, notes={})
    ((_, (line,)),) = sheet(form, answer, "zh-CN")
    ((_, (raised,)),) = sheet(form, answer, "zh-CN", {"odour"})
    assert (line.answer, line.raises, raised.raises) == ("明显", True, False)
