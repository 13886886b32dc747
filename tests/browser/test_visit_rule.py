"""The rules of a visit, judged by the phone's own modules: vectors, the department's real checklists, and what is missing."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from fieldapp.xlsform.form import compile_form
from tests.browser.visit_city import CHECKLISTS
from tests.fieldapp.xlsform_bridge import BRIDGE

FOLDER = Path(__file__).parents[1] / "vectors"
CASES = [
    (kind, case)
    for kind in ("due", "mark", "relevance", "rotation", "expression", "entry_state", "look_back")
    for case in json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))["cases"]
]
ITEMS = [item for sheet in CHECKLISTS["checklists"] for group in sheet["groups"] for item in group["items"]]
MONTHLY = CHECKLISTS["checklists"][0]
TODAY = "2026-11-22"


def rule(page: Page, name: str, *values: Any) -> Any:
    return page.evaluate("([name, values]) => rule(name, values)", [name, list(values)])


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}: {case['name']}" for kind, case in CASES])
def test_vector(judge: Page, kind: str, case: dict[str, Any]) -> None:
    found = judge.evaluate("([kind, input]) => judge(kind, input)", [kind, case["input"]])
    assert found == case["expect"]


def test_every_expression_of_the_department_is_understood(judge: Page) -> None:
    expressions = {item[name] for item in ITEMS for name in ("relevant", "constraint") if name in item}
    scope = {"self": "1", "answers": {}, "today": TODAY}
    found = {expression: rule(judge, "holds", expression, scope) for expression in expressions}
    assert len(found) >= 10
    assert set(map(type, found.values())) == {bool}


def sheet(source: dict[str, Any]) -> dict[str, Any]:
    """Return a template as the phone has it folded."""
    purposes = source.get("for_purpose") or source.get("adds_to", [])
    return {
        "entity": source["id"], "code": source["id"], "edition": source["version"], "purposes": purposes,
        "types": source.get("for_type", []), "rotation": source.get("rotation", {}).get("per_visit"), "groups": source["groups"],
        "choices": CHECKLISTS["choices"],
    }  # fmt: skip


def codes(page: Page, purpose: str, project_type: str, is_unit: bool = False) -> list[str]:
    occasion = {"purpose": purpose, "type": project_type, "is_unit": is_unit}
    sheets = [sheet(each) for each in CHECKLISTS["checklists"]]
    return [each["code"] for each in rule(page, "sheetsFor", sheets, occasion)]


def test_a_visit_gets_its_general_sheet_and_the_module_of_its_trade(judge: Page) -> None:
    assert codes(judge, "monthly", "road") == ["monthly", "type_road"]
    assert codes(judge, "milestone", "school") == ["milestone", "type_school"]
    assert codes(judge, "follow_up", "road") == ["monthly"]


def test_a_special_task_has_its_own_sheet_instead(judge: Page) -> None:
    assert codes(judge, "monthly", "special_task") == ["special_task"]


def test_a_stationed_visit_of_a_unit_has_the_guide(judge: Page) -> None:
    assert codes(judge, "stationed", "", is_unit=True) == ["stationed"]


def asked(page: Page, answers: dict[str, str], month: str = "2026-11") -> list[str]:
    items = rule(page, "itemsAsked", sheet(MONTHLY), {"month": month, "today": TODAY, "answers": answers})
    return [item["id"] for item in items]


def test_a_month_asks_eight_core_items_and_four_in_turn(judge: Page) -> None:
    core = ["m01", "m06", "m07", "m10", "m12", "m16", "m19", "m21"]
    for month in ("2026-10", "2026-11", "2026-12"):
        found = asked(judge, {}, month)
        assert [item for item in found if item in core] == core
        assert len(found) == 12
    quarter = {item for month in ("2026-10", "2026-11", "2026-12") for item in asked(judge, {}, month)}
    assert len(quarter) == 20


def test_a_conditional_item_comes_and_goes_with_its_condition(judge: Page) -> None:
    assert "m02" in asked(judge, {"m01": "stopped"})
    assert "m02" not in asked(judge, {"m01": "normal", "m02": "fund"})
    assert "m17" in asked(judge, {"m16": "land"})
    assert "m17" not in asked(judge, {"m16": "none"})


def item(name: str) -> dict[str, Any]:
    return next(each for each in ITEMS if each["id"] == name)


def test_the_word_for_none_takes_the_place_of_the_others(judge: Page) -> None:
    scope = {"answers": {}, "today": TODAY}
    assert rule(judge, "toggled", item("m16"), "land fund", "none", scope) == "none"
    assert rule(judge, "toggled", item("m16"), "none", "land", scope) == "land"
    assert rule(judge, "toggled", item("m16"), "land fund", "land", scope) == "fund"
    assert rule(judge, "toggled", item("m16"), "unchecked", "land", scope) == "land"


def test_a_photo_is_needed_by_the_answer(judge: Page) -> None:
    assert rule(judge, "photoNeed", item("m07"), "partly") == "required"
    assert rule(judge, "photoNeed", item("m07"), "yes") == "optional"
    assert rule(judge, "photoNeed", item("m01"), "normal") == "required"
    assert rule(judge, "photoNeed", item("m01"), "unchecked") == "optional"
    assert rule(judge, "photoNeed", item("m03"), "12") == "none"


def test_an_answer_offers_an_entry_and_not_checked_never_does(judge: Page) -> None:
    assert rule(judge, "raisedList", item("m16"), "land") == "difficulty"
    assert rule(judge, "raisedList", item("m16"), "none") is None
    assert rule(judge, "raisedList", item("m20"), "seen") == "problem"
    assert rule(judge, "raisedList", item("m20"), "unchecked") is None


def test_the_rest_is_marked_not_checked_but_nothing_another_card_records(judge: Page) -> None:
    items = [item(name) for name in ("m01", "m06", "m10", "m12")]
    assert rule(judge, "withRestUnchecked", items, {"m12": "minutes"}) == {
        "m01": "unchecked",
        "m12": "minutes",
    }


def test_typed_answers_are_held_to_their_type(judge: Page) -> None:
    scope = {"answers": {}, "today": TODAY}
    allowed = {
        answer: rule(judge, "isAllowed", item("m03"), answer, scope)
        for answer in ("12", "-1", "1.5", "viele", "", "unchecked", "5001")
    }
    assert allowed == {
        "12": True,
        "-1": False,
        "1.5": False,
        "viele": False,
        "": True,
        "unchecked": True,
        "5001": False,
    }


@pytest.mark.parametrize(
    ("text", "permille"),
    [("57", 570), ("56.5", 565), ("５７．５", 575), ("57%", 570), ("57。5", 575), ("100", 1000), ("0", 0),
     ("101", None), ("-1", None), ("", None), ("5 7", None), ("57.55", None), ("五十", None)],
)  # fmt: skip
def test_percentages_are_read_as_people_type_them(judge: Page, text: str, permille: int | None) -> None:
    assert rule(judge, "readPercent", text) == permille


LINKS = [
    {"official": "before", "unit": None, "role": "lead", "from_on": "2025-01-01", "to_on": "2026-11-18", "inherits_from": None},
    {"official": "now", "unit": None, "role": "lead", "from_on": "2026-11-18", "to_on": None, "inherits_from": "before"},
    {"official": None, "unit": "u2", "role": "support", "from_on": "2026-01-01", "to_on": None, "inherits_from": None},
]  # fmt: skip


def test_a_problem_proposes_who_leads_on_that_day_and_fifteen_days(judge: Page) -> None:
    entry = rule(judge, "newEntry", {"visit": "v", "list": "problem", "today": TODAY, "links": LINKS})
    assert (entry["list"], entry["sort"], entry["severity"]) == ("problem", "fault", "minor")
    assert (entry["deadline_on"], entry["responsible"]) == ("2026-12-07", "now")
    early = rule(judge, "newEntry", {"visit": "v", "list": "problem", "today": "2026-11-17", "links": LINKS})
    assert early["responsible"] == "before"


def test_a_difficulty_blames_nobody(judge: Page) -> None:
    problem = rule(judge, "newEntry", {"visit": "v", "list": "problem", "today": TODAY, "links": LINKS})
    entry = rule(judge, "sorted", problem, "difficulty", LINKS)
    assert (entry["list"], entry["sort"]) == ("problem", "difficulty")
    assert [entry[name] for name in ("severity", "responsible", "deadline_on", "share")] == [None] * 4


def test_a_milestone_window_makes_the_visit_one_of_the_milestone(judge: Page) -> None:
    milestones = [
        {"entity": "far", "planned_on": "2026-12-20"},
        {"entity": "near", "planned_on": "2026-11-26"},
        {"entity": "seen", "planned_on": "2026-11-20"},
    ]
    window = {"days_before_milestone": 7, "days_after_milestone": 5}
    seen = [{"milestone": "seen", "state": "reached"}, {"milestone": "near", "state": "partly"}]
    near = rule(judge, "milestonesAtHand", milestones, seen, window, TODAY)
    assert [one["entity"] for one in near] == ["near"]
    assert rule(judge, "proposedPurpose", near, False) == {"purpose": "milestone", "milestone": "near"}
    assert rule(judge, "proposedPurpose", [], False) == {"purpose": "monthly", "milestone": None}


def test_the_assignment_orders_the_manner(judge: Page) -> None:
    month = {"project": "p", "unit": None, "month": "2026-11", "milestone": None, "manner": "announced"}
    old = month | {"month": "2026-10", "manner": "covert"}
    near = month | {"milestone": "m", "manner": "covert"}
    assert rule(judge, "proposedManner", [old], {"today": TODAY, "milestone": None}) == "unannounced"
    assert (
        rule(judge, "proposedManner", [old, month, near], {"today": TODAY, "milestone": None}) == "announced"
    )
    assert rule(judge, "proposedManner", [old, month, near], {"today": TODAY, "milestone": "m"}) == "covert"


def test_who_comes_from_a_unit_tied_to_the_project_keeps_away(judge: Page) -> None:
    units = rule(judge, "unitsTied", {"unit": "u1", "support": []}, LINKS, TODAY)
    assert units == ["u1", "u2"]
    members = [{"person": name, "part": "member"} for name in ("i01", "i02", "i03")]
    people = [
        {"person": "i01", "home_unit": None},
        {"person": "i02", "home_unit": "u2"},
        {"person": "i03", "home_unit": "u9"},
    ]
    team = rule(judge, "proposedTeam", members, people, units)
    assert [one["person"] for one in team if one["is_recused"]] == ["i02"]


def at(time: str) -> str:
    return f"2026-11-22T{time}:00.000+08:00"


def test_sorting_in_the_evening_does_not_lengthen_the_stay(judge: Page) -> None:
    stay = rule(judge, "proposedStay", [at("10:40"), at("09:15"), at("20:30")], {"is_stationed": False})
    assert stay == {"arrived_at": at("09:15"), "left_at": at("10:40")}
    assert rule(judge, "proposedStay", [at("09:15"), at("20:30")], {"is_stationed": True})["left_at"] == at(
        "20:30"
    )
    assert rule(judge, "stayMinutes", at("09:15"), at("10:40")) == 85
    # As the two times are shown: 09:15 to 09:19 is four minutes, whatever the seconds.
    assert rule(judge, "stayMinutes", "2026-11-22T09:15:50.000+08:00", "2026-11-22T09:19:10.000+08:00") == 4
    assert (
        rule(judge, "withTime", "2026-11-22T09:15:33.120+08:00", "08:50") == "2026-11-22T08:50:00.000+08:00"
    )


def test_the_overview_is_what_the_checklist_asked_for_on_the_last_visit(judge: Page) -> None:
    def photo(
        name: str, time: str, visit: str = "last", about: str | None = None, item: str = ""
    ) -> dict[str, Any]:
        return {
            "name": name,
            "visit": visit,
            "about": about,
            "item": item,
            "taken_at": f"2026-10-01T{time}:00.000+08:00",
        }

    def shown(*photos: dict[str, Any]) -> Any:
        found = rule(judge, "overview", [sheet(MONTHLY)], photos, ["later", "last", "old"])
        return found and found["name"]

    detail, fault = photo("detail", "09:30", item="m21"), photo("fault", "09:05", about="entry")
    whole, whole_later = photo("whole", "09:10"), photo("later", "09:40")
    asked, old = photo("asked", "09:50", item="m01"), photo("old", "08:00", visit="old", item="m01")
    assert shown(old, fault, detail, whole_later, whole, asked) == "asked"
    assert shown(old, fault, detail, whole_later, whole) == "whole"
    assert shown(old, fault, detail) == "detail"
    assert shown(old, fault) == "fault"
    assert shown(old) == "old"
    assert shown() is None


def test_a_code_names_inspector_and_number_only(judge: Page) -> None:
    assert rule(judge, "nextCode", "i05", []) == "T0501"
    assert rule(judge, "nextCode", "i05", ["T0501", "T0502", "T0801"]) == "T0503"
    taken = [f"T05{number:02d}" for number in range(1, 100)]
    assert rule(judge, "nextCode", "i05", taken) == "TB0501"


def test_open_problems_are_those_no_check_on_site_has_closed(judge: Page) -> None:
    def entry(name: str, severity: str | None, **more: Any) -> dict[str, Any]:
        return {
            "entity": name,
            "captured_at": "2026-10-01",
            "list": "problem",
            "severity": severity,
            "visit": "old",
            "is_fixed_at_once": False,
        } | more

    def recheck(name: str, outcome: str, on: str, visit: str = "old") -> dict[str, Any]:
        known_by = "documented" if outcome == "reported" else "seen"
        facts = {
            "entity": f"{name} {on}",
            "checked_on": on,
            "captured_at": on,
            "outcome": outcome,
            "known_by": known_by,
        }
        return {"entry": name, "visit": visit} | facts

    entries = [
        entry("a", "minor"),
        entry("b", "serious"),
        entry("c", "major"),
        entry("d", None, list="task"),
        entry("e", "minor", is_fixed_at_once=True),
        entry("f", "minor"),
    ]
    rechecks = [
        recheck("c", "fixed", "2026-10-02"),
        recheck("b", "fixed", "2026-10-02"),
        recheck("b", "relapsed", "2026-10-09"),
        recheck("a", "reported", "2026-10-05"),
        recheck("f", "fixed", "2026-11-22", "now"),
    ]
    assert [one["entity"] for one in rule(judge, "openProblems", entries, rechecks, "now")] == ["b", "a", "f"]
    closed = rule(judge, "closedProblems", entries, rechecks, "now")
    assert {one["entity"]: one["state"] for one in closed} == {"c": "closed", "e": "lead"}


def test_questions_stay_open_until_they_are_settled(judge: Page) -> None:
    asked = [{"entity": name, "captured_at": name} for name in ("1", "2", "3")]
    outcomes = [
        {"about": "1", "outcome": "true", "captured_at": "", "visit": "old"},
        {"about": "2", "outcome": "unverified", "captured_at": "", "visit": "old"},
        {"about": "3", "outcome": "fixed", "captured_at": "", "visit": "now"},
    ]
    assert [one["entity"] for one in rule(judge, "stillOpen", asked, outcomes, "now")] == ["2", "3"]


def test_text_is_sealed_trimmed_and_well_formed(judge: Page) -> None:
    body = rule(
        judge,
        "sealedBody",
        "interview",
        {"notes": " 说\u0000好 ", "asked": [{"question": "a", "note": " "}, {"question": "b", "note": "是"}]},
    )
    assert body == {"notes": "说\ufffd好", "asked": [{"question": "b", "note": "是"}]}


FORM = compile_form(BRIDGE, "bridge") | {"entity": "bridge"}
MOMENT = {"today": TODAY, "now": f"{TODAY}T14:54:15.120+08:00"}


def settled(page: Page, **answers: str) -> dict[str, str]:
    found: dict[str, str] = rule(page, "settled", FORM, answers, MOMENT)
    return found


def test_a_form_counts_what_is_asked_and_calculates_what_nobody_answers(judge: Page) -> None:
    beams = {"beam": "1 3", "crack[1]": "2", "crack[3]": "5"}
    found = settled(judge, state="stopped", reason="资金", length="80", **beams)
    assert found == {
        "state": "stopped", "reason": "资金", "length": "80", "half": "40", **beams, "cracks": "7", "source": "bridge-form",
    }  # fmt: skip
    assert "reason" not in settled(judge, state="working", reason="资金")
    assert settled(judge) == {}


def test_a_choice_that_a_filter_leaves_out_does_not_count(judge: Page) -> None:
    assert settled(judge, state="done", county="east", town="a")["town"] == "a"
    assert "town" not in settled(judge, state="done", county="west", town="a")


def test_items_of_a_form_say_whether_they_are_needed_and_what_is_proposed(judge: Page) -> None:
    answers = settled(judge, state="stopped", beam="2", **{"crack[2]": "1"})
    items = {each["id"]: each for each in rule(judge, "asked", FORM, {**MOMENT, "answers": answers})}
    assert list(items)[:6] == ["state", "reason", "length", "number[2]", "crack[2]", "picture[2]"]
    assert [items[name]["is_needed"] for name in ("state", "reason", "length", "number[2]")] == [
        True,
        True,
        False,
        True,
    ]
    assert (items["length"]["proposed"], items["next"]["proposed"]) == ("120", "2026-12-22")
    assert "cracks" not in items and "source" not in items
    scope = {**MOMENT, "answers": answers}
    allowed = [
        rule(judge, "isAllowed", items["crack[2]"], answer, scope) for answer in ("0", "51", "x", "unchecked")
    ]
    assert allowed == [True, False, False, True]
    many = [
        rule(judge, "isAllowed", items["trades"], answer, scope)
        for answer in ("steel wood", "none", "none wood")
    ]
    assert many == [True, True, False]


def test_an_instance_taken_away_never_gives_its_number_to_another(judge: Page) -> None:
    one = rule(judge, "withInstance", {}, "beam", [])
    two = rule(judge, "withInstance", one, "beam", [])
    assert (one, two) == ({"beam": "1"}, {"beam": "1 2"})
    left = rule(judge, "withoutInstance", two | {"crack[2]": "1"}, {"repeat": "beam", "number": 2})
    assert left == {"beam": "1", "crack[2]": "1"}
    assert rule(judge, "withInstance", left, "beam", [])["beam"] == "1 3"
    assert rule(judge, "withInstance", {"beam": "1"}, "beam", ["picture[4]"])["beam"] == "1 5"
    assert rule(judge, "withoutInstance", {"beam": "1"}, {"repeat": "beam", "number": 1}) == {}
