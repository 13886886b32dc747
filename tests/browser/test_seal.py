"""What a browser seals, the archive accepts; what the archive seals, a browser believes. Real keys on both sides."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from sync import record, statement
from sync.archive import Archive
from sync.key import SealingKey
from sync.statement import ENROL
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true
from tests.sync import factory


@pytest.fixture
def home(tmp_path: Path) -> Archive:
    return factory.archive(tmp_path)


@pytest.fixture
def phone(page: Page, static_server: StaticServer) -> Page:
    return _open(page, static_server)


def _open(page: Page, server: StaticServer) -> Page:
    page.goto(f"{server.origin}/page/seal.html")
    until_true(page, "typeof globalThis.phone === 'object'")
    return page


def _call(phone: Page, name: str, *arguments: Any) -> Any:
    return phone.evaluate("([name, args]) => phone[name](...args)", [name, list(arguments)])


def _enrol(phone: Page, home: Archive, person: str = "i05") -> str:
    kid = _call(phone, "enrolKey", person)["kid"]
    request = _call(phone, "requestEnrolment", home.name, person, kid, home.time_token())
    home.enrol(request.encode(), person, "Wang", "inspector", "d01")
    return str(kid)


def _pinned(home: Archive) -> dict[str, Any]:
    return {"archive": home.name, "keys": {home.key.kid: home.key.jwk}}


def test_a_record_sealed_in_the_browser_is_appended(phone: Page, home: Archive) -> None:
    kid = _enrol(phone, home)
    draft = {"author": "i05", "kind": "note", "stream": factory.STREAM, "body": {"what": "3号墩钢筋外露 😀"}}
    sealed = _call(phone, "sealDraft", kid, draft)
    read = record.parse(sealed["jws"].encode())
    assert (read.hash, read.kid, read.body) == (sealed["hash"], kid, draft["body"])
    pushed = home.push([sealed["jws"].encode()])
    assert [one.verdict for one in pushed.judgements] == ["appended"]


def test_a_largest_record_of_the_browser_is_appended(phone: Page, home: Archive) -> None:
    kid = _enrol(phone, home)
    draft = {"author": "i05", "kind": "note", "stream": factory.STREAM, "body": {"what": "墩" * 64_000}}
    sealed = _call(phone, "sealDraft", kid, draft)
    assert 250_000 < len(sealed["jws"]) <= record.MAX_BYTES
    assert [one.verdict for one in home.push([sealed["jws"].encode()]).judgements] == ["appended"]


def test_a_request_to_enrol_names_the_key(phone: Page, home: Archive) -> None:
    made = _call(phone, "enrolKey", "i05")
    token = home.time_token()
    request = _call(phone, "requestEnrolment", home.name, "i05", made["kid"], token).encode()
    assert record.parse_token(request, ENROL).kid == made["kid"]
    assert statement.read_enrolment(request) == statement.Enrolling(
        home.name, "i05", made["kid"], made["jwk"], token, "测试手机"
    )


def test_receipts_and_time_are_believed_only_from_the_pinned_archive(
    phone: Page, home: Archive, tmp_path: Path
) -> None:
    sender = factory.enrolled(home)
    sealed = sender.seal()
    receipt = home.push(factory.sent(sealed)).receipts[0]
    token = home.time_token()
    found = _call(phone, "readReceipt", receipt, _pinned(home))["value"]
    assert [fact["hash"] for fact in found["facts"]] == [sealed.hash]
    assert found["facts"][0]["completed_at"] is not None
    assert _call(phone, "readTime", token, _pinned(home))["value"]["archive"] == home.name
    (tmp_path / "other").mkdir()
    other = factory.archive(tmp_path / "other")
    assert _call(phone, "readReceipt", receipt, _pinned(other))["reason"] == "unknown-key"
    false_pin = {"archive": other.name, "keys": {home.key.kid: home.key.jwk}}
    assert _call(phone, "readReceipt", receipt, false_pin)["reason"] == "wrong-archive"
    false_key = {"archive": home.name, "keys": {home.key.kid: SealingKey.new().jwk}}
    assert _call(phone, "readReceipt", receipt, false_key)["reason"] == "bad-signature"


def test_stream_keys_says_whose_a_key_is(phone: Page, home: Archive) -> None:
    kid = _enrol(phone, home)
    lost = factory.enrolled(home, "i06")
    home.revoke(lost.key.kid, "lost", "d01")
    stream = [line.record for line in home.page("keys", 0)]
    ring = _call(phone, "judgeKeys", home.name, stream)["value"]
    assert list(ring["archive_keys"]) == [home.key.kid] == [ring["current"]]
    assert {name: one["person"] for name, one in ring["certificates"].items()} == {
        kid: "i05",
        lost.key.kid: "i06",
    }
    assert ring["revoked"] == {lost.key.kid: "lost"}


def test_stream_keys_is_believed_whole_or_not_at_all(phone: Page, home: Archive, tmp_path: Path) -> None:
    _enrol(phone, home)
    stream = [line.record for line in home.page("keys", 0)]
    (tmp_path / "other").mkdir()
    other = factory.archive(tmp_path / "other")
    factory.enrolled(other, "i07")
    foreign = [line.record for line in other.page("keys", 0)]
    assert _call(phone, "judgeKeys", other.name, stream)["reason"] == "wrong-archive"
    assert _call(phone, "judgeKeys", home.name, [*stream, foreign[1]])["reason"] == "unknown-key"
    assert _call(phone, "judgeKeys", home.name, stream[1:])["reason"] == "unknown-key"
    outsider = factory.Phone("d09").seal(
        {"kid": home.key.kid, "reason": "x"}, kind="revocation", stream="keys"
    )
    assert _call(phone, "judgeKeys", home.name, [*stream, outsider.token.text])["reason"] == "unknown-key"


def test_a_key_cannot_leave_and_survives_a_restart(
    profile_browser: Callable[..., ProfileBrowser], static_server: StaticServer
) -> None:
    browser = profile_browser()
    phone = _open(browser.start(), static_server)
    made = [_call(phone, "enrolKey", person)["kid"] for person in ("i05", "i06", "i05")]
    assert _call(phone, "exportKey", made[0]) == "InvalidAccessError"
    browser.close()
    phone = _open(browser.start(), static_server)
    assert _call(phone, "keys", "i05") == [made[2], made[0]]
    assert _call(phone, "keys", "i06") == [made[1]]
    assert _call(phone, "openKey", "A" * 43) == {"error": "NoKey", "reason": None}
