"""Fact sheets: verified facts released without sources, answered fact by fact, and silence that is never consent."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from fieldapp.domain import Entry, FactSheet, Photo, Reply
from fieldapp.fact_sheet import answer_by, state_of
from sync.archive import Draft
from tests.fieldapp.desk_city import City, build, jpeg, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_desk import token_of
from tests.fieldapp.test_ledger import INTERVIEW, decide, entry_of
from tests.store import SORTS, named
from tests.sync.factory import sent

WORDS = "东侧护栏缺失约20米"


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Told:
    """A verified fact of `p017`, and the official who leads it."""

    app: Flask
    clock: Clock
    city: City
    desk: FlaskClient
    stream: str
    official: str
    entry: str

    def post(self, step: str, **fields: Any) -> Any:
        token = token_of(self.desk.get(f"/entry/{self.entry}"))
        given = {
            "csrf_token": token, "step": step, "place": self.stream, "to": f"official:{self.official}", "fact": [self.entry],
            f"words-{self.entry}": WORDS, "answer_by_on": "2026-11-25",
        }  # fmt: skip
        return self.desk.post("/fact-sheet/new", data={**given, **fields})

    def released(self) -> str:
        answer = self.post("release")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def answer(self, path: str, **fields: Any) -> Any:
        given = {"csrf_token": token_of(self.desk.get(path)), "replied_on": "2026-11-20", **fields}
        return self.desk.post(f"{path}/answer", data=given)

    def rows(self, table: Any) -> list[Any]:
        with services(self.app).database.reading() as session:
            rows = list(session.exec(select(table).order_by(table.captured_at, table.entity)))
            session.expunge_all()
            return rows


def told_in(app: Flask, clock: Clock) -> Told:
    city, seal = build(app), services(app).archive.seal
    stream = f"project:{city.projects['p017']}"
    body = {"code": "o22", "name": "曹大雪", "name_en": "Cao Daxue"}
    official = str(seal([Draft("official", "commons", body, "d04")])[0].payload["id"])
    held = {"official": official, "unit": city.unit, "post": "局长", "from_on": "2025-01-01", "to_on": None}
    seal([Draft("tenure", "commons", held, "d04")])
    link = {"project": city.projects["p017"], "official": official, "role": "lead", "from_on": "2025-01-01"}
    seal([Draft("link", stream, link, "d04")])
    body = {"person": "i05", "name": "范水杉", "name_en": "Fan Shuishan", "role": "inspector"}
    seal([Draft("person", "commons", body, "d04")])
    changes = {"known_by": "measured", "responsible": official}
    visit = resubmit(city, submit(city), {"entry": changes}, {"interview": INTERVIEW})
    desk = logged_in(app, "d01")
    entry = entry_of(visit)
    assert decide(desk, entry, "verified") == 303
    return Told(app, clock, city, desk, stream, official, entry)


@pytest.fixture
def told(tmp_path: Path) -> Any:
    clock = Clock()
    app = make_app(tmp_path, clock)
    yield told_in(app, clock)
    services(app).database.close()


def test_an_answer_is_asked_in_three_working_days() -> None:
    assert answer_by(date(2026, 11, 20)) == date(2026, 11, 25)
    assert answer_by(date(2026, 11, 23)) == date(2026, 11, 26)


def test_silence_is_never_consent() -> None:
    assert state_of("2026-11-25", [], date(2026, 11, 25)) == "pending"
    assert state_of("2026-11-25", [], date(2026, 11, 26)) == "unanswered"
    late = Reply(reply="remark")
    assert state_of("2026-11-25", [late], date(2026, 12, 1)) == "remark"


def test_what_is_shown_before_the_release_is_what_is_sealed(told: Told) -> None:
    choice = told.desk.get(f"/fact-sheet/new?place={told.stream}&to=official:{told.official}").text
    assert f'value="{told.entry}"' in choice and "列为责任人" in choice
    preview = told.post("preview")
    assert preview.status_code == 200
    assert told.rows(FactSheet) == []
    path = told.released()
    (row,) = told.rows(FactSheet)
    assert (row.stream, row.official, row.unit, row.released_on, row.answer_by_on, row.author) == (
        told.stream, told.official, None, "2026-11-20", "2026-11-25", "d01",
    )  # fmt: skip
    (fact,) = row.facts
    assert {name: fact[name] for name in ("entity", "words", "basis", "photos", "seen_on")} == {
        "entity": told.entry, "words": WORDS, "basis": "measured", "photos": 0, "seen_on": "2026-11-12",
    }  # fmt: skip
    sheet = told.desk.get(path).text
    paper = re.search(r"<article.*?</article>", sheet, re.DOTALL)
    assert paper is not None
    for words in (WORDS, "曹大雪", "局长", "现场量测", "2026-11-25", "不等于认可", row.record[:8]):
        assert words in paper[0], words
    for source in ("A0501", "i05", "范水杉", "d01"):
        assert source not in paper[0], source


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("A0501说护栏拆了一周", "A0501"),
        ("范水杉量得20米", "范水杉"),
        ("Fan Shuishan measured it", "Fan Shuishan"),
        ("  ", "没有文字"),
    ],
)
def test_words_that_name_a_source_are_refused(told: Told, words: str, why: str) -> None:
    for step in ("preview", "release"):
        answer = told.post(step, **{f"words-{told.entry}": words})
        assert answer.status_code == 400 and why in answer.text
    assert told.rows(FactSheet) == []


def test_a_lead_is_never_told_and_a_day_in_the_past_is_refused(told: Told) -> None:
    assert told.post("release", answer_by_on="2026-11-19").status_code == 400
    assert told.post("release", fact=[]).status_code == 400
    assert told.post("release", to="official:nobody").status_code == 400
    told.clock.at += timedelta(seconds=1)
    assert decide(told.desk, told.entry, "lead") == 303
    assert told.post("release").status_code == 400
    assert told.rows(FactSheet) == []


def test_an_answer_is_entered_with_the_signed_paper_and_travels_with_the_fact(told: Told) -> None:
    path, picture = told.released(), jpeg("paper")
    assert told.answer(path).status_code == 400
    assert told.answer(path, **{"reply-1": "dispute"}).status_code == 400
    text = {"reply-1": "dispute", "what-1": "右侧已成型覆土养护"}
    assert told.answer(path, **text, replied_on="2026-11-21").status_code == 400
    pdf = (io.BytesIO(b"%PDF-1.7 no picture"), "scan.pdf")
    assert told.answer(path, **text, paper=pdf).status_code == 400
    assert told.rows(Reply) == [] and len(told.rows(Photo)) == 1
    assert told.answer(path, **text, paper=(io.BytesIO(picture), "scan.jpg")).status_code == 303
    (reply,) = told.rows(Reply)
    sheet = told.rows(FactSheet)[0].entity
    assert (reply.official, reply.sheet, reply.about, reply.reply, reply.what, reply.author) == (
        told.official, sheet, [told.entry], "dispute", "右侧已成型覆土养护", "d01",
    )  # fmt: skip
    (paper,) = [one for one in told.rows(Photo) if one.about == sheet]
    assert (paper.stream, paper.visit, paper.origin, paper.no_fix) == (
        told.stream,
        None,
        "gallery",
        "imported",
    )
    assert told.desk.get(f"/photo/{paper.original['sha256']}/original").data == picture
    visit = re.search(r'href="(/visit/[^"#]+)#item', told.desk.get(f"/entry/{told.entry}").text)
    assert visit is not None
    for page in (path, f"/entry/{told.entry}", "/entry/", "/fact-sheet/", visit[1]):
        assert "有异议" in told.desk.get(page).text, page
    # Somebody who later agrees is heard too; the first word stays.
    assert told.answer(path, **{"reply-1": "agree"}).status_code == 303
    assert "右侧已成型覆土养护" in told.desk.get(path).text
    assert sorted(one.reply for one in told.rows(Reply)) == ["agree", "dispute"]


def test_what_is_not_answered_in_time_says_so_wherever_the_fact_is(told: Told) -> None:
    told.released()
    assert "待反馈" in told.desk.get(f"/entry/{told.entry}").text
    told.clock.at += timedelta(days=6)
    for page in (f"/entry/{told.entry}", "/entry/", "/fact-sheet/"):
        text = told.desk.get(page).text
        assert "未反馈" in text and "情况属实" not in text, page


def test_a_fact_corrected_after_the_release_is_marked_and_who_would_not_sign_has_a_reason(told: Told) -> None:
    path = told.released()
    assert told.answer(path, **{"reply-1": "refused", "what-1": "要求补充检测报告后再签"}).status_code == 303
    assert "拒签" in told.desk.get(path).text
    assert "出示后事实已更正" not in told.desk.get(path).text
    archive = services(told.app).archive
    with services(told.app).database.reading() as session:
        row = session.get(Entry, told.entry)
        assert row is not None
        record = row.record
    phone = told.city.phone("i05")
    body = {
        "list": "problem",
        "what": "护栏缺失约12米",
        "seen_on": "2026-11-12",
        "cause": [],
        "known_by": "measured",
    }
    corrected = phone.seal(
        {**body, "responsible": told.official},
        kind="entry", v=3, stream=told.stream, id=archive.new_id(), entity=told.entry, supersedes=[record],
    )  # fmt: skip
    assert [one.verdict for one in archive.push(sent(corrected)).judgements] == ["appended"]
    assert "出示后事实已更正" in told.desk.get(path).text


def test_only_a_supervisor_releases_and_answers(told: Told) -> None:
    path = told.released()
    administrator = logged_in(told.app, "d04")
    assert administrator.get(path).status_code == 200
    assert administrator.get(f"/fact-sheet/new?place={told.stream}").status_code == 403
    token = token_of(administrator.get(path))
    assert administrator.post(f"{path}/answer", data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize("sort", SORTS)
def test_sheets_are_read_in_both_databases(request: pytest.FixtureRequest, tmp_path: Path, sort: str) -> None:
    with named(request, sort) as stores:
        clock = Clock()
        app = make_app(tmp_path, clock, **stores)
        told = told_in(app, clock)
        path = told.released()
        assert told.answer(path, **{"reply-1": "remark", "what-1": "已列入整改"}).status_code == 303
        for page in (path, "/fact-sheet/", "/entry/", f"/entry/{told.entry}"):
            assert "属实，有补充" in told.desk.get(page).text, page
        services(app).database.close()
