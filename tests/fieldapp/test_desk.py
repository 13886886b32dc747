"""The supervisor's desk: log, visit, decision."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from fieldapp.domain.review import Review
from sync.archive import Draft
from tests.fieldapp.desk_city import (
    City,
    Sent,
    build,
    correct,
    hand_over,
    jpeg,
    logged_in,
    make_app,
    services,
    submit,
    visit_body,
)
from tests.store import SORTS, named
from tests.sync.factory import sent as lines

ON_EACH_STORE = pytest.mark.parametrize("app", SORTS, indirect=True)


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, getattr(request, "param", "sqlite")) as stores:
        app = make_app(tmp_path, page_size=2, **stores)
        yield app
        services(app).database.close()


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def decide(desk: FlaskClient, sent: Sent, decision: str, **fields: str) -> TestResponse:
    form = {
        "csrf_token": token_of(desk.get("/visit/")),
        "submission": sent.submission.hash,
        "decision": decision,
    }
    return desk.post(f"{sent.path}/review", data=form | fields)


def listed(page: TestResponse) -> list[str]:
    return re.findall(r'class="log-link" href="/visit/([0-9a-f-]+)\?', page.text)


def reviews(app: Flask) -> list[Review]:
    with services(app).database.reading() as session:
        return list(session.exec(select(Review).order_by(Review.captured_at)))


def slug_of(page: TestResponse, slug: str) -> bool:
    from fieldapp.catalogue import load

    return load("zh-CN")[f"problem.{slug}"] in page.text


@ON_EACH_STORE
def test_the_log_is_filtered_by_its_address(city: City, desk: FlaskClient) -> None:
    one, other = submit(city, "p017", day="2026-11-12"), submit(city, "p018", "i09", day="2026-10-03")
    assert listed(desk.get("/visit/")) == [one.entity, other.entity]
    asked = {
        f"project={city.projects['p017']}": [one.entity],
        f"team={city.teams['t2']}": [other.entity],
        f"unit={city.unit}": [one.entity, other.entity],
        "month=2026-10": [other.entity],
        "since=2026-11-12": [one.entity],
        "until=2026-11-11": [other.entity],
        "since=2026-10-03&until=2026-11-12": [one.entity, other.entity],
        "purpose=milestone": [],
        "manner=unannounced": [one.entity, other.entity],
        "manner=covert": [],
        "problems=1&flagged=1": [one.entity, other.entity],
        f"team={city.teams['t2']}&unit={city.unit}&problems=1": [other.entity],
        "state=waiting": [one.entity, other.entity],
        "state=accepted": [],
        "month=2026-11&state=in_review": [one.entity],
    }
    assert {query: listed(desk.get(f"/visit/?{query}")) for query in asked} == asked


def test_an_empty_view_says_so_and_leads_on(city: City, desk: FlaskClient) -> None:
    page = desk.get("/visit/?month=2026-10")
    assert "没有符合条件的走访" in page.text and 'href="/visit/"' in page.text
    assert "没有待审核的走访" in desk.get("/visit/?state=waiting").text


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("project=01930000-0000-7000-8000-0000000000ff", ["项目：01930000-0000-7000-8000-0000000000ff"]),
        ("unit=x", ["单位：x"]),
        ("team=%3Cb%3E", ["走访组：&lt;b&gt;"]),
        ("month=2026-13", ["月份：2026-13"]),
        ("month=2026-11%0A", ["月份：2026-11"]),
        ("purpose=party", ["走访目的：party"]),
        ("state=lost&month=november", ["状态：lost", "月份：november"]),
        ("after=yesterday", ["翻页位置无效"]),
        ("after=a~b", ["翻页位置无效"]),
    ],
)
def test_a_filter_that_can_mean_nothing_is_named_and_the_rest_kept(
    city: City, desk: FlaskClient, query: str, named: list[str]
) -> None:
    one, other = submit(city, "p017", day="2026-11-12"), submit(city, "p018", "i09", day="2026-10-03")
    page = desk.get(f"/visit/?{query}")
    notice = page.text.partition('role="alert"')[2].partition("</div>")[0]
    assert page.status_code == 200 and [words for words in named if words not in notice] == []
    assert listed(page) == [one.entity, other.entity]
    kept = desk.get(f"/visit/?{query}&project={city.projects['p018']}")
    # Of two values for one name the first counts.
    assert listed(kept) == ([one.entity, other.entity] if query.startswith("project=") else [other.entity])
    assert desk.get("/visit/").text.count('role="alert"') == 0


def test_a_link_that_names_a_month_asks_for_its_days(city: City, desk: FlaskClient) -> None:
    submit(city)
    page = desk.get("/visit/?month=2031-02")
    assert listed(page) == [] and 'role="alert"' not in page.text
    assert 'value="2031-02-01"' in page.text and 'value="2031-02-28"' in page.text


def test_a_teams_visits_to_its_units_are_the_teams_too(app: Flask, city: City, desk: FlaskClient) -> None:
    phone, stream = city.phone("i05"), f"unit:{city.unit}"
    visit = phone.seal(visit_body("2026-11-12", ["i05", "i06"]), kind="visit", stream=stream)
    manifest = {"visit": visit.payload["id"], "records": [visit.hash], "missing": []}
    submission = phone.seal(manifest, kind="submission", stream=stream)
    services(app).archive.push(lines(visit, submission))
    found = {code: listed(desk.get(f"/visit/?team={team}")) for code, team in city.teams.items()}
    assert found == {"t1": [visit.payload["id"]], "t2": []}
    assert "T1：" in desk.get(f"/visit/{visit.payload['id']}").text


@ON_EACH_STORE
def test_pages_of_the_log_neither_repeat_nor_lose_a_visit(city: City, desk: FlaskClient) -> None:
    # Equal times of arrival must not confuse the key.
    visited = (("p017", "i05"), ("p018", "i09"), ("p017", "i05"), ("p017", "i05"), ("p018", "i09"))
    sent = {submit(city, code, person).entity for code, person in visited}
    seen, address = [], "/visit/?purpose=monthly"
    while address:
        page = desk.get(address)
        seen += listed(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(sent) and len(seen) == 5


def test_a_visit_shows_what_was_captured_and_nothing_runs(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    page = desk.get(sent.path).text
    progress = ("78%", "68%", "67%", "滞后序时进度 11 个百分点", "实见比上报少 1 个百分点")
    for words in (*progress, "全景", "距点位 0 米", "i05、i06", "定稿不早于"):
        assert words in page, words
    assert "&lt;b&gt;护栏缺失&lt;/b&gt;" in page and "<b>护栏缺失" not in page


def test_a_visit_reads_in_english_too(city: City, desk: FlaskClient) -> None:
    desk.set_cookie("lang", "en")
    page = desk.get(submit(city).path).text
    assert "Road p017" in page and "11 points behind schedule" in page and "Sealed not before" in page


@ON_EACH_STORE
def test_acceptance_gives_the_number_of_project_and_month(app: Flask, city: City, desk: FlaskClient) -> None:
    first, second, other = submit(city), submit(city), submit(city, "p018", "i09", day="2026-10-03")
    for sent in (first, second, other):
        assert decide(desk, sent, "accepted").status_code == 303
    assert [one.number for one in reviews(app)] == [
        "试走〔2026〕017-11 号",
        "试走〔2026〕017-11-2 号",
        "试走〔2026〕018-10 号",
    ]
    assert {one.author for one in reviews(app)} == {"d01"}
    assert "试走〔2026〕017-11 号" in desk.get(first.path).text


def test_a_return_carries_reasons_for_the_visit_and_its_items(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    entry = sent.parts["entry"]
    page = desk.get(sent.path).text
    assert f'name="seen-{entry.payload["entity"]}" value="{entry.hash}"' in page
    reasons = {f"reason-{entry.payload['entity']}": "请写桩号", f"seen-{entry.payload['entity']}": entry.hash}
    assert decide(desk, sent, "returned", reason="照片不全", **reasons).status_code == 303
    review = reviews(app)[0]
    assert (review.decision, review.reason, review.submission, review.number) == (
        "returned",
        "照片不全",
        sent.submission.hash,
        "",
    )
    assert review.items == [{"entity": entry.payload["entity"], "record": entry.hash, "reason": "请写桩号"}]
    page = desk.get(sent.path).text
    assert "退回：请写桩号" in page and "已退回" in page


def test_a_return_without_any_reason_is_refused_and_nothing_sealed(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    answer = decide(desk, sent, "returned", reason="  ")
    assert answer.status_code == 400 and "退回须写明原因" in answer.text
    assert reviews(app) == []
    assert decide(desk, sent, "accepted").status_code == 303


def test_a_submission_is_decided_once(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    assert decide(desk, sent, "accepted").status_code == 303
    answer = decide(logged_in(app, "d02"), sent, "returned", reason="晚了")
    assert answer.status_code == 409 and slug_of(answer, "already-decided")
    assert [one.decision for one in reviews(app)] == ["accepted"]


def test_what_the_reviewer_did_not_see_is_not_decided(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    second = correct(city, first, "K3+200 处护栏缺失")
    answer = decide(desk, first, "accepted")
    assert answer.status_code == 409 and slug_of(answer, "submission-superseded")
    assert reviews(app) == []
    assert decide(desk, second, "accepted").status_code == 303


@ON_EACH_STORE
def test_returned_corrected_and_accepted(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    decide(desk, first, "returned", reason="请写桩号")
    assert listed(desk.get("/visit/?state=returned")) == [first.entity]
    second = correct(city, first, "K3+200 处护栏缺失")
    assert listed(desk.get("/visit/?state=resubmitted")) == [first.entity]
    assert "K3+200 处护栏缺失" in desk.get(first.path).text
    assert decide(desk, second, "accepted").status_code == 303
    assert listed(desk.get("/visit/?state=accepted")) == [first.entity]
    assert [one.decision for one in reviews(app)] == ["returned", "accepted"]
    told = desk.get(first.path).text.partition('class="history"')[2]
    assert re.findall(r"<li>\s*<p><strong>(.*?)</strong>", told) == [
        "提交",
        "退回补充",
        "再次提交",
        "审核通过",
    ]


def test_what_changes_after_acceptance_is_marked(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    decide(desk, first, "accepted")
    assert "归档后有改动" not in desk.get(first.path).text
    correct(city, first, "另有一处护栏缺失")
    page = desk.get(first.path).text
    assert "归档后有改动" in page and "待复审" in page


def test_a_visit_without_its_photos_waits_for_them(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city, has_bytes=False)
    assert listed(desk.get("/visit/?state=incomplete")) == [sent.entity]
    page = desk.get(sent.path).text
    assert "照片尚未收到" in page and "1 张照片尚未收到" in page
    answer = decide(desk, sent, "accepted")
    assert answer.status_code == 409 and slug_of(answer, "photos-missing")
    hand_over(city, sent.parts["photo"], jpeg(sent.visit.payload["id"]))
    assert listed(desk.get("/visit/?state=incomplete")) == []
    assert decide(desk, sent, "accepted").status_code == 303


def test_nobody_decides_about_an_own_visit(app: Flask, city: City) -> None:
    city.phone("i05")
    sent = submit(city, person="i05")
    # The second name on the visit, logged in as a supervisor.
    with services(app).database.writing() as session:
        from fieldapp.account import find

        find(session, "d02").person = "i06"
    reviewer = logged_in(app, "d02")
    assert 'value="accepted"' not in reviewer.get(sent.path).text
    answer = decide(reviewer, sent, "accepted")
    assert answer.status_code == 403 and slug_of(answer, "own-visit")


def test_another_inspectors_submission_does_not_replace_the_authors(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    foreign, archive = city.phone("i09"), services(app).archive
    body = {**sent.submission.body, "records": [sent.visit.hash]}
    forged = foreign.seal(body, kind="submission", stream=sent.visit.payload["stream"], id=archive.new_id())
    assert archive.push([forged.token.text.encode()]).judgements[0].verdict == "appended"
    assert f'value="{sent.submission.hash}"' in desk.get(sent.path).text


def test_a_form_without_its_token_changes_nothing(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    answer = desk.post(
        f"{sent.path}/review", data={"submission": sent.submission.hash, "decision": "accepted"}
    )
    assert answer.status_code == 400 and slug_of(answer, "form-expired")
    assert reviews(app) == []


def test_a_decision_sent_from_another_site_is_refused(app: Flask, city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    form = {
        "csrf_token": token_of(desk.get("/visit/")),
        "submission": sent.submission.hash,
        "decision": "accepted",
    }
    answer = desk.post(f"{sent.path}/review", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and reviews(app) == []


def test_pictures_are_made_apart_and_originals_only_downloaded(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    sha256 = sent.parts["photo"].body["view"]["sha256"]
    coming = desk.get(f"/photo/{sha256}?size=small")
    assert (coming.status_code, coming.mimetype, coming.headers["Retry-After"]) == (202, "image/svg+xml", "1")
    assert services(app).pictures.wait(60)
    ready = desk.get(f"/photo/{sha256}?size=small")
    assert (ready.status_code, ready.mimetype) == (200, "image/jpeg")
    assert ready.headers["Cache-Control"].startswith("private")
    original = desk.get(f"/photo/{sha256}/original")
    assert original.data == jpeg(sent.visit.payload["id"])
    assert original.mimetype == "application/octet-stream"
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["Content-Security-Policy"].startswith("sandbox")
    assert desk.get(f"/photo/{sha256}?size=huge").status_code == 404


def test_what_a_submission_lacks_is_called_by_its_name(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    archive, stream = services(app).archive, first.visit.payload["stream"]
    asked = {"sort": "fact", "what": "路灯是否通电", "origin": "petition", "asked_on": "2026-11-01"}
    question = archive.seal([Draft("question", stream, asked, "d01")])[0]
    lacks = [{"what": "question", "item": question.payload["id"]}, {"what": "progress", "item": ""}]
    body = {**first.submission.body, "missing": lacks, "reason": "下雨，看不清"}
    phone, entity = city.phone("i05"), first.submission.payload["id"]
    again = phone.seal(
        body, kind="submission", stream=stream, entity=entity, supersedes=[first.submission.hash]
    )
    archive.push(lines(again))
    text = desk.get(first.path).text
    assert "路灯是否通电" in text
    assert question.payload["id"] not in text


def test_a_folder_named_relatively_serves_its_pictures_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app(Path("somewhere"))
    sha256 = submit(build(app)).parts["photo"].body["view"]["sha256"]
    desk = logged_in(app, "d01")
    assert desk.get(f"/photo/{sha256}?size=small").status_code == 202
    assert services(app).pictures.wait(60)
    places = (
        f"/photo/{sha256}?size=small",
        f"/photo/{sha256}/original",
        f"/sync/1/photos/{sha256}?size=small",
    )
    assert [desk.get(place).status_code for place in (*places, f"/sync/1/photos/{sha256}")] == [200] * 4
    services(app).database.close()


def test_a_photo_belongs_to_those_who_have_its_stream(app: Flask, city: City) -> None:
    sha256 = submit(city, "p017").parts["photo"].body["view"]["sha256"]
    found = {
        person: logged_in(app, person).get(f"/photo/{sha256}/original").status_code
        for person in ("i05", "i09", "d04")
    }
    assert found == {"i05": 200, "i09": 404, "d04": 200}


def test_a_photo_has_a_page_of_its_own(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    page = desk.get(f"{sent.path}/photo/{sent.parts['photo'].payload['entity']}")
    assert page.status_code == 200 and "1 / 1" in page.text and "距点位 0 米" in page.text
    assert desk.get(f"{sent.path}/photo/{sent.entity}").status_code == 404
