"""A login that ended costs nothing: what is unsent stays and is sent, before and after logging in again."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import hostile_site
from tests.browser.hostile_site import Answer, HostileSite
from tests.browser.process import until
from tests.browser.test_sync import (
    _call,
    _jpeg,
    _kept,
    _sealed_entry,
    _sealed_photo,
    _sync,
    _until_event,
    _until_safe,
)
from tests.browser.test_sync import phone as phone  # the fixtures
from tests.browser.test_sync import site as site


def test_an_expired_login_with_a_full_outbox_loses_nothing(phone: Page, site: HostileSite) -> None:
    hashes = [
        *(_sealed_entry(phone, f"第{number}条") for number in range(8)),
        _sealed_photo(phone, _jpeg(300)),
    ]
    draft = _call(phone, "openDraft", kind="entry", v=1, stream="commons", body={"what": "未完"})["id"]
    phone.context.clear_cookies()
    _sync(phone)
    _until_event(phone, "is_login_needed")
    # Reading needs a login; sending needs only the seal.
    _until_safe(phone, len(hashes))
    assert len(_kept(site, *hashes)) == len(hashes)
    later = _sealed_entry(phone, "登录过期后")
    phone.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    _until_safe(phone, len(hashes) + 1)
    assert {row.hash for row in _kept(site, *hashes, later)} == {*hashes, later}
    assert _call(phone, "draft", id=draft)["body"] == {"what": "未完"}


@pytest.mark.parametrize(
    "status", ["401 Unauthorized", "403 Forbidden", "410 Gone", "500 Internal Server Error"]
)
def test_no_answer_of_a_server_makes_the_phone_forget(phone: Page, site: HostileSite, status: str) -> None:
    hashes = [_sealed_entry(phone), _sealed_photo(phone, _jpeg(300))]
    asked: list[str] = []

    def refuse(environ: Any, start_response: Any, app: Any) -> Answer | None:
        if not environ["PATH_INFO"].startswith("/sync/"):
            return None
        asked.append(environ["PATH_INFO"])
        start_response(status, [("Content-Type", "application/problem+json")])
        return [b"{}"]

    site.fault = refuse
    _sync(phone)

    def is_refused_twice() -> bool:
        phone.wait_for_timeout(20)
        _sync(phone, "now")
        return len(asked) >= 2

    until(is_refused_twice, "two refusals")
    tally = _call(phone, "tally")
    assert (tally["safe"], tally["sent"], tally["saved"]) == (0, 0, 2)
    assert [_call(phone, "record", hash=name) is not None for name in hashes] == [True, True]
    site.fault = None
    _sync(phone, "now")
    _until_safe(phone, 2)
