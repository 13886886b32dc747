"""The whole browser is killed at random moments of typing, photographing, sealing and applying receipts: nothing acknowledged is missing.

What was acknowledged is kept outside the browser. `FIELDAPP_KILLS` multiplies the number of kills, `FIELDAPP_KILL_SEED` moves them.
"""

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldapp.domain.description import describe
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.store_page import KINDS, PERSON, PROJECT, Archive, Phone, enrolled, proven, sealed_visit
from tests.browser.test_store_photo import JPEG

KILLS = 2 * int(os.environ.get("FIELDAPP_KILLS", "1"))
SEED = int(os.environ.get("FIELDAPP_KILL_SEED", "20261122"))
# From the first acknowledgement of a run to its kill.
LONGEST_MS = 700


class Doomed:
    """A phone whose browser is killed while it works, again and again on the same profile."""

    def __init__(
        self, browser: ProfileBrowser, server: StaticServer, phase: str, kinds: dict[str, Any] = KINDS
    ) -> None:
        self.kinds = kinds
        self.browser = browser
        self.server = server
        self.random = random.Random(f"{SEED} {phase}")
        self.archive = Archive()
        self.acknowledged: list[Any] = []
        self.phone = self.open()
        self.jwk = enrolled(self.phone, self.archive, kinds=kinds)

    def open(self) -> Phone:
        page = self.browser.start()
        page.expose_binding("acknowledge", lambda source, line: self.acknowledged.append(line))
        return Phone(page, self.server)

    def runs(self, function: str, *args: Any) -> Iterator[Phone]:
        """Work and kill, then give the phone as it opens again."""
        for _ in range(KILLS):
            yield self.run_and_kill(function, *args)

    def run_and_kill(self, function: str, *args: Any) -> Phone:
        known = len(self.acknowledged)
        self.phone.begin(function, *args)
        until(
            lambda: self.phone.page.wait_for_timeout(5) or len(self.acknowledged) > known,
            "a first acknowledgement",
        )
        # The moment of the kill, not a wait for a state: acknowledgements keep arriving meanwhile.
        self.phone.page.wait_for_timeout(self.random.uniform(0, LONGEST_MS))
        self.browser.kill()
        self.phone = self.open()
        self.start()
        assert self.phone.call("notices") == []
        return self.phone

    def start(self) -> None:
        assert self.phone.start(self.kinds)["people"][0]["person"] == PERSON
        self.phone.call("open", person=PERSON)


@pytest.fixture
def doomed(
    profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer
) -> Callable[..., Doomed]:
    return lambda phase, **options: Doomed(profile_browser(phase), static_server, phase, **options)


FIRST_RUN = """async (kinds) => {
    await phone.call("start", {kinds});
    const { jwk } = await phone.newKey("i05");
    const { value } = await phone.call("enrol", {answer: await enrolHere(jwk)});
    await acknowledge(value.kid);
}"""


def test_the_first_run(profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer) -> None:
    moments = random.Random(f"{SEED} first run")
    for number in range(KILLS):
        check_first_run(profile_browser(f"new-{number}"), static_server, moments.uniform(0, 2 * LONGEST_MS))


def check_first_run(browser: ProfileBrowser, server: StaticServer, until_kill_ms: float) -> None:
    archive = Archive()
    done: list[str] = []
    page = browser.start()
    page.expose_function("enrolHere", lambda jwk: archive.enrolment(jwk))
    page.expose_function("acknowledge", lambda kid: done.append(kid))
    Phone(page, server)
    page.evaluate(f"(kinds) => void ({FIRST_RUN})(kinds)", KINDS)
    page.wait_for_timeout(until_kill_ms)
    browser.kill()

    phone = Phone(browser.start(), server)
    people = [one["person"] for one in phone.start()["people"]]
    assert people in ([], [PERSON])
    if done:
        assert phone.call("open", person=PERSON)["kid"] == done[0]
    enrolled(phone, archive)
    assert phone.call("notices") == []
    draft = phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={})["id"]
    assert phone.call("seal", drafts=[draft])["records"]
    phone.rest()
    assert phone.file("names", "") == ["guard", "pool-1", "sealed.log"]
    assert len(phone.file("names", "pool-1/.opaque")) == 24
    browser.close()


def test_typing(doomed: Callable[[str], Doomed]) -> None:
    one = doomed("typing")
    draft = one.phone.call("openDraft", kind="entry", v=1, stream=PROJECT, body={"what": ""})["id"]
    for phone in one.runs("typeEndlessly", draft):
        kept = phone.call("draft", id=draft)["body"]["what"]
        assert kept.split(" ")[0] >= one.acknowledged[-1]["what"].split(" ")[0]
        assert len(phone.call("drafts")) == 1


def test_photographing(doomed: Callable[[str], Doomed]) -> None:
    one = doomed("photographing")
    for phone in one.runs("photographEndlessly", PROJECT):
        drafts = {draft["id"]: draft["body"] for draft in phone.call("drafts")}
        for photo in one.acknowledged:
            body = drafts[photo["draft"]]
            assert (body["original"]["sha256"], body["view"]["sha256"]) == (photo["original"], photo["view"])
        last = [
            one.acknowledged[-1]["original"],
            *(one.acknowledged[-n]["view"] for n in (1, 2) if n <= len(one.acknowledged)),
        ]
        # What no acknowledgement covers is whole too, or not named at all.
        unfinished = [body["original"]["sha256"] for body in drafts.values() if body.get("original")][-2:]
        for sha256 in (*last, *unfinished):
            assert hashlib.sha256(bytes(phone.port("readPhoto", sha256, 0, 10**8))).hexdigest() == sha256


def check_sealed_once(one: Doomed, phone: Phone) -> None:
    outbox = phone.call("outbox", safe=True)
    hashes = {item["hash"] for item in outbox}
    for done in one.acknowledged:
        assert {record["hash"] for record in done["records"]} <= hashes
    payloads = [proven(phone.call("record", hash=item["hash"])["jws"], one.jwk).payload for item in outbox]
    assert [payload["counter"] for payload in payloads] == list(range(1, len(payloads) + 1))
    ids = [payload["id"] for payload in payloads]
    drafts = [draft["id"] for draft in phone.call("drafts")]
    assert len(set(ids) | set(drafts)) == len(ids) + len(drafts)
    # A visit is sealed with its entry and its submission, or not at all.
    assert len(payloads) % 3 == 0
    phone.rest()
    log = bytes(phone.file("read", "sealed.log", 0, phone.file("size", "sealed.log"))).decode("ascii").split()
    phone.call("visible")
    assert sum(phone.call("record", hash=item["hash"])["jws"] in log for item in outbox) == len(outbox)


def test_sealing(doomed: Callable[[str], Doomed]) -> None:
    one = doomed("sealing")
    for phone in one.runs("sealEndlessly", PROJECT):
        check_sealed_once(one, phone)


def test_applying_receipts(doomed: Callable[[str], Doomed]) -> None:
    one = doomed("receipts")
    script = """async ([stream, count]) => {
        const drafts = [];
        while (drafts.length < count) {
            const { value } = await phone.call("openDraft", {kind: "entry", v: 1, stream, body: {what: "裂缝"}});
            drafts.push(value.id);
        }
        return (await phone.call("seal", {drafts})).value.records.map(({ hash }) => hash);
    }"""
    hashes: list[str] = one.phone.page.evaluate(script, [PROJECT, 400 * KILLS])
    for phone in one.runs("applyOneByOne", receipts(one.archive, hashes)):
        states = {item["hash"]: item["state"] for item in phone.call("outbox", safe=True)}
        assert sorted(states) == sorted(hashes)
        assert all(states[line["hash"]] == "safe" for line in one.acknowledged)
        assert all(line["applied"] == 1 for line in one.acknowledged)
        assert set(states.values()) <= {"safe", "saved"}


def test_letting_text_go(doomed: Callable[..., Doomed]) -> None:
    """What has come of age leaves database and log; what is unsent is in both whenever the phone is killed."""
    one = doomed("aging", kinds=describe())
    script = """async ([stream, count]) => {
        const drafts = [];
        const body = {list: "achievement", what: "字".repeat(4000)};
        while (drafts.length < count) drafts.push((await phone.call("openDraft", {kind: "entry", v: 1, stream, body})).value.id);
        return (await phone.call("seal", {drafts})).value.records.map(({ hash }) => hash);
    }"""
    hashes: list[str] = one.phone.page.evaluate(script, [PROJECT, 160])
    past = (datetime.now(UTC) - timedelta(days=500)).isoformat(timespec="milliseconds")
    facts = [one.archive.fact(name, n, True, at=past) for n, name in enumerate(hashes, 1)]
    heard = {"token": one.archive.time(datetime.now(UTC) + timedelta(days=9000)), "received_at_ms": 0}
    one.phone.port("saveTime", heard)
    # A quarter stays unsent for ever.
    receipts = [one.archive.receipt(facts[at : at + 4]) for at in range(0, 120, 4)]
    unsent = set(hashes[120:])
    for _ in range(2 * KILLS):
        # Those that left come no more; the others go on.
        phone = one.run_and_kill("ageEndlessly", PROJECT, one.random.sample(receipts, len(receipts)))
        here = {item["hash"]: item for item in phone.call("outbox", safe=True)}
        unsent |= {line["sealed"] for line in one.acknowledged}
        assert unsent <= set(here)
        assert all(here[name]["state"] == "saved" for name in unsent)
        assert phone.call("notices") == []
        kept = phone.port("records", sorted(unsent))
        assert {each["hash"] for each in kept} == unsent
        assert {each["jws"] for each in kept} <= set(phone.log())
    assert sum(line["records"] for line in one.acknowledged) > 0
    one.phone.call("clock", days=9000)
    one.phone.call("tidy")
    left = {
        each["jws"]
        for each in one.phone.port("records", [item["hash"] for item in one.phone.call("outbox", safe=True)])
    }
    # Exactly what is in the database is in the log, beside the archive's key and the enrolment.
    log = one.phone.log()
    assert (left - set(log), len(set(log))) == (set(), len(left) + 2)
    assert all(proven(jws, one.jwk) for jws in left)


def test_emptying_an_old_pool(doomed: Callable[[str], Doomed]) -> None:
    one = doomed("emptying")
    done = sealed_visit(one.phone, entries=20)
    draft = one.phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": "桥墩"})["id"]
    photo = one.phone.add_photo(draft, JPEG)["original"]["sha256"]
    one.phone.rest()
    one.phone.file("write", one.phone.file("slotOf", "pool-1", f"/{PERSON}.db"), 0, [0] * 4096)
    one.phone.file("truncate", "guard", 0)
    one.phone = Phone(one.phone.page, one.server)
    one.start()
    for _ in range(KILLS):
        one.phone.page.evaluate("() => void phone.call('letGoPool', {name: 'pool-1'})")
        one.phone.page.wait_for_timeout(one.random.uniform(0, 60))
        one.browser.kill()
        one.phone = one.open()
        one.start()
        assert [item["hash"] for item in one.phone.call("outbox")] == [
            each["hash"] for each in done["records"]
        ]
        assert bytes(one.phone.port("readPhoto", photo, 0, 10**8)) == JPEG
    assert one.phone.call("letGoPool", name="pool-1") == []


def test_rebuilding(doomed: Callable[[str], Doomed]) -> None:
    one = doomed("rebuilding")
    done = sealed_visit(one.phone, entries=20)
    draft = one.phone.call("openDraft", kind="photo", v=1, stream=PROJECT, body={"caption": "桥墩"})["id"]
    photo = one.phone.add_photo(draft, JPEG)["original"]["sha256"]
    one.phone.rest()
    slot = one.phone.file("slotOf", "pool-1", f"/{PERSON}.db")
    one.phone.file("write", slot, 0, [0] * 4096)
    one.phone.file("truncate", "guard", 0)
    for _ in range(KILLS):
        phone = Phone(one.phone.page, one.server)
        phone.page.evaluate("(kinds) => void phone.call('start', {kinds})", KINDS)
        phone.page.wait_for_timeout(one.random.uniform(0, LONGEST_MS))
        one.browser.kill()
        one.phone = one.open()
    assert one.phone.start()["people"][0]["person"] == PERSON
    one.phone.call("open", person=PERSON)
    assert [notice["detail"]["lost"] for notice in one.phone.call("notices")] == [[]]
    hashes = [record["hash"] for record in done["records"]]
    assert [item["hash"] for item in one.phone.call("outbox")] == hashes
    assert one.phone.call("draft", id=draft)["body"]["original"]["sha256"] == photo
    assert bytes(one.phone.port("readPhoto", photo, 0, 10**8)) == JPEG


def receipts(archive: Archive, hashes: list[str]) -> list[dict[str, str]]:
    facts = [archive.fact(one, position, True) for position, one in enumerate(hashes, 1)]
    return [{"hash": fact["hash"], "receipt": archive.receipt([fact])} for fact in facts]
