"""Erasure by law on the phone: every copy goes, whoever wrote it, and nothing brings one back."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route

from sync.key import SealingKey
from sync.record import Record, parse
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, enrolled
from tests.browser.test_store_photo import JPEG, taken

SECRET = "张三家庭住址"


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    return Phone(page, static_server)


@pytest.fixture
def archive(phone: Phone) -> Archive:
    archive = Archive()
    enrolled(phone, archive)
    return archive


def sealed_entry(phone: Phone, what: str = SECRET) -> Record:
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": what})
    return sealed(phone, draft["id"])


def sealed(phone: Phone, draft: str) -> Record:
    (done,) = phone.call("seal", drafts=[draft])["records"]
    return parse(phone.call("record", hash=done["hash"])["jws"].encode("ascii"))


def pulled(phone: Phone, archive: Archive, *records: Record) -> list[dict[str, Any]]:
    """Pull what of the stream is new."""
    here = next((one["position"] for one in phone.port("streams") if one["stream"] == PROJECT), 0)
    lines = archive.page_of(PROJECT, list(records))
    phone.port("applyPage", PROJECT, lines[here:])
    return lines


def outbox(phone: Phone) -> dict[str, str]:
    return {item["hash"]: item["state"] for item in phone.call("outbox", safe=True)}


def files(phone: Phone) -> bytes:
    """Return every byte on the phone; the storage rests meanwhile."""
    phone.rest()
    pool = [f"pool-1/.opaque/{name}" for name in phone.file("names", "pool-1/.opaque")]
    found = b"".join(bytes(phone.file("read", path, 0, 1 << 30)) for path in [*pool, "sealed.log"])
    phone.call("visible")
    return found


def test_an_erasure_takes_every_copy_of_what_anybody_wrote(phone: Phone, archive: Archive) -> None:
    own = sealed_entry(phone)
    draft, added = taken(phone, JPEG)
    photo = sealed(phone, draft)
    kept = sealed_entry(phone, "围挡破损")
    other = archive.seal("entry", {"what": SECRET + "二"})
    stream = [own, photo, other, kept]
    pulled(phone, archive, *stream)
    assert len(phone.call("search", text=SECRET)) == 2
    assert own.token.text in phone.log()

    pulled(phone, archive, *stream, archive.erasure(own.hash, photo.hash, other.hash))
    assert [row["what"] for row in phone.call("rows", kind="entry")] == ["围挡破损"]
    assert phone.call("search", text=SECRET) == []
    assert [phone.call("photo", sha256=added[part]["sha256"]) for part in ("view", "original")] == [
        None,
        None,
    ]
    assert outbox(phone) == {kept.hash: "saved", own.hash: "erased", photo.hash: "erased"}
    assert (phone.call("tally")["erased"], [one["hash"] for one in phone.port("unsent")]) == (2, [kept.hash])
    assert phone.log()[-1] == kept.token.text and own.token.text not in phone.log()
    assert [(one["what"], one["detail"]) for one in phone.call("notices")] == [
        ("erased", {"records": 2, "drafts": 0})
    ]
    everything = files(phone)
    assert kept.token.text.encode() in everything
    for trace in (SECRET.encode(), own.token.text.encode()[100:200], JPEG[:64], "住址".encode()):
        assert trace not in everything


def test_only_the_archive_erases(phone: Phone, archive: Archive) -> None:
    own = sealed_entry(phone)
    inspector = SealingKey.new()
    first, enrolment = archive.keys[0], archive.enrolment(inspector.jwk)["enrolment"]
    records = [parse(jws.encode("ascii")) for jws in (first, enrolment)]
    phone.port("applyPage", "keys", archive.page_of("keys", records))
    pulled(phone, archive, own, archive.erasure(own.hash, key=inspector))
    assert outbox(phone) == {own.hash: "saved"}


def test_ones_own_copy_stays_until_the_erasure_itself_is_here(phone: Phone, archive: Archive) -> None:
    own = sealed_entry(phone)
    erasure = archive.erasure(own.hash)
    lines = archive.page_of(PROJECT, [own, erasure])
    phone.port("applyPage", PROJECT, [archive.erased(lines[0])])
    assert outbox(phone) == {own.hash: "saved"}
    phone.port("applyPage", PROJECT, [lines[1]])
    assert outbox(phone) == {own.hash: "erased"}


def test_a_correction_begun_from_it_goes_with_it(phone: Phone, archive: Archive) -> None:
    own, other = sealed_entry(phone), sealed_entry(phone, "别的")
    copy = phone.call("revise", entity=own.payload["id"])
    kept = phone.call("revise", entity=other.payload["id"])
    pulled(phone, archive, archive.erasure(own.hash))
    assert phone.call("draft", id=copy["id"]) is None
    assert phone.call("draft", id=kept["id"]) is not None
    assert phone.call("notices")[0]["detail"] == {"records": 1, "drafts": 1}


def test_what_was_erased_before_it_came_is_never_kept(phone: Phone, archive: Archive) -> None:
    other = archive.seal("entry", {"what": SECRET})
    erasure = archive.erasure(other.hash)
    pulled(phone, archive, erasure, other)
    assert phone.call("rows", kind="entry") == []
    assert phone.call("record", hash=other.hash) is None


def reopened(phone: Phone, server: StaticServer) -> Phone:
    phone = Phone(phone.page, server)
    phone.start()
    phone.call("open", person=PERSON)
    return phone


def damaged(phone: Phone, server: StaticServer, *, with_main: bool) -> Phone:
    """Open again after the page of the databases' names was lost; with `with_main` what was in them can be read."""
    phone.rest()
    slot = phone.file("slotOf", "pool-1", f"/{PERSON}.db")
    phone.file("write", slot, 0, [0] * 4096)
    if not with_main:
        phone.file("truncate", slot, 4096)
        wal = phone.file("slotOf", "pool-1", f"/{PERSON}.db-wal")
        if wal is not None:
            phone.file("truncate", wal, 4096)
    phone.file("truncate", "guard", 0)
    return reopened(phone, server)


@pytest.mark.parametrize("with_main", [True, False])
def test_no_rebuild_brings_it_back(
    phone: Phone, archive: Archive, static_server: StaticServer, with_main: bool
) -> None:
    own, kept = sealed_entry(phone), sealed_entry(phone, "围挡破损")
    log = phone.log()
    erasure = archive.erasure(own.hash)
    pulled(phone, archive, own, kept, erasure)
    assert outbox(phone) == {kept.hash: "saved", own.hash: "erased"}
    # As if the phone had died before the log was rewritten.
    phone.rest()
    text = "\n".join(log) + "\n"
    phone.file("truncate", "sealed.log", 0)
    phone.file("write", "sealed.log", 0, list(text.encode()))
    phone = damaged(phone, static_server, with_main=with_main)
    assert [notice["what"] for notice in phone.call("notices")][-1:] == ["rebuilt"]
    if with_main:
        assert outbox(phone) == {kept.hash: "saved", own.hash: "erased"}
        assert phone.port("streams")[0]["position"] == 3
    else:
        # Nothing on the phone knows of the erasure any more: the archive says it again.
        assert outbox(phone)[own.hash] == "saved"
        pulled(phone, archive, own, kept, erasure)
    assert outbox(phone) == {kept.hash: "saved", own.hash: "erased"}
    assert phone.call("search", text=SECRET) == []
    assert own.token.text not in phone.log()
    assert sealed_entry(phone, "新").payload["counter"] == 3


def test_an_older_apps_erasures_are_applied_when_the_new_one_opens(
    phone: Phone, archive: Archive, static_server: StaticServer
) -> None:
    own = sealed_entry(phone)

    def is_no_erasure(route: Route) -> None:
        body = route.fetch().text().replace('ERASURE = "erasure"', 'ERASURE = "unknown"')
        route.fulfill(body=body, content_type="text/javascript")

    phone.rest()
    phone.page.route("**/store/erasure.js", is_no_erasure)
    phone = reopened(phone, static_server)
    pulled(phone, archive, own, archive.erasure(own.hash))
    assert outbox(phone) == {own.hash: "saved"}
    phone.rest()
    phone.page.unroute("**/store/erasure.js")
    assert outbox(reopened(phone, static_server)) == {own.hash: "erased"}
