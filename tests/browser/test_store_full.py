"""No room left: the call that needs it fails and says so, everything acknowledged before stays, and it goes on when there is room."""

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.static_server import StaticServer
from tests.browser.store_page import PROJECT, Archive, Phone, StoreError, enrolled, proven, sealed_visit
from tests.browser.test_store_photo import JPEG


def allow(devtools: CDPSession, server: StaticServer, size_bytes: int | None) -> None:
    quota = {} if size_bytes is None else {"quotaSize": size_bytes}
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": server.origin, **quota})


def usage(devtools: CDPSession, server: StaticServer) -> int:
    found = devtools.send("Storage.getUsageAndQuota", {"origin": server.origin})
    return int(found["usage"])


def test_a_full_disk_refuses_loudly_and_keeps_everything(page: Page, static_server: StaticServer) -> None:
    devtools = page.context.new_cdp_session(page)
    phone = Phone(page, static_server)
    jwk = enrolled(phone, Archive())
    done = sealed_visit(phone)
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "一"})["id"]
    photo = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""})["id"]
    allow(devtools, static_server, usage(devtools, static_server))

    with pytest.raises(StoreError) as refused:
        for size in range(1, 40):
            phone.add_photo(photo, JPEG + bytes([size]) * 500_000)
    assert refused.value.name == "StorageFull"
    before = phone.call("draft", id=draft)
    with pytest.raises(StoreError) as refused:
        for size in range(200):
            phone.call("saveDraft", id=draft, body={"what": "字" * (5000 + size)})
            before = phone.call("draft", id=draft)
    assert refused.value.name == "StorageFull"
    assert phone.call("draft", id=draft) == before

    allow(devtools, static_server, None)
    phone.call("saveDraft", id=draft, body={"what": "二"})
    assert phone.add_photo(photo, JPEG)["view"] is not None
    again = phone.call("seal", drafts=[draft])
    hashes = [one["hash"] for one in (*done["records"], *again["records"])]
    assert [proven(phone.call("record", hash=one)["jws"], jwk).hash for one in hashes] == hashes
    phone = Phone(page, static_server)
    phone.start()
    phone.call("open", person="i05")
    assert [item["hash"] for item in phone.call("outbox")] == hashes
    assert phone.call("notices") == []


def test_photos_safe_in_the_archive_make_room(page: Page, static_server: StaticServer) -> None:
    devtools = page.context.new_cdp_session(page)
    phone = Phone(page, static_server)
    archive = Archive()
    enrolled(phone, archive)
    hashes, names = [], []
    for number in range(1, 7):
        draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""})["id"]
        added = phone.add_photo(draft, JPEG + bytes([number]) * 1_500_000)
        names.append([added["original"]["sha256"], added["view"]["sha256"]])
        hashes.append(phone.call("seal", drafts=[draft])["records"][0]["hash"])
    held = {name for pair in names[:4] for name in pair}
    facts = [archive.fact(one, n, True, held=held) for n, one in enumerate(hashes[:5], 1)]
    assert phone.port("applyReceipts", [archive.receipt(facts)], {}, [])["applied"] == 5
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""})["id"]

    def here() -> list[bool]:
        return [phone.call("photo", sha256=pair[0]) is not None for pair in names]

    phone.call("tidy")
    allow(devtools, static_server, usage(devtools, static_server))
    made = []
    while all(here()):
        made.append(phone.add_photo(draft, JPEG + bytes([len(made)]) * 1_600_000)["original"]["sha256"])
    # Never what no receipt vouches for: the fifth is safe and not held, the sixth not even received.
    assert here()[4:] == [True, True] and len(made) < 6
    assert all(phone.call("photo", sha256=one) is not None for one in made)
    with pytest.raises(StoreError, match="StorageFull"):
        for number in range(20, 40):
            phone.add_photo(draft, JPEG + bytes([number]) * 1_500_000)
    assert here() == [False] * 4 + [True] * 2
    assert phone.call("notices") == []


def test_when_space_is_short_safe_photos_go_before_their_thirty_days(
    page: Page, static_server: StaticServer
) -> None:
    phone = Phone(page, static_server)
    archive = Archive()
    enrolled(phone, archive)
    names, hashes = [], []
    for number in (1, 2):
        draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": ""})["id"]
        added = phone.add_photo(draft, JPEG + bytes([number]))
        names.append([added["original"]["sha256"], added["view"]["sha256"]])
        hashes.append(phone.call("seal", drafts=[draft])["records"][0]["hash"])
    phone.port("applyReceipts", [archive.receipt([archive.fact(hashes[0], 1, True, held=names[0])])], {}, [])
    phone.call("room", usage=300_000_000, quota=1_000_000_000)
    assert phone.call("tidy")["photos"] == 0
    phone.call("room", usage=900_000_000, quota=1_000_000_000)
    assert phone.call("tidy")["photos"] == 1
    here = [phone.call("photo", sha256=one) is not None for pair in names for one in pair]
    # The view of both is the same picture, and one record that names it is not safe.
    assert here == [False, True, True, True]
