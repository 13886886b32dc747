"""A visit that came back: what changed stands first, and everything says when it was recorded and when corrected."""

import re

from flask.testing import FlaskClient

from tests.fieldapp.desk_city import City, resubmit, submit
from tests.fieldapp.test_desk_change import block, entity, plain, send_back, summary


def test_what_changed_since_the_return_stands_right_under_the_header(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    assert summary(desk.get(first.path).text) == ""
    send_back(desk, first, {"entry": "请写桩号"}, "照片太少")
    assert summary(desk.get(first.path).text) == ""
    resubmit(
        city,
        first,
        {"entry": {"what": "<b>护栏缺失</b>，K3+200"}, "progress": {"physical": "路基完成"}},
        {"day_log": {"day_on": "2026-11-12", "what": "看现场"}},
    )
    page = desk.get(first.path).text
    told = plain(summary(page))
    order = ("退回后的变化", "照片太少", "请写桩号", "其他更正", "路基完成", "新增", "看现场")
    assert [told.find(words) for words in order] == sorted(told.index(words) for words in order)
    assert re.search(r'</header>\s*<section class="card since"', page)
    places = [page.index(one) for one in ('id="since"', 'id="change"', 'id="flags"')]
    assert places == sorted(places)
    # Once is enough: at the item itself stands the way to it.
    assert page.count("<ins>，K3+200</ins>") == 1 + block(page, first.parts["entry"]).count(
        "<ins>，K3+200</ins>"
    )
    assert f'href="#change-{entity(first.parts["entry"])}"' in block(page, first.parts["entry"])
    assert 'class="changed"' not in page.partition('id="flags"')[2]


def test_a_corrected_item_says_when_it_was_recorded_and_when_corrected(city: City, desk: FlaskClient) -> None:
    first = submit(city)
    resubmit(city, first, {"entry": {"what": "护栏缺失，K3+200"}}, at="2026-11-24T09:05:00.000+08:00")
    page = desk.get(first.path).text
    told = plain(block(page, first.parts["entry"]))
    assert "首次记录 2026-11-22 12:00 更正于 2026-11-24 09:05（第 1 次）" in told
    line = plain(
        page.partition('class="timeline"')[2].partition(entity(first.parts["entry"]))[2].partition("</li>")[0]
    )
    assert "更正于 11-24 09:05" in line
    times = re.findall(r'<time datetime="([^"]+)">', page.partition('class="timeline"')[2])
    assert {one[:10] for one in times} == {"2026-11-22"}
