"""The demo city: whole, consistent with its data, the same each time, and never in the future."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel, col, select

from fieldapp import demo
from fieldapp.answer_fault import faults
from fieldapp.coverage import Rule, SubmittedVisit, state_of
from fieldapp.demo.book import data
from fieldapp.demo.city import City
from fieldapp.demo.ledger import Ledger
from fieldapp.demo.photos import Shot, jpeg
from fieldapp.demo.shift import ANCHOR, Shift
from fieldapp.demo.stories import tell_all
from fieldapp.demo.visits import Rounds
from fieldapp.domain import (
    TABLES,
    Answer,
    Appraisal,
    Assignment,
    Checklist,
    Claim,
    DayLog,
    Entry,
    Interview,
    Link,
    Meeting,
    Milestone,
    Official,
    Outcome,
    Photo,
    Progress,
    Project,
    Question,
    Recheck,
    Reply,
    Review,
    Source,
    Submission,
    Unit,
    Verification,
    Visit,
    rulebook,
)
from fieldapp.plan import due_permille
from sync.table import RecordRow, Unfolded
from tests.fieldapp.demo_city import Loaded, archive_in, count, load_into, project, rows

pytestmark = pytest.mark.timeout(600)

# Members that name seals, and so differ between two loads.
NAMES_SEALS = {"record", "kid", "records", "submission", "items"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    loaded = load_into(tmp_path_factory.mktemp("demo") / "one")
    yield loaded
    loaded.database.close()


def test_it_is_the_size_of_the_sizing_case(city: Loaded) -> None:
    assert [count(city, table) for table in (Unit, Project, Milestone, Official, Checklist, Source)] == [
        30,
        70,
        300,
        40,
        15,
        15,
    ]
    assert count(city, Visit) > 450
    for table in (
        Claim,
        Question,
        Outcome,
        Interview,
        Meeting,
        DayLog,
        Recheck,
        Reply,
        Verification,
        Assignment,
    ):
        assert count(city, table) >= 5, table
    assert {row.list for row in rows(city, Entry)} == {"task", "progress", "problem", "achievement", "duty"}


def test_every_answer_fits_its_checklist_and_appraisals_were_held(city: Loaded) -> None:
    checklists = {row.entity: row for row in rows(city, Checklist)}
    answers = rows(city, Answer)
    assert len(answers) > 100
    misfits = {
        (fault.name, fault.reason) for row in answers for fault in faults(checklists[row.checklist], row)
    }
    assert misfits == set()
    appraisals = rows(city, Appraisal)
    assert any(row.counts for row in appraisals)


def test_nothing_is_left_unfolded_incomplete_or_in_conflict(city: Loaded) -> None:
    assert count(city, Unfolded) == 0
    with city.session() as session:
        assert session.exec(select(RecordRow.kind).where(col(RecordRow.completed_at).is_(None))).all() == []
    for table in TABLES.values():
        assert [row for row in rows(city, table) if row.is_conflict] == []


def test_progress_is_told_up_to_the_whole(city: Loaded) -> None:
    assert city.told == sorted(city.told)
    assert city.told[-1] == 1.0


def test_due_on_the_day_of_the_load_is_the_data_s(city: Loaded) -> None:
    for given in data()["projects"]:
        row = project(city, given["id"])
        due = due_permille(row.plan, row.start_on, row.end_on, ANCHOR)
        assert due == round(given["progress"]["due"] * 10), given["id"]


def test_the_last_visit_of_each_project_is_the_data_s(city: Loaded) -> None:
    told_by_stories = {story["project"] for story in data()["stories"]}
    for given in data()["projects"]:
        stream = f"project:{project(city, given['id']).entity}"
        last = rows(city, Visit, stream=stream)[-1]
        assert last.arrived_at[:10] == given["last_visit"]
        if given["id"] not in told_by_stories:
            seen = rows(city, Progress, stream=stream)[-1]
            assert seen.observed_permille == round(given["progress"]["observed"] * 10)
            assert seen.reported_permille == round(given["progress"]["reported"] * 10)


def submitted(loaded: Loaded, row: Project) -> list[SubmittedVisit]:
    stream = f"project:{row.entity}"
    reviews = {review.submission: review.decision for review in rows(loaded, Review, stream=stream)}
    manifests = {manifest.visit: manifest.record for manifest in rows(loaded, Submission, stream=stream)}
    observed = {progress.visit for progress in rows(loaded, Progress, stream=stream)}
    return [
        SubmittedVisit(
            on=date.fromisoformat(visit.arrived_at[:10]),
            people=len(visit.team),
            has_progress=visit.entity in observed,
            unanswered=0,
            decision=reviews.get(manifests[visit.entity], "waiting"),
        )
        for visit in rows(loaded, Visit, stream=stream)
    ]


def test_coverage_of_the_month_is_as_the_domain_counts_it(city: Loaded) -> None:
    states: dict[str, int] = {}
    for row in rows(city, Project):
        given = row.coverage
        rule = Rule(
            per_month=given["per_month"],
            days_before_milestone=given["days_before_milestone"],
            days_after_milestone=given["days_after_milestone"],
            suspended_months=tuple(given["suspended_months"]),
            start_on=date.fromisoformat(row.start_on),
            is_finished=row.state == "finished",
        )
        state = state_of(rule, submitted(city, row), "2026-11", ANCHOR)
        states[state] = states.get(state, 0) + 1
    assert states["covered"] + states["in_review"] == 48
    assert min(states["covered"], states["in_review"]) >= 5
    assert (states["due"], states["overdue"], states["suspended"]) == (16, 4, 2)


def test_whoever_must_keep_away_keeps_away(city: Loaded) -> None:
    for case in data()["avoidance"]:
        stream = f"project:{project(city, case['project']).entity}"
        visits = rows(city, Visit, stream=stream)
        assert visits
        assert all(case["inspector"].lower() not in visit.team for visit in visits)
    assert all(len(visit.team) >= 2 for visit in rows(city, Visit))


def test_each_team_has_a_returned_visit_and_some_wait(city: Loaded) -> None:
    latest: dict[str, str] = {}
    for manifest in rows(city, Submission):
        latest[manifest.visit] = manifest.record
    decided = {review.submission: review.decision for review in rows(city, Review)}
    decisions = [decided.get(record, "waiting") for record in latest.values()]
    assert decisions.count("returned") == 5
    assert decisions.count("waiting") >= 10
    assert any(row.revisions > 1 and decided.get(row.record) == "accepted" for row in rows(city, Submission))
    assert any(row.revisions > 1 and row.record not in decided for row in rows(city, Submission))


def test_numbers_are_given_once(city: Loaded) -> None:
    numbers = [review.number for review in rows(city, Review) if review.decision == "accepted"]
    assert len(numbers) == len(set(numbers))
    assert "云一线走〔2026〕002-09-2 号" in numbers


def test_manifests_list_every_part_as_it_was_submitted(city: Loaded) -> None:
    with city.session() as session:
        known = set(session.exec(select(RecordRow.hash)))
    for manifest in rows(city, Submission):
        assert set(manifest.records) <= known
    parts = {row.record for row in rows(city, Photo) if row.visit}
    listed = {record for manifest in rows(city, Submission) for record in manifest.records}
    assert parts <= listed


def stream_of(loaded: Loaded, code: str) -> str:
    return f"project:{project(loaded, code).entity}"


def test_story_of_the_disputed_length(city: Loaded) -> None:
    stream = stream_of(city, "P002")
    first = next(row for row in rows(city, Entry, stream=stream) if "原记1.9公里" in row.what)
    assert first.revisions == 2
    reply = next(row for row in rows(city, Reply, stream=stream) if first.entity in row.about)
    assert reply.reply == "dispute"
    returned = next(row for row in rows(city, Review, stream=stream) if row.decision == "returned")
    assert "照片距点位较远" in returned.items[0]["reason"]
    assert [row.outcome for row in rows(city, Recheck, stream=stream, entry=first.entity)] == ["fixed"]
    seen = {row.seen_on: row.observed_permille for row in rows(city, Progress, stream=stream)}
    assert (seen["2026-09-17"], seen["2026-11-12"]) == (570, 670)


def test_story_of_the_inherited_wall(city: Loaded) -> None:
    stream = stream_of(city, "P040")
    found = [row for row in rows(city, Entry, stream=stream) if row.responsible and "空鼓" in row.what]
    names = {row.entity: row.code for row in rows(city, Official)}
    assert [(names[row.responsible], row.share) for row in found] == [("o07", None), ("o06", "inherited")]
    outcomes = [row.outcome for row in rows(city, Recheck, stream=stream, entry=found[0].entity)]
    assert outcomes == ["not_fixed", "fixed"]
    links = rows(city, Link, stream=stream)
    assert {names[link.official] for link in links if link.role == "lead"} == {"o07", "o06"}


def test_story_of_the_unpowered_points(city: Loaded) -> None:
    stream = stream_of(city, "P052")
    claim = next(row for row in rows(city, Claim, stream=stream) if "480" in row.what)
    assert [row.outcome for row in rows(city, Outcome, about=claim.entity)] == ["partly_true"]
    entry = next(row for row in rows(city, Entry, stream=stream) if "4个未通电" in row.what)
    checks = rows(city, Recheck, entry=entry.entity)
    assert [row.outcome for row in checks] == ["partly_fixed", "fixed"]
    before = rows(city, Photo, about=entry.entity)
    after = rows(city, Photo, about=checks[1].entity)
    assert len(before) == len(after) == 1
    assert next(row.manner for row in rows(city, Visit, entity=entry.visit)) == "covert"


def test_story_of_the_early_breakthrough(city: Loaded) -> None:
    stream = stream_of(city, "P010")
    claim = next(row for row in rows(city, Claim, stream=stream) if row.what == "提前18天贯通")
    assert [row.outcome for row in rows(city, Outcome, about=claim.entity)] == ["true"]
    told = [
        row for row in rows(city, Entry, stream=stream) if row.list == "achievement" and "贯通" in row.what
    ]
    verified = {row.entry: row.corroboration for row in rows(city, Verification, stream=stream)}
    assert [verified.get(row.entity) for row in told] == [None, "agree"]
    latent = next(row for row in rows(city, Entry, stream=stream) if row.visibility == "latent")
    assert latent.look_back_on == "2027-07-01"


def test_story_of_the_stationed_days(city: Loaded) -> None:
    unit = rows(city, Unit, code="u25")[0]
    stream = f"unit:{unit.entity}"
    visit = next(row for row in rows(city, Visit, stream=stream) if row.purpose == "stationed")
    assert (visit.arrived_at[:10], visit.left_at[:10]) == ("2026-10-26", "2026-10-30")
    assert len(rows(city, DayLog, visit=visit.entity)) == 5
    circles: dict[str, int] = {}
    for talk in rows(city, Interview, visit=visit.entity):
        circles[talk.relation] = circles.get(talk.relation, 0) + 1
    assert circles == {"superior": 2, "peer": 3, "subordinate": 9, "served": 6}
    outcomes = {row.outcome for row in rows(city, Recheck) if row.stream in (stream, stream_of(city, "P020"))}
    assert {"relapsed", "fixed"} <= outcomes
    question = next(row for row in rows(city, Question, stream=stream) if row.origin == "democratic_meeting")
    assert [row.outcome for row in rows(city, Outcome, about=question.entity)] == ["partly_true"]


def test_story_of_the_storm_night(city: Loaded) -> None:
    stream = stream_of(city, "P069")
    night = next(row for row in rows(city, Visit, stream=stream) if row.manner == "covert")
    assert night.arrived_at[11:13] == "21"
    entry = next(row for row in rows(city, Entry, stream=stream) if "不在位" in row.what)
    assert entry.is_fixed_at_once
    assert [row.outcome for row in rows(city, Recheck, entry=entry.entity)] == ["fixed"]


def test_on_a_covert_visit_nobody_goes_along_and_only_chance_talks_happen(city: Loaded) -> None:
    covert = {row.entity: row for row in rows(city, Visit) if row.manner == "covert"}
    assert len(covert) > 5
    assert {row.accompanied_by for row in covert.values()} == {""}
    assert {row.mode for row in rows(city, Interview) if row.visit in covert} <= {"chance"}
    assert [row for row in rows(city, Meeting) if row.visit in covert] == []


def test_photos_are_there_and_no_two_are_the_same(city: Loaded) -> None:
    hashes = []
    for row in rows(city, Photo):
        hashes.append(row.view["sha256"])
        assert city.photos.has(row.view["sha256"])
    assert len(set(hashes)) >= len(hashes) - 3
    with city.photos.open(hashes[0]) as file:
        assert hashlib.sha256(file.read()).hexdigest() == hashes[0]


def test_two_loads_differ_in_nothing_but_seals(city: Loaded, tmp_path: Path) -> None:
    other = load_into(tmp_path / "two")
    for table in TABLES.values():
        assert bodies(other, table) == bodies(city, table), table
    other.database.close()


def bodies(loaded: Loaded, table: type[SQLModel]) -> list[str]:
    names = sorted(set(table.model_fields) - NAMES_SEALS)
    kept = [{name: getattr(row, name) for name in names} for row in rows(loaded, table)]
    return [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in kept]


def test_the_same_shot_is_the_same_bytes() -> None:
    shot = Shot("P001", "road", "2026-11-07", 0.8)
    assert jpeg(shot) == jpeg(shot)
    assert 8_000 < len(jpeg(shot)) < 80_000


def drafts_on(load_on: date, folder: Path) -> Ledger:
    ledger = Ledger(archive_in(folder), Shift(load_on))
    city = City(ledger)
    city.enter()
    Rounds(city).write()
    tell_all(city)
    return ledger


@pytest.mark.parametrize(
    "load_on",
    [
        date(2026, 11, 22),
        date(2026, 12, 1),
        date(2027, 1, 2),
        date(2027, 2, 9),
        date(2027, 5, 31),
        date(2028, 2, 29),
    ],
    ids=str,
)
def test_on_any_day_bodies_are_valid_and_nothing_lies_in_the_future(load_on: date, tmp_path: Path) -> None:
    ledger = drafts_on(load_on, tmp_path / "any")
    kinds = rulebook().kinds
    image = {
        "sha256": "0" * 64,
        "size_bytes": 1,
        "media_type": "image/jpeg",
        "width": 1,
        "height": 1,
        "required": True,
    }
    for draft in ledger.drafts.values():
        body = {**draft.body, "view": image} if draft.kind == "photo" else draft.body
        kinds[draft.kind].versions[draft.v](body)
        assert draft.captured_at is not None
        assert draft.captured_at[:10] < load_on.isoformat(), draft
    last = max(str(draft.captured_at) for draft in ledger.drafts.values())
    assert date.fromisoformat(last[:10]) >= load_on - timedelta(days=14)


@pytest.mark.parametrize("load_on", [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 21)], ids=str)
def test_pressed_days_keep_their_order(load_on: date) -> None:
    shift = Shift(load_on)
    days = [shift.day(date(2026, 11, number)) for number in range(1, 31)]
    assert days == sorted(days)
    assert days[20] < load_on == days[21]


def test_words_name_the_months_of_the_shifted_year() -> None:
    shift = Shift(date(2027, 2, 25))
    assert (
        shift.words("8月上报，11月9日审定，共3个月，2025年度审计")
        == "11月上报，2月9日审定，共3个月，2026年度审计"
    )
    assert shift.words("a letter of September") == "a letter of December"


def test_everybody_has_a_login() -> None:
    people = demo.logins()
    assert [role for _, _, role, _, _ in people].count("inspector") == 20
    assert [role for _, _, role, _, _ in people].count("supervisor") == 3
    assert ("d04", "d04", "administrator", "倪天权", "Ni Tianquan") in people
