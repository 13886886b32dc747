"""Appraisals as the archive takes them and the desk shows them, and the ballots a department takes in."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from fieldapp import ballot
from fieldapp.command import group
from fieldapp.command.archive import opened
from fieldapp.domain import BallotForm
from fieldapp.settings import Settings
from tests.fieldapp.body_rule import fault
from tests.fieldapp.desk_city import City, logged_in, resubmit, services, submit
from tests.fieldapp.test_annex import CONTENT, Keys, openings
from tests.fieldapp.test_desk import token_of
from tests.sync.factory import sent

ENTITY = "01920000-0000-7000-8000-000000000001"
OTHER = "01920000-0000-7000-8000-000000000002"


def words(*ids: str) -> list[dict[str, str]]:
    return [{"id": one, "zh": f"{one}字", "en": f"{one} word"} for one in ids]


def count(
    marks: list[int], of: str = "all", question: str = "service", target: str = ENTITY
) -> dict[str, Any]:
    return {"target": target, "question": question, "group": of, "marks": marks}


BODY = {
    "visit": ENTITY, "held_on": "2026-11-12", "form": ENTITY, "title": "重点项目现场评议票",
    "targets": [{"noun": "official", "entity": ENTITY, "name": "王建国（局长）"}],
    "relations": words("owner", "contractor", "local"), "contacts": words("daily", "hearsay"), "options": words("good", "poor", "unknown"),
    "questions": words("service", "integrity"), "issued": 30, "returned": 24, "valid": 20, "counts": [count([12, 5, 3])],
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"valid": 4, "counts": []},
        {"valid": 0, "returned": 0, "issued": 0, "counts": []},
        {
            "counts": [
                count([12, 5, 3]),
                count([7, 0, 0], "relation.owner"),
                count([5, 5, 3], "relation.local"),
            ]
        },
        {
            "counts": [
                count([12, 5, 3]),
                count([7, 0, 0], "relation.owner"),
                count([3, 2, 2], "contact.daily"),
            ]
        },
    ],
)
def test_counts_of_five_and_more_are_taken(changes: dict[str, Any]) -> None:
    assert fault("appraisal", BODY | changes) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"valid": 4}, "fewer than five ballots"),
        ({"counts": [count([2, 1, 1])]}, "fewer than five marks"),
        ({"counts": [count([12, 6, 3])]}, "nobody marks twice"),
        ({"issued": 23}, "no more come back"),
        ({"valid": 25}, "no more come back"),
        ({"counts": [count([12, 8])]}, "one count for each option"),
        ({"counts": [count([12, 5, 3], question="zeal")]}, "marks are of a question"),
        ({"counts": [count([12, 5, 3], target=OTHER)]}, "marks are of a question"),
        ({"counts": [count([7, 0, 0], "relation.owner")]}, "what groups leave"),
        # Four are left over: their marks could be reckoned.
        ({"counts": [count([12, 5, 3]), count([12, 3, 1], "relation.owner")]}, "what groups leave"),
        ({"counts": [count([12, 5, 3]), count([0, 6, 0], "relation.owner")]}, "what groups leave"),
        ({"counts": [count([12, 5, 3]), count([12, 5, 3])]}, "a group is told once"),
    ],
)
def test_what_would_show_what_single_people_said_is_not(changes: dict[str, Any], why: str) -> None:
    assert why in str(fault("appraisal", BODY | changes))


def test_the_desk_shows_counts_shares_and_groups_and_no_score(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    counts = [count([12, 4, 4]), count([8, 0, 0], "relation.owner"), count([4, 4, 4], "relation.local")]
    resubmit(
        city,
        first,
        {},
        {"appraisal": {name: value for name, value in BODY.items() if name != "visit"} | {"counts": counts}},
    )
    page = desk.get(first.path).text
    own = page.partition('aria-labelledby="appraisal"')[2].partition("</section>")[0]
    for word in (
        "重点项目现场评议票",
        "2026-11-12",
        "发出 30 张，收回 24 张，有效 20 张",
        "王建国（局长）",
        "good字",
        "75%",
        "25%",
        "owner字",
    ):
        assert word in own
    # "Don't know" has no share, and a question too few marked has no row.
    assert own.count("%") == 2 + 2 + 2
    assert "integrity字" not in own
    timeline = page.partition('aria-labelledby="timeline"')[2]
    line = timeline[: timeline.index("现场评议")].rpartition("<time")[2]
    assert ">11-12</time>" in line
    few = {**BODY, "valid": 3, "counts": []}
    resubmit(city, first, {}, {"appraisal": {name: value for name, value in few.items() if name != "visit"}})
    assert "不足 5 票，不予显示" in desk.get(first.path).text


def run(data: Path, *words_: str) -> Result:
    return CliRunner().invoke(group, ["ballot", "import", *words_, "--by", "d04", "--data", str(data)])


def forms(data: Path) -> dict[str, BallotForm]:
    with opened(Settings(data=data)) as services, services.database.reading() as session:
        rows = {row.code: row for row in session.exec(select(BallotForm))}
        session.expunge_all()
        return rows


def test_standard_ballots_are_taken_in_once_and_a_changed_one_revises(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = run(data)
    assert (first.exit_code, first.output) == (0, "3 ballots, 3 of them new or changed.\n"), first.output
    assert run(data).output == "3 ballots, 0 of them new or changed.\n"
    whole = json.loads(ballot.STANDARD.read_text(encoding="utf-8"))
    whole["ballots"][0]["zh"] = "市重点项目评议票"
    own = tmp_path / "own.json"
    own.write_text(json.dumps(whole), encoding="utf-8")
    assert run(data, str(own)).output == "3 ballots, 1 of them new or changed.\n"
    found = forms(data)
    assert set(found) == {"key_project", "service_quality", "public_survey"}
    assert (found["key_project"].name, found["key_project"].revisions) == ("市重点项目评议票", 2)
    assert [one["id"] for one in found["key_project"].questions] == [
        "service", "commitment", "solving", "integrity", "overall",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "this is not JSON"),
        ("[]", "its format is not fieldapp-ballots/1"),
        ('{"format": "fieldapp-ballots/1"}', "it has no ballots"),
        ('{"format": "fieldapp-ballots/1", "ballots": [{"id": "x"}]}', "ballot 1: 'zh' is missing"),
        ('{"format": "fieldapp-ballots/1", "ballots": [{"id": "x", "zh": "票", "en": "b", "targets": ["planet"],'
         ' "options": [], "dimensions": []}]}', "ballot 1: targets.0"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_is_refused_whole_by_name(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "票.json"
    path.write_text(content, encoding="utf-8")
    refused = run(tmp_path / "data", str(path))
    assert refused.exit_code == 1
    assert f"票.json: {why}" in refused.output
    assert not (tmp_path / "data").exists()


def sealed_words(keys: Keys, of: str) -> dict[str, Any]:
    """Return what an appraisal holds of words, in a letter as an annex is."""
    body = keys.body(of, of)
    return {name: body[name] for name in ("readers", "recovery", "letter")}


def test_words_are_in_a_letter_to_those_named_and_only_from_five_ballots_on() -> None:
    whole = sealed_words(Keys(), ENTITY)
    assert fault("appraisal", BODY | whole) is None
    assert "fewer than five" in str(fault("appraisal", BODY | whole | {"valid": 4, "counts": []}))
    for change in ({"recovery": None}, {"letter": None}, {"readers": []}, {"recovery": "A" * 43}):
        assert fault("appraisal", BODY | whole | change) is not None


def test_words_open_as_an_annex_does_for_their_readers_only(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    keys, entity = Keys(), services(app).archive.new_id()
    phone, first = city.phone("i05"), submit(city)
    body = {name: value for name, value in BODY.items() if name != "visit"} | {"visit": first.entity}
    stream = str(first.visit.payload["stream"])
    sealed = phone.seal({**body, **sealed_words(keys, entity)}, kind="appraisal", stream=stream, id=entity)
    assert [one.verdict for one in services(app).archive.push(sent(sealed)).judgements] == ["appended"]
    page = desk.get(first.path).text
    assert f'href="/annex/{entity}"' in page
    shown = desk.get(f"/annex/{entity}")
    assert "现场评议 · 重点项目现场评议票 · 2026-11-12" in shown.text
    # When the last ballot was cast is told nowhere.
    assert "i05 封存" in shown.text or "I05 封存" in shown.text
    given = {"csrf_token": token_of(shown), "purpose": "汇总意见"}
    other = logged_in(app, "d02")
    refused = other.post(
        f"/annex/{entity}/opening", data={**given, "csrf_token": token_of(other.get("/annex/key"))}
    )
    assert (refused.status_code, openings(app)) == (403, [])
    answer = desk.post(f"/annex/{entity}/opening", data=given)
    assert keys.reader.open(answer.get_json()["letter"], entity) == CONTENT
    assert openings(app) == [("d01", "汇总意见")]
    # Without words there is nothing to open.
    plain = services(app).archive.new_id()
    alone = phone.seal(body, kind="appraisal", stream=stream, id=plain)
    services(app).archive.push(sent(alone))
    assert desk.get(f"/annex/{plain}").status_code == 404
