"""Answers against their checklist: what the archive can see of it alone."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp.answer_fault import Fault, faults
from fieldapp.domain import Answer, Checklist
from sync.archive import Draft
from tests.fieldapp.desk_city import City, resubmit, services, submit


def item(name: str, sort: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "type": sort, "zh": name, "en": name, **more}


def group(name: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "items": list(items), **more}


GROUPS = [
    group(
        "",
        item("state", "select_one state", required="true()"),
        item("seen", "select_multiple seen"),
        item("cracks", "integer"),
        item("width", "decimal"),
        item("on", "date"),
        item("why", "text", required="true()", relevant="${state} = 'bad'"),
        item("place", "geopoint"),
        item("sure", "acknowledge"),
    ),
    group(
        "piers",
        item("height", "decimal", required="true()"),
        group("", item("rust", "select_one state")),
        repeat={"count": ""},
    ),
    group("later", item("remark", "text", required="true()"), relevant="${cracks} > 0"),
]
CHOICES = {"state": [{"name": "good"}, {"name": "bad"}], "seen": [{"name": "a"}, {"name": "b"}]}
CHECKLIST = Checklist(code="bridge", groups=GROUPS, choices=CHOICES)


def found(**answers: str) -> list[Fault]:
    named = {
        name.replace("__", "[") + ("]" if "__" in name else ""): value for name, value in answers.items()
    }
    return faults(CHECKLIST, Answer(answers={"state": "good"} | named, notes={}))


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"state": "unchecked", "cracks": "unchecked"},
        {
            "seen": "a b",
            "cracks": "-3",
            "width": "0.25",
            "on": "2026-11-27",
            "sure": "OK",
            "place": "26.5166910 110.5 0 12",
        },
        {"piers": "1 3", "height__1": "4.5", "rust__3": "bad"},
    ],
)
def test_what_fits_has_no_fault(answers: dict[str, str]) -> None:
    assert found(**answers) == []


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"state": "fine"}, [("state", "choice")]),
        ({"state": ""}, [("state", "required")]),
        ({"seen": "a c"}, [("seen", "choice")]),
        ({"seen": "a a"}, [("seen", "choice")]),
        ({"cracks": "3.5"}, [("cracks", "type")]),
        ({"on": "27.11.2026"}, [("on", "type")]),
        ({"sure": "yes"}, [("sure", "type")]),
        ({"colour": "red"}, [("colour", "unknown")]),
        # Inside a repeat an answer belongs to an instance that is there, outside it to none.
        ({"height": "4"}, [("height", "unknown")]),
        ({"cracks__1": "4"}, [("cracks[1]", "unknown")]),
        ({"piers": "1", "height__2": "4"}, [("height[2]", "unknown")]),
        ({"piers": "one"}, [("piers", "type")]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(answers: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert [(fault.name, fault.reason) for fault in found(**answers)] == expected


def test_the_desk_points_at_answers_that_do_not_fit(app: Flask, city: City, desk: FlaskClient) -> None:
    body = {
        "code": "bridge", "edition": "1", "name": "桥梁", "name_en": "", "purposes": [], "types": [], "rotation": None, "groups": GROUPS,
        "choices": {name: [{**one, "zh": one["name"], "en": one["name"]} for one in listed] for name, listed in CHOICES.items()},
    }  # fmt: skip
    checklist = (
        services(app).archive.seal([Draft("checklist", "commons", body, "d04", v=2)])[0].payload["entity"]
    )
    first = submit(city)
    given = {
        "checklist": checklist,
        "edition": "1",
        "answers": {"state": "fine", "cracks": "many"},
        "notes": {},
    }
    resubmit(city, first, {}, {"answer": given})
    page = desk.get(first.path).text
    assert "核查结果与核查表不符 2 处" in page.partition('id="flags"')[2].partition("</section>")[0]
    own = page.partition('class="misfits"')[2].partition("</ul>")[0]
    assert "state：fine" in own and "不是可选项" in own
    assert "cracks：many" in own and "格式不符" in own
