"""The phone's real storage and sync runner against the real archive, over a network that misbehaves on command."""

import base64
import hashlib
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page
from sqlmodel import col, select

from fieldapp.domain.description import describe
from sync.table import RecordRow
from tests.browser import hostile_site
from tests.browser.hostile_site import HostileSite
from tests.browser.process import until
from tests.browser.wait import until_true

STREAM = "project:01930000-0000-7000-8000-0000000000aa"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HostileSite]:
    site = HostileSite(tmp_path / "archive")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def phone(page: Page, site: HostileSite) -> Page:
    return enrolled(page, site.origin)


def enrolled(page: Page, origin: str) -> Page:
    """Enrol a phone that reaches the archive at an origin."""
    page.goto(f"{origin}/page/sync.html")
    until_true(page, "'phone' in globalThis")
    page.evaluate("(kinds) => phone.start({ kinds, shell: 'test' })", describe())
    page.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    return page


def _call(phone: Page, name: str, **args: Any) -> Any:
    return phone.evaluate("([name, args]) => phone.call(name, args)", [name, args])


def _sealed_entry(phone: Page, what: str = "3号墩钢筋外露") -> str:
    body = {"visit": None, "list": "later", "what": what, "seen_on": date.today().isoformat(), "cause": []}
    draft = _call(phone, "openDraft", kind="entry", v=1, stream=STREAM, body=body)
    return str(_call(phone, "seal", drafts=[draft["id"]])["records"][0]["hash"])


def _sealed_photo(phone: Page, data: bytes) -> str:
    taken_at = "2026-11-22T14:54:15.120+08:00"
    body = {"visit": None, "about": None, "origin": "camera", "taken_at": taken_at, "no_fix": "denied"}
    draft = _call(phone, "openDraft", kind="photo", v=1, stream=STREAM, body=body)
    _call(phone, "addPhoto", draft=draft["id"], blob=base64.b64encode(data).decode())
    return str(_call(phone, "seal", drafts=[draft["id"]])["records"][0]["hash"])


def _jpeg(side: int = 900) -> bytes:
    """Return a picture of noise: about a byte for each pixel."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(file, "JPEG", quality=90)
    return file.getvalue()


def _sync(phone: Page, do: str = "start") -> None:
    _call(phone, "sync", do=do)


def _until_safe(phone: Page, count: int) -> None:
    def is_safe() -> bool:
        phone.wait_for_timeout(20)
        tally = _call(phone, "tally")
        return bool(tally["safe"] == count and tally["saved"] == tally["sent"] == 0)

    until(is_safe, f"{count} records safe", 45)


def _until_event(phone: Page, member: str) -> None:
    until_true(phone, f"phone.events.some((event) => event.state?.{member})")


def _kept(site: HostileSite, *hashes: str) -> list[RecordRow]:
    with site.services.database.reading() as session:
        return list(session.exec(select(RecordRow).where(col(RecordRow.hash).in_(hashes))).all())


def test_a_record_and_its_photo_become_safe(phone: Page, site: HostileSite) -> None:
    data = _jpeg()
    hashes = [_sealed_entry(phone), _sealed_photo(phone, data)]
    _sync(phone)
    _until_safe(phone, 2)
    rows = _kept(site, *hashes)
    assert len(rows) == 2 and all(row.completed_at for row in rows)
    until(lambda: site.services.photos.has(hashlib.sha256(data).hexdigest()), "the original, sent last")
    first_photo = next(at for at, line in enumerate(site.requests) if line.startswith("POST /sync/1/photos"))
    assert "POST /sync/1/records" in site.requests[:first_photo]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sync/1/records"),
        ("POST", "/sync/1/photos/whole"),
        ("PATCH", "/sync/1/photos/"),
        ("POST", "/sync/1/receipts"),
    ],
)
def test_an_answer_lost_after_the_commit_changes_nothing(
    phone: Page, site: HostileSite, method: str, path: str
) -> None:
    # A small view goes whole, a large one in pieces.
    side = 2400 if method == "PATCH" else 300
    hashes = [_sealed_entry(phone), _sealed_photo(phone, _jpeg(side))]
    site.fault = hostile_site.answer_is_lost(1, method, path)
    _sync(phone)
    _until_safe(phone, 2)
    assert any(line.startswith(f"{method} {path}") for line in site.requests)
    rows = _kept(site, *hashes)
    assert sorted(row.hash for row in rows) == sorted(hashes)
    assert all(row.completed_at for row in rows)
    assert [_call(phone, "record", hash=name)["state"] for name in hashes] == ["safe", "safe"]


def test_after_the_server_comes_back_everything_goes_without_a_new_save(
    phone: Page, site: HostileSite
) -> None:
    site.stop()
    hashes = [_sealed_entry(phone, f"第{number}条") for number in range(5)]
    _sync(phone)
    _until_event(phone, "is_reachable === false")
    assert _call(phone, "tally")["saved"] == 5
    site.start()
    _until_safe(phone, 5)
    assert len(_kept(site, *hashes)) == 5


def test_a_portal_is_no_success(phone: Page, site: HostileSite) -> None:
    name = _sealed_entry(phone)
    site.fault = hostile_site.portal
    _sync(phone)
    _until_event(phone, "trouble === 'portal'")
    assert _call(phone, "tally")["saved"] == 1 and _kept(site, name) == []
    site.fault = None
    _until_safe(phone, 1)


def test_a_photo_gets_through_a_proxy_that_takes_little(phone: Page, site: HostileSite) -> None:
    site.fault = hostile_site.at_most(100_000)
    sealed = _sealed_photo(phone, _jpeg())
    _sync(phone)
    _until_safe(phone, 1)
    (row,) = _kept(site, sealed)
    assert row.completed_at is not None


def test_small_photos_go_together_and_what_came_before_a_cut_does_not_come_again(
    phone: Page, site: HostileSite
) -> None:
    for _ in range(4):
        _sealed_photo(phone, _jpeg(300))
    site.fault = hostile_site.cut_in_the_middle(1, "POST", "/sync/1/photos/whole")
    _sync(phone)
    _until_safe(phone, 4)
    bodies = [line for line in site.requests if line.split()[0] in ("POST", "PATCH") and "/photos" in line]
    assert bodies[0] == "POST /sync/1/photos/whole"
    # What was taken before the cut was asked for, and of the four views less than all went alone.
    assert 0 < sum(line == "POST /sync/1/photos" for line in bodies) < 4


def test_a_photo_cut_in_the_middle_goes_on_where_it_was(phone: Page, site: HostileSite) -> None:
    site.fault = hostile_site.cut_in_the_middle(3)
    _sealed_photo(phone, _jpeg())
    _sync(phone)
    _until_safe(phone, 1)
    assert sum(line.startswith("HEAD") for line in site.requests) >= 3
    assert sum(line == "POST /sync/1/photos" for line in site.requests) <= 2
