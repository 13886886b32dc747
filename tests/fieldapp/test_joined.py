"""Several inspectors on one visit: each submits what they recorded, and the desk reads, decides about and remembers one visit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp import dossier, visit_log
from fieldapp.dossier import Dossier
from sync.record import Record
from tests.fieldapp.desk_city import City, Sent, build, logged_in, make_app, resubmit, services, submit
from tests.fieldapp.test_desk import ON_EACH_STORE, decide, slug_of
from tests.fieldapp.test_desk_change import flags, plain
from tests.store import named
from tests.sync.factory import sent

MEETING = {"held_on": "2026-11-12", "title": "周例会", "decided": []}


@pytest.fixture
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with named(request, getattr(request, "param", "sqlite")) as stores:
        app = make_app(tmp_path, **stores)
        yield app
        services(app).database.close()


@pytest.fixture
def city(app: Flask) -> City:
    return build(app)


@pytest.fixture
def desk(app: Flask, city: City) -> FlaskClient:
    return logged_in(app, "d01")


def add(city: City, first: Sent, person: str, missing: list[Any] | None = None) -> tuple[Record, Record]:
    """Seal and push what somebody who joined recorded, and their submission of it."""
    archive, phone = services(city.app).archive, city.phone(person)
    stream, own = first.visit.payload["stream"], {"visit": first.entity}
    meeting = phone.seal({**own, **MEETING}, kind="meeting", stream=stream, id=archive.new_id())
    body = {**own, "records": [meeting.hash], "missing": missing or []}
    submission = phone.seal(body, kind="submission", stream=stream, id=archive.new_id())
    pushed = archive.push(sent(meeting, submission))
    assert [one.verdict for one in pushed.judgements] == ["appended"] * 2
    return meeting, submission


def read(city: City, visit: str) -> Dossier:
    found = services(city.app)
    streams = {f"project:{entity}" for entity in city.projects.values()}
    with found.database.reading() as session:
        whole = dossier.load(session, streams, found.archive.jwks(), visit, found.clock())
    assert whole is not None
    return whole


def log(city: City) -> list[visit_log.Line]:
    streams = [f"project:{entity}" for entity in city.projects.values()]
    with services(city.app).database.reading() as session:
        return visit_log.page(session, streams, visit_log.Filter(), "", 10)[0]


def as_sent(first: Sent, submission: Record) -> Sent:
    return Sent(first.visit, first.parts, submission)


@ON_EACH_STORE
def test_what_two_recorded_is_one_visit_in_the_log_on_its_page_and_in_its_history(
    city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    meeting, submission = add(city, first, "i06")
    (line,) = log(city)
    assert (line.visit.entity, line.state, line.submission.record) == (
        first.entity,
        "in_review",
        submission.hash,
    )
    page = desk.get(first.path).text
    assert "周例会" in page and "护栏缺失" in page
    assert f'value="{submission.hash}"' in page
    history = plain(page.partition('id="history"')[2])
    assert "i05" in history.partition("i06")[0] and "新增 1 项" in history and "再次提交" not in history
    together = read(city, first.entity).history[-1].manifest
    assert together is not None and together.together == {
        *first.submission.body["records"],
        meeting.hash,
    }
    assert "不在" not in flags(page) and "没有此人" not in flags(page)


@ON_EACH_STORE
@pytest.mark.parametrize("is_accepted_before", [False, True])
def test_acceptance_is_about_what_the_team_had_submitted(
    city: City, desk: FlaskClient, is_accepted_before: bool
) -> None:
    first = submit(city)
    if is_accepted_before:
        assert decide(desk, first, "accepted").status_code == 303
    meeting, submission = add(city, first, "i06")
    whole = read(city, first.entity)
    item = whole.find(meeting.payload["entity"])
    assert item is not None
    if is_accepted_before:
        # Nothing a colleague sends later slips into what was accepted.
        assert (whole.line.state, item.is_changed, item.is_added) == ("resubmitted", True, True)
    refused = decide(desk, first, "accepted")
    assert refused.status_code == 409 and slug_of(refused, "submission-superseded")
    assert decide(desk, as_sent(first, submission), "accepted").status_code == 303
    whole = read(city, first.entity)
    assert whole.line.state == "accepted"
    assert [item.kind for item in (whole.own, *whole.timeline) if item.is_changed] == []


def test_a_colleagues_part_that_was_returned_is_answered_by_the_colleague(
    city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    meeting, submission = add(city, first, "i06")
    entity = meeting.payload["entity"]
    fields = {f"reason-{entity}": "谁主持的？", f"seen-{entity}": meeting.hash}
    assert decide(desk, as_sent(first, submission), "returned", **fields).status_code == 303
    assert read(city, first.entity).line.state == "returned"
    archive, phone, stream = services(city.app).archive, city.phone("i06"), first.visit.payload["stream"]
    mended = phone.seal(
        {**meeting.body, "chair": "项目经理"}, kind="meeting", stream=stream, id=archive.new_id(), entity=entity,
        supersedes=[meeting.hash],
    )  # fmt: skip
    again = phone.seal(
        {**submission.body, "records": [mended.hash]}, kind="submission", stream=stream, id=archive.new_id(),
        entity=submission.payload["entity"], supersedes=[submission.hash],
    )  # fmt: skip
    archive.push(sent(mended, again))
    whole = read(city, first.entity)
    item = whole.find(entity)
    assert item is not None
    assert (whole.line.state, item.returned, item.is_answered) == ("resubmitted", "谁主持的？", True)
    assert not whole.is_same_as_decided
    assert decide(desk, as_sent(first, again), "accepted").status_code == 303


def test_what_the_main_recorder_lacks_stays_on_the_page_after_a_colleague_submitted(
    city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    lacks = [{"what": "progress", "item": ""}]
    second = resubmit(city, first, {}, missing=lacks, reason="塔吊停电")
    add(city, second, "i06")
    assert "缺项提交 1 项，原因：塔吊停电" in flags(desk.get(first.path).text)


def test_the_same_holds_when_the_colleague_sends_first(city: City, desk: FlaskClient) -> None:
    other = submit(city, day="2026-11-11")
    archive, phone = services(city.app).archive, city.phone("i05")
    stream, visit = other.visit.payload["stream"], archive.new_id()
    late = phone.seal(other.visit.body, kind="visit", stream=stream, id=visit)
    meeting, _ = add(city, Sent(late, {}, other.submission), "i06")
    assert [line.visit.entity for line in log(city)] == [other.entity]
    body = {"visit": visit, "records": [late.hash], "missing": []}
    own = phone.seal(body, kind="submission", stream=stream, id=archive.new_id())
    archive.push(sent(late, own))
    whole = read(city, visit)
    assert whole.line.submission.record == own.hash
    assert [event.author for event in whole.history] == ["i06", "i05"]
    assert decide(desk, Sent(late, {}, own), "accepted").status_code == 303
    item = read(city, visit).find(meeting.payload["entity"])
    assert item is not None and not item.is_changed


@ON_EACH_STORE
def test_somebody_the_main_recorder_did_not_name_is_a_flag_and_no_submission(
    city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    meeting, submission = add(city, first, "i09")
    page = desk.get(first.path).text
    assert "i09记录了 1 项，主记录人填写的走访人员中没有此人" in flags(page)
    assert "周例会" in page and f'value="{first.submission.hash}"' in page
    # Named afterwards, they are of the team like the others.
    body = {**first.visit.body, "team": ["i05", "i06", "i09"]}
    archive, phone = services(city.app).archive, city.phone("i05")
    named = phone.seal(
        body, kind="visit", stream=first.visit.payload["stream"], id=archive.new_id(), entity=first.entity,
        supersedes=[first.visit.hash],
    )  # fmt: skip
    archive.push(sent(named))
    page = desk.get(first.path).text
    assert "没有此人" not in flags(page) and f'value="{submission.hash}"' in page
    assert meeting.payload["entity"] in page
