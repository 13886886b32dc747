"""Damage to the files of the phone: headers put back, databases rebuilt and said so, never an empty one in silence."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.static_server import StaticServer
from tests.browser.store_page import (
    KINDS,
    PERSON,
    PROJECT,
    Archive,
    Phone,
    StoreError,
    enrolled,
    proven,
    sealed_visit,
)
from tests.browser.test_store_photo import JPEG, taken

MAIN, PHOTO = f"/{PERSON}.db", f"/{PERSON}-photo.db"
PAGE = 8192
SECTOR = 4096


class Filled:
    """A phone with a sealed visit, a draft and a photo; its storage let go, so that it can be damaged."""

    def __init__(self, page: Page, server: StaticServer) -> None:
        self.server = server
        self.phone = Phone(page, server)
        self.archive = Archive()
        self.jwk = enrolled(self.phone, self.archive)
        self.done = sealed_visit(self.phone, entries=2)
        self.draft = self.phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "未完"})[
            "id"
        ]
        self.photo, self.added = taken(self.phone, JPEG)
        self.phone.rest()

    @property
    def hashes(self) -> list[str]:
        return sorted(one["hash"] for one in self.done["records"])

    def slot(self, path: str, pool: str = "pool-1") -> str:
        found: str = self.phone.file("slotOf", pool, path)
        assert found, path
        return found

    def reopen(self) -> Any:
        """Load the page anew, open the person, and let idle moments pass."""
        self.phone = Phone(self.phone.page, self.server)
        start = self.phone.start()
        self.phone.call("open", person=PERSON)
        self.phone.call("check")
        return start

    def sealed(self) -> list[str]:
        outbox = self.phone.call("outbox", safe=True)
        for item in outbox:
            proven(self.phone.call("record", hash=item["hash"])["jws"], self.jwk)
        return sorted(item["hash"] for item in outbox)

    def notices(self) -> list[Any]:
        found: list[Any] = self.phone.call("notices")
        return found


@pytest.fixture
def filled(page: Page, static_server: StaticServer) -> Filled:
    return Filled(page, static_server)


def check_nothing_lost(filled: Filled) -> None:
    assert filled.sealed() == filled.hashes
    assert {draft["id"] for draft in filled.phone.call("drafts")} == {filled.draft, filled.photo}
    assert filled.phone.call("photo", sha256=filled.added["original"]["sha256"])["size_bytes"] == len(JPEG)
    assert filled.phone.call("row", kind="visit", entity=filled.done["visit"])["summary"] == "基础完成"
    assert sealed_visit(filled.phone)["manifest"]
    counters = [
        filled.phone.payload(item["hash"])["counter"] for item in filled.phone.call("outbox", safe=True)
    ]
    assert counters == list(range(1, len(counters) + 1))


@pytest.mark.parametrize("path", [MAIN, PHOTO])
@pytest.mark.parametrize("length", [8, SECTOR], ids=["digest", "zeroed"])
def test_a_damaged_header_is_put_back_before_anything_is_lost(filled: Filled, path: str, length: int) -> None:
    filled.phone.file("write", filled.slot(path), 516 if length == 8 else 0, [0] * length)
    filled.reopen()
    check_nothing_lost(filled)
    assert [(one["what"], one["detail"]["paths"]) for one in filled.notices()] == [
        ("header-restored", [path])
    ]
    filled.phone.rest()
    assert filled.phone.file("names", "") == ["guard", "pool-1", "sealed.log"]


@pytest.mark.parametrize("place", [0, 1])
def test_one_spoilt_place_of_the_guard_costs_nothing(filled: Filled, place: int) -> None:
    filled.phone.file("write", "guard", place * 65536 + 40, [255] * 100)
    filled.phone.file("write", filled.slot(MAIN), 0, [0] * SECTOR)
    filled.reopen()
    check_nothing_lost(filled)
    assert [one["what"] for one in filled.notices()] == ["header-restored"]


def test_a_header_lost_without_a_guard_is_rebuilt_beside_the_old_pool(filled: Filled) -> None:
    slot = filled.slot(MAIN)
    filled.phone.file("write", slot, 0, [0] * SECTOR)
    filled.phone.file("truncate", "guard", 0)
    before = filled.phone.file("read", slot, 0, SECTOR + 2 * PAGE)
    start = filled.reopen()
    assert start["people"][0]["person"] == PERSON
    check_nothing_lost(filled)
    (notice,) = filled.notices()
    detail = notice["detail"]
    assert (notice["what"], detail["from"], detail["to"], detail["lost"]) == (
        "rebuilt",
        "pool-1",
        "pool-2",
        [],
    )
    assert (detail["records"], detail["drafts"]) == (4, 2)
    filled.phone.call("acknowledge", id=notice["id"])
    filled.reopen()
    assert filled.notices() == []
    filled.phone.rest()
    assert filled.phone.file("read", slot, 0, SECTOR + 2 * PAGE) == before


def test_with_its_main_file_gone_the_records_come_back_from_the_log(filled: Filled) -> None:
    filled.phone.file("truncate", filled.slot(MAIN), 0)
    filled.phone.file("truncate", "guard", 0)
    filled.reopen()
    assert filled.sealed() == filled.hashes
    assert filled.phone.call("drafts") == []
    (notice,) = filled.notices()
    assert {"what": "drafts", "name": PERSON} in notice["detail"]["lost"]
    assert sealed_visit(filled.phone)["manifest"]
    newest = filled.phone.call("outbox", safe=True)[-1]
    assert filled.phone.payload(newest["hash"])["counter"] == 7


def test_a_whole_pool_gone_is_told_and_rebuilt_from_the_log(filled: Filled) -> None:
    filled.phone.page.evaluate(
        "async () => (await navigator.storage.getDirectory()).removeEntry('pool-1', {recursive: true})"
    )
    filled.reopen()
    assert filled.sealed() == filled.hashes
    assert filled.notices()[0]["what"] == "rebuilt"


def damage_page_of_drafts(filled: Filled) -> None:
    """Overwrite the leaf page that holds the draft's text."""
    slot = filled.slot(MAIN)
    size = filled.phone.file("size", slot)
    data = bytes(filled.phone.file("read", slot, SECTOR, size - SECTOR))
    at = data.index(json.dumps({"what": "未完"}, ensure_ascii=False, separators=(",", ":")).encode())
    filled.phone.file("write", slot, SECTOR + at // PAGE * PAGE, [255] * 200)


def test_a_damaged_page_costs_its_rows_and_no_others(filled: Filled) -> None:
    damage_page_of_drafts(filled)
    filled.reopen()
    assert filled.sealed() == filled.hashes
    (notice,) = filled.notices()
    assert notice["what"] == "rebuilt"
    assert [one["what"] for one in notice["detail"]["lost"]] == ["draft"]
    assert filled.phone.call("photo", sha256=filled.added["view"]["sha256"]) is not None
    assert sealed_visit(filled.phone)["manifest"]
    filled.reopen()
    assert len(filled.notices()) == 1


def test_damage_met_in_the_middle_of_work_is_healed_and_the_call_answered(filled: Filled) -> None:
    damage_page_of_drafts(filled)
    filled.phone.call("visible")
    assert {draft["id"] for draft in filled.phone.call("drafts")} <= {filled.draft, filled.photo}
    assert [one["what"] for one in filled.notices()] == ["rebuilt"]
    assert [event["done"] for event in filled.phone.events("rebuilding")] == [False, True]
    assert filled.sealed() == filled.hashes
    assert sealed_visit(filled.phone)["manifest"]


def test_files_the_browser_closed_are_opened_again_and_the_call_answered(filled: Filled) -> None:
    phone = filled.phone
    phone.call("visible")
    phone.call("closeFiles")
    phone.call("saveDraft", id=filled.draft, body={"what": "改过"})
    assert phone.call("draft", id=filled.draft)["body"] == {"what": "改过"}
    phone.call("closeFiles")
    assert phone.add_photo(filled.photo, JPEG) == filled.added
    phone.call("closeFiles")
    check_nothing_lost(filled)
    assert (filled.notices(), phone.events("rebuilding")) == ([], [])
    phone.rest()
    assert phone.file("names", "") == ["guard", "pool-1", "sealed.log"]
    filled.reopen()
    assert phone.call("draft", id=filled.draft)["body"] == {"what": "改过"}


def test_a_file_that_is_no_database_any_more_is_rebuilt(filled: Filled) -> None:
    filled.phone.file("write", filled.slot(MAIN), SECTOR, list(b"no longer a database, sorry"))
    filled.reopen()
    assert filled.sealed() == filled.hashes
    assert filled.notices()[0]["detail"]["lost"] == [{"what": "drafts", "name": PERSON}]


def test_a_damaged_photo_is_named(filled: Filled) -> None:
    slot = filled.slot(PHOTO)
    size = filled.phone.file("size", slot)
    data = bytes(filled.phone.file("read", slot, SECTOR, size - SECTOR))
    at = data.index(JPEG[30_000:30_040])
    # The page's own links, so that SQLite notices.
    filled.phone.file("write", slot, SECTOR + at // PAGE * PAGE, [255] * 4)
    filled.reopen()
    (notice,) = filled.notices()
    assert {"what": "photo", "name": filled.added["original"]["sha256"]} in notice["detail"]["lost"]
    assert filled.sealed() == filled.hashes
    assert len(filled.phone.call("drafts")) == 2


def test_a_torn_log_tail_costs_nothing(filled: Filled) -> None:
    size = filled.phone.file("size", "sealed.log")
    filled.phone.file("truncate", "sealed.log", size - 300)
    filled.reopen()
    check_nothing_lost(filled)
    filled.phone.rest()
    # What the tear cost was appended again: the log alone still gives everything.
    filled.phone.file("truncate", filled.slot(MAIN), 0)
    filled.phone.file("truncate", "guard", 0)
    filled.reopen()
    assert len(filled.sealed()) == 7


def test_a_lost_log_is_written_anew(filled: Filled) -> None:
    filled.phone.file("truncate", "sealed.log", 0)
    filled.reopen()
    filled.phone.rest()
    log = bytes(filled.phone.file("read", "sealed.log", 0, filled.phone.file("size", "sealed.log")))
    assert len(log.decode("ascii").split()) == 4


def test_a_newer_database_is_left_alone(filled: Filled) -> None:
    slot = filled.slot(MAIN)
    filled.phone.file("write", slot, SECTOR + 60, [0, 0, 0, 99])
    before = filled.phone.file("read", slot, 0, SECTOR + PAGE)
    with pytest.raises(StoreError, match="NewerDatabase"):
        filled.reopen()
    filled.phone.rest()
    assert filled.phone.file("read", slot, 0, SECTOR + PAGE) == before


def test_evicted_storage_is_noticed_by_the_keys_that_stayed(filled: Filled) -> None:
    wipe = """async () => { const root = await navigator.storage.getDirectory();
        for (const name of ['pool-1', 'guard', 'sealed.log']) await root.removeEntry(name, {recursive: true}); }"""
    filled.phone.page.evaluate(wipe)
    phone = Phone(filled.phone.page, filled.server)
    assert phone.start() == {"people": [], "is_first_run": True, "is_lost": True}


def test_tables_are_folded_anew_when_their_description_changes(filled: Filled) -> None:
    entry = {**KINDS["entry"], "columns": [{"name": "what", "type": "text"}]}
    phone = Phone(filled.phone.page, filled.server)
    phone.call("start", kinds={"entry": entry})
    phone.call("open", person=PERSON)
    rows = phone.call("rows", kind="entry", order="what")
    assert [row["what"] for row in rows] == ["钢筋外露 0", "钢筋外露 1"]
    assert "visit" not in rows[0]
