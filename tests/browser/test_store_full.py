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
