"""Two windows of one phone: the storage is handed over between two turns, and nothing is written twice or lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.static_server import StaticServer
from tests.browser.store_page import (
    KINDS,
    PERSON,
    PROJECT,
    Archive,
    Phone,
    StoreError,
    enrolled,
    sealed_visit,
)
from tests.browser.wait import until_true


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


def state(page: Page, wanted: str) -> bool:
    script = "(wanted) => phone.events.filter((event) => event.event === 'lease').at(-1)?.state === wanted"
    return bool(until_true(page, script, wanted))


def test_a_second_window_takes_over_and_the_first_may_take_back(
    context: BrowserContext, static_server: StaticServer
) -> None:
    first = Phone(context.new_page(), static_server)
    enrolled(first, Archive())
    draft = first.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": "一"})["id"]

    second = Phone(context.new_page(), static_server)
    assert [one["person"] for one in second.start()["people"]] == [PERSON]
    second.call("open", person=PERSON)
    assert second.call("draft", id=draft)["body"] == {"what": "一"}
    assert state(first.page, "elsewhere")
    with pytest.raises(StoreError, match="InUseElsewhere"):
        first.call("saveDraft", id=draft, body={"what": "二"})

    second.call("saveDraft", id=draft, body={"what": "三"})
    first.call("use")
    assert first.call("draft", id=draft)["body"] == {"what": "三"}
    assert state(second.page, "elsewhere")


def test_a_closed_window_leaves_the_storage_to_the_other(
    context: BrowserContext, static_server: StaticServer
) -> None:
    first = Phone(context.new_page(), static_server)
    enrolled(first, Archive())
    second = Phone(context.new_page(), static_server)
    second.start()
    assert state(first.page, "elsewhere")
    second.page.close()
    assert state(first.page, "held")
    assert sealed_visit(first)["manifest"]


def test_a_hidden_window_lets_go_and_its_calls_wait(
    context: BrowserContext, static_server: StaticServer
) -> None:
    first = Phone(context.new_page(), static_server)
    enrolled(first, Archive())
    draft = first.call("openDraft", kind="entry", v=1, stream=PROJECT, body={})["id"]
    first.call("hidden")
    first.page.evaluate("(id) => { phone.late = phone.call('saveDraft', {id, body: {what: '晚'}}) }", draft)

    second = Phone(context.new_page(), static_server)
    second.start()
    second.call("open", person=PERSON)
    assert second.call("draft", id=draft)["body"] == {}
    second.call("hidden")
    first.call("visible")
    assert first.page.evaluate("async () => 'value' in (await phone.late)")
    assert first.call("draft", id=draft)["body"] == {"what": "晚"}


def test_the_page_tells_the_worker_when_it_is_hidden(
    context: BrowserContext, static_server: StaticServer
) -> None:
    phone = Phone(context.new_page(), static_server)
    enrolled(phone, Archive())
    turn = """(state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    phone.page.evaluate(turn, "hidden")
    assert state(phone.page, "resting")
    assert len(phone.file("names", "pool-1/.opaque")) == 24
    assert phone.file("size", "sealed.log") > 0
    phone.page.evaluate(turn, "visible")
    assert state(phone.page, "held")
    assert sealed_visit(phone)["manifest"]


def test_two_windows_that_fight_lose_nothing(context: BrowserContext, static_server: StaticServer) -> None:
    pages = [Phone(context.new_page(), static_server) for _ in range(2)]
    enrolled(pages[0], Archive())
    pages[1].call("start", kinds=KINDS)
    pages[1].call("open", person=PERSON)
    script = """async ([stream, person]) => {
        const done = [];
        while (done.length < 6) {
            const { value, error } = await phone.call("openDraft", {kind: "entry", v: 1, stream, body: {what: String(done.length)}});
            if (value) done.push(value.id);
            else if (error.name === "InUseElsewhere") await phone.call("use");
            else if (error.name !== "Busy") throw new Error(JSON.stringify(error));
        }
        return done;
    }"""
    for one in pages:
        one.page.evaluate(
            f"(args) => void ({script})(args).then((done) => {{ phone.done = done }})", [PROJECT, PERSON]
        )
    made = [until_true(one.page, "phone.done", timeout_s=90) for one in pages]
    pages[0].call("use")
    kept = {draft["id"] for draft in pages[0].call("drafts")}
    assert kept == set(made[0]) | set(made[1])
    assert len(kept) == 12


def test_two_workers_that_start_at_once_make_one_storage(
    context: BrowserContext, static_server: StaticServer
) -> None:
    pages = [Phone(context.new_page(), static_server) for _ in range(2)]
    for one in pages:
        one.page.evaluate(
            "(kinds) => { phone.started = null; phone.call('start', {kinds}).then((it) => { phone.started = it }) }",
            KINDS,
        )
    starts = [until_true(one.page, "phone.started") for one in pages]
    assert all("value" in start for start in starts), starts
    pages[0].call("use")
    enrolled(pages[0], Archive())
    assert sealed_visit(pages[0])["manifest"]


def test_a_file_still_held_is_waited_for(page: Page, static_server: StaticServer) -> None:
    phone = Phone(page, static_server)
    enrolled(phone, Archive())
    phone.rest()
    # A writer holds the file as the handle of a dead worker does for a moment.
    page.evaluate(
        "async () => { phone.writer = await (await phone.files.handle('guard')).createWritable(); }",
    )
    page.evaluate(
        "() => { phone.again = phone.call('visible'); setTimeout(() => void phone.writer.abort(), 300); }"
    )
    assert page.evaluate("async () => 'value' in (await phone.again)")
    assert sealed_visit(phone)["manifest"]
