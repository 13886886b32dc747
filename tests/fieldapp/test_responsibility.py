"""Who answers for what on which day, over the stories of the demo city: people who move, take over and hand down."""

from typing import Any

import pytest

from fieldapp.demo.book import data
from fieldapp.domain.project import Link
from fieldapp.domain.unit import Leadership, Tenure
from fieldapp.responsibility import OPEN_END, Responsibility, Tie


def span(row: dict[str, Any]) -> dict[str, Any]:
    return {"from_on": row["from"], "to_on": row["to"]}


@pytest.fixture(scope="module")
def city() -> Responsibility:
    """The people of the demo, by the codes of its book."""
    book = data()
    return Responsibility(
        tenures=[
            Tenure(official=one["id"], unit=None if held["unit"] == "CITY" else held["unit"], **span(held))
            for one in book["officials"]
            for held in one["tenures"]
        ],
        links=[
            Link(
                project=project["id"],
                official=link["official"],
                role=link["role"],
                inherits_from=link.get("inherits_from"),
                **span(link),
            )
            for project in book["projects"]
            for link in project["links"]
        ],
        leaderships=[
            Leadership(unit=one["unit"], head=one["head"], **span(one)) for one in book["leadership_teams"]
        ],
        units={project["id"]: project["unit"] for project in book["projects"]},
    )


def told(ties: list[Tie]) -> list[tuple[str, str]]:
    return [(tie.official, tie.role) for tie in ties]


def test_the_lead_changes_on_the_day_of_the_handing_over(city: Responsibility) -> None:
    assert told(city.first("project:P040", "2025-11-17")) == [("O07", "lead")]
    assert told(city.first("project:P040", "2025-11-18")) == [("O06", "lead")]


def test_who_led_a_project_may_support_it_from_a_new_post(city: Responsibility) -> None:
    before = dict(told(city.on("project:P040", "2025-10-21")))
    after = dict(told(city.on("project:P040", "2026-05-19")))
    assert (before["O07"], after["O07"]) == ("lead", "support")
    # In the unit's post they are named once, by the role that answers first.
    assert "O06" not in before and after["O06"] == "lead"
    assert len(after) == len(city.on("project:P040", "2026-05-19"))


def test_what_began_before_a_link_was_handed_down(city: Responsibility) -> None:
    (now,) = city.first("project:P040", "2026-11-05")
    assert now.share("2025-10-21") == "inherited"
    assert now.share("2026-08-13") == "own"
    (then,) = city.first("project:P040", "2025-10-21")
    assert then.share("2025-10-21") == "own"
    support = next(tie for tie in city.on("project:P040", "2026-11-05") if tie.official == "O07")
    assert support.share("2025-10-21") == "shared"


def test_an_official_keeps_everything_they_were_tied_to(city: Responsibility) -> None:
    of_wall = [
        (tie.role, tie.from_on, tie.until_on) for tie in city.of("O07") if tie.stream == "project:P040"
    ]
    assert of_wall == [
        ("post", "2022-03-09", "2025-11-18"),
        ("lead", "2024-11-01", "2025-11-18"),
        ("support", "2025-11-18", OPEN_END),
    ]
    own_unit = [(tie.role, tie.from_on) for tie in city.of("O07") if tie.stream == "unit:U02"]
    assert ("head", "2022-03-09") in own_unit and ("post", "2022-03-09") in own_unit


def test_a_unit_is_answered_for_by_the_head_of_its_leadership(city: Responsibility) -> None:
    (before,), (after,) = city.first("unit:U02", "2025-11-17"), city.first("unit:U02", "2025-11-18")
    assert (before.official, before.share("2025-01-01")) == ("O07", "own")
    assert (after.official, after.share("2025-01-01"), after.share("2026-01-01")) == (
        "O06",
        "inherited",
        "own",
    )


def test_a_linked_unit_ties_those_in_its_posts_for_the_days_both_hold() -> None:
    people = Responsibility(
        tenures=[
            Tenure(official="a", unit="u", from_on="2026-01-01", to_on="2026-06-01"),
            Tenure(official="b", unit="u", from_on="2026-06-01", to_on=None),
            Tenure(official="c", unit=None, from_on="2026-01-01", to_on=None),
        ],
        links=[Link(project="p", unit="u", role="support", from_on="2026-03-01", to_on="2026-09-01")],
        leaderships=[],
        units={},
    )
    assert people.on("project:p", "2026-02-28") == []
    assert told(people.on("project:p", "2026-03-01")) == [("a", "support")]
    assert told(people.on("project:p", "2026-08-31")) == [("b", "support")]
    assert people.on("project:p", "2026-09-01") == []
    assert people.of("c") == []
