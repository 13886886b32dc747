"""A pool left behind by a rebuild is kept until all it held is safe, or let go by those whose data it held; then it takes no room."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_server import AppServer
from tests.browser.small_city import USERNAME, seed
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, enrolled, sealed_visit
from tests.browser.test_shell import enrol, shell
from tests.browser.test_store_damage import MAIN, Filled, damage_page_of_drafts
from tests.browser.wait import until_true

OTHER = "i06"


@pytest.fixture
def filled(page: Page, static_server: StaticServer) -> Filled:
    return Filled(page, static_server)


def lose_header(filled: Filled) -> None:
    filled.phone.file("write", filled.slot(MAIN), 0, [0] * 4096)
    filled.phone.file("truncate", "guard", 0)


def pools(filled: Filled) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = filled.phone.call("oldPools")
    return [{**one, "size_bytes": one["size_bytes"] > 100_000} for one in found]


def make_safe(filled: Filled, archive: Archive) -> None:
    """Seal every draft, and let a receipt say of everything that it is safe and held."""
    filled.phone.call("seal", drafts=[draft["id"] for draft in filled.phone.call("drafts")])
    held = [filled.added["view"]["sha256"], filled.added["original"]["sha256"]]
    hashes = [item["hash"] for item in filled.phone.call("outbox", safe=True)]
    facts = [archive.fact(one, n, True, held=held) for n, one in enumerate(hashes, 1)]
    filled.phone.port("applyReceipts", [archive.receipt(facts)], {}, [])


def test_an_old_pool_is_emptied_when_all_it_held_is_safe(filled: Filled) -> None:
    lose_header(filled)
    filled.reopen()
    claim = {"waiting": 6, "is_whole": True, "is_mine": True}
    old = {"name": "pool-1", "size_bytes": True, "claims": [claim]}
    assert pools(filled) == [old]
    filled.phone.call("tidy")
    assert pools(filled) == [old]
    sealed = filled.phone.call("seal", drafts=[filled.draft])["records"]
    assert pools(filled) == [old]

    make_safe(filled, filled.archive)
    # The original is not required; it is unsent all the same.
    one = next(item for item in filled.phone.call("outbox", safe=True) if item["kind"] == "photo")
    filled.phone.port("applyReceipts", [], {one["hash"]: [filled.added["original"]["sha256"]]}, [])
    assert pools(filled)[0]["claims"] == [{**claim, "waiting": 1}]
    make_safe(filled, filled.archive)
    assert pools(filled) == [{**old, "claims": []}]
    filled.phone.call("tidy")
    assert pools(filled) == []

    filled.phone.rest()
    assert filled.phone.file("names", "") == ["guard", "pool-1", "pool-2", "sealed.log"]
    names = filled.phone.file("names", "pool-1/.opaque")
    assert [filled.phone.file("size", f"pool-1/.opaque/{name}") for name in names] == [0] * 24
    filled.reopen()
    assert sealed[0]["hash"] in filled.sealed()
    assert [one["what"] for one in filled.notices()] == ["rebuilt"]


def test_what_could_not_be_read_is_kept_until_a_person_lets_it_go(filled: Filled) -> None:
    damage_page_of_drafts(filled)
    filled.reopen()
    make_safe(filled, filled.archive)
    filled.phone.call("tidy")
    claim = {"waiting": 0, "is_whole": False, "is_mine": True}
    assert pools(filled) == [{"name": "pool-1", "size_bytes": True, "claims": [claim]}]
    assert filled.phone.call("letGoPool", name="pool-1") == []
    assert sealed_visit(filled.phone)["manifest"]


def test_nobody_lets_go_what_another_person_has_in_it(filled: Filled) -> None:
    filled.phone.call("visible")
    enrolled(filled.phone, filled.archive, OTHER)
    mine = sealed_visit(filled.phone)
    filled.phone.rest()
    lose_header(filled)
    filled.reopen()
    (left,) = filled.phone.call("letGoPool", name="pool-1")
    assert left["claims"] == [{"waiting": len(mine["records"]), "is_whole": True, "is_mine": False}]
    filled.phone.call("open", person=OTHER)
    assert filled.phone.call("letGoPool", name="pool-1") == []


def test_a_second_rebuild_with_losses_keeps_both(filled: Filled) -> None:
    lose_header(filled)
    filled.reopen()
    filled.phone.rest()
    # The second pool loses its database for good: what it had may still lie in the first.
    filled.phone.file("truncate", filled.slot(MAIN, "pool-2"), 0)
    filled.phone.file("truncate", "guard", 0)
    filled.reopen()
    make_safe(filled, filled.archive)
    filled.phone.call("tidy")
    assert [(one["name"], one["claims"][0]["is_whole"]) for one in filled.phone.call("oldPools")] == [
        ("pool-1", False),
        ("pool-2", False),
    ]


def test_who_came_later_claims_nothing(filled: Filled) -> None:
    lose_header(filled)
    filled.reopen()
    enrolled(filled.phone, filled.archive, OTHER)
    draft = filled.phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={})["id"]
    assert [claim["is_mine"] for claim in filled.phone.call("oldPools")[0]["claims"]] == [False]
    filled.phone.call("open", person=PERSON)
    assert filled.phone.call("letGoPool", name="pool-1") == []
    filled.phone.call("open", person=OTHER)
    assert filled.phone.call("draft", id=draft) is not None


def test_a_phone_never_rebuilt_has_no_old_pool(page: Page, static_server: StaticServer) -> None:
    phone = Phone(page, static_server)
    enrolled(phone, Archive())
    assert phone.call("oldPools") == []


# A page of the main database is overwritten while nobody has it open.
SPOIL = """async (person) => {
    const pool = await (await (await navigator.storage.getDirectory()).getDirectoryHandle("pool-1")).getDirectoryHandle(".opaque");
    for await (const handle of pool.values()) {
        const file = await handle.getFile();
        if (!(await file.slice(0, 512).text()).startsWith(`/${person}.db\\0`)) continue;
        const stream = await handle.createWritable({ keepExistingData: true }).catch(() => null);
        if (stream === null) return false;  // the worker of the page before has not let go yet
        for (let page = 30; page < 60; page += 1) {
            await stream.write({ type: "write", position: 4096 + page * 8192, data: new Uint8Array(300).fill(255) });
        }
        await stream.close();
        return true;
    }
}"""


def test_settings_say_why_an_old_pool_is_kept_and_let_it_go(
    app_server: Callable[..., AppServer], page: Page
) -> None:
    server = app_server()
    seed(server.data)
    server.start()
    page.set_viewport_size({"width": 360, "height": 640})
    enrol(page, server)
    page.goto(f"{server.origin}/login")
    until_true(page, SPOIL, USERNAME)
    page.goto(f"{shell(server)}#settings")
    kept = page.locator("[data-name=old-storage]")
    expect(kept).to_contain_text("保留待查")
    page.click("[data-name=let-go]")
    page.click("[data-name=keep]")
    expect(kept).to_be_visible()
    page.click("[data-name=let-go]")
    expect(page.locator("[data-name=let-go-question]")).to_contain_text("无法再找回")
    page.click("[data-name=confirm-let-go]")
    expect(kept).to_have_count(0)
