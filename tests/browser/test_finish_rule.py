"""What a visit still lacks before it is submitted, judged by the phone's own rules."""

from typing import Any

from playwright.sync_api import Page

from fieldapp.domain.description import describe
from tests.browser.test_visit_rule import TODAY, at, item, rule


def part(kind: str, body: dict[str, Any], entity: str = "e") -> dict[str, Any]:
    return {"kind": kind, "entity": entity, "body": body, "draft": "d", "discarded_at": None}


def standing(**changes: Any) -> dict[str, Any]:
    return {
        "visit": {"team": ["i01", "i02"], "manner": "unannounced"}, "is_unit": False, "questions": [], "claims": [], "problems": [],
        "look_backs": [], "decisions": [], "milestones": [], "unexplained": [], "boxes": [], "sheets": [], "today": TODAY, "returned": None,
        "parts": [part("progress", {"observed_permille": 570})],
    } | changes  # fmt: skip


def test_a_whole_visit_misses_nothing(judge: Page) -> None:
    assert rule(judge, "missing", standing()) == []


def test_what_is_missing_is_named_in_the_order_of_the_screens(judge: Page) -> None:
    lacks = rule(
        judge, "missing",
        standing(
            visit={"team": ["i01"], "manner": "announced"}, parts=[],
            questions=["q"], claims=["c"], problems=["p"], look_backs=["l"],
            decisions=[{"entity": "t", "item": "1"}, {"entity": "t", "item": "2"}], milestones=["m"], unexplained=["s"],
        ),
    )  # fmt: skip
    assert [(one["what"], one["item"]) for one in lacks] == [
        ("team", ""), ("progress", ""), ("question", "q"), ("claim", "c"), ("problem", "p"), ("decision", "t"),
        ("look_back", "l"), ("milestone", "m"), ("slip_cause", "s"),
    ]  # fmt: skip


def test_a_milestone_that_was_observed_is_to_be_shown(judge: Page) -> None:
    def lacks(known_by: str, state: str = "reached", *more: dict[str, Any]) -> Any:
        found = part("reconciliation", {"milestone": "m", "state": state, "known_by": known_by})
        return rule(judge, "missing", standing(milestones=["m"], parts=[*standing()["parts"], found, *more]))

    photo = part("photo", {"about": "m", "item": "", "view": {"sha256": "0"}, "original": None}, "f")
    assert lacks("seen") == lacks("documented", "partly") == [{"what": "milestone_proof", "item": "m"}]
    assert lacks("said_by_unit") == lacks("seen", "not_reached") == lacks("seen", "reached", photo) == []


def test_a_slip_is_counted_by_what_was_found_and_asks_for_its_causes(judge: Page) -> None:
    def slip(state: str, observed_on: str | None = None) -> Any:
        return rule(judge, "slipDays", "2026-11-12", {"state": state, "observed_on": observed_on}, TODAY)

    assert slip("reached", "2026-11-15") == 3
    assert slip("reached", "2026-11-10") == -2
    assert (slip("reached"), slip("not_reached"), slip("partly"), slip("cannot_judge")) == (0, 10, 10, 0)
    late = {"state": "not_reached", "observed_on": None}
    assert rule(judge, "lacksCause", "2026-11-12", late, TODAY)
    assert not rule(judge, "lacksCause", "2026-11-12", late | {"slip_causes": ["fund"]}, TODAY)
    assert not rule(judge, "lacksCause", "2026-12-12", late, TODAY)


def test_what_was_sent_back_is_missing_until_it_is_corrected_or_something_is_added(judge: Page) -> None:
    entry = part("entry", {"what": "围挡破损"}, "back") | {
        "draft": None,
        "record": "old",
        "opened_at": at("09:00"),
    }
    returned = {"at": at("12:00"), "items": [{"entity": "back", "record": "old"}]}
    photo = part("photo", {"about": "back", "item": "", "view": {"sha256": "0"}, "original": None}, "f")

    def lacks(*parts: dict[str, Any]) -> Any:
        return rule(judge, "missing", standing(returned=returned, parts=[*standing()["parts"], *parts]))

    missing = [{"what": "returned", "item": "back"}]
    assert lacks(entry) == missing
    assert lacks(entry, photo | {"opened_at": at("09:05")}) == missing
    assert lacks(entry, photo | {"opened_at": at("12:05")}) == []
    assert lacks(entry | {"draft": "d"}) == []
    assert lacks(entry | {"record": "new"}) == []


def test_a_part_with_anything_typed_is_never_dropped_as_empty(judge: Page) -> None:
    blank = {"state": None, "known_by": None, "observed_on": None, "observed_quantity": None, "reason": ""}
    assert rule(judge, "unready", [part("reconciliation", blank)]) == []
    for typed in (
        {"observed_quantity": "120"},
        {"known_by": "seen"},
        {"reason": "雨季"},
        {"observed_on": TODAY},
    ):
        begun = part("reconciliation", blank | typed)
        assert rule(judge, "unready", [begun]) == [begun]
    words = part("progress", {"observed_permille": None, "physical": "主体完成三层"})
    assert rule(judge, "unready", [words]) == [words]


def test_overdue_milestones_are_those_planned_before_today_that_nobody_saw_reached(judge: Page) -> None:
    planned = {"old": "2026-03-01", "late": "2026-11-21", "today": TODAY, "seen": "2026-10-01"}
    milestones = [{"entity": name, "planned_on": on} for name, on in planned.items()]
    checks = [{"milestone": "seen", "state": "reached"}, {"milestone": "late", "state": "not_reached"}]
    assert [one["entity"] for one in rule(judge, "milestonesOverdue", milestones, checks, TODAY)] == [
        "late",
        "old",
    ]


def test_fixed_without_a_photo_is_missing_one(judge: Page) -> None:
    recheck = part("recheck", {"entry": "p", "outcome": "fixed"})
    parts = [*standing()["parts"], recheck]
    assert rule(judge, "missing", standing(problems=["p"], parts=parts)) == [
        {"what": "fixed_photo", "item": "p"}
    ]
    photo = part("photo", {"about": "p", "item": "", "view": {"sha256": "0"}, "original": None})
    assert rule(judge, "missing", standing(problems=["p"], parts=[*parts, photo])) == []


def test_an_unanswered_core_item_and_a_missing_photo_are_named(judge: Page) -> None:
    sheets = [
        {
            "sheet": "monthly",
            "items": [item("m01"), item("m07")],
            "answers": {"m01": "normal"},
            "is_required": True,
        }
    ]
    assert rule(judge, "missing", standing(sheets=sheets)) == [
        {"what": "item_photo", "item": "m01"},
        {"what": "item", "item": "m07"},
    ]


def test_an_interview_without_how_well_known_cannot_be_sealed(judge: Page) -> None:
    body = {
        "code": "T0101",
        "role": "worker",
        "relation": "beside",
        "knows": None,
        "mode": "individual",
        "notes": "晚发",
        "asked": [],
    }
    talk = part("interview", body)
    assert rule(judge, "unready", [talk]) == [talk]
    assert rule(judge, "unready", [part("interview", body | {"knows": "daily"})]) == []
    assert rule(judge, "unready", [part("interview", body | {"notes": " "})]) == []


def test_what_is_too_long_is_found_wherever_it_stands(judge: Page) -> None:
    limits = describe()["meeting"]["limits"] | describe()["answer"]["limits"]
    body = {
        "title": " " + "会" * 203 + " ",
        "decided": [{"what": "好", "who": ""}, {"what": "办" * 501, "who": "𠀀" * 500}],
        "answers": {"m01": "全" * 4_002},
        "place": "x" * 9_000,
    }
    assert rule(judge, "excess", body, limits) == [
        {"path": "title", "over": 3},
        {"path": "decided[].what", "over": 1},
        {"path": "answers{}", "over": 2},
    ]
    many = {"decided": [{"what": "", "who": ""}] * 42}
    assert rule(judge, "excess", many, limits) == [{"path": "decided", "over": 2}]
    assert rule(judge, "unready", [part("meeting", body)], limits) == [part("meeting", body)]


def test_an_appraisal_that_is_not_closed_is_missing(judge: Page) -> None:
    assert {"what": "appraisal", "item": "box"} in rule(judge, "missing", standing(boxes=["box"]))
