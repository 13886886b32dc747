"""After a decision: the next visit to review, and the way back to the log the reviewer came from."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from tests.fieldapp.desk_city import City, logged_in, services, submit
from tests.fieldapp.test_desk import decide, token_of


def links(page: str) -> dict[str, str]:
    """Return where the decision's links lead, by their words."""
    told = page.partition('class="onward"')[2].partition("</nav>")[0]
    return {
        words.strip(): unescape(target)
        for target, words in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', told)
    }


def test_a_decision_leads_on_to_the_next_visit_and_back_to_the_same_log(
    city: City, desk: FlaskClient
) -> None:
    newest, mine, own, oldest = (submit(city, day=f"2026-11-{day}") for day in (20, 15, 12, 10))
    other = submit(city, "p018", "i09", day="2026-11-14")
    project = city.projects["p017"]
    log = desk.get(f"/visit/?project={project}&state=waiting").text
    opened = unescape(re.findall(rf'href="({mine.path}[^"]*)"', log)[0])
    assert 'class="onward"' not in desk.get(opened).text
    form = re.findall(r'<form id="review" method="post" action="([^"]+)"', desk.get(opened).text)
    fields = {"csrf_token": token_of(desk.get(opened)), "submission": mine.submission.hash}
    answer = desk.post(unescape(form[0]), data=fields | {"decision": "accepted"})
    assert answer.status_code == 303
    told = links(desk.get(answer.headers["Location"]).text)
    back = f"/visit/?project={project}&state=waiting"
    assert told == {"下一条待审": f"{own.path}?project={project}&state=waiting", "返回走访台账": back}
    for one, following in ((oldest, newest), (own, newest)):
        address = f"{one.path}?project={project}&state=waiting"
        decide(desk, one, "accepted")
        assert links(desk.get(address).text)["下一条待审"].startswith(following.path)
    decide(desk, newest, "accepted")
    page = desk.get(f"{newest.path}?project={project}&state=waiting").text
    assert list(links(page)) == ["返回走访台账"] and "当前筛选下没有其他待审核的走访" in page
    assert links(desk.get(newest.path).text) == {
        "下一条待审": other.path,
        "返回走访台账": "/visit/?state=waiting",
    }
    decide(desk, other, "accepted")
    assert "没有其他待审核的走访" in desk.get(other.path).text


def test_from_the_log_of_everything_one_comes_back_to_it(city: City, desk: FlaskClient) -> None:
    sent = submit(city)
    opened = re.findall(rf'href="({sent.path}[^"]*)"', desk.get("/visit/").text)[0]
    assert 'href="/visit/?state="' in desk.get(opened).text
    photo = f"{sent.path}/photo/{sent.parts['photo'].payload['entity']}?state="
    assert f'href="{photo}"' in desk.get(opened).text
    assert f'href="{sent.path}?state=#photo"' in desk.get(photo).text


def test_the_next_visit_is_none_the_reviewer_was_on(app: Flask, city: City, desk: FlaskClient) -> None:
    first, second = submit(city), submit(city, "p018", "i09")
    with services(app).database.writing() as session:
        from fieldapp.account import find

        find(session, "d02").person = "i06"
    assert decide(desk, first, "accepted").status_code == 303
    assert second.path in desk.get(first.path).text
    assert list(links(logged_in(app, "d02").get(first.path).text)) == ["返回走访台账"]
