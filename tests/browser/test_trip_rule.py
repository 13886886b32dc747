"""When a tick stands, what the storage gives as one, and in which order a trip is fetched."""

from typing import Any

import pytest
from playwright.sync_api import Page

from fieldapp.domain.description import describe
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PROJECT, Archive, Phone, enrolled
from tests.browser.test_earlier import KB, here, keep, name, past
from tests.browser.test_visit_rule import rule
from tests.browser.wait import until_true

DAY_MS = 86_400_000
PICTURES = {"wanted": 3, "here": 2, "absent": 1, "size_bytes": 0}
TICK = {
    "at": "",
    "at_ms": 10 * DAY_MS,
    "listed_ms": 10 * DAY_MS,
    "app": "a",
    "position": 7,
    "checklists": "c",
}
PART = {"held": 7, "named": 7, "is_named": True, "pictures": PICTURES, "tick": TICK}
FACTS = {"now_ms": 17 * DAY_MS - 1, "app": "a", "is_newer": False, "is_commons_behind": False, "checklists": "c"}  # fmt: skip
MISSING = PICTURES | {"absent": 0}


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    phone = Phone(page, static_server)
    phone.call("start", kinds=describe())
    return phone


@pytest.fixture
def archive(phone: Phone) -> Archive:
    archive = Archive()
    enrolled(phone, archive)
    return archive


@pytest.mark.parametrize(
    ("part", "facts", "why"),
    [
        ({}, {}, None),
        ({}, {"app": "b"}, "app"),
        ({}, {"app": None}, "app"),
        ({}, {"is_newer": True}, "app"),
        ({"named": 8}, {}, "news"),
        ({"named": 8, "held": 8}, {}, "news"),
        ({"named": 6}, {}, "news"),
        ({"named": None}, {}, "news"),
        ({"held": 6}, {}, "news"),
        ({}, {"is_commons_behind": True}, "checklists"),
        ({}, {"checklists": "d"}, "checklists"),
        ({"pictures": MISSING}, {}, "missing"),
        ({}, {"now_ms": 17 * DAY_MS}, "old"),
        ({}, {"now_ms": 9 * DAY_MS}, "clock"),
    ],
)
def test_a_tick_stands_until_something_it_says_may_be_otherwise(
    judge: Page, part: dict[str, Any], facts: dict[str, Any], why: str | None
) -> None:
    assert rule(judge, "staleness", PART | part, FACTS | facts) == why


@pytest.mark.parametrize(
    ("part", "verdict"),
    [
        ({}, [True, True]),
        ({"held": 6}, [False, True]),
        ({"named": None}, [False, True]),
        ({"is_named": False}, [False, True]),
        ({"pictures": MISSING}, [True, False]),
    ],
)
def test_a_project_is_whole_when_the_archive_was_asked_and_nothing_is_left(
    judge: Page, part: dict[str, Any], verdict: list[bool]
) -> None:
    assert rule(judge, "verdictOf", PART | part) == dict(zip(("text", "pictures"), verdict, strict=True))


def test_what_is_left_is_reckoned_from_records_and_pictures(judge: Page) -> None:
    mean = {"record_bytes": 1000, "picture_bytes": 50_000}
    assert rule(judge, "toFetchBytes", PART, mean) == 0
    assert rule(judge, "toFetchBytes", PART | {"named": 9, "pictures": MISSING}, mean) == 52_000
    assert rule(judge, "toFetchBytes", PART | {"named": None}, mean) == 0


def name_all(phone: Phone, position: int, commons: int = 0) -> list[str]:
    """Say where the streams end, as the archive does, and return the order they are to be read in."""
    other = "project:01930000-0000-7000-8000-000000000001"
    ends = {other: 1, PROJECT: position, "team:a": 0, "commons": commons, "keys": 0}
    answer = phone.port("named", [[stream, {"position": at, "head": ""}] for stream, at in ends.items()])
    return [stream for stream, _ in answer]


def test_the_storage_ticks_only_what_is_whole(phone: Phone, archive: Archive) -> None:
    told = past(archive)
    told.pulled(phone)
    for letter in "cba6":
        keep(phone, letter)
    tick = {"streams": [PROJECT], "app": "a"}
    phone.call("chooseTrip", streams=[PROJECT])
    assert phone.call("tickTrip", tick) == [], "the archive never said where its streams end"
    name_all(phone, len(told.records))
    assert phone.call("tickTrip", tick) == [], "one picture is missing"
    keep(phone, "5")
    name_all(phone, len(told.records) + 1)
    assert phone.call("tickTrip", tick) == [], "one record is missing"
    name_all(phone, len(told.records), commons=1)
    assert phone.call("tickTrip", tick) == [], "what everything needs is missing"
    name_all(phone, len(told.records))
    phone.call("chooseTrip", streams=[PROJECT])
    assert phone.call("tickTrip", tick) == [], "the archive was not asked since"
    name_all(phone, len(told.records))
    assert phone.call("tickTrip", tick) == [PROJECT]
    found = phone.call("readiness")["projects"][PROJECT]
    assert (found["tick"]["app"], found["tick"]["position"]) == ("a", len(told.records))
    assert found["pictures"] == {"wanted": 5, "here": 5, "absent": 0, "size_bytes": 500 * KB}


def test_what_a_trip_needs_is_read_first(phone: Phone, archive: Archive) -> None:
    other = "project:01930000-0000-7000-8000-000000000001"
    assert name_all(phone, 1) == ["keys", "commons", "team:a", other, PROJECT]
    phone.call("chooseTrip", streams=[PROJECT])
    assert name_all(phone, 1) == ["keys", "commons", "team:a", PROJECT, other]
    phone.call("unchooseTrip", streams=[PROJECT])
    assert name_all(phone, 1) == ["keys", "commons", "team:a", other, PROJECT]


def test_pictures_of_a_trip_are_on_top_of_the_budget_for_a_week(phone: Phone, archive: Archive) -> None:
    past(archive).pulled(phone)
    phone.call("setEarlierBudget", bytes=0)
    assert phone.port("earlier", False)["next"] == []
    phone.call("chooseTrip", streams=[PROJECT])
    # Also of a person who spares the network: they were chosen by hand.
    assert len(phone.port("earlier", True)["next"]) == 5
    for letter in "cba65":
        keep(phone, letter)
    keep(phone, "1")
    assert here(phone, "cba651") == "cba65"
    phone.call("clock", days=7.1)
    keep(phone, "1")
    assert here(phone, "cba651") == ""


def test_a_picture_the_archive_has_none_of_does_not_deny_a_tick_nor_take_it_away(
    phone: Phone, archive: Archive
) -> None:
    told = past(archive)
    told.pulled(phone)
    for letter in "cba6":
        keep(phone, letter)
    phone.port("missEarlier", name("5"))
    phone.call("chooseTrip", streams=[PROJECT])
    name_all(phone, len(told.records))
    assert phone.call("tickTrip", streams=[PROJECT], app="a") == [PROJECT]
    phone.call("clock", days=2)
    # It is asked for again, and what was said of it is still true.
    assert phone.port("earlier", False)["next"] == [name("5")]
    pictures = phone.call("readiness")["projects"][PROJECT]["pictures"]
    assert (pictures["wanted"], pictures["here"], pictures["absent"]) == (5, 4, 1)


def test_nothing_is_fetched_for_who_spares_the_network_and_chose_nothing(
    phone: Phone, archive: Archive
) -> None:
    past(archive).pulled(phone)
    found = phone.port("earlier", True)
    assert (found["wanted"], found["next"]) == (5, [])


def test_the_trial_writes_closes_opens_and_signs(phone: Phone, archive: Archive) -> None:
    past(archive).pulled(phone)
    good = {"is_good": True, "detail": ""}
    assert phone.call("trial") == {"storage": good, "key": good}
    assert phone.call("readiness")["projects"][PROJECT]["held"] > 0


def test_storage_that_does_not_open_again_is_told_and_comes_back(phone: Phone, archive: Archive) -> None:
    past(archive).pulled(phone)
    (worker,) = phone.page.workers
    worker.evaluate(
        """() => {
          globalThis.whole = FileSystemFileHandle.prototype.createSyncAccessHandle;
          FileSystemFileHandle.prototype.createSyncAccessHandle = () => Promise.reject(new Error("no file"));
        }"""
    )
    found = phone.call("trial")["storage"]
    assert (found["is_good"], "no file" in found["detail"]) == (False, True)
    worker.evaluate("() => { FileSystemFileHandle.prototype.createSyncAccessHandle = globalThis.whole; }")
    phone.call("use")
    until_true(phone.page, "phone.call('readiness').then(({ value }) => value !== undefined)")
    assert phone.call("trial")["storage"]["is_good"]


def test_a_write_that_is_lost_is_told(phone: Phone, archive: Archive) -> None:
    (worker,) = phone.page.workers
    # A disk that takes everything and keeps nothing.
    worker.evaluate("() => { FileSystemSyncAccessHandle.prototype.write = (bytes) => bytes.byteLength; }")
    assert phone.call("trial")["storage"]["is_good"] is False


def test_a_key_that_is_gone_is_told(phone: Phone, archive: Archive) -> None:
    phone.page.evaluate(
        """() => new Promise((resolve, reject) => {
          const opening = indexedDB.open("fieldapp-key", 1);
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const clearing = opening.result.transaction("key", "readwrite").objectStore("key").clear();
            clearing.onsuccess = () => { opening.result.close(); resolve(); };
          };
        })"""
    )
    found = phone.call("trial")
    assert (found["storage"]["is_good"], found["key"]["is_good"]) == (True, False)
    assert "NoKey" in found["key"]["detail"]
