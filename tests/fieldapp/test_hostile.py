"""Texts that want to be more than text, in every member that people write, on every page of the desk that shows records."""

from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldapp.domain import TABLES, table_of
from fieldapp.domain.body import Body
from fieldapp.dossier import PARTS
from fieldapp.view.filters import TITLE_CHARS
from sync.archive import Draft
from sync.record import Record
from tests.fieldapp.desk_city import City, Sent, hand_over, jpeg, logged_in, photo_body, resubmit, services
from tests.fieldapp.test_check import late
from tests.fieldapp.test_desk import decide, token_of
from tests.hostile import LONG, TEXT, filled
from tests.sync.factory import sent

DAY = "2026-11-12"
BODIES = {body.kind: body for body in TABLES}


class Markup(HTMLParser):
    """What a page is made of: elements with their attributes' names, where its links lead, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.addresses: set[str] = set()
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(name for name, _ in attrs)))
        self.addresses |= {str(value) for name, value in attrs if name in ("href", "src", "action")}
        self.said += [str(value) for name, value in attrs if name in ("alt", "value", "aria-label")]

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


def told(city: City, text: str) -> Sent:
    """Push a visit of which every part says `text`, at a project whose whole surroundings do."""
    archive, phone = services(city.app).archive, city.phone("i05")
    stream = f"project:{city.projects['p017']}"

    def known(kind: str, at: str = "commons", v: int = 1, **given: Any) -> str:
        body = filled(BODIES[kind], text, **given)
        return str(archive.seal([Draft(kind, at, body, "d04", v=v)])[0].payload["id"])

    official = known("official")
    group = {"zh": text, "en": text, "items": [{"id": "m01", "zh": text, "en": text, "type": "text"}]}
    ids = {
        "milestone": known("milestone", stream, project=city.projects["p017"]),
        "about": known("claim", stream, v=2),
        "responsible": official,
        "checklist": known("checklist", groups=[group], choices={}, rotation=None),
    }

    def seal(kind: str, **given: Any) -> Record:
        body = filled(BODIES[kind], text, **given)
        own = {"kind": kind, "v": BODIES[kind].version, "stream": stream, "id": archive.new_id()}
        return phone.seal(body, **own, beacon=archive.time_token())

    visit = seal("visit", milestone=ids["milestone"], arrived_at=f"{DAY}T08:00:00.000+08:00")
    own = {"visit": visit.payload["id"]}
    parts = {"entry": seal("entry", **own, list="problem", about=ids["about"], responsible=official)}
    for table in PARTS:
        kind = str(table.__tablename__)
        pointed = {name: ids[name] for name in ids if name in table.model_fields and kind != "photo"}
        if kind == "claim":
            pointed["origin"] = "said"
        if kind in ("recheck", "look_back"):
            pointed["entry"] = parts["entry"].payload["entity"]
        if kind == "photo":
            pointed = photo_body(DAY, jpeg(text)) | {"caption": text[:500]}
        if kind != "entry":
            parts[kind] = seal(kind, **own, **pointed)
    lacks = [{"what": "item", "item": text[:80]}, {"what": "word", "item": text[:80]}]
    submission = seal(
        "submission", **own, missing=lacks, records=sorted(one.hash for one in (visit, *parts.values()))
    )
    pushed = archive.push(sent(visit, *parts.values(), submission))
    assert {(one.verdict, one.reason) for one in pushed.judgements} == {("appended", None)}
    hand_over(city, parts["photo"], jpeg(text))
    return Sent(visit, parts, submission)


def pages(app: Flask, city: City, desk: FlaskClient, text: str) -> dict[str, str]:
    """Return every page of the desk that shows records: of a visit sent back, corrected and submitted again, of what was set aside."""
    rename(city, text)
    visit = told(city, text)
    ids = {name: str(record.payload["entity"]) for name, record in visit.parts.items()}
    fields = {f"reason-{one}": text[:500] for one in ids.values()}
    fields |= {f"seen-{ids[name]}": record.hash for name, record in visit.parts.items()}
    assert decide(desk, visit, "returned", reason=text[:2_000], **fields).status_code == 303
    changed = dict.fromkeys(("what", "caption", "notes", "physical", "reason"), "改了" + text[:300])
    changes = {
        name: {member: words for member, words in changed.items() if isinstance(record.body.get(member), str)}
        for name, record in visit.parts.items()
    }
    resubmit(city, visit, {name: change for name, change in changes.items() if change})
    administrator = logged_in(app, "d04")
    address = f"/erasure/of/{ids['entry']}"
    data = {"csrf_token": token_of(administrator.get(address)), "record": visit.parts["entry"].hash}
    assert administrator.post(address, data=data | {"ground": text[:2_000]}).status_code == 303
    late(city, body=filled(BODIES["entry"], text), v=BODIES["entry"].version)
    late(city, "dream", {"what": text, text[:40]: [text]})
    paths = [
        visit.path, f"{visit.path}/photo/{ids['photo']}", f"/visit/?project={city.projects['p017']}", f"/erasure/of/{visit.entity}",
        "/erasure/", "/phones/", *(f"/check/?lane={lane}" for lane in ("aside", "conflict", "photo", "gap")),
    ]  # fmt: skip
    found = {}
    for path in paths:
        for language in ("zh-CN", "en"):
            answer = administrator.get(path, headers={"Accept-Language": language})
            assert answer.status_code == 200, path
            found[f"{language} {path}"] = answer.text
    return found


def rename(city: City, text: str) -> None:
    """Give the project, its unit and its team that name, and the unit another one beside it."""
    archive = services(city.app).archive
    names = {"name": text[:200], "name_en": text[:200]}
    for kind, entity in (("project", city.projects["p017"]), ("unit", city.unit), ("team", city.teams["t1"])):
        table: Any = table_of(kind)
        with services(city.app).database.reading() as session:
            row = session.get_one(table, entity)
            body = {name: getattr(row, name) for name in BODIES[kind].model_fields}
        for one in (body | names, body | {"name": text[:190] + "之二"})[: 2 if kind == "unit" else 1]:
            own: dict[str, Any] = {"entity": entity, "supersedes": (row.record,), "v": BODIES[kind].version}
            archive.seal([Draft(kind, row.stream, one, "d04", **own)])


@pytest.fixture
def harmless(app: Flask, city: City, desk: FlaskClient) -> set[tuple[str, tuple[str, ...]]]:
    """The elements of all those pages when the text is one."""
    return {one for page in pages(app, city, desk, "护栏缺失").values() for one in Markup(page).elements}


def test_no_text_becomes_markup_a_link_or_a_template(
    app: Flask, city: City, desk: FlaskClient, harmless: set[tuple[str, tuple[str, ...]]]
) -> None:
    again = City(app, city.unit, city.teams, city.projects)
    for path, page in pages(app, again, desk, TEXT).items():
        markup = Markup(page)
        assert markup.elements - harmless == set(), path
        assert [one for one in markup.addresses if not one.startswith(("/", "#"))] == [], path
        assert (
            "/phones/" in path or "gap" in path or "lane=photo" in path or TEXT[:TITLE_CHARS] in markup.text
        ), path
        for opening, closing in (("\u202e", "\u202c"), ("\u2066", "\u2069")):
            assert all(one.count(opening) <= one.count(closing) for one in markup.said), path


def test_every_text_stands_on_the_page_whole(app: Flask, city: City, desk: FlaskClient) -> None:
    for text in (TEXT, LONG):
        visit = told(City(app, city.unit, city.teams, city.projects), text)
        page = Markup(desk.get(visit.path).text).text
        for kind, name in (
            ("entry", "what"),
            ("interview", "notes"),
            ("meeting", "matter"),
            ("day_log", "what"),
            ("outcome", "what"),
        ):
            assert visit.parts[kind].body[name] in page, (kind, name)


def test_every_body_can_be_filled() -> None:
    for body in BODIES.values():
        if body.kind not in ("project", "review", "photo"):
            check_valid(body)


def check_valid(body: type[Body]) -> None:
    body.model_validate(filled(body, TEXT))
