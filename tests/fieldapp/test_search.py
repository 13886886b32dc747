"""Full-text search at the desk: whatever people wrote is found by its words, as it stands now, by whoever may read it."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import delete, select

from fieldapp import access, search
from fieldapp.login import Who
from fieldapp.search import Run, SearchRow, marked
from sync import follower, fulltext, rebuild
from sync.archive import Draft
from tests.fieldapp.desk_city import (
    City,
    Sent,
    correct,
    logged_in,
    make_app,
    resubmit,
    services,
    submit,
)
from tests.fieldapp.test_desk import ON_EACH_STORE, decide
from tests.store import named
from tests.sync.factory import sent

SUPERVISOR = Who("d01", "d01", "supervisor", "D01")
NOWHERE = "01930000-0000-7000-8000-0000000000ff"


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, getattr(request, "param", "sqlite")) as stores:
        app = make_app(tmp_path, **stores)
        yield app
        services(app).database.close()


def found(app: Flask, words: str, size: int = 50) -> list[tuple[str, str]]:
    """Return kind and what is shown of every hit."""
    with app.app_context(), services(app).database.reading() as session:
        streams = access.streams_for(session, SUPERVISOR)
        hits, _ = search.page(session, streams, words, search.LAST, size)
        return [(hit.kind, "|".join("".join(run.text for run in runs) for runs in hit.texts)) for hit in hits]


def seal(city: City, kind: str, body: dict[str, Any], code: str = "p017", **given: Any) -> str:
    draft = Draft(kind, f"project:{city.projects[code]}", body, "d04", **given)
    return str(services(city.app).archive.seal([draft])[0].payload["entity"])


@ON_EACH_STORE
def test_what_people_wrote_is_found_in_both_languages(app: Flask, city: City) -> None:
    sent_ = submit(city)
    resubmit(
        city,
        sent_,
        {
            "visit": {"summary": "桥面铺装完成", "next_time": ["复核桥面平整度"]},
            "progress": {"physical": "Deck laid to axis 12"},
            "photo": {"caption": "3号墩钢筋外露", "marks": [{"shape": "text", "x": 1, "y": 1, "text": "缺垫块"}]},
        },
        {
            "meeting": {"held_on": "2026-11-12", "title": "例会", "decided": [{"what": "更换波纹管", "who": "总包"}]},
            "answer": {
                "checklist": NOWHERE, "edition": "1", "answers": {"q1": "ok"}, "notes": {"q1": "安全网破损"},
            },
            "interview": {
                "talked_on": "2026-11-12", "code": "A0501", "role": "worker", "relation": "served", "knows": "daily",
                "mode": "individual", "is_use_told": True, "asked": [{"question": "pay", "note": "工资月结"}], "notes": "宿舍漏雨",
            },
        },
    )  # fmt: skip
    asked = {
        "桥面": [("visit", "桥面铺装完成|复核桥面平整度")],
        "DECK axis": [("progress", "Deck laid to axis 12")],
        "钢筋": [("photo", "3号墩钢筋外露")],
        "垫块": [("photo", "缺垫块")],
        "波纹管": [("meeting", "更换波纹管")],
        "安全网": [("answer", "安全网破损")],
        "月结": [("interview", "工资月结")],
        "漏": [("interview", "宿舍漏雨")],
        "护栏缺失": [("entry", "<b>护栏缺失</b>")],
        "road p01": [("project", "公路 p017|Road p017"), ("project", "公路 p018|Road p018")],
        "transport": [("unit", "Transport")],
        # All words, the last one as a beginning; pairs of Han and not their characters alone.
        "axis deck lai": [("progress", "Deck laid to axis 12")],
        "axi deck": [],
        "露外": [],
        "墩外露": [],
    }
    assert {words: sorted(found(app, words)) for words in asked} == asked


@ON_EACH_STORE
def test_only_what_stands_is_found(app: Flask, city: City) -> None:
    first = submit(city)
    correct(city, first, "爬梯松动")
    assert found(app, "护栏") == []
    assert found(app, "爬梯") == [("entry", "爬梯松动")]
    rebuild.rebuild(services(app).archive)
    assert (found(app, "护栏"), found(app, "爬梯")) == ([], [("entry", "爬梯松动")])


@ON_EACH_STORE
def test_what_was_written_before_the_index_was_there_is_found_after_it_is_made(
    app: Flask, city: City
) -> None:
    submit(city)
    database, followers = services(app).database, services(app).archive.folder.followers
    with database.writing() as session:
        session.exec(delete(follower.FollowerRow))
    follower.prepare(database, followers)
    assert found(app, "护栏") == []
    assert "search" in follower.fill(database, followers)
    assert found(app, "护栏") == [("entry", "<b>护栏缺失</b>")]


@ON_EACH_STORE
def test_erasure_by_law_leaves_no_word_in_the_index(app: Flask, city: City) -> None:
    phone, stream = city.phone("i05"), f"project:{city.projects['p017']}"
    body = {"list": "later", "what": "zebrafinch 张三", "seen_on": "2026-11-12", "cause": []}
    entry = phone.seal(body, kind="entry", stream=stream)
    services(app).archive.push(sent(entry))
    assert terms(app, "zebrafinch") == 1 and len(found(app, "zebrafinch")) == 1
    services(app).archive.erase([entry.hash], stream, "个人信息保护法", "d04", "d05")
    assert (terms(app, "zebrafinch"), found(app, "zebrafinch")) == (0, [])


def terms(app: Flask, word: str) -> int:
    """Return in how many places of the index's own tables a word is written; of FTS5 in its pages."""
    from sqlalchemy import text

    with services(app).database.reading() as session:
        if services(app).database.is_sqlite:
            pages = "SELECT count(*) FROM search_text_data WHERE instr(block, CAST(:word AS BLOB)) > 0"
            return int(session.execute(text(pages), {"word": word}).scalar_one())
        rows = "SELECT count(*) FROM search_text WHERE terms @@ CAST(:word AS tsquery)"
        return int(session.execute(text(rows), {"word": word}).scalar_one())


def test_officials_streams_are_searched_only_where_they_are_read(tmp_path: Path) -> None:
    for is_read in (False, True):
        app = make_app(tmp_path / str(is_read), official_streams=is_read)
        body = {"sort": "audit", "what": "专项检查通报", "stance": "against", "dated_on": "2026-11-01"}
        services(app).archive.seal([Draft("source", f"official:{NOWHERE}", body, "d04")])
        assert len(found(app, "专项检查")) == is_read
        services(app).database.close()


def test_an_assignment_is_never_found(app: Flask, city: City) -> None:
    body = {
        "project": city.projects["p017"], "month": "2026-11", "manner": "covert", "note": "从后门进",
    }  # fmt: skip
    services(app).archive.seal([Draft("assignment", f"team:{city.teams['t1']}", body, "d04")])
    assert found(app, "后门") == []


@ON_EACH_STORE
@pytest.mark.parametrize("few", [2, 2_000])
def test_pages_of_hits_neither_repeat_nor_lose_one(
    app: Flask, city: City, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(fulltext, "FEW", few)
    question = {"sort": "fact", "origin": "last_visit", "asked_on": "2026-10-01"}
    made = [seal(city, "question", question | {"what": f"砂石料第{number}批"}) for number in range(7)]
    with app.app_context(), services(app).database.reading() as session:
        streams = access.streams_for(session, SUPERVISOR)
        seen, before = [], search.LAST
        while before:
            hits, before = search.page(session, streams, "砂石料", before, 3)
            seen += [hit.row.entity for hit in hits]
    numbers = [search.number_of(entity) for entity in seen]
    assert sorted(seen) == sorted(made) and numbers == sorted(numbers, reverse=True)


def test_two_made_in_the_same_instant_both_have_a_place(app: Flask, city: City) -> None:
    body = {"sort": "fact", "what": "水泥标号", "origin": "last_visit", "asked_on": "2026-10-01"}
    for last in ("0000000000ff", "1000000000ff"):
        seal(city, "question", body, id=f"01930000-0000-7000-8000-{last}")
    assert len(found(app, "水泥")) == 2
    with services(app).database.reading() as session:
        numbers = session.exec(select(SearchRow.id).where(SearchRow.kind == "question")).all()
    assert max(numbers) - min(numbers) == 1


@pytest.mark.parametrize(
    "words", ['"', "' OR 1=1 --", "*", "NOT", "AND", "a\\", "墩)", "：，", "", "x" * 500]
)
@ON_EACH_STORE
def test_whatever_is_typed_is_words(app: Flask, city: City, desk: FlaskClient, words: str) -> None:
    answer = desk.get("/search/", query_string={"words": words})
    assert answer.status_code == 200
    assert desk.get("/search/", query_string={"words": "墩", "after": words}).status_code == 200


def test_the_page_marks_words_leads_to_the_item_and_is_a_desks_alone(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    page = desk.get("/search/?words=护栏").text
    assert "<mark>护栏</mark>缺失&lt;/b&gt;" in page
    links = re.findall(r'class="log-link" href="([^"]+)"', page)
    assert [unescape(one) for one in links] == [f"{first.path}#item-{first.parts['entry'].payload['entity']}"]
    assert desk.get(links[0].partition("#")[0]).status_code == 200
    assert f'id="item-{first.parts["entry"].payload["entity"]}"' in desk.get(first.path).text
    assert "没有找到" in desk.get("/search/?words=没有人写过").text
    assert "请输入文字" in desk.get("/search/?words=！").text
    assert logged_in(app, "i05").get("/search/?words=护栏").status_code == 403
    assert 'role="search"' in desk.get("/visit/").text


def test_a_hit_leads_to_the_project_or_says_that_its_visit_is_not_submitted(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    page = desk.get("/search/?words=公路 p017").text
    assert f"/visit/?state=&amp;project={city.projects['p017']}" in page
    phone, stream = city.phone("i05"), f"project:{city.projects['p017']}"
    body = {"visit": NOWHERE, "list": "later", "what": "龙门吊", "seen_on": "2026-11-12", "cause": []}
    services(app).archive.push(sent(phone.seal(body, kind="entry", stream=stream)))
    page = desk.get("/search/?words=龙门吊").text
    assert "走访尚未提交" in page and "data-line" not in page


@pytest.mark.parametrize(
    ("said", "asked", "expected"),
    [
        ("3号墩钢筋外露", "钢筋 墩", [("3号", False), ("墩钢筋", True), ("外露", False)]),
        ("Deck ready", "dec", [("Dec", True), ("k ready", False)]),
        ("bedeck", "deck", [("bedeck", False)]),
        ("ＡＢ１", "ab", [("ＡＢ", True), ("１", False)]),
        ("钢管与筋", "钢筋", [("钢管与筋", False)]),
    ],
)
def test_what_was_asked_for_is_marked(said: str, asked: str, expected: list[tuple[str, bool]]) -> None:
    assert list(marked(said, asked)) == [Run(*one) for one in expected]


def test_of_a_long_text_what_stands_around_the_word_is_shown() -> None:
    runs = marked("前" * 300 + "钢筋" + "后" * 300, "钢筋")
    assert [run.text for run in runs if run.is_hit] == ["钢筋"]
    assert (runs[0].text, runs[-1].text, sum(len(run.text) for run in runs)) == ("…", "…", 152)


def test_a_decision_and_its_reasons_are_found(app: Flask, city: City, desk: FlaskClient) -> None:
    first: Sent = submit(city)
    assert decide(desk, first, "returned", reason="请补拍支座").status_code == 303
    assert found(app, "支座") == [("review", "请补拍支座")]


def test_queries_are_written_for_each_database() -> None:
    assert fulltext.query(True, [("钢筋", False), ("net", True)]) == '"钢筋" AND "net"*'
    assert fulltext.query(False, [("钢筋", False), ("net", True)]) == "'钢筋' & 'net':*"
    assert fulltext.query(True, [("c3", True)]) == '"c3"'
