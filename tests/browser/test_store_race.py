"""What runs at the same time on a phone: photos, typing and sealing, two windows, a window that is frozen, an app that is newer."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.static_server import StaticServer
from tests.browser.store_page import KINDS, PERSON, PROJECT, Archive, Phone, enrolled, proven
from tests.browser.test_store_tabs import state

# Everything is asked without waiting, in an order drawn from the seed; calls that come too late are refused, not half done.
RACE = """async ([stream, seed]) => {
  let drawn = seed;
  const below = (count) => (drawn = (Math.imul(drawn, 1664525) + 1013904223) >>> 0) % count;
  const picture = async (number) => {
    const canvas = new OffscreenCanvas(64, 48);
    const context = canvas.getContext("2d");
    context.fillStyle = `hsl(${number * 37 + seed * 11}, 80%, 50%)`;
    context.fillRect(0, 0, 64, 24 + number);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
  };
  const visit = (await phone.call("openDraft", { kind: "visit", v: 1, stream, body: { summary: "" } })).value.id;
  const drafts = [];
  for (let number = 0; number < 4; number += 1) {
    const opened = await phone.call("openDraft", { kind: "photo", v: 1, stream, visit, body: { visit, caption: "" } });
    drafts.push({ id: opened.value.id, blob: await picture(number) });
  }
  const manifest = (await phone.call("openDraft", { kind: "submission", v: 1, stream, visit, body: { visit, records: [] } })).value.id;
  const calls = [
    ...drafts.map(({ id, blob }) => () => phone.call("addPhoto", { draft: id, blob })),
    ...drafts.map(({ id }) => () => phone.call("patchDraft", { id, body: { caption: "桥墩" } })),
  ];
  const running = [];
  while (calls.length > 0) running.push(calls.splice(below(calls.length), 1)[0]());
  // Some have ended when it is sealed, the others are under way.
  await Promise.all(running.slice(0, seed % 7));
  running.push(phone.call("seal", { drafts: [visit, ...drafts.map(({ id }) => id)], manifest }));
  const results = await Promise.all(running);
  return { visit, drafts: drafts.map(({ id }) => id), errors: results.flatMap(({ error }) => error?.name ?? []) };
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def test_what_is_sealed_amid_photos_and_typing_names_only_bytes_that_are_here(
    page: Page, static_server: StaticServer
) -> None:
    phone = Phone(page, static_server)
    jwk = enrolled(phone, Archive())
    named = 0
    for seed in range(12):
        raced: dict[str, Any] = page.evaluate(RACE, [PROJECT, seed])
        assert set(raced["errors"]) <= {"UnknownDraft"}, f"seed {seed}"
        outbox = {item["id"]: item["hash"] for item in phone.call("outbox", safe=True)}
        assert {raced["visit"], *raced["drafts"]} <= set(outbox), f"seed {seed}"
        for draft in raced["drafts"]:
            body = proven(phone.call("record", hash=outbox[draft])["jws"], jwk).payload["body"]
            for part in ("original", "view"):
                if not body.get(part):
                    continue
                named += 1
                sha256 = body[part]["sha256"]
                data = bytes(phone.port("readPhoto", sha256, 0, 10**8))
                assert (hashlib.sha256(data).hexdigest(), len(data)) == (sha256, body[part]["size_bytes"])
    assert phone.call("drafts") == []
    assert named > 12


def test_one_draft_in_two_windows_becomes_one_record(
    context: BrowserContext, static_server: StaticServer
) -> None:
    first = Phone(context.new_page(), static_server)
    enrolled(first, Archive())
    draft = first.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "一"})["id"]
    second = Phone(context.new_page(), static_server)
    second.start()
    second.call("open", person=PERSON)
    one = second.call("seal", drafts=[draft])
    first.call("use")
    assert first.call("seal", drafts=[draft]) == one
    assert [item["hash"] for item in first.call("outbox")] == [one["records"][0]["hash"]]


def test_a_frozen_window_gave_the_storage_away_before(
    context: BrowserContext, static_server: StaticServer
) -> None:
    first = Phone(context.new_page(), static_server)
    enrolled(first, Archive())
    draft = first.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "一"})["id"]
    # A phone hides a window before it freezes it; a headless browser hides none, so the page is told.
    turn = """(state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    first.page.evaluate(turn, "hidden")
    assert state(first.page, "resting")
    devtools = context.new_cdp_session(first.page)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    second = Phone(context.new_page(), static_server)
    second.start()
    second.call("open", person=PERSON)
    second.call("saveDraft", id=draft, body={"what": "二"})
    second.rest()
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    first.page.evaluate(turn, "visible")
    assert state(first.page, "held")
    assert first.call("draft", id=draft)["body"] == {"what": "二"}


def test_a_draft_keeps_the_version_it_began_with(page: Page, static_server: StaticServer) -> None:
    phone = Phone(page, static_server)
    jwk = enrolled(phone, Archive())
    body = {"what": "裂缝", "template": "t-1", "answer": {"q7": "0.3 mm"}}
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body=body)["id"]
    entry = {**KINDS["entry"], "v": 2, "columns": [{"name": "title", "type": "text"}]}
    phone = Phone(page, static_server)
    phone.start({**KINDS, "entry": entry})
    phone.call("open", person=PERSON)
    kept = phone.call("draft", id=draft)
    assert (kept["v"], kept["body"]) == (1, body)
    phone.call("patchDraft", id=draft, body={"what": "裂缝 0.3 mm"})
    sealed = phone.call("seal", drafts=[draft])["records"][0]["hash"]
    payload = proven(phone.call("record", hash=sealed)["jws"], jwk).payload
    assert (payload["v"], payload["body"]) == (1, {**body, "what": "裂缝 0.3 mm"})
