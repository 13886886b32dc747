"""Confidential annexes in the phone's storage: who they are sealed to, and that what they say is gone afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from fieldapp.domain import rulebook
from sync.jwe import LetterKey
from tests.browser import test_photo
from tests.browser.annex_phone import IDENTITY, WORDS, Commons, kinds, written
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.store_page import PERSON, PROJECT, Archive, Phone, StoreError, enrolled

make_phone = test_photo.make_phone
# More flushes than sealing takes.
MOST_FLUSHES = 30


class Desk:
    """A phone and the keys its archive names: two readers and the recovery key."""

    def __init__(self, phone: Phone) -> None:
        self.phone, self.archive = phone, Archive()
        enrolled(phone, self.archive, kinds=kinds())
        self.commons = Commons(phone, self.archive)
        self.first, self.second, self.recovery = (LetterKey.new() for _ in range(3))

    def named(self) -> "Desk":
        """Have the archive name the keys."""
        self.roots = {
            "recovery": self.commons.recovery(self.recovery),
            "d01": self.commons.reader("d01", self.first),
            "d02": self.commons.reader("d02", self.second),
        }
        return self

    def sealed(self, annex: str) -> dict[str, Any]:
        """Seal an annex and return its record's body, as the archive takes it."""
        done = self.phone.call("seal", drafts=[annex])
        body: dict[str, Any] = self.phone.payload(done["records"][0]["hash"])["body"]
        rulebook().kinds["annex"].versions[1](body)
        return body


@pytest.fixture
def desk(page: Page, static_server: StaticServer) -> Desk:
    return Desk(Phone(page, static_server))


CONTENT = {"identity": IDENTITY, "words": WORDS}


def test_an_annex_is_sealed_to_each_reader_and_the_recovery_key_and_to_nobody_else(desk: Desk) -> None:
    desk.named()
    annex = written(desk.phone)["annex"]
    body = desk.sealed(annex)
    assert body["readers"] == [
        {"person": "d01", "kid": desk.first.kid},
        {"person": "d02", "kid": desk.second.kid},
    ]
    assert [key.open(body["letter"], annex) for key in (desk.first, desk.second, desk.recovery)] == [
        CONTENT
    ] * 3
    one = written(desk.phone, without=("d02",), words="短")["annex"]
    body = desk.sealed(one)
    assert body["readers"] == [{"person": "d01", "kid": desk.first.kid}]
    assert [one["header"]["kid"] for one in body["letter"]["recipients"]] == sorted(
        [desk.first.kid, desk.recovery.kid]
    )


def test_size_tells_little(desk: Desk) -> None:
    desk.named()
    sizes = {
        len(desk.sealed(written(desk.phone, words=words)["annex"])["letter"]["ciphertext"])
        for words in ("短", "稍长一些" * 100)
    }
    assert len(sizes) == 1


def test_without_a_recovery_key_the_annex_stays_a_draft_and_the_rest_is_sealed(desk: Desk) -> None:
    desk.commons.reader("d01", desk.first)
    ids = written(desk.phone)
    with pytest.raises(StoreError) as refused:
        desk.phone.call("seal", drafts=[ids["annex"]])
    assert (refused.value.name, refused.value.detail) == ("AnnexOpen", {"reason": "no-recovery"})
    assert desk.phone.call("draft", id=ids["annex"])["body"]["words"] == WORDS
    desk.phone.call("seal", drafts=[ids["interview"]])
    desk.commons.recovery(desk.recovery)
    assert desk.sealed(ids["annex"])["recovery"] == desk.recovery.kid


def trusts(circle: dict[str, Any]) -> tuple[str, dict[str, str]]:
    return circle["recovery"]["trust"], {one["person"]: one["trust"] for one in circle["readers"]}


def test_a_reader_who_is_new_or_has_another_key_is_told_and_used_only_after_a_word(desk: Desk) -> None:
    desk.named()
    assert trusts(desk.phone.call("annexCircle")) == ("known", {"d01": "known", "d02": "known"})
    other, third = LetterKey.new(), LetterKey.new()
    root = desk.roots["d01"]
    desk.commons.reader("d01", other, entity=root.payload["entity"], supersedes=[root.hash])
    desk.commons.reader("d03", third)
    assert trusts(desk.phone.call("annexCircle")) == (
        "known",
        {"d01": "changed", "d02": "known", "d03": "new"},
    )
    body = desk.sealed(written(desk.phone)["annex"])
    assert [one["person"] for one in body["readers"]] == ["d02"]
    circle = desk.phone.call("confirmKey", kid=other.kid)
    assert trusts(circle) == ("known", {"d01": "known", "d02": "known", "d03": "new"})
    body = desk.sealed(written(desk.phone)["annex"])
    assert body["readers"] == [{"person": "d01", "kid": other.kid}, {"person": "d02", "kid": desk.second.kid}]


def test_another_recovery_key_holds_annexes_up_until_a_word(desk: Desk) -> None:
    desk.named()
    desk.phone.call("annexCircle")
    other, root = LetterKey.new(), desk.roots["recovery"]
    desk.commons.recovery(other, entity=root.payload["entity"], supersedes=[root.hash])
    assert trusts(desk.phone.call("annexCircle"))[0] == "changed"
    annex = written(desk.phone)["annex"]
    with pytest.raises(StoreError) as refused:
        desk.phone.call("seal", drafts=[annex])
    assert refused.value.detail == {"reason": "recovery-unconfirmed"}
    desk.phone.call("confirmKey", kid=other.kid)
    assert desk.sealed(annex)["recovery"] == other.kid


def test_what_is_sealed_is_not_revised(desk: Desk) -> None:
    desk.named()
    annex = written(desk.phone)["annex"]
    desk.sealed(annex)
    revision = desk.phone.call("revise", entity=annex)["id"]
    with pytest.raises(StoreError, match="written once"):
        desk.phone.call("seal", drafts=[revision])


def test_who_reads_no_more_is_not_written_to(desk: Desk) -> None:
    desk.named()
    root = desk.roots["d02"]
    body = {"key": desk.second.kid, "jwk": desk.second.jwk, "person": "d02", "is_withdrawn": True}
    desk.commons.say("reader_key", body, entity=root.payload["entity"], supersedes=[root.hash])
    assert [one["person"] for one in desk.sealed(written(desk.phone)["annex"])["readers"]] == ["d01"]


def test_nobody_finds_an_annex_by_its_words_and_only_its_letter_leaves(desk: Desk) -> None:
    desk.named()
    ids = written(desk.phone)
    # Drafts are searched too, but not this one.
    assert [hit["kind"] for hit in desk.phone.call("find", text="公开部分")["hits"]] == ["interview"]
    for text in ("老渡口茶楼", "证人甲某某", "回扣"):
        assert desk.phone.call("find", text=text)["hits"] == []
    desk.phone.call("seal", drafts=[ids["interview"], ids["annex"]])
    assert desk.phone.call("search", text="公开部分") != []
    for text in ("老渡口茶楼", "证人甲某某", "回扣"):
        assert desk.phone.call("search", text=text) == []
    told = [
        desk.phone.log(),
        desk.phone.call("outbox"),
        desk.phone.call("rows", kind="annex", where={}),
        desk.phone.call("drafts"),
    ]
    for text in ("老渡口茶楼", "证人甲某某"):
        assert text not in str(told)
    [row] = desk.phone.call("rows", kind="annex", where={"interview": ids["interview"]})
    assert row["readers"][0]["person"] == "d01"
    # What the log holds of it is a record; its payload says nothing either.
    assert "老渡口" not in str([desk.phone.payload(one["hash"]) for one in desk.phone.call("outbox")])


def test_another_person_of_the_same_phone_sees_nothing_of_it(desk: Desk) -> None:
    desk.named()
    ids = written(desk.phone)
    made = desk.phone.page.evaluate("(person) => phone.newKey(person)", "i06")
    desk.phone.call("enrol", answer=desk.archive.enrolment(made["jwk"], "i06"))
    assert desk.phone.call("drafts") == []
    assert desk.phone.call("draft", id=ids["annex"]) is None
    with pytest.raises(StoreError, match="UnknownDraft"):
        desk.phone.call("seal", drafts=[ids["annex"]])
    desk.phone.call("open", person=PERSON)
    assert desk.phone.call("draft", id=ids["annex"])["body"]["identity"] == IDENTITY


def test_an_erasure_by_law_takes_the_letter_too(desk: Desk) -> None:
    desk.named()
    annex = written(desk.phone)["annex"]
    record = desk.phone.call("seal", drafts=[annex])["records"][0]["hash"]
    erasure = desk.archive.erasure(record)
    desk.phone.port("applyPage", PROJECT, desk.archive.page_of(PROJECT, [erasure]))
    assert desk.phone.call("rows", kind="annex", where={}) == []
    assert desk.phone.call("record", hash=record) is None


class Home:
    """A phone whose browser may be killed, with an annex written on it."""

    def __init__(self, browser: ProfileBrowser, server: StaticServer) -> None:
        self.browser, self.server = browser, server
        self.desk = Desk(Phone(browser.start(), server)).named()
        self.ids = written(self.desk.phone)

    @property
    def phone(self) -> Phone:
        return self.desk.phone

    def open(self) -> None:
        self.desk.phone = Phone(self.browser.start(), self.server)
        self.desk.commons.phone = self.desk.phone
        self.phone.start(kinds())
        self.phone.call("open", person=PERSON)

    def left(self) -> str:
        """Tell how much of the words lies in the profile, while nothing is open. A stretch may be parted by the end of a page."""
        content = b"".join(path.read_bytes() for path in self.browser.profile.rglob("*") if path.is_file())
        lines = [*WORDS.split("\n"), IDENTITY]
        found = sum(line.encode(code) in content for line in lines for code in ("utf-8", "utf-16-le"))
        return "nothing" if found == 0 else "all" if found >= 0.9 * len(lines) else f"{found} lines"

    def is_over(self) -> bool:
        self.phone.page.wait_for_timeout(20)
        return bool(self.phone.events("fault")) or bool(self.phone.page.evaluate("globalThis.isDone"))


@pytest.fixture
def home(profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer) -> Home:
    return Home(profile_browser(), static_server)


def test_after_sealing_nothing_of_the_words_is_left_in_the_phones_files(home: Home) -> None:
    home.phone.rest()
    # The search finds what is there.
    assert home.left() == "all"
    home.phone.call("visible")
    dropped = written(home.phone, words=WORDS)["annex"]
    home.phone.call("patchDraft", id=dropped, body={"interview": home.ids["interview"]})
    home.phone.call("discardDraft", id=dropped)
    home.phone.call("seal", drafts=[home.ids["interview"], home.ids["annex"]])
    home.browser.kill()
    assert home.left() == "nothing"


def test_killed_at_any_moment_the_words_are_all_there_or_all_gone(home: Home) -> None:
    for flushes in range(1, MOST_FLUSHES):
        annex = home.ids["annex"]
        home.phone.call("halt", after=flushes)
        home.phone.page.evaluate(SEAL, {"drafts": [annex]})
        until(home.is_over, "a flush")
        is_done = home.phone.page.evaluate("globalThis.isDone")
        home.browser.kill()
        home.open()
        draft = home.phone.call("draft", id=annex)
        rows = home.phone.call("rows", kind="annex", where={"interview": home.ids["interview"]})
        is_sealed = draft is None
        assert len(rows) == int(is_sealed)
        assert is_sealed or draft["body"]["words"] == WORDS
        home.phone.rest()
        assert home.left() == ("nothing" if is_sealed else "all")
        home.phone.call("visible")
        if is_done:
            assert is_sealed
            return
        if is_sealed:
            home.ids = written(home.phone)
    raise AssertionError("it never ended")


SEAL = """(args) => {
    globalThis.isDone = false;
    phone.call("seal", args).then(() => { globalThis.isDone = true; });
}"""
