"""Everything captured on a visit can be read at the desk."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from sync.archive import Draft
from tests.fieldapp.desk_city import (
    City,
    Sent,
    hand_over,
    jpeg,
    photo_body,
    resubmit,
    services,
    submit,
)
from tests.fieldapp.test_desk import decide, reviews

DAY = "2026-11-12"


def known(app: Flask, stream: str, kind: str, body: dict[str, object]) -> str:
    return str(services(app).archive.seal([Draft(kind, stream, body, "d04")])[0].payload["id"])


def test_every_word_an_inspector_wrote_stands_on_the_page(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    words = {
        "visit": {"summary": "总结甲", "next_time": ["下次乙"], "accompanied_by": "陪同丙", "is_left_late": True},
        "progress": {"physical": "形象丁"},
        "entry": {"place": "部位戊", "wanted": "协调己", "raised_by": "提出庚", "known_by": "measured",
                  "deadline_on": "2027-03-04", "look_back_on": "2027-05-06", "is_fixed_at_once": True},
        "photo": {"place": "位置辛"},
    }  # fmt: skip
    entry = first.parts["entry"].payload["entity"]
    stream = str(first.visit.payload["stream"])
    plan = {"project": stream.partition(":")[2], "name": "主体封顶", "planned_on": "2026-10-01"}
    milestone = known(app, stream, "milestone", dict(plan))
    added = {
        "interview": {
            "talked_on": DAY, "code": "T0501", "role": "worker", "relation": "served", "knows": "daily",
            "mode": "chance", "is_use_told": False, "notes": "记录壬", "about": "涉及癸", "note_taker": "i06",
            "asked": [{"question": "自问子", "note": "自答丑"}],
        },
        "meeting": {
            "held_on": DAY, "title": "会议寅", "chair": "主持卯", "matter": "议题辰", "attended": 27,
            "decided": [{"what": "议定巳", "who": "落实午", "by_on": "2026-12-13"}],
        },
        "day_log": {"day_on": DAY, "what": "纪实未"},
        "recheck": {"entry": entry, "checked_on": "2026-11-11", "outcome": "partly_fixed", "known_by": "seen", "what": "复查申"},
        "reconciliation": {"milestone": milestone, "state": "not_reached",
                           "known_by": "seen", "reason": "原因丙寅", "slip_causes": ["fund"]},
        "claim": {"origin": "said", "what": "自述戌", "claimed_by": "项目经理亥", "figure": "九成甲", "claimed_on": DAY},
        "look_back": {"entry": entry, "looked_on": "2026-11-11", "outcome": "too_early", "what": "回看酉", "again_on": "2027-11-14"},
    }  # fmt: skip
    second = resubmit(city, first, words, added)
    done = {
        "about": second.parts["meeting"].payload["entity"],
        "item": "1",
        "outcome": "done",
        "what": "已办乙丑",
    }
    heard = {"entry": {"heard_in": second.parts["interview"].payload["entity"]}}
    resubmit(city, second, heard, {"outcome": done})
    page = unescape(
        re.sub(r"<div class=\"changed\">.*?</details>", "", desk.get(first.path).text, flags=re.DOTALL)
    )
    own = "总结甲 下次乙 陪同丙 形象丁 部位戊 协调己 提出庚 2027-03-04 2027-05-06".split()
    more = "T0501 记录壬 涉及癸 自问子 自答丑 会议寅 主持卯 议题辰 27 议定巳 落实午 2026-12-13 纪实未 复查申 回看酉 2027-11-14".split()
    more += "自述戌 项目经理亥 九成甲 已落实 已办乙丑 原因丙寅 资金".split()
    assert [word for word in own + more if word not in page] == []
    talk = second.parts["interview"].payload["entity"]
    at_entry = page.partition(f'id="item-{entry}"')[2].partition("</li>")[0]
    assert re.search(rf'来自谈话：\s*<a href="#item-{talk}">', at_entry)
    photo = first.parts["photo"].payload["entity"]
    assert "位置辛" in desk.get(f"{first.path}/photo/{photo}").text


def test_a_large_photo_bears_its_watermark_and_a_covert_visit_not_its_manner(
    city: City, desk: FlaskClient
) -> None:
    def lines(visit: Sent) -> list[str]:
        page = desk.get(f"{visit.path}/photo/{visit.parts['photo'].payload['entity']}").text
        found = re.search(r'<figcaption class="watermark">(.*?)</figcaption>', page, re.DOTALL)
        assert found
        return [unescape(line) for line in re.findall(r"<span>(.*?)</span>", found[1])]

    first = submit(city)
    name, caption, at, where, who, digest = lines(first)
    assert caption == first.parts["photo"].body["caption"] and name
    assert at == "2026-11-12 14:30:00 +08:00"
    assert re.fullmatch(r"26\.\d{5}, 110\.\d{5} ±\d+ m \(WGS-84\)", where)
    assert digest == "SHA-256 " + first.parts["photo"].body["view"]["sha256"][:8]
    assert "抽查" in who or "明察" in who
    resubmit(
        city,
        first,
        {"photo": {"origin": "gallery", "fix": None, "no_fix": "imported"}, "visit": {"manner": "covert"}},
    )
    later = lines(first)
    assert "未取得定位" in later and any(line.startswith("文件时间 2026-11-12") for line in later)
    assert not any(word in line for line in later for word in ("抽查", "明察", "暗访"))


def test_the_time_of_an_imported_file_is_not_called_when_it_was_taken(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    at = f"{first.path}/photo/{first.parts['photo'].payload['entity']}"
    assert "拍摄时间" in desk.get(at).text and "文件时间" not in desk.get(first.path).text
    resubmit(city, first, {"photo": {"origin": "gallery", "fix": None, "no_fix": "imported"}})
    page = desk.get(at).text
    assert "拍摄时间（" not in page and "文件时间" in page and "不等于拍摄时间" in page
    assert "文件时间 2026-11-12 14:30" in desk.get(first.path).text


def test_every_record_and_submission_has_an_author(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    resubmit(city, first, {"entry": {"what": "护栏缺失约两米"}})
    page = desk.get(first.path).text
    head = page.partition('class="visit-head"')[2].partition("</header>")[0]
    assert "记录人" in head
    steps = page.partition('id="history"')[2].partition("</section>")[0]
    assert steps.lower().count("i05") == 2


def test_a_photo_and_what_it_shows_lead_to_each_other(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    entry, photo = (first.parts[name].payload["entity"] for name in ("entry", "photo"))
    resubmit(city, first, {"photo": {"about": entry, "caption": "护栏近景"}})
    page = desk.get(first.path).text
    at_entry = page.partition(f'id="item-{entry}"')[2].partition("</li>")[0]
    assert f'href="{first.path}/photo/{photo}">护栏近景</a>' in at_entry
    at_photo = page.partition(f'id="item-{photo}"')[2].partition("</li>")[0]
    assert f'href="#item-{entry}"' in at_photo
    assert f'href="{first.path}#item-{entry}"' in desk.get(f"{first.path}/photo/{photo}").text


def test_an_entry_names_who_answers_for_it(app: Flask, city: City, desk: FlaskClient) -> None:
    first = submit(city)
    official = known(app, "commons", "official", {"code": "o01", "name": "周立春", "name_en": "Zhou Lichun"})
    resubmit(city, first, {"entry": {"responsible": official, "share": "own"}})
    assert "周立春" in desk.get(first.path).text
    desk.set_cookie("lang", "en")
    assert "Zhou Lichun" in desk.get(first.path).text


def test_another_photo_of_the_visit_keeps_its_own_place(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    picture = jpeg("far")
    far = photo_body(DAY, picture)
    fix = {"lat_e7": 264933410, "lon_e7": 1105640190, "accuracy_m": 10, "age_ms": 0}
    name = {"photo": far | {"caption": "远处", "fix": fix}}
    second = resubmit(city, Sent(first.visit, {"entry": first.parts["entry"]}, first.submission), {}, name)
    hand_over(city, second.parts["photo"], picture)
    page = desk.get(first.path).text
    assert "1 张照片拍摄位置超出点位范围" in page
    assert "距点位 0 米" in page and "2.2 公里" in page


def test_acceptance_with_a_reason_for_a_return_written_is_asked_about(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    sent = submit(city)
    entity = sent.parts["entry"].payload["entity"]
    fields = {f"reason-{entity}": "请补充", f"seen-{entity}": sent.parts["entry"].hash}
    for typed in (fields, {"reason": "再看一遍"}):
        page = decide(desk, sent, "accepted", **typed)
        assert page.status_code == 400 and next(iter(typed.values())) in page.text
    assert reviews(app) == []


def test_what_somebody_entered_twice_is_a_signal_that_names_it(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    entry = first.parts["entry"].body
    told = "与同一人的另一条内容完全相同"
    other = resubmit(city, first, {}, {"entry": entry | {"what": "另一处护栏缺失"}})
    assert told not in desk.get(first.path).text
    again = resubmit(city, other, {}, {"entry": entry})
    page = desk.get(first.path).text.partition('id="flags"')[2].partition("</section>")[0]
    assert f"1 条记录{told}" in page.replace(" 1 ", "1 ")
    assert f'href="#item-{again.parts["entry"].payload["entity"]}"' in page


def test_the_time_on_site_is_that_between_the_two_times_shown(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    page = desk.get(first.path).text
    assert "14:20</time>–15:50" in page and "在点 1 小时 30 分" in page
    resubmit(city, first, {"visit": {"left_at": "2026-11-12T14:24:00.000+08:00"}})
    assert "在点 4 分" in desk.get(first.path).text
