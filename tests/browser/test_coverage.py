"""The coverage vectors, judged by the phone's code (`tests/fieldapp/test_coverage.py` judges the same in Python), and the order of the
home screen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "coverage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def judge(browser: Browser) -> Iterator[Page]:
    server = StaticServer()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.origin}/page/coverage.html")
    until_true(page, "typeof globalThis.month === 'function'")
    yield page
    context.close()
    server.stop()


@pytest.mark.parametrize("case", VECTORS["months"], ids=lambda case: case["name"])
def test_state_of_month(judge: Page, case: dict[str, Any]) -> None:
    assert judge.evaluate("(given) => month(given)", case) == case["expect"]


@pytest.mark.parametrize("case", VECTORS["windows"], ids=lambda case: case["name"])
def test_window_of_milestone(judge: Page, case: dict[str, Any]) -> None:
    found = judge.evaluate("(given) => window_(given)", case)
    assert {name: found[name] for name in case["expect"]} == case["expect"]


RULE = {"per_month": 1, "days_before_milestone": 7, "days_after_milestone": 7, "suspended_months": []}
TODAY = "2026-11-22"


def project(name: str, **rest: Any) -> dict[str, Any]:
    site = {"lat_e7": 265_000_000 + 10_000 * ord(name), "lon_e7": 1_105_000_000}
    base = {"entity": name, "state": "building", "start_on": "2026-01-01", "site": site, "coverage": RULE}
    return base | rest


def visit(name: str, on: str, decision: str | None = "accepted", **rest: Any) -> dict[str, Any]:
    base = {
        "entity": f"{name} {on}", "stream": f"project:{name}", "arrived_at": f"{on}T09:00:00.000+08:00", "people": 2,
        "has_progress": True, "decision": decision,
    }  # fmt: skip
    return base | rest


def ordered(judge: Page, **facts: Any) -> dict[str, Any]:
    base = {"milestones": [], "visits": [], "questions": [], "outcomes": [], "today": TODAY, "here": None}
    found: dict[str, Any] = judge.evaluate("(facts) => agenda(facts)", base | facts)
    return found


def names(dues: list[dict[str, Any]]) -> list[str]:
    return [due["project"] for due in dues]


def test_agenda_puts_overdue_first_then_milestones_then_the_longest_unvisited(judge: Page) -> None:
    visits = [
        visit("a", "2026-10-20"),
        visit("b", "2026-10-05"),
        visit("c", "2026-10-09"),
        visit("d", "2026-08-01"),
    ]
    milestones = [{"entity": "m", "project": "c", "planned_on": "2026-11-25"}]
    found = ordered(judge, projects=[project(name) for name in "abcd"], visits=visits, milestones=milestones)
    assert names(found["todo"]) == ["d", "c", "b", "a"]
    assert found["todo"][1]["milestone"] == {"entity": "m", "planned_on": "2026-11-25", "is_passed": False}
    # Of overdue ones, too, those with a milestone come first, and the rest by their last visit.
    overdue = [visit("a", "2026-08-20"), visit("b", "2026-08-05"), visit("c", "2026-08-25")]
    found = ordered(judge, projects=[project(name) for name in "abc"], visits=overdue, milestones=milestones)
    assert names(found["todo"]) == ["c", "b", "a"]


def test_agenda_puts_the_nearest_first_where_the_place_is_known(judge: Page) -> None:
    visits = [visit(name, "2026-10-20") for name in "abc"]
    here = project("b")["site"]
    found = ordered(judge, projects=[project(name) for name in "cab"], visits=visits, here=here)
    assert names(found["todo"])[0] == "b"
    assert found["todo"][0]["distance_m"] == 0


def test_agenda_counts_what_was_asked_and_what_is_done(judge: Page) -> None:
    projects = [
        project("a"),
        project("b"),
        project("c", state="finished"),
        project("d", coverage=RULE | {"suspended_months": ["2026-11"]}),
    ]
    visits = [visit("a", "2026-11-03", None), visit("b", "2026-10-03"), visit("b", "2026-11-04", "returned")]
    found = ordered(judge, projects=projects, visits=visits)
    assert names(found["todo"]) == ["b"]
    assert {due["project"]: due["state"] for due in found["done"]} == {"a": "in_review"}
    assert {due["project"]: due["state"] for due in found["rest"]} == {"c": "closed", "d": "suspended"}


def test_agenda_lists_what_is_done_by_its_last_visit(judge: Page) -> None:
    visits = [visit("a", "2026-11-03"), visit("b", "2026-11-09"), visit("c", "2026-11-05")]
    found = ordered(judge, projects=[project(name) for name in "abc"], visits=visits)
    assert names(found["done"]) == ["b", "c", "a"]


def test_agenda_has_every_project_in_exactly_one_list(judge: Page) -> None:
    visits = [visit("a", "2026-11-03", "returned"), visit("c", "2026-11-03"), visit("d", "2026-11-03")]
    milestones = [{"entity": "m", "project": "d", "planned_on": "2026-11-25"}]
    found = ordered(
        judge, projects=[*(project(name) for name in "abcdef"), project("g", state="finished")], visits=visits,
        milestones=milestones, returned=["project:a"], under_way=["project:a", "project:b"],
    )  # fmt: skip
    lists = {name: sorted(names(dues)) for name, dues in found.items()}
    # d was visited, and a milestone of it is to be checked: it is due, and not counted as done beside that.
    assert lists == {
        "returned": ["a"],
        "under_way": ["b"],
        "todo": ["d", "e", "f"],
        "done": ["c"],
        "rest": ["g"],
    }


def test_agenda_asks_again_when_an_open_question_was_left_unanswered(judge: Page) -> None:
    question = {"entity": "q", "stream": "project:a", "asked_on": "2026-10-01"}
    visits = [visit("a", "2026-10-02"), visit("a", "2026-11-03")]
    before = {
        "about": "q",
        "outcome": "partly_true",
        "visit": "a 2026-10-02",
        "captured_at": "2026-10-02T03:00:00.000Z",
    }
    unverified = before | {"outcome": "unverified"}
    here = {
        "about": "q",
        "outcome": "unverified",
        "visit": "a 2026-11-03",
        "captured_at": "2026-11-03T03:00:00.000Z",
    }
    projects, questions = [project("a")], [question]
    states = [
        (
            ordered(judge, projects=projects, questions=questions, visits=visits, outcomes=outcomes)["todo"]
            or [{}]
        )[0].get("state")
        for outcomes in ([before], [unverified], [unverified, here])
    ]
    assert states == [None, "due", None]


def assignment(name: str, at: str, month: str = "2026-11") -> dict[str, Any]:
    return {"project": name, "month": month, "captured_at": f"{at}T01:00:00.000Z"}


def test_agenda_follows_an_assignment_until_somebody_has_gone_since(judge: Page) -> None:
    # All were visited this month; c's visit was ordered before it, b's after, d's came back.
    visits = [visit(name, "2026-11-10") for name in "abc"] + [visit("d", "2026-11-10", "returned")]
    orders = [
        assignment("b", "2026-11-12"),
        assignment("c", "2026-11-02"),
        assignment("d", "2026-11-02"),
        assignment("a", "2026-11-12", "2026-10"),
        assignment("e", "2026-11-02"),
    ]
    found = ordered(
        judge,
        projects=[*(project(name) for name in "abcd"), project("e", state="finished")],
        visits=[*visits, visit("d", "2026-10-10")],
        assignments=orders,
    )
    assert {due["project"]: due["is_assigned"] for dues in found.values() for due in dues} == {
        "a": False,
        "b": True,
        "c": False,
        "d": True,
        "e": True,
    }
    assert names(found["todo"]) == ["e", "b", "d"]
    assert names(found["done"]) == ["a", "c"]
