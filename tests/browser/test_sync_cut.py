"""The phone's real storage and sync runner over connections that break: what is sent twice, and what is not."""

import hashlib
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser import hostile_site
from tests.browser.cutting_proxy import CuttingProxy
from tests.browser.hostile_site import HostileSite
from tests.browser.process import until
from tests.browser.test_sync import (
    _call,
    _jpeg,
    _kept,
    _sealed_entry,
    _sealed_photo,
    _sync,
    _until_safe,
    enrolled,
    phone,
    site,
)

__all__ = ["phone", "site"]
CUTS = 50


@pytest.fixture
def proxy(site: HostileSite) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(site.port)
    yield proxy
    proxy.stop()


@pytest.mark.timeout(600)
def test_a_photo_of_ten_megabytes_gets_through_fifty_cuts(
    page: Page, site: HostileSite, proxy: CuttingProxy
) -> None:
    phone = enrolled(page, proxy.origin)
    # Bytes behind the picture's end: cameras write such too, and nothing shrinks them.
    data = _jpeg(400) + random.Random(20261122).randbytes(10_000_000)
    sealed = _sealed_photo(phone, data)
    size_bytes = sum(
        one["size_bytes"] for one in _call(phone, "record", hash=sealed)["body"].values() if _is_file(one)
    )
    original = hashlib.sha256(data).hexdigest()
    proxy.cut_after(120_000, CUTS)
    _sync(phone)

    def is_over() -> bool:
        phone.wait_for_timeout(50)
        state = phone.evaluate("phone.events.findLast(({ event }) => event === 'sync')?.state")
        if state and (
            not state["is_reachable"] or (state["doing"] is None and state["waiting"]["photos"] > 0)
        ):
            # Nobody waits for minutes here: as if the person pressed the key.
            _sync(phone, "now")
        return site.services.photos.has(original)

    until(is_over, "both pictures over", 240)
    _until_safe(phone, 1)
    (row,) = _kept(site, sealed)
    assert row.completed_at is not None
    assert _call(phone, "record", hash=sealed)["state"] == "safe"
    assert size_bytes > 10_000_000
    assert proxy.cuts == CUTS
    assert proxy.sent_bytes <= 1.2 * size_bytes


def _is_file(value: object) -> bool:
    return isinstance(value, dict) and "sha256" in value


@pytest.mark.parametrize("path", ["/sync/1/streams", "/sync/1/streams/commons/records", "/sync/1/time"])
def test_an_answer_to_a_question_lost_on_the_way_is_asked_again(
    phone: Page, site: HostileSite, path: str
) -> None:
    site.fault = hostile_site.answer_is_lost(1, "GET", path)
    sealed = _sealed_entry(phone)
    _sync(phone)
    _until_safe(phone, 1)
    _sync(phone, "now")

    def is_read() -> bool:
        phone.wait_for_timeout(20)
        return bool(
            phone.evaluate("phone.events.findLast(({ event }) => event === 'sync')?.state.earlier.updated_at")
        )

    until(is_read, "everything read", 60)
    assert len(_kept(site, sealed)) == 1


def test_an_enrolment_whose_answer_was_lost_enrols_the_same_key(page: Page, site: HostileSite) -> None:
    site.fault = hostile_site.answer_is_lost(1, "POST", "/sync/1/enrolments")
    with pytest.raises(Exception, match="no connection"):
        enrolled(page, site.origin)
    page.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    certificates = site.services.archive.page("keys", 0)
    assert sum('"kind":"enrolment"' in _payload(line.record) for line in certificates) == 1
    _sealed_entry(page)
    _sync(page)
    _until_safe(page, 1)


def _payload(jws: str | None) -> str:
    import base64

    text = (jws or "..").split(".")[1]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
