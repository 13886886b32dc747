"""Whose word counts: the archive's new key, receipts shown to it, and two of its statements that contradict each other."""

from typing import Any

import pytest
from playwright.sync_api import Page

from sync.record import parse
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PROJECT, Archive, Phone, StoreError, enrolled, sealed_visit


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    return Phone(page, static_server)


@pytest.fixture
def archive(phone: Phone) -> Archive:
    archive = Archive()
    enrolled(phone, archive)
    return archive


def fact(archive: Archive, done: dict[str, Any], number: int, **more: Any) -> dict[str, Any]:
    return {**archive.fact(done["records"][number - 1]["hash"], number, True), **more}


def applied(phone: Phone, receipt: str) -> int:
    return int(phone.port("applyReceipts", [receipt], {}, [])["applied"])


def test_after_a_rotation_only_the_new_key_states_anything(phone: Phone, archive: Archive) -> None:
    done = sealed_visit(phone)
    first = [parse(jws.encode("ascii")) for jws in (*archive.keys, *archive.enrolments)]
    rotation, old = archive.rotate()
    fresh = archive.key
    # Nobody has told the phone yet: a receipt by a key it does not know proves nothing.
    assert applied(phone, archive.receipt([fact(archive, done, 1)])) == 0
    phone.port("applyPage", "keys", archive.page_of("keys", [*first, rotation]))
    assert applied(phone, archive.receipt([fact(archive, done, 1)])) == 1

    archive.key = old
    assert phone.port("applyReceipts", [archive.receipt([fact(archive, done, 2)])], {}, []) == {
        "applied": 0,
        "rejected": 1,
    }
    token = {"at": archive.now(), "nonce": "n"}
    with pytest.raises(StoreError, match="NotProven"):
        phone.port("saveTime", {"token": archive.statement("fieldapp-time", token), "received_at_ms": 0})
    archive.key = fresh
    phone.port("saveTime", {"token": archive.statement("fieldapp-time", token), "received_at_ms": 0})
    states = [item["state"] for item in phone.call("outbox", safe=True)]
    assert states == ["safe", "saved", "saved"]


def test_the_newest_receipt_is_shown_once_a_day(phone: Phone, archive: Archive) -> None:
    done = sealed_visit(phone)
    assert phone.port("toPresent") is None
    newest = archive.receipt([fact(archive, done, 2, appended_at="2026-11-22T10:00:00.000+00:00")])
    again = archive.receipt([fact(archive, done, 1, appended_at="2026-11-22T09:00:00.000+00:00")])
    assert applied(phone, newest) == applied(phone, again) == 1
    assert phone.port("toPresent") == newest
    phone.port("presented")
    assert phone.port("toPresent") is None
    phone.call("clock", days=1.1)
    assert phone.port("toPresent") == newest


def test_a_doubt_is_shown_at_once_and_once(phone: Phone, archive: Archive) -> None:
    receipt = archive.receipt([fact(archive, sealed_visit(phone), 2)])
    applied(phone, receipt)
    phone.port("presented")
    assert phone.port("doubt", PROJECT, "shorter") is True
    assert phone.port("toPresent") == receipt
    phone.port("presented")
    assert phone.port("doubt", PROJECT, "shorter") is False
    assert phone.port("toPresent") is None


def test_an_archive_that_speaks_of_an_epoch_that_was_over_is_shown_its_own_word(
    phone: Phone, archive: Archive
) -> None:
    def heard(epoch: int, at: str) -> tuple[str, bool]:
        token = archive.statement("fieldapp-time", {"at": at, "nonce": at, "epoch": epoch})
        answer = phone.port("saveTime", {"token": token, "received_at_ms": 0})
        return token, answer["is_doubtful"]

    heard(1_790_000_000, "2026-11-22T08:00:00.000+00:00")
    phone.port("newEpoch", 1_795_000_000)
    later, _ = heard(1_795_000_000, "2026-11-22T09:00:00.000+00:00")
    assert phone.port("toPresent") is None
    # Restored once more, and silently: nothing was sent since the phone heard of the later epoch, so no receipt could tell.
    assert heard(1_790_000_000, "2026-11-22T10:00:00.000+00:00")[1] is True
    assert phone.port("toPresent") == later
    phone.port("presented")
    assert heard(1_790_000_000, "2026-11-22T10:30:00.000+00:00")[1] is False
    assert phone.port("toPresent") is None
    assert heard(1_790_000_000, "2026-11-22T11:00:00.000+00:00")[1] is True
    assert phone.port("toPresent") == later


def test_two_heads_at_one_position_are_told_once_with_both_receipts(phone: Phone, archive: Archive) -> None:
    done = sealed_visit(phone)
    before = archive.receipt([fact(archive, done, 1)])
    applied(phone, before)
    phone.port("presented")
    other = archive.receipt([fact(archive, done, 1, head="11" * 32)])
    assert applied(phone, other) == applied(phone, other) == 0
    (notice,) = phone.call("notices")
    assert (notice["what"], notice["detail"]["receipts"]) == ("archive-changed", [before, other])
    # What it said before is held against it; what is here stays.
    assert phone.port("toPresent") == before
    assert phone.call("outbox", safe=True)[0]["state"] == "safe"


def test_a_receipt_that_does_not_fit_what_was_pulled_is_told(phone: Phone, archive: Archive) -> None:
    done = sealed_visit(phone)
    own = [parse(phone.call("record", hash=one["hash"])["jws"].encode()) for one in done["records"]]
    lines = archive.page_of(PROJECT, own)
    phone.port("applyPage", PROJECT, lines)
    assert applied(phone, archive.receipt([fact(archive, done, 3)])) == 0
    assert [notice["what"] for notice in phone.call("notices")] == ["archive-changed"]
    assert applied(phone, archive.receipt([fact(archive, done, 3, head=lines[2]["head"])])) == 1


def test_a_restored_archive_is_told_once_but_never_the_first_epoch(phone: Phone, archive: Archive) -> None:
    done = sealed_visit(phone)
    restored_before = archive.receipt([fact(archive, done, 1)], epoch=1_790_000_000)
    assert applied(phone, restored_before) == 1
    assert phone.call("notices") == []
    for _ in range(2):
        applied(phone, archive.receipt([fact(archive, done, 1)], epoch=1_795_000_000))
    assert [notice["what"] for notice in phone.call("notices")] == ["archive-restored"]
