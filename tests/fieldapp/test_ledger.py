"""From lead to fact: evidence laid out, a person's decision sealed, and what is asked of units, which closes nothing."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from fieldapp.corroboration import Evidence, matrix, proposed
from fieldapp.domain import Recheck, Verification
from sync.archive import Draft
from tests.fieldapp.desk_city import City, Sent, build, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_desk import token_of

INTERVIEW = {
    "talked_on": "2026-11-12", "code": "A0501", "role": "worker", "relation": "served", "knows": "daily", "mode": "individual",
    "is_use_told": True, "asked": [], "notes": "护栏拆了一周没装回去",
}  # fmt: skip


def one(kind: str, origin: str, stance: Any = "for") -> Evidence:
    return Evidence(kind, origin, stance, "2026-11-12", "", "")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ([], "single"),
        ([one("seen", "inspectors")], "single"),
        # A photo is another kind, and the same people took it.
        ([one("seen", "inspectors"), one("photo", "inspectors")], "single"),
        ([one("said_by_others", "A1"), one("said_by_others", "A2")], "single"),
        ([one("seen", "inspectors"), one("said_by_others", "A1")], "agree"),
        ([one("measured", "inspectors"), one("documented", "paper")], "agree"),
        # A unit's own word is never the second.
        ([one("seen", "inspectors"), one("said_by_unit", "unit")], "single"),
        ([one("said_by_unit", "unit"), one("documented", "paper")], "single"),
        ([one("seen", "inspectors"), one("reply", "unit")], "single"),
        (
            [one("seen", "inspectors"), one("documented", "paper"), one("reply", "unit", "against")],
            "disagree",
        ),
    ],
)
def test_two_kinds_from_two_origins_corroborate(evidence: list[Evidence], expected: str) -> None:
    assert proposed(evidence) == expected


def test_the_matrix_has_a_row_for_each_kind_and_origin() -> None:
    laid = matrix([one("seen", "inspectors"), one("said_by_others", "A1"), one("said_by_others", "A2")])
    assert {kind: list(origins) for kind, origins in laid.items()} == {
        "seen": ["inspectors"],
        "said_by_others": ["A1", "A2"],
    }


def entry_of(sent: Sent) -> str:
    return str(sent.parts["entry"].payload["entity"])


def decide(desk: FlaskClient, entity: str, decision: str, **fields: str) -> int:
    token = token_of(desk.get(f"/entry/{entity}"))
    given = {"csrf_token": token, "decision": decision, "corroboration": "agree", "note": "", **fields}
    return desk.post(f"/entry/{entity}/verification", data=given).status_code


def verifications(app: Flask) -> list[tuple[bool, str, str, str]]:
    with services(app).database.reading() as session:
        rows = session.exec(select(Verification).order_by(Verification.captured_at))  # type: ignore[arg-type]
        return [(row.is_verified, row.corroboration, row.note, row.author) for row in rows]


def test_an_entry_is_a_lead_until_a_person_verifies_it(app: Flask, city: City, desk: FlaskClient) -> None:
    first = resubmit(city, submit(city), {"entry": {"known_by": "seen"}}, {"interview": INTERVIEW})
    entity = entry_of(first)
    assert f'href="/entry/{entity}"' in desk.get(first.path).text
    page = desk.get(f"/entry/{entity}").text
    assert "尚未核实" in page and "按现有证据：单一来源" in page
    # Somebody told it as well: the same matter, heard in a talk and found again.
    told = {"entry": entity, "checked_on": "2026-11-13", "outcome": "not_fixed", "known_by": "said_by_others"}
    stream = f"project:{city.projects['p017']}"
    services(app).archive.seal([Draft("recheck", stream, {**told, "visit": None}, "i05")])
    page = desk.get(f"/entry/{entity}").text
    assert "按现有证据：相互印证" in page and "他人反映" in page
    assert decide(desk, entity, "verified", corroboration="") == 400
    assert decide(desk, entity, "perhaps") == 400
    assert verifications(app) == []
    assert decide(desk, entity, "verified", note="两方一致") == 303
    assert verifications(app) == [(True, "agree", "两方一致", "d01")]
    assert "整改中" in desk.get("/entry/").text or "已核实" in desk.get("/entry/").text
    # Another decision stands beside the first one, which stays.
    assert decide(desk, entity, "lead", corroboration="disagree", note="业主另有说法") == 303
    assert [row[0] for row in verifications(app)] == [True, False]
    page = desk.get(f"/entry/{entity}").text
    assert "两方一致" in page and "业主另有说法" in page


def test_nobody_verifies_what_an_own_visit_brought(app: Flask, city: City) -> None:
    sent = submit(city, person="i05")
    entity = entry_of(sent)
    assert logged_in(app, "i05").get(f"/entry/{entity}").status_code == 403
    administrator = logged_in(app, "d04")
    assert "核实属实" not in administrator.get(f"/entry/{entity}").text
    with services(app).database.reading() as session:
        assert session.exec(select(Verification)).all() == []


def test_what_is_assigned_and_reported_is_followed_and_closes_nothing(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    entity = entry_of(submit(city))
    path, token = f"/entry/{entity}/recheck", token_of(desk.get(f"/entry/{entity}"))
    given = {"csrf_token": token, "checked_on": "2026-11-20", "what": "限期十天整改"}
    assert desk.post(path, data={**given, "outcome": "fixed"}).status_code == 400
    assert desk.post(path, data={**given, "outcome": "assigned", "checked_on": ""}).status_code == 400
    for outcome in ("assigned", "reported"):
        assert desk.post(path, data={**given, "outcome": outcome}).status_code == 303
    with services(app).database.reading() as session:
        rows = session.exec(select(Recheck).order_by(Recheck.captured_at)).all()  # type: ignore[arg-type]
    assert [(row.outcome, row.known_by, row.author, row.visit) for row in rows] == [
        ("assigned", "documented", "d01", None),
        ("reported", "said_by_unit", "d01", None),
    ]
    page = desk.get(f"/entry/{entity}").text
    assert "整改中" in page and "已销号" not in page


def test_the_ledger_is_filtered_by_its_address(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    second = submit(city, "p018", "i09")
    resubmit(city, second, {"entry": {"what": "缺砂石料", "sort": "difficulty", "severity": None}})
    third = submit(city, day="2026-11-14")
    # Decided twice, the last word counts; and what is decided of another entry says nothing of this one.
    for entity, decision in ((first, "lead"), (first, "verified"), (third, "verified"), (third, "lead")):
        assert decide(desk, entry_of(entity), decision) == 303

    def listed(query: str) -> set[str]:
        page = desk.get(f"/entry/?{query}").text
        return {sent for sent in both if f'href="/entry/{sent}"' in page}

    both = {entry_of(one) for one in (first, second, third)}
    assert listed("") == both
    assert listed("list=problem") == {entry_of(first), entry_of(third)}
    assert listed("list=difficulty") == {entry_of(second)}
    assert listed("list=achievement") == set()
    assert listed("standing=verified") == {entry_of(first)}
    assert listed("standing=lead") == {entry_of(second), entry_of(third)}
    assert listed(f"project={city.projects['p018']}") == {entry_of(second)}
    assert listed(f"unit={city.unit}") == both
    assert listed("list=gossip") == both
    assert "没有符合条件" in desk.get("/entry/?list=duty").text


def test_pages_of_the_ledger_neither_repeat_nor_lose_an_entry(tmp_path: Any) -> None:
    app = make_app(tmp_path / "paged", page_size=2)
    city = build(app)
    wanted = {entry_of(submit(city, day=f"2026-11-0{day}")) for day in range(1, 6)}
    desk, found, path = logged_in(app, "d01"), [], "/entry/"
    while path:
        page = desk.get(path).text
        found += [part.split('"')[0] for part in page.split('log-link" href="/entry/')[1:]]
        link = page.partition('rel="next" href="')[2].partition('"')[0]
        path = link.replace("&amp;", "&")
    services(app).database.close()
    assert len(found) == 5 and set(found) == wanted
