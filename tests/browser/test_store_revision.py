"""Corrections that end a conflict, and counters that never count twice."""

from typing import Any

import pytest
from playwright.sync_api import Page

from sync.key import SealingKey
from sync.record import Record, parse, seal
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, Archive, Phone, enrolled
from tests.browser.test_erasure import damaged, pulled, sealed_entry


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    return Phone(page, static_server)


@pytest.fixture
def archive(phone: Phone) -> Archive:
    archive = Archive()
    enrolled(phone, archive)
    return archive


class OtherPhone:
    """Another phone of the same person."""

    def __init__(self, phone: Phone, archive: Archive) -> None:
        self.archive = archive
        self.key = SealingKey.new()
        enrolment = archive.enrolment(self.key.jwk)["enrolment"]
        records = [parse(jws.encode("ascii")) for jws in (*archive.keys, enrolment)]
        phone.port("applyPage", "keys", archive.page_of("keys", records))

    def corrected(self, first: Record, what: str, *supersedes: str) -> Record:
        entity = first.payload["entity"]
        draft = self.archive.seal(
            "entry", {"what": what}, entity=entity, supersedes=sorted(supersedes), author=PERSON, counter=1
        )
        return seal(self.key, draft.payload)


def sealed_record(phone: Phone, draft: dict[str, Any]) -> Record:
    (done,) = phone.call("seal", drafts=[draft["id"]])["records"]
    return parse(phone.call("record", hash=done["hash"])["jws"].encode("ascii"))


def test_a_correction_supersedes_every_head_known_when_it_is_sealed(phone: Phone, archive: Archive) -> None:
    other = OtherPhone(phone, archive)
    first = sealed_entry(phone, "初稿")
    entity = first.payload["entity"]
    here = sealed_record(phone, phone.call("revise", entity=entity))
    there = other.corrected(first, "另一部手机", first.hash)
    stream = [first, here, there]
    pulled(phone, archive, *stream)
    assert phone.call("row", kind="entry", entity=entity)["is_conflict"] is True

    draft = phone.call("revise", entity=entity)
    assert draft["supersedes"] == sorted([here.hash, there.hash])
    late = other.corrected(first, "迟到的", first.hash)
    pulled(phone, archive, *stream, late)
    phone.call("patchDraft", id=draft["id"], body={"what": "定稿"})
    last = sealed_record(phone, draft)
    assert last.payload["supersedes"] == sorted([here.hash, there.hash, late.hash])
    row = phone.call("row", kind="entry", entity=entity)
    assert (row["what"], row["is_conflict"]) == ("定稿", False)


def test_what_a_newer_app_writes_into_an_older_draft_is_of_the_newer_version(
    phone: Phone, archive: Archive
) -> None:
    assert archive.keys
    stream = "project:01930000-0000-7000-8000-000000000001"
    draft = phone.call("openDraft", kind="entry", v=1, stream=stream, body={"what": "裂缝"})
    phone.call("patchDraft", id=draft["id"], body={"what": "裂缝两处"})
    assert phone.call("draft", id=draft["id"])["v"] == 1
    phone.call("patchDraft", id=draft["id"], body={"item": "m07"}, v=2)
    assert phone.call("draft", id=draft["id"])["v"] == 2


def test_counters_go_on_when_only_a_cleared_log_is_left(
    phone: Phone, archive: Archive, static_server: StaticServer
) -> None:
    records = [sealed_entry(phone, str(number)) for number in range(3)]
    pulled(phone, archive, *records, archive.erasure(records[2].hash))
    phone = damaged(phone, static_server, with_main=False)
    assert [record["hash"] for record in phone.call("outbox")] == [records[0].hash, records[1].hash]
    assert sealed_entry(phone, "新").payload["counter"] == 4


def test_counters_go_on_behind_what_the_archive_gives_back(
    phone: Phone, archive: Archive, static_server: StaticServer
) -> None:
    records = [sealed_entry(phone, str(number)) for number in range(3)]
    # A log that has lost everything but who works here.
    who = "".join(f"{jws}\n" for jws in phone.log() if jws not in {record.token.text for record in records})
    phone.rest()
    phone.file("truncate", "sealed.log", 0)
    phone.file("write", "sealed.log", 0, list(who.encode()))
    phone = damaged(phone, static_server, with_main=False)
    assert phone.call("outbox") == []
    pulled(phone, archive, *records)
    assert sealed_entry(phone, "新").payload["counter"] == 4


def test_an_archive_that_was_restored_changes_no_counter(phone: Phone, archive: Archive) -> None:
    done = sealed_entry(phone, "一")
    for epoch in (1, 1_795_000_000):
        phone.port(
            "applyReceipts", [archive.receipt([archive.fact(done.hash, 1, True)], epoch=epoch)], {}, []
        )
    assert sealed_entry(phone, "二").payload["counter"] == 2
