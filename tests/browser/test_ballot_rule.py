"""What is told of ballots: the phone counts, the archive takes every count of it, and nothing below five can be reckoned from it."""

import hashlib
import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from fieldapp.domain import AppraisalBody
from tests.browser.test_visit_rule import rule

OFFICIALS = [f"01930000-0000-7000-8000-0000000000c{number}" for number in range(2)]
RELATIONS, CONTACTS = ("owner", "contractor", "local"), ("daily", "hearsay")
OPTIONS, QUESTIONS = ("good", "poor", "unknown"), ("service", "integrity")


def words(ids: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"id": one, "zh": one, "en": one} for one in ids]


SETUP: dict[str, Any] = {
    "form": "01930000-0000-7000-8000-0000000000dd", "title": "评议票", "title_en": "",
    "targets": [{"noun": "official", "entity": one, "name": one, "name_en": ""} for one in OFFICIALS],
    "relations": words(RELATIONS), "contacts": words(CONTACTS), "options": words(OPTIONS), "questions": words(QUESTIONS),
    "words": words(("best",)), "readers": [],
}  # fmt: skip
HEAD = {
    "visit": None,
    "held_on": "2026-11-27",
    "issued": 60,
    **{name: value for name, value in SETUP.items() if name != "words"},
}


def maybe(values: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    return st.sampled_from((*values, None))


OPINION = st.fixed_dictionaries(
    {
        "contact": maybe(CONTACTS),
        "marks": st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(OPTIONS)),
    }
)
BALLOT = st.fixed_dictionaries(
    {
        "relation": maybe(RELATIONS),
        "opinions": st.fixed_dictionaries(dict.fromkeys(OFFICIALS, OPINION)),
        "words": st.dictionaries(st.just("best"), st.text(max_size=20)),
    }
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ballots=st.lists(BALLOT, max_size=24))
def test_what_the_phone_counts_is_true_and_the_archive_takes_it(
    judge: Page, ballots: list[dict[str, Any]]
) -> None:
    found = rule(judge, "tally", SETUP, ballots)
    AppraisalBody.model_validate({**HEAD, **found})
    assert found["returned"] == len(ballots)
    valid = [one for one in ballots if any(opinion["marks"] for opinion in one["opinions"].values())]
    assert found["valid"] == len(valid)
    told = {(one["target"], one["question"], one["group"]): one["marks"] for one in found["counts"]}
    for official in OFFICIALS:
        for question in QUESTIONS:
            marks = [one["opinions"][official]["marks"].get(question) for one in ballots]
            count = Counter(mark for mark in marks if mark)
            expected = [count[option] for option in OPTIONS] if count.total() >= 5 else None
            assert told.get((official, question, "all")) == expected
    for (official, question, group), marks in told.items():
        if group == "all":
            continue
        by, _, name = group.partition(".")
        among = [
            one["opinions"][official]["marks"].get(question)
            for one in ballots
            if (one["relation"] if by == "relation" else one["opinions"][official]["contact"]) == name
        ]
        assert marks == [among.count(option) for option in OPTIONS]


@given(data=st.data())
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_box_looks_the_same_in_whatever_order_it_was_filled(judge: Page, data: st.DataObject) -> None:
    ballots = data.draw(st.lists(BALLOT, min_size=2, max_size=6))
    other = data.draw(st.permutations(ballots))
    boxes = [json.dumps(rule(judge, "together", SETUP, each)) for each in (ballots, other)]
    assert boxes[0] == boxes[1]


def test_a_group_is_told_only_where_it_and_the_rest_are_five(judge: Page) -> None:
    def groups(*relations: str) -> set[str]:
        opinions = {OFFICIALS[0]: {"contact": None, "marks": {"service": "good"}}}
        ballots = [{"relation": relation, "opinions": opinions, "words": {}} for relation in relations]
        return {one["group"] for one in rule(judge, "tally", SETUP, ballots)["counts"]}

    owners, contractors, locals_ = ["owner"] * 5, ["contractor"] * 5, ["local"] * 5
    assert groups(*owners) == {"all"}
    assert groups(*owners, "contractor") == {"all"}
    assert groups(*owners, *contractors) == {"all", "relation.owner", "relation.contractor"}
    # With four locals over, one group is given up: the nine left over tell nothing of the four.
    assert groups(*owners, "owner", *contractors, *locals_[:4]) == {"all", "relation.owner"}
    assert groups(*owners, *locals_) == {"all", "relation.owner", "relation.local"}


def test_candidates_are_who_is_tied_to_the_project_today(judge: Page) -> None:
    span = {"from_on": "2026-01-01", "to_on": None}
    official = {"entity": "o1", "name": "王建国", "name_en": "Wang Jianguo"}
    former = {"entity": "o2", "name": "前任", "name_en": ""}
    known = {
        "noun": "project", "entity": "p1", "links": [
            {"official": "o1", "unit": None, **span}, {"official": "o2", "unit": None, "from_on": "2025-01-01", "to_on": "2026-01-01"},
            {"official": None, "unit": "u2", **span},
        ],
        "project": {"entity": "p1", "name": "大桥", "name_en": "Bridge", "unit": "u1", "support": []},
        "officials": [official, former],
        "tenures": [{"official": "o1", "unit": "u1", "post": "局长", "post_en": "Head", **span}],
        "units": [{"entity": one, "name": one, "name_en": one} for one in ("u1", "u2", "u3")],
    }  # fmt: skip
    found = rule(judge, "candidates", known, "2026-11-27")
    assert [(one["noun"], one["name"]) for one in found] == [
        ("official", "王建国（局长）"), ("unit", "u1"), ("unit", "u2"), ("project", "大桥"),
    ]  # fmt: skip
    assert found[0]["name_en"] == "Wang Jianguo (Head)"
    unit = rule(judge, "candidates", {**known, "noun": "unit", "entity": "u1", "project": None}, "2026-11-27")
    assert [(one["noun"], one["entity"]) for one in unit] == [("official", "o1"), ("unit", "u1")]


def ballot(words: str, mark: str | None = "good") -> dict[str, Any]:
    marks = {"service": mark} if mark else {}
    return {
        "relation": "owner",
        "opinions": {OFFICIALS[0]: {"contact": None, "marks": marks}},
        "words": {"best": words} if words else {},
    }


def test_words_are_told_from_five_ballots_on_in_the_order_of_their_hashes(judge: Page) -> None:
    texts = ["好事一", "好事二", "好事三", "好事四"]
    ballots = [ballot(text) for text in texts]
    assert rule(judge, "remarks", SETUP, ballots) == ""
    # A ballot without a mark is no valid one, and its words are words all the same once there are five.
    assert rule(judge, "remarks", SETUP, [*ballots, ballot("白票", None)]) == ""
    told = rule(judge, "remarks", SETUP, [*ballots, ballot("白票", None), ballot("")])
    ordered = sorted([*texts, "白票"], key=lambda text: hashlib.sha256(text.encode()).hexdigest())
    assert told == "\n".join(["best best", *(f"· {text}" for text in ordered)])


def test_a_box_takes_words_only_as_long_as_one_letter_holds_them(judge: Page) -> None:
    full = [ballot("字" * 100)] * 91
    assert rule(judge, "hasRoomForWords", SETUP, full[:91]) is True
    assert rule(judge, "hasRoomForWords", SETUP, [*full, *full[:2]]) is False
    assert len(rule(judge, "remarks", SETUP, [*full, ballot("字" * 100)])) <= 10_000
    assert rule(judge, "hasRoomForWords", {**SETUP, "words": []}, []) is False
