"""A visit beside the one before it: what is new, closed, back again, reported and not seen, and what stayed."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from fieldapp.compared import Step, compared
from fieldapp.dossier import load
from sync.archive import Draft
from tests.fieldapp.desk_city import City, Sent, resubmit, services, submit
from tests.fieldapp.test_document import report, text_of, verify


def told(city: City, sent: Sent) -> dict[str, Any]:
    """Return what is compared: of each list the words of the things it is about."""
    home = services(city.app)
    with home.database.reading() as session:
        stream = str(sent.visit.payload["stream"])
        whole = load(session, [stream], home.archive.jwks(), sent.entity, home.clock())
        assert whole is not None
        found = compared(whole)
    lists = {name: getattr(found, name) for name in ("new", "closed", "relapsed", "unseen", "unchanged")}
    return {name: [(one.kind, getattr(one.row, "outcome", "")) for one in items] for name, items in lists.items() if items} | {
        "step": found.progress, "is_same": found.is_same
    }  # fmt: skip


def entry(sent: Sent) -> str:
    return str(sent.parts["entry"].payload["entity"])


def recheck(of: str, outcome: str, known_by: str = "seen", day: str = "2026-11-20") -> dict[str, Any]:
    return {"entry": of, "checked_on": day, "outcome": outcome, "known_by": known_by}


def test_the_first_visit_has_nothing_to_compare_with(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    assert told(city, first) == {"new": [("entry", "")], "step": Step(None, 670, 110), "is_same": False}
    assert "首次走访，无可比较" in desk.get(first.path).text


def test_what_was_closed_on_site_and_what_is_new_stand_apart(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    later = resubmit(city, submit(city, day="2026-11-20"), {}, {"recheck": recheck(entry(first), "fixed")})
    assert told(city, later) == {
        "new": [("entry", "")],
        "closed": [("recheck", "fixed")],
        "step": Step(670, 670, 110),
        "is_same": False,
    }
    card = re.search(r'aria-labelledby="change">.*?</section>', desk.get(later.path).text, re.S)
    assert card is not None
    words = card[0]
    assert "已销号" in words and "新增" in words and "滞后序时进度 11 个百分点" in words


def test_a_report_of_the_unit_closes_nothing(city: City) -> None:
    first = submit(city)
    said = recheck(entry(first), "fixed", "said_by_unit")
    later = resubmit(city, submit(city, day="2026-11-20"), {}, {"recheck": said})
    assert told(city, later)["unchanged"] == [("recheck", "fixed")]


def test_what_had_been_closed_and_is_there_again_is_back(city: City) -> None:
    first = submit(city)
    resubmit(
        city,
        submit(city, day="2026-11-16"),
        {},
        {"recheck": recheck(entry(first), "fixed", day="2026-11-16")},
    )
    later = resubmit(
        city, submit(city, day="2026-11-20"), {}, {"recheck": recheck(entry(first), "not_fixed")}
    )
    assert told(city, later)["relapsed"] == [("recheck", "not_fixed")]


def test_what_was_never_closed_is_as_before_and_folded(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    later = resubmit(
        city,
        submit(city, day="2026-11-20"),
        {"entry": {"list": "achievement", "severity": None}},
        {"recheck": recheck(entry(first), "not_fixed")},
    )
    found = told(city, later)
    assert (found["unchanged"], found["is_same"]) == ([("recheck", "not_fixed")], True)
    assert "<summary>无变化 1 条</summary>" in desk.get(later.path).text


def test_a_milestone_reported_and_not_reached_is_named(city: City) -> None:
    stream = f"project:{city.projects['p017']}"
    body = {
        "project": city.projects["p017"],
        "name": "路基贯通",
        "planned_on": "2026-11-10",
        "reported_on": "2026-11-09",
    }
    milestone = services(city.app).archive.seal([Draft("milestone", stream, body, "d04")])[0].payload["id"]
    submit(city)
    found = {"milestone": milestone, "state": "not_reached", "known_by": "seen"}
    later = resubmit(city, submit(city, day="2026-11-20"), {}, {"reconciliation": found})
    assert told(city, later)["unseen"] == [("reconciliation", "")]


def test_the_report_names_verified_entries_only(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    later = resubmit(city, submit(city, day="2026-11-20"), {}, {"recheck": recheck(entry(first), "fixed")})
    text = text_of(report(desk, app, later))
    assert "已销号：<b>护栏缺失</b>" in text and "新增：" not in text
    verify(city, later)
    assert "新增：<b>护栏缺失</b>" in text_of(report(desk, app, later))
