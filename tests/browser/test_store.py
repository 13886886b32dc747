"""Drafts, sealing, the outbox and reading, on real storage in a real browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from sync.record import Record
from tests.browser.static_server import FOLDERS, StaticServer
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
from tests.browser.test_store_photo import JPEG

SCHEMA = FOLDERS["static"] / "js" / "device" / "store" / "schema.js"


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    return Phone(page, static_server)


@pytest.fixture
def archive() -> Archive:
    return Archive()


def test_first_run_creates_the_layout_once(phone: Phone, archive: Archive) -> None:
    assert phone.start() == {"people": [], "is_first_run": True, "is_lost": False}
    enrolled(phone, archive)
    phone.rest()
    assert phone.file("names", "") == ["guard", "pool-1", "sealed.log"]
    slots = phone.file("names", "pool-1/.opaque")
    assert len(slots) == 24
    phone.call("visible")
    sealed_visit(phone)
    phone.rest()
    assert phone.file("names", "") == ["guard", "pool-1", "sealed.log"]
    assert phone.file("names", "pool-1/.opaque") == slots


def older(page: Page, steps: int) -> None:
    """Have the page load an earlier app: its tables end with that step, and it asks for no more than they have."""
    rest = {"schema.js": [(r"(?s)(export const STEPS = \[.*?\n\]);", rf"\1.slice(0, {steps});")]}
    if steps < 6:
        rest["ballot_box.js"] = [(r"if \(db\.row\(\"select 1 from ballot_box union.*", "void db;")]
    if steps < 5:
        rest["photo.js"] = [
            (r"db\.transaction\(\(\) => db\.run\(\"insert or replace into photo\.small.*", "")
        ]
    if steps < 3:
        rest["erased.js"] = [(r"return db\.row\(\"select 1 from doomed .*", "return false;")]
    if steps < 2:
        rest["draft.js"] = [
            (r"body, local, opened_at", "body, opened_at"),
            (r":local, :at", ":at"),
            (r"local = :local, ", ""),
        ]
    for name, changes in rest.items():
        source = SCHEMA.with_name(name).read_text(encoding="utf-8")
        for pattern, less in changes:
            source, count = re.subn(pattern, less, source)
            assert count == 1
        serve(page, name, source)


def serve(page: Page, name: str, source: str) -> None:
    page.route(f"**/store/{name}", lambda route: route.fulfill(body=source, content_type="text/javascript"))


@pytest.mark.parametrize("steps", range(1, 7))
def test_what_earlier_apps_left_unsent_is_here_after_every_step_of_the_tables(
    page: Page, static_server: StaticServer, archive: Archive, steps: int
) -> None:
    older(page, steps)
    old = Phone(page, static_server)
    jwk = enrolled(old, archive)
    old.call("set", name="seen", value="以前看过")
    hashes = [one["hash"] for one in sealed_visit(old)["records"]]
    draft = old.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "未完"})["id"]
    photo = old.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""})["id"]
    added = old.add_photo(photo, JPEG)
    old.rest()
    page.unroute_all()

    new = Phone(page, static_server)
    new.start()
    new.call("open", person=PERSON)
    assert [item["hash"] for item in new.call("outbox")] == hashes
    assert [proven(new.call("record", hash=one)["jws"], jwk).hash for one in hashes] == hashes
    assert new.call("draft", id=draft)["body"] == {"what": "未完"}
    assert new.call("draft", id=photo)["body"]["view"] == added["view"]
    assert bytes(new.port("readPhoto", added["original"]["sha256"], 0, 10**8)) == JPEG
    assert (new.call("setting", name="seen"), new.call("notices")) == ("以前看过", [])
    body = {"kind": "photo", "v": 1, "stream": PROJECT, "body": {}}
    another = new.call("openDraft", body, local={"problem": "black"})["id"]
    assert new.call("draft", id=another)["local"] == {"problem": "black"}
    entry = archive.seal("entry", {"what": "外露"})
    new.port("applyPage", PROJECT, archive.page_of(PROJECT, [entry]))
    assert {row["what"] for row in new.call("rows", kind="entry")} == {"钢筋外露 0", "外露"}
    assert sealed_visit(new)["manifest"]


def test_nobody_is_opened_who_was_not_enrolled(phone: Phone, archive: Archive) -> None:
    phone.start()
    with pytest.raises(StoreError, match="UnknownPerson"):
        phone.call("open", person="i99")
    enrolled(phone, archive)
    assert phone.call("people") == [
        {"person": PERSON, "name": "周明", "role": "inspector", "unsent": 0, "is_handed": False}
    ]


def test_enrolment_of_another_archive_is_not_believed(phone: Phone, archive: Archive) -> None:
    jwk = enrolled(phone, archive)
    with pytest.raises(StoreError, match="NotProven"):
        phone.call("enrol", answer=Archive().enrolment(jwk))
    with pytest.raises(StoreError, match="NotProven"):
        phone.call("enrol", answer=archive.enrolment(jwk), archive=Archive().name)
    assert phone.call("identity") is None
    opened = phone.call("open", person=PERSON)
    assert (opened["archive"], opened["archive_name"], opened["has_key"]) == (archive.name, "市考察办", True)


def test_a_draft_keeps_its_id_and_every_save(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": ""})
    assert draft["entity"] == draft["id"]
    phone.call("saveDraft", id=draft["id"], body={"what": "3号墩"})
    phone.call("patchDraft", id=draft["id"], body={"list": "problem"})
    phone.rest()
    phone.call("visible")
    kept = phone.call("draft", id=draft["id"])
    assert kept["body"] == {"what": "3号墩", "list": "problem"}
    assert phone.call("discardDraft", id=draft["id"])["discarded_at"] is not None
    assert phone.call("drafts") == []
    assert [one["id"] for one in phone.call("drafts", discarded=True)] == [draft["id"]]
    assert phone.call("restoreDraft", id=draft["id"])["discarded_at"] is None
    with pytest.raises(StoreError, match="UnknownDraft"):
        phone.call("saveDraft", id="01930000-0000-7000-8000-000000000001", body={})


def test_sealing_makes_records_the_archive_accepts(phone: Phone, archive: Archive) -> None:
    jwk = enrolled(phone, archive)
    done = sealed_visit(phone, entries=2)
    records = [proven(phone.call("record", hash=one["hash"])["jws"], jwk) for one in done["records"]]
    assert [record.payload["counter"] for record in records] == [1, 2, 3, 4]
    assert {record.payload["author"] for record in records} == {PERSON}
    manifest = records[-1]
    assert manifest.hash == done["manifest"]
    assert manifest.body["records"] == sorted(record.hash for record in records[:-1])
    assert phone.call("drafts") == []
    empty = {"draft": 0, "handed": 0, "sent": 0, "safe": 0, "held": 0, "refused": 0, "erased": 0}
    oldest = records[0].payload["captured_at"]
    assert phone.call("tally") == {**empty, "saved": 4, "unsent_since": oldest}


def test_sealing_again_gives_the_same_records(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    ids = [one["id"] for one in done["records"]]
    again = phone.call("seal", drafts=ids[:-1], manifest=ids[-1])
    assert again["records"] == done["records"]
    assert again["manifest"] == done["manifest"]
    assert phone.call("tally")["saved"] == 3
    phone.rest()
    assert phone.file("size", "sealed.log") > 0


def test_a_correction_settles_two_that_knew_nothing_of_each_other(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone)
    entry = done["entries"][0]
    first = next(one["hash"] for one in done["records"] if one["id"] == entry)
    draft = phone.call("revise", entity=entry, visit=done["visit"])
    phone.call("patchDraft", id=draft["id"], body={"what": "on this phone"})
    here = phone.call("seal", drafts=[draft["id"]])["records"][0]["hash"]
    body = {"visit": done["visit"], "what": "on another phone of the same person"}
    there = archive.seal("entry", body, author=PERSON, entity=entry, supersedes=[first])
    phone.port("applyPage", PROJECT, archive.page_of(PROJECT, [there]))
    assert phone.call("row", kind="entry", entity=entry)["is_conflict"]
    settling = phone.call("revise", entity=entry, visit=done["visit"])
    assert settling["supersedes"] == sorted([here, there.hash])
    phone.call("patchDraft", id=settling["id"], body={"what": "settled"})
    phone.call("seal", drafts=[settling["id"]])
    row = phone.call("row", kind="entry", entity=entry)
    assert (row["what"], row["is_conflict"], row["revisions"]) == ("settled", False, 4)


def test_a_revision_supersedes_and_replaces_its_predecessor(phone: Phone, archive: Archive) -> None:
    jwk = enrolled(phone, archive)
    done = sealed_visit(phone)
    entry = done["entries"][0]
    draft = phone.call("revise", entity=entry, visit=done["visit"])
    assert phone.call("revise", entity=entry, visit=done["visit"])["id"] == draft["id"]
    phone.call("patchDraft", id=draft["id"], body={"what": "钢筋外露，已除锈"})
    listed = [one["hash"] for one in done["records"][:-1]]
    manifest = phone.call(
        "openDraft", kind="submission", v=1, stream=PROJECT, body={"visit": done["visit"], "records": listed}
    )
    second = phone.call("seal", drafts=[draft["id"]], manifest=manifest["id"])
    old = next(one["hash"] for one in done["records"] if one["id"] == entry)
    sealed = proven(phone.call("record", hash=second["manifest"])["jws"], jwk)
    assert sealed.body["records"] == sorted({*listed, second["records"][0]["hash"]} - {old})
    row = phone.call("row", kind="entry", entity=entry)
    assert (row["what"], row["revisions"], row["is_conflict"]) == ("钢筋外露，已除锈", 2, False)
    assert phone.call("search", text="除锈")[0]["entity"] == entry


def test_rows_come_back_typed_and_filtered(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone, entries=3)
    rows = phone.call("rows", kind="entry", where={"visit": done["visit"]}, order="-what", limit=2)
    assert [row["what"] for row in rows] == ["钢筋外露 2", "钢筋外露 1"]
    assert phone.call("rows", kind="entry", where={"what": ["钢筋外露 0"], "list": None})[0]["list"] is None
    assert phone.call("row", kind="visit", entity=done["visit"])["team"] == ["i05"]
    with pytest.raises(StoreError, match="BadArgument"):
        phone.call("rows", kind="entry", where={"no_such": 1})
    found = phone.call("search", text="外露 1")
    assert done["entries"][1] in [one["entity"] for one in found]


def test_what_is_retired_is_offered_nowhere_and_keeps_its_name(phone: Phone, archive: Archive) -> None:
    columns = [("about", "text"), ("is_retired", "boolean"), ("reason", "text")]
    retirement = {
        "table": "retirement",
        "v": 1,
        "streams": ["project"],
        "is_shared": True,
        "columns": [{"name": name, "type": sort} for name, sort in columns],
    }
    project = {**KINDS["project"], "can_retire": True}
    enrolled(phone, archive, kinds=KINDS | {"project": project, "retirement": retirement})
    known = [archive.seal("project", {"name": name}) for name in ("一桥", "二桥")]
    gone = known[0].payload["entity"]

    def told(is_retired: bool, supersedes: list[Record]) -> Record:
        body = {"about": gone, "is_retired": is_retired, "reason": "录错了"}
        first = {"entity": supersedes[0].payload["entity"]} if supersedes else {}
        return archive.seal("retirement", body, supersedes=[one.hash for one in supersedes], **first)

    retired = told(True, [])
    restored = told(False, [retired])

    def offered(*records: Record) -> list[str]:
        lines = archive.page_of(PROJECT, [*known, *records])
        phone.port("applyPage", PROJECT, lines[-1:] if records else lines)
        return [row["name"] for row in phone.call("rows", kind="project", order="name")]

    assert offered() == ["一桥", "二桥"]
    assert offered(retired) == ["二桥"]
    assert phone.call("row", kind="project", entity=gone)["name"] == "一桥"
    every = phone.call("rows", kind="project", order="name", withRetired=True)
    assert [(row["name"], row["is_retired"]) for row in every] == [("一桥", True), ("二桥", False)]
    assert offered(retired, restored) == ["一桥", "二桥"]


def test_a_search_finds_drafts_too_and_once_what_is_corrected(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    done = sealed_visit(phone, entries=2)
    words = {
        "list": "problem",
        "what": "Guard rail of pier 3 missing, 护栏缺失",
        "seen_on": "2026-11-22",
        "cause": [],
    }
    draft = phone.call("openDraft", kind="entry", v=2, stream=PROJECT, body=words, visit=done["visit"])
    phone.call("openDraft", kind="visit", v=1, stream=PROJECT, body={"summary": "护栏另记", "team": ["i05"]})
    found = phone.call("find", text="护栏缺失")
    assert [(hit["entity"], hit["is_draft"], hit["visit"]) for hit in found["hits"]] == [
        (draft["entity"], True, done["visit"])
    ]
    assert [hit["entity"] for hit in phone.call("find", text="guard mis")["hits"]] == [draft["entity"]]
    assert phone.call("find", text="，")["hits"] == phone.call("find", text="没有的词")["hits"] == []
    sealed = phone.call("find", text="外露 1")["hits"][0]
    assert (sealed["entity"], sealed["is_draft"], sealed["visit"]) == (
        done["entries"][1],
        False,
        done["visit"],
    )
    phone.call("revise", entity=done["entries"][1], visit=done["visit"])
    again = [hit for hit in phone.call("find", text="外露 1")["hits"] if hit["entity"] == done["entries"][1]]
    assert [hit["is_draft"] for hit in again] == [True]
    assert (
        len(phone.call("find", text="外露", limit=1)["hits"]) == 1
        and phone.call("find", text="外露", limit=1)["is_more"]
    )


def test_settings_and_notices_of_the_screens(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    phone.call("set", name="lamp", value={"on": True})
    assert phone.call("setting", name="lamp") == {"on": True}
    assert phone.call("setting", name="nothing") is None
    assert phone.call("notices") == []


def test_an_unknown_call_is_an_error(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    with pytest.raises(StoreError, match="UnknownCall"):
        phone.call("fly")


def test_changes_are_announced_by_table(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={})
    assert phone.events("changed")[-1]["tables"] == ["draft"]
    done: dict[str, Any] = sealed_visit(phone)
    assert {"record", "draft", "entry", "visit"} <= set(phone.events("changed")[-1]["tables"])
    assert done["manifest"]


def test_a_lost_key_is_told_and_a_new_one_seals_at_once(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    first = sealed_visit(phone)
    phone.page.evaluate(
        "() => new Promise((done) => { indexedDB.deleteDatabase('fieldapp-key').onsuccess = done })"
    )
    phone.call("close")
    assert phone.call("open", person=PERSON)["has_key"] is False
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "一"})["id"]
    with pytest.raises(StoreError, match="NoKey"):
        phone.call("seal", drafts=[draft])
    assert phone.call("draft", id=draft) is not None
    made = phone.page.evaluate("(person) => phone.newKey(person)", PERSON)
    sealed = phone.call("seal", drafts=[draft])["records"][0]
    record = proven(phone.call("record", hash=sealed["hash"])["jws"], made["jwk"])
    assert (record.kid, record.payload["counter"]) == (made["kid"], 1)
    phone.call("enrol", answer=archive.enrolment(made["jwk"]))
    assert phone.call("people")[0]["unsent"] == len(first["records"]) + 1


def test_only_what_is_old_and_unneeded_is_swept(phone: Phone, archive: Archive) -> None:
    enrolled(phone, archive)
    dropped = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={})["id"]
    orphan = phone.add_photo(dropped, JPEG)["original"]["sha256"]
    phone.call("saveDraft", id=dropped, body={})
    kept = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={})["id"]
    named = phone.add_photo(kept, JPEG + b"x")["original"]["sha256"]
    sent = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={})["id"]
    added = phone.add_photo(sent, JPEG + b"y")
    own = phone.call("seal", drafts=[sent])["records"][0]["hash"]
    phone.call("discardDraft", id=dropped)

    def here(days: float) -> list[bool]:
        phone.call("clock", days=days)
        phone.call("tidy")
        return [
            phone.call("photo", sha256=one) is not None
            for one in (orphan, named, added["original"]["sha256"])
        ]

    assert here(0.9) == [True, True, True]
    assert here(1.1) == [False, True, True]
    assert len(phone.call("drafts", discarded=True)) == 1
    assert here(31) == [False, True, True]
    assert phone.call("drafts", discarded=True) == []
    phone.port("applyReceipts", [archive.receipt([archive.fact(own, 1, True)])], {}, [])
    # The record is safe, and yet no receipt says that its bytes are held, sent or not.
    assert here(31) == [False, True, True]
    names = [added["view"]["sha256"], added["original"]["sha256"]]
    phone.port("photoSent", own, names[1])
    assert here(31) == [False, True, True]
    phone.port("applyReceipts", [archive.receipt([archive.fact(own, 1, True, held=names)])], {}, [])
    phone.port("applyReceipts", [], {own: [names[0]]}, [])
    assert here(31) == [False, True, True]
    phone.port("applyReceipts", [archive.receipt([archive.fact(own, 1, True, held=names)])], {}, [])
    assert here(29) == [False, True, True]
    assert here(31) == [False, True, False]
