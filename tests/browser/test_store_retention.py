"""How long text stays: 400 days after it is safe it leaves tables, search and log, and never before nothing needs it any more."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from fieldapp.domain.description import describe
from sync.record import Record, parse
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, enrolled, proven
from tests.browser.test_store_photo import JPEG

KINDS = describe()


class Aging:
    """A phone, its archive, and time that passes for both."""

    def __init__(self, page: Page, server: StaticServer) -> None:
        self.server = server
        self.archive = Archive()
        self.phone = Phone(page, server)
        self.jwk = enrolled(self.phone, self.archive, kinds=KINDS)
        self.epoch = 1
        self.held: list[str] = []
        self.appended: list[Record] = []

    def open_part(self, kind: str, visit: str | None, **body: Any) -> str:
        place: dict[str, Any] = {"stream": PROJECT, "visit": visit}
        made = self.phone.call("openDraft", place, kind=kind, v=1, body={"visit": visit, **body})
        return str(made["id"])

    def open_visit(self, arrived_on: str) -> str:
        body = {"arrived_at": f"{arrived_on}T09:00:00.000+08:00", "summary": "基础完成"}
        visit = self.phone.call("openDraft", kind="visit", v=1, stream=PROJECT, body=body)
        return str(visit["id"])

    def submit(self, visit: str, *parts: str) -> list[str]:
        manifest = self.open_part("submission", visit, records=[])
        done = self.phone.call("seal", drafts=[visit, *parts], manifest=manifest)
        return [one["hash"] for one in done["records"]]

    def visit(self, arrived_on: str, what: str, **entry: Any) -> list[str]:
        """Seal a submitted visit with one entry."""
        visit = self.open_visit(arrived_on)
        body = {"list": "achievement", "what": what, "seen_on": arrived_on, **entry}
        return self.submit(visit, self.open_part("entry", visit, **body))

    def append(self, *records: Record) -> None:
        """The archive appends records to the project's stream, and the phone pulls them."""
        self.appended += records
        lines = self.archive.page_of(PROJECT, self.appended)
        have = next((one["position"] for one in self.phone.port("streams") if one["stream"] == PROJECT), 0)
        self.phone.port("applyPage", PROJECT, lines[have:])

    def make_safe(self, hashes: list[str]) -> None:
        fresh = [one for one in hashes if one not in {record.hash for record in self.appended}]
        self.append(*(parse(self.phone.call("record", hash=one)["jws"].encode("ascii")) for one in fresh))
        lines = {line["hash"]: line for line in self.archive.page_of(PROJECT, self.appended)}
        facts = [
            self.archive.fact(one, lines[one]["position"], True, held=self.held, head=lines[one]["head"])
            for one in hashes
        ]
        receipt = self.archive.receipt(facts, epoch=self.epoch)
        assert self.phone.port("applyReceipts", [receipt], {}, [])["applied"] == len(hashes)

    def pass_days(self, days: float, *, is_heard: bool = True) -> dict[str, int]:
        """Let days pass from today on, hear of it from the archive, and tidy; return what was freed."""
        self.phone.call("clock", days=days)
        if is_heard:
            at = datetime.now(UTC) + timedelta(days=days)
            token = self.archive.time(at, epoch=self.epoch)
            heard = {"token": token, "received_at_ms": int(at.timestamp() * 1000)}
            self.phone.port("saveTime", heard)
        freed: dict[str, int] = self.phone.call("tidy")
        return freed

    def found(self, text: str) -> int:
        return len(self.phone.call("search", text=text))

    def here(self, hashes: list[str]) -> set[bool]:
        return {self.phone.call("record", hash=one) is not None for one in hashes}


@pytest.fixture
def aging(page: Page, static_server: StaticServer) -> Aging:
    return Aging(page, static_server)


def test_text_leaves_tables_search_and_log_400_days_after_it_is_safe(aging: Aging) -> None:
    phone = aging.phone
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    last = aging.visit("2026-02-10", "路面平整")
    lines = {one: phone.call("record", hash=one)["jws"] for one in (*old, *last)}
    assert set(lines.values()) <= set(phone.log())
    assert aging.pass_days(800)["records"] == 0  # not safe yet, however old
    aging.pass_days(0)
    aging.make_safe([*old, *last])

    assert aging.pass_days(399)["records"] == 0
    assert (aging.found("锈蚀"), aging.here(old)) == (1, {True})
    assert aging.pass_days(401)["records"] == 0  # looked at two days ago
    assert aging.pass_days(430)["records"] == len(old)

    assert (aging.found("锈蚀"), aging.found("平整")) == (0, 1)
    assert (aging.here(old), aging.here(last)) == ({False}, {True})
    assert [row["arrived_at"][:7] for row in phone.call("rows", kind="visit")] == ["2026-02"]
    assert [item["hash"] for item in phone.call("outbox", safe=True)] == last
    kept = phone.log()
    assert not {lines[one] for one in old} & set(kept)
    assert len(kept) == len(last) + 2  # the archive's key and the enrolment stay


def test_what_left_stays_away_and_the_phone_goes_on(aging: Aging) -> None:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    last = aging.visit("2026-02-10", "路面平整")
    aging.make_safe([*old, *last])
    assert aging.pass_days(401)["records"] == len(old)
    phone = aging.phone = Phone(aging.phone.page, aging.server)
    phone.start(KINDS)
    phone.call("open", person=PERSON)
    next_one = aging.visit("2027-12-01", "护栏更换")
    assert aging.here(old) == {False}
    payloads = [proven(phone.call("record", hash=one)["jws"], aging.jwk).payload for one in next_one]
    assert [payload["counter"] for payload in payloads] == [7, 8, 9]
    assert {phone.call("record", hash=one)["jws"] for one in (*last, *next_one)} <= set(phone.log())
    assert [item["hash"] for item in phone.call("outbox")] == next_one

    # Nothing but the log is left: what left does not come back from it either, and nothing else is missing.
    phone.rest()
    phone.file("truncate", phone.file("slotOf", "pool-1", f"/{PERSON}.db"), 0)
    phone.file("truncate", "guard", 0)
    phone = aging.phone = Phone(phone.page, aging.server)
    phone.start(KINDS)
    phone.call("open", person=PERSON)
    assert {item["hash"] for item in phone.call("outbox", safe=True)} == {*last, *next_one}


def test_no_clock_alone_costs_text(aging: Aging) -> None:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    aging.make_safe([*old, *aging.visit("2026-02-10", "路面平整")])
    assert aging.pass_days(9000, is_heard=False)["records"] == 0
    assert aging.pass_days(401)["records"] == len(old)


def named_by_draft(aging: Aging) -> list[str]:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    aging.open_part("recheck", None, entry=aging.phone.payload(old[1])["entity"])
    return old


def part_of_open_draft(aging: Aging) -> list[str]:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    aging.open_part("entry", aging.phone.payload(old[0])["entity"], what="补记")
    return old


def open_problem(aging: Aging) -> list[str]:
    return aging.visit("2026-01-10", "栏杆锈蚀", list="problem", is_fixed_at_once=False)


def to_look_back_at(aging: Aging) -> list[str]:
    return aging.visit("2026-01-10", "栏杆锈蚀", look_back_on="2199-01-01")


def past_its_day_to_look_back(aging: Aging) -> list[str]:
    return aging.visit("2026-01-10", "栏杆锈蚀", list="achievement", look_back_on="2026-02-01")


def decided_at_a_meeting(aging: Aging) -> list[str]:
    visit = aging.open_visit("2026-01-10")
    decided = [{"what": "交出用地", "who": "街道办", "by_on": None}]
    return aging.submit(visit, aging.open_part("meeting", visit, title="协调会", decided=decided))


def said_on_site(aging: Aging) -> list[str]:
    visit = aging.open_visit("2026-01-10")
    return aging.submit(
        visit, aging.open_part("claim", visit, origin="said", what="已完成", claimed_by="经理")
    )


def not_submitted(aging: Aging) -> list[str]:
    visit = aging.open_visit("2026-01-10")
    done = aging.phone.call("seal", drafts=[visit])
    return [one["hash"] for one in done["records"]]


def rechecked_on_the_last_visit(aging: Aging) -> list[str]:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    last = aging.open_visit("2026-03-01")
    recheck = aging.open_part("recheck", last, entry=aging.phone.payload(old[1])["entity"], outcome="fixed")
    aging.make_safe(aging.submit(last, recheck))
    return old


def sent_back(aging: Aging) -> list[str]:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    aging.make_safe(old)
    body = {"visit": aging.phone.payload(old[0])["entity"], "submission": old[-1], "decision": "returned"}
    aging.append(aging.archive.seal("review", body))
    return old


@pytest.mark.parametrize(
    "cause",
    [
        named_by_draft,
        part_of_open_draft,
        open_problem,
        to_look_back_at,
        past_its_day_to_look_back,
        decided_at_a_meeting,
        said_on_site,
        not_submitted,
        rechecked_on_the_last_visit,
        sent_back,
    ],
)
def test_what_is_needed_stays_whole(aging: Aging, cause: Callable[[Aging], list[str]]) -> None:
    needed = cause(aging)
    aging.make_safe([*needed, *aging.visit("2026-02-10", "路面平整")])
    aging.pass_days(500)
    assert aging.here(needed) == {True}
    assert {aging.phone.call("record", hash=one)["jws"] for one in needed} <= set(aging.phone.log())


def test_a_visit_leaves_once_its_problem_is_closed_and_its_draft_is_gone(aging: Aging) -> None:
    old = open_problem(aging)
    entry = aging.phone.payload(old[1])["entity"]
    check = aging.visit("2026-02-10", "x")
    recheck = aging.phone.call(
        "openDraft",
        kind="recheck",
        v=1,
        stream=PROJECT,
        body={
            "visit": None,
            "entry": entry,
            "checked_on": "2026-03-01",
            "outcome": "fixed",
            "known_by": "seen",
        },
    )
    closed = [aging.phone.call("seal", drafts=[recheck["id"]])["records"][0]["hash"]]
    aging.make_safe([*old, *check, *closed, *aging.visit("2026-03-10", "路面平整")])
    assert aging.pass_days(401)["records"] == len([*old, *check, *closed])


def test_a_visit_with_anything_unproven_in_it_stays_whole(aging: Aging) -> None:
    visit = aging.open_visit("2026-01-10")
    photo = aging.open_part("photo", visit, caption="桥墩")
    added = aging.phone.add_photo(photo, JPEG)
    old = aging.submit(visit, photo, aging.open_part("entry", visit, list="achievement", what="栏杆锈蚀"))
    last = aging.visit("2026-02-10", "路面平整")
    # Safe, and yet the original, which is not required, is still to be sent.
    aging.held = [added["view"]["sha256"]]
    aging.make_safe([*old, *last])
    assert aging.pass_days(900)["records"] == 0
    aging.held.append(added["original"]["sha256"])
    aging.make_safe(old)
    # What the archive lacks again is no longer safe, nor is anything of its visit let go.
    aging.phone.port("applyReceipts", [], {old[1]: [added["view"]["sha256"]]}, [])
    assert aging.pass_days(940)["records"] == 0
    aging.make_safe(old)
    # A rolled back archive offers everything anew, and sets one of the records aside.
    aging.epoch = 2
    aging.phone.port("newEpoch", 2)
    verdict = {"hash": old[2], "verdict": "quarantined", "reason": "body-invalid", "missing": []}
    aging.phone.port("applyVerdicts", [verdict])
    aging.make_safe([*old[:2], *old[3:], *last])
    assert aging.pass_days(980)["records"] == 0
    assert aging.here([*old, *last]) == {True}
    aging.make_safe([old[2]])
    assert aging.pass_days(1020)["records"] == len(old)


def test_colleagues_parts_leave_with_the_visit(aging: Aging) -> None:
    old = aging.visit("2026-01-10", "栏杆锈蚀")
    visit = aging.phone.payload(old[0])["entity"]
    aging.make_safe([*old, *aging.visit("2026-02-10", "路面平整")])
    shared = {"visit": visit, "list": "achievement", "what": "排水通畅", "seen_on": "2026-01-10"}
    other = aging.archive.seal("entry", shared)
    aging.append(other)
    assert aging.found("排水") == 1
    assert aging.pass_days(401)["records"] == len(old) + 1
    assert (aging.found("排水"), aging.here([other.hash])) == (0, {False})
