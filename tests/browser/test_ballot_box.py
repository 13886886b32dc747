"""Ballots on the phone: no order, no trace of who cast what when, nothing left when the appraisal is closed, whenever it is killed."""

from collections.abc import Callable
from typing import Any

import pytest

from fieldapp.domain.description import describe
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, StoreError, enrolled

KINDS = describe()
VISIT = "01930000-0000-7000-8000-0000000000bb"
OFFICIAL = "01930000-0000-7000-8000-0000000000cc"
# More flushes than casting takes.
MOST_FLUSHES = 30
SETUP = {
    "form": "01930000-0000-7000-8000-0000000000dd", "title": "重点项目现场评议票", "title_en": "",
    "targets": [{"noun": "official", "entity": OFFICIAL, "name": "王建国"}],
    "relations": [{"id": name, "zh": name, "en": name} for name in ("owner", "contractor")],
    "contacts": [],
    "options": [{"id": f"marked_{name}", "zh": name, "en": name} for name in ("good", "poor", "unknown")],
    "questions": [{"id": f"question_{name}", "zh": name, "en": name} for name in ("service", "integrity")],
    "words": [{"id": "best", "zh": "办得最好的一件事", "en": "The best thing done"}],
    "readers": [{"person": "d01", "name": "薛天枢", "name_en": ""}],
}  # fmt: skip


def ballot(mark: str, relation: str = "owner", words: str = "") -> dict[str, Any]:
    marks = {"question_integrity": f"marked_{mark}", "question_service": f"marked_{mark}"}
    return {
        "relation": relation,
        "opinions": {OFFICIAL: {"contact": None, "marks": marks}},
        "words": {"best": words},
        "name": "李四",
    }


def lying(mark: str, relation: str = "owner") -> bytes:
    """Return the words of a ballot as they lie in the box."""
    marks = f'"question_service":"marked_{mark}","question_integrity":"marked_{mark}"'
    return f'{{"relation":"{relation}","opinions":{{"{OFFICIAL}":{{"contact":null,"marks":{{{marks}}}}}}},"words":{{}}}}'.encode()


class Home:
    """A phone with an open box, whose browser may be killed."""

    def __init__(self, browser: ProfileBrowser, server: StaticServer) -> None:
        self.browser, self.server = browser, server
        self.phone = Phone(browser.start(), server)
        enrolled(self.phone, Archive(), kinds=KINDS)
        self.box: str = self.phone.call("openBox", visit=VISIT, stream=PROJECT, setup=SETUP)["entity"]

    def cast(self, mark: str, relation: str = "owner") -> Any:
        return self.phone.call("castBallot", entity=self.box, ballot=ballot(mark, relation))

    def close(self, issued: int) -> Any:
        return self.phone.call("closeBox", entity=self.box, issued=issued, v=1)

    def open(self) -> None:
        self.phone = Phone(self.browser.start(), self.server)
        self.phone.start(KINDS)
        self.phone.call("open", person=PERSON)

    def files(self) -> bytes:
        """Return everything in the profile, while nothing is open."""
        return b"\n".join(path.read_bytes() for path in self.browser.profile.rglob("*") if path.is_file())

    def is_over(self) -> bool:
        self.phone.page.wait_for_timeout(20)
        return bool(self.phone.events("fault")) or bool(self.phone.page.evaluate("globalThis.isDone"))


@pytest.fixture
def home(profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer) -> Home:
    return Home(profile_browser(), static_server)


def test_ballots_lie_in_one_place_in_the_order_of_their_words_and_their_writer_is_not_among_them(
    home: Home,
) -> None:
    assert [home.cast(mark)["returned"] for mark in ("unknown", "poor", "good")] == [1, 2, 3]
    home.browser.kill()
    files = home.files()
    # Each once: no earlier state stands beside the present one, in the database or its log.
    assert [files.count(lying(mark)) for mark in ("good", "poor", "unknown")] == [1, 1, 1]
    assert b"[" + b",".join(lying(mark) for mark in ("good", "poor", "unknown")) + b"]" in files
    assert "李四".encode() not in files


def test_nothing_of_a_ballot_is_left_when_the_appraisal_is_closed(home: Home) -> None:
    for mark in ("poor", "good", "good", "unknown", "good", "good"):
        home.cast(mark)
    records = home.close(8)["records"]
    assert [record["kind"] for record in records] == ["appraisal"]
    # Asked again, the same answer; the box is gone.
    assert home.close(8)["records"] == records
    with pytest.raises(StoreError, match="no open ballot box"):
        home.cast("good")
    assert home.phone.call("boxes", visit=VISIT) == []
    payload = home.phone.payload(records[0]["hash"])
    body = payload["body"]
    assert payload["captured_at"][10:23] == "T00:00:00.000"
    assert (body["issued"], body["returned"], body["valid"]) == (8, 6, 6)
    assert body["counts"] == [
        {"target": OFFICIAL, "question": question, "group": "all", "marks": [4, 1, 1]}
        for question in ("question_service", "question_integrity")
    ]
    home.browser.kill()
    files = home.files()
    assert b'"marks":{' not in files
    assert b"marked_poor" in files  # the search finds what is there: the words of the ballot


def test_killed_at_any_moment_a_ballot_is_in_the_box_once_or_not_at_all(home: Home) -> None:
    count = 0
    for flushes in range(1, MOST_FLUSHES):
        home.phone.call("halt", after=flushes)
        home.phone.page.evaluate(CAST, {"entity": home.box, "ballot": ballot("good")})
        until(home.is_over, "a flush")
        is_done = home.phone.page.evaluate("globalThis.isDone")
        home.browser.kill()
        home.open()
        found = home.phone.call("box", entity=home.box)["returned"]
        assert found in ({count + 1} if is_done else {count, count + 1})
        count = found
        home.phone.rest()
        assert home.files().count(lying("good")) == count
        if is_done:
            assert flushes > 2
            return
        home.phone.call("visible")
    raise AssertionError("it never ended")


CAST = """(args) => {
    globalThis.isDone = false;
    phone.call("castBallot", args).then(() => { globalThis.isDone = true; });
}"""


def test_killed_while_it_closes_the_counts_stay_and_are_sealed_with_the_visit(home: Home) -> None:
    for _ in range(5):
        home.cast("good")
    home.phone.call("halt", after=1)
    home.phone.page.evaluate(
        """(args) => {
        globalThis.isDone = false;
        phone.call("closeBox", args).then(() => { globalThis.isDone = true; });
    }""",
        {"entity": home.box, "issued": 5, "v": 1},
    )
    until(home.is_over, "a flush")
    home.browser.kill()
    home.open()
    drafts = home.phone.call("drafts", kind="appraisal")
    boxes = home.phone.call("boxes", visit=VISIT)
    assert (len(drafts), len(boxes)) in {(1, 0), (0, 1)}
    assert [record["kind"] for record in home.close(5)["records"]] == ["appraisal"]


def test_a_box_with_ballots_is_not_thrown_away_and_no_fewer_are_handed_out_than_came_back(
    home: Home,
) -> None:
    home.cast("good")
    home.cast("poor")
    with pytest.raises(StoreError, match="there are ballots in it"):
        home.phone.call("dropBox", entity=home.box)
    with pytest.raises(StoreError, match="fewer ballots were handed out"):
        home.close(1)
    assert home.phone.call("box", entity=home.box)["returned"] == 2
    sealed = home.close(3)["records"]
    # Below five there are numbers only.
    body = home.phone.payload(sealed[0]["hash"])["body"]
    assert (body["issued"], body["returned"], body["valid"], body["counts"]) == (3, 2, 2, [])
    other = home.phone.call("openBox", visit=VISIT, stream=PROJECT, setup=SETUP)["entity"]
    home.phone.call("dropBox", entity=other)
    assert home.phone.call("boxes", visit=VISIT) == []
