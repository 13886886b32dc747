"""What changed since the reviewer looked: earlier and newer wording, returns that nobody answered, the history with its reasons."""

import hashlib
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp.catalogue import load
from fieldapp.domain.body import Folded
from fieldapp.domain.visit import Visit
from fieldapp.dossier import PARTS
from fieldapp.word import label_key
from sync.archive import Draft
from sync.record import Record
from tests.fieldapp.desk_city import (
    City,
    Sent,
    build,
    hand_over,
    jpeg,
    logged_in,
    make_app,
    photo_body,
    resubmit,
    services,
    submit,
)
from tests.fieldapp.test_desk import decide
from tests.sync.factory import StandingClock, sent


def entity(record: Record) -> str:
    return str(record.payload["entity"])


def send_back(desk: FlaskClient, visit: Sent, reasons: dict[str, str], reason: str = "") -> None:
    """Return a visit with a reason at each of the named parts."""
    parts = {"visit": visit.visit, **visit.parts}
    fields = {f"reason-{entity(parts[name])}": words for name, words in reasons.items()}
    fields |= {f"seen-{entity(parts[name])}": parts[name].hash for name in reasons}
    assert decide(desk, visit, "returned", reason=reason, **fields).status_code == 303


def block(page: str, record: Record) -> str:
    """Return the page from an item on, up to the next one."""
    begun = page.partition(f'id="item-{entity(record)}"')[2]
    assert begun
    return begun.partition('id="item-')[0]


def plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def changed(page: str, record: Record) -> str:
    """Return what the summary at the top says was corrected in an item."""
    own = summary(page).partition(f'id="change-{entity(record)}"')[2].partition('id="change-')[0]
    return own.partition('class="changed"')[2].partition("</dl>")[0]


def summary(page: str) -> str:
    """Return what the page says of the time since the last decision."""
    return page.partition('aria-labelledby="since"')[2].partition("</section>")[0]


def flags(page: str) -> str:
    return page.partition('id="flags"')[2].partition("</section>")[0]


def test_a_corrected_text_shows_what_went_and_what_came(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {"entry": "请写桩号"})
    assert changed(desk.get(first.path).text, first.parts["entry"]) == ""
    resubmit(city, first, {"entry": {"what": "K3+200 处<b>护栏缺失</b>约 30 米"}})
    told = changed(desk.get(first.path).text, first.parts["entry"])
    assert "<ins>K3+200 处</ins>&lt;b&gt;护栏缺失" in told and "<ins>约 30 米</ins>" in told.replace(
        "<ins> ", "<ins>"
    )


def test_a_rewritten_text_stands_beside_the_earlier_one(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {"entry": "请核实"})
    rewritten = "路灯不亮，夜间无照明，" + "村民出行不便，" * 8
    resubmit(city, first, {"entry": {"what": rewritten}})
    told = changed(desk.get(first.path).text, first.parts["entry"])
    assert "<del>&lt;b&gt;护栏缺失&lt;/b&gt;</del>" in told and f"<ins>{rewritten}</ins>" in told
    assert re.search("更正前.*更正后", plain(told))


def test_choices_days_and_figures_change_in_words(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {"entry": "程度不符", "progress": "请复核"})
    resubmit(
        city,
        first,
        {
            "entry": {"severity": "serious", "deadline_on": "2027-01-31", "is_fixed_at_once": True},
            "progress": {"observed_permille": 655},
            "visit": {"team": ["i05", "i06", "i09"], "left_at": "2026-11-12T16:10:00.000+08:00"},
        },
    )
    page = desk.get(first.path).text
    told = plain(changed(page, first.parts["entry"]))
    for words in ("程度 较重 → 严重", "整改时限 （空） → 2027-01-31", "立行立改 否 → 是"):
        assert words in told, told
    assert "67% → 65.5%" in plain(changed(page, first.parts["progress"]))
    own = plain(changed(page, first.visit))
    assert "i05、i06 → i05、i06、i09" in own and "2026-11-12 15:50" in own and "2026-11-12 16:10" in own


def test_a_photo_taken_anew_stands_beside_the_old_one(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {"photo": "看不清"})
    picture = jpeg("again")
    fresh = photo_body("2026-11-12", picture) | {"caption": "全景，补拍"}
    second = resubmit(city, first, {"photo": fresh})
    page = desk.get(first.path).text
    told = changed(page, first.parts["photo"])
    old, new = (one.body["view"]["sha256"] for one in (first.parts["photo"], second.parts["photo"]))
    assert f"/photo/{old}?size=small" in told and "照片尚未收到" in told and f"/photo/{new}?" not in told
    hand_over(city, second.parts["photo"], picture)
    told = changed(desk.get(first.path).text, first.parts["photo"])
    assert f"/photo/{old}?size=small" in told and f"/photo/{new}?size=small" in told
    assert "全景<ins>，补拍</ins>" in told
    page = desk.get(first.path).text
    assert (page.count(f"/photo/{old}?size=small"), page.count(f"/photo/{new}?size=small")) == (1, 2)
    own = desk.get(f"{first.path}/photo/{entity(first.parts['photo'])}").text
    assert f"/photo/{old}?size=small" in own
    assert [desk.get(f"/photo/{one}/original").status_code for one in (old, new)] == [200, 200]


def test_answers_of_a_checklist_change_question_by_question(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    first = submit(city)
    groups = [
        {
            "zh": "安全",
            "en": "Safety",
            "items": [
                {"id": "m01", "zh": "护栏是否完好", "en": "Guard rails whole", "type": "select_one yn"},
                {"id": "m02", "zh": "标志是否齐全", "en": "Signs complete", "type": "select_one yn"},
            ],
        }
    ]
    choices = {"yn": [{"name": "yes", "zh": "是的", "en": "yes"}, {"name": "no", "zh": "没有", "en": "no"}]}
    template = {
        "code": "monthly", "edition": "1", "name": "月度核查表", "purposes": ["monthly"], "types": [],
        "groups": groups, "choices": choices,
    }  # fmt: skip
    sheet = services(app).archive.seal([Draft("checklist", "commons", template, "d04")])[0].payload["id"]
    answers = {"checklist": sheet, "edition": "1", "answers": {"m01": "yes", "m02": "unchecked"}}
    second = resubmit(city, first, {}, {"answer": answers})
    send_back(desk, second, {"answer": "请到现场核"})
    resubmit(
        city, second, {"answer": {"answers": {"m01": "no", "m02": "unchecked"}, "notes": {"m01": "缺两块"}}}
    )
    page = desk.get(first.path).text
    told = plain(changed(page, second.parts["answer"]))
    assert "护栏是否完好 是的 → 没有" in told and "护栏是否完好 · 备注 （空） → 缺两块" in told
    assert "标志" not in told
    history = page.partition('id="history"')[2]
    assert "核查表 月度核查表" in plain(history) or "月度核查表" in plain(history)


def test_every_wording_of_an_item_can_be_read(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    second = resubmit(city, first, {"entry": {"what": "护栏缺失，K3+200"}})
    send_back(desk, second, {"entry": "请写长度"})
    third = resubmit(city, second, {"entry": {"what": "护栏缺失，K3+200，长 30 米"}})
    page = desk.get(first.path).text
    told = block(page, first.parts["entry"]).partition('class="revisions"')[2].partition("</details>")[0]
    assert [word in plain(told) for word in ("历次文本（3）", "原文", "第 1 次更正", "第 2 次更正")] == [
        True
    ] * 4
    assert "&lt;b&gt;护栏缺失&lt;/b&gt;" in told
    for record in (first, second, third):
        assert record.parts["entry"].hash[:16] in told
    # Against what the reviewer saw, not against the first wording.
    assert "<ins>，长 30 米</ins>" in changed(page, first.parts["entry"])
    assert "&lt;b&gt;" not in changed(page, first.parts["entry"])
    # Decided about: nothing is new any more, the wordings stay.
    decide(desk, third, "accepted")
    page = desk.get(first.path).text
    assert changed(page, first.parts["entry"]) == "" and "历次文本（3）" in page


def test_a_strangers_revision_is_not_among_the_wordings(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    second = resubmit(city, first, {"entry": {"what": "护栏缺失，K3+200"}})
    old, foreign = first.parts["entry"], city.phone("i09")
    forged = foreign.seal(
        {**old.body, "what": "没有问题"},
        kind="entry", stream=old.payload["stream"], id=services(app).archive.new_id(),
        entity=entity(old), supersedes=[second.parts["entry"].hash],
    )  # fmt: skip
    services(app).archive.push(sent(forged))
    assert "没有问题" not in desk.get(first.path).text


def test_reasons_in_the_history_name_their_item_and_lead_to_it(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(
        desk, first, {"entry": "请写桩号", "photo": "看不清", "progress": "请复核", "visit": "写明同行人"}
    )
    page = desk.get(first.path).text
    history = page.partition('id="history"')[2]
    for name, title in (("entry", "<b>护栏缺失</b>"), ("photo", "全景"), ("progress", ""), ("visit", "")):
        record = {"visit": first.visit, **first.parts}[name]
        link = re.search(rf'<a href="#item-{entity(record)}">(.*?)</a>', history)
        assert link and title in unescape(link[1]), name
        assert page.count(f'id="item-{entity(record)}"') == 1, name
    resubmit(city, first, {"entry": {"what": "K2+350处护栏缺失"}})
    steps = desk.get(first.path).text.partition('id="history"')[2].partition("</section>")[0]
    asked, answered = re.findall(rf'<a href="#item-{entity(first.parts["entry"])}">(.*?)</a>', steps)
    assert "K2+350" not in asked and "K2+350" in answered


def test_why_an_earlier_submission_was_sent_incomplete_stays_readable(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    lacks = [{"what": "progress", "item": ""}]
    second = resubmit(city, first, {}, missing=lacks, reason="塔吊停电，上不去")
    send_back(desk, second, {}, "补进度")
    third = resubmit(city, second, {"progress": {"physical": "路基完成"}}, missing=[], reason="")
    page = desk.get(third.path).text
    assert "塔吊停电，上不去" not in flags(page)
    history = plain(page.partition('id="history"')[2])
    assert "缺项提交 1 项，原因：塔吊停电，上不去" in history
    assert "更正 1 项" in history


def test_the_history_says_what_each_submission_brought(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    second = resubmit(city, first, {})
    resubmit(
        city,
        second,
        {"entry": {"what": "护栏缺失，K3"}},
        {"day_log": {"day_on": "2026-11-12", "what": "看现场"}},
    )
    history = plain(desk.get(first.path).text.partition('id="history"')[2])
    assert re.search(r"^.*提交 .*再次提交 .*与上次提交相同.*再次提交 .*更正 1 项 .*新增 1 项 ", history)


def test_a_return_that_nobody_answered_is_flagged_with_its_words(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {"entry": "请写桩号", "photo": "看不清", "progress": "请复核"})
    assert "未作补充" not in desk.get(first.path).text
    resubmit(city, first, {"entry": {"what": "护栏缺失，K3+200"}})
    page = desk.get(first.path).text
    assert "退回的 2 项未作补充" in flags(page) and "再次提交的内容与退回时相同" not in flags(page)
    told = plain(summary(page))
    assert [words for words in ("看不清", "请复核", "请写桩号") if words not in told] == []
    # What nobody answered comes first.
    assert told.rindex("未作补充") < told.index("已补充") < told.index("请写桩号")
    assert f'href="#item-{entity(first.parts["photo"])}"' in summary(page)
    assert "已补充" in block(page, first.parts["entry"]) and "未作补充" in block(page, first.parts["photo"])


def test_a_new_photo_of_a_returned_entry_is_an_answer(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {"entry": "补照片"})
    picture = jpeg("proof")
    proof = photo_body("2026-11-12", picture) | {"about": entity(first.parts["entry"])}
    # `photo` is a name of the visit's own photo: the added one is sealed under its kind.
    second = resubmit(
        city, Sent(first.visit, {"entry": first.parts["entry"]}, first.submission), {}, {"photo": proof}
    )
    hand_over(city, second.parts["photo"], picture)
    page = desk.get(first.path).text
    assert "未作补充" not in flags(page)
    told = summary(page)
    assert f'href="#item-{entity(second.parts["photo"])}"' in told and told.count("#item-") == 2


def test_a_visit_sent_again_as_it_was_is_flagged(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    send_back(desk, first, {}, "记录太少")
    resubmit(city, first, {})
    told = flags(desk.get(first.path).text)
    assert "再次提交的内容与退回时相同" in told


def at_noon_of(day: str) -> StandingClock:
    from datetime import UTC, datetime

    return StandingClock(datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("change", "day", "words"),
    [
        ({"deadline_on": "2026-11-20"}, "2026-11-23", "逾期 3 天"),
        ({"deadline_on": "2026-11-20"}, "2026-11-20", ""),
        ({"deadline_on": "2026-11-20", "is_fixed_at_once": True}, "2026-11-23", ""),
        ({}, "2026-11-23", ""),
    ],
)
def test_an_overdue_entry_says_by_how_many_days(
    tmp_path: Path, change: dict[str, Any], day: str, words: str
) -> None:
    app = make_app(tmp_path, at_noon_of(day))
    city, desk = build(app), logged_in(app, "d01")
    first = submit(city)
    resubmit(city, first, {"entry": change})
    page = desk.get(first.path).text
    own = block(page, first.parts["entry"])
    assert ("逾期" in flags(page)) == bool(words)
    assert words in own if words else 'data-state="overdue"' not in own
    services(app).database.close()


def test_a_closed_entry_is_not_overdue_and_a_rechecked_one_is(tmp_path: Path) -> None:
    app = make_app(tmp_path, at_noon_of("2026-11-23"))
    city, desk = build(app), logged_in(app, "d01")
    first = submit(city)
    resubmit(city, first, {"entry": {"deadline_on": "2026-11-20"}})
    later = submit(city, day="2026-11-22")
    looked = {"entry": entity(first.parts["entry"]), "checked_on": "2026-11-22", "known_by": "seen"}
    second = resubmit(city, later, {}, {"recheck": looked | {"outcome": "not_fixed"}})
    assert "逾期 3 天" in block(desk.get(later.path).text, second.parts["recheck"])
    resubmit(city, second, {"recheck": {"outcome": "fixed"}})
    assert "逾期" not in desk.get(first.path).text and "逾期" not in desk.get(later.path).text
    services(app).database.close()


def test_every_member_of_a_visits_parts_has_a_label() -> None:
    wording = load("zh-CN")
    images = {"view", "original", "checklist", "answers"}  # named by words of their own, or one by one
    lacking = [
        f"{table.__tablename__}.{name}"
        for table in (Visit, *PARTS)
        for name in table.model_fields
        if name not in Folded.model_fields
        and name not in images | {"visit"}
        and label_key(table.__tablename__, name) not in wording
    ]
    assert lacking == []


def test_the_changes_read_in_english_too(city: City, desk: FlaskClient) -> None:
    desk.set_cookie("lang", "en")
    first = submit(city)
    send_back(desk, first, {"entry": "please say where"})
    resubmit(city, first, {"entry": {"severity": "serious"}})
    told = plain(changed(desk.get(first.path).text, first.parts["entry"]))
    assert "Severity Major → Serious" in told


def test_old_bytes_keep_their_hash_in_the_change(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    picture = jpeg("again")
    second = resubmit(city, first, {"photo": photo_body("2026-11-12", picture)})
    hand_over(city, second.parts["photo"], picture)
    page = desk.get(first.path).text
    assert hashlib.sha256(picture).hexdigest() in page
    assert first.parts["photo"].body["view"]["sha256"] in page


def retake(city: City, first: Sent) -> str:
    """Have the phone correct its photo with other bytes; return the hash of the bytes before."""
    phone, old = city.phone("i05"), first.parts["photo"]
    picture = jpeg("again")
    view = old.body["view"] | {"sha256": hashlib.sha256(picture).hexdigest(), "size_bytes": len(picture)}
    photo = phone.seal(
        {**old.body, "view": view},
        kind="photo",
        stream=old.payload["stream"],
        id=services(city.app).archive.new_id(),
        entity=old.payload["entity"],
        supersedes=[old.hash],
    )
    services(city.app).archive.push(sent(photo))
    hand_over(city, photo, picture)
    return str(old.body["view"]["sha256"])


def test_a_photo_taken_again_shows_what_it_was_before(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    assert 'class="both"' not in desk.get(first.path).text
    before = retake(city, first)
    for path in (first.path, f"{first.path}/photo/{first.parts['photo'].payload['entity']}"):
        page = desk.get(path).text
        assert 'class="both"' in page and f"/photo/{before}" in page
    assert desk.get(f"/photo/{before}/original").status_code == 200
