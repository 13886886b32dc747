"""What lies on the phone: settings of the databases as their bytes show them, freed room given back, deleted words gone."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, enrolled
from tests.browser.test_store_photo import JPEG

SECTOR = 4096
KEYS = """async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    const database = await new Promise((done, fail) => {
        const opening = indexedDB.open("fieldapp-key");
        opening.onsuccess = () => done(opening.result);
        opening.onerror = () => fail(opening.error);
    });
    const stores = [...database.objectStoreNames];
    const all = await new Promise((done) => {
        const asking = database.transaction(stores[0]).objectStore(stores[0]).getAll();
        asking.onsuccess = () => done(asking.result);
    });
    database.close();
    const held = all.flatMap((row) => Object.values(row)).flatMap((value) => value?.privateKey ?? []);
    const isLocked = held.length === all.length && held.every((key) => !key.extractable);
    return { names, stores: stores.length, count: all.length, isLocked, local: localStorage.length };
}"""


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Phone:
    phone = Phone(page, static_server)
    enrolled(phone, Archive())
    return phone


@pytest.mark.parametrize("path", [f"/{PERSON}.db", f"/{PERSON}-photo.db"])
def test_databases_have_the_settings_that_were_measured(phone: Phone, path: str) -> None:
    phone.rest()
    # https://sqlite.org/fileformat2.html#the_database_header
    header = bytes(phone.file("read", phone.file("slotOf", "pool-1", path), SECTOR, 100))
    assert int.from_bytes(header[16:18]) == 8192
    assert (header[18], header[19]) == (2, 2), "write-ahead log"
    assert int.from_bytes(header[52:56]) > 0 and int.from_bytes(header[64:68]) == 1, "incremental vacuum"


def test_indexeddb_holds_the_key_and_nothing_else(phone: Phone) -> None:
    phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "一"})
    found: dict[str, Any] = phone.page.evaluate(KEYS)
    assert found == {"names": ["fieldapp-key"], "stores": 1, "count": 1, "isLocked": True, "local": 0}


def test_freed_room_is_given_back_page_by_page(phone: Phone) -> None:
    draft = phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={})["id"]
    phone.add_photo(draft, JPEG + b"x" * 3_000_000)
    phone.call("saveDraft", id=draft, body={})

    def size() -> int:
        phone.rest()
        found: int = phone.file("size", phone.file("slotOf", "pool-1", f"/{PERSON}-photo.db"))
        phone.call("visible")
        return found

    assert size() > 3_000_000
    phone.call("clock", days=2)
    assert phone.call("tidy")["photos"] == 2
    assert size() < 300_000


def test_deleted_words_are_gone_from_the_file(phone: Phone) -> None:
    word = "unheard-of-word" * 3
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": word})["id"]

    def is_in_file() -> bool:
        phone.rest()
        slot = phone.file("slotOf", "pool-1", f"/{PERSON}.db")
        found = word in phone.file("text", slot)
        phone.call("visible")
        return bool(found)

    assert is_in_file()
    phone.call("discardDraft", id=draft)
    phone.call("clock", days=31)
    phone.call("tidy")
    assert not is_in_file()
