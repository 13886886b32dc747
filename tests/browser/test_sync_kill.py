"""The whole browser is killed at random moments of synchronising with the real archive: everything lands exactly once.

`FIELDAPP_KILLS` multiplies the number of kills, `FIELDAPP_KILL_SEED` moves them.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from fieldapp.domain.description import describe
from sync.table import RecordRow
from tests.browser import hostile_site
from tests.browser.hostile_site import HostileSite
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_sync import (
    STREAM,
    _call,
    _jpeg,
    _sealed_entry,
    _sealed_photo,
    _sync,
    _until_safe,
    enrolled,
)
from tests.browser.test_sync_restored import made_readable, report
from tests.browser.wait import until_true

KILLS = 4 * int(os.environ.get("FIELDAPP_KILLS", "1"))
SEED = int(os.environ.get("FIELDAPP_KILL_SEED", "20261122"))
LONGEST_MS = 1500
PULLED = 600


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HostileSite]:
    """An archive with more than a page of the project to pull."""
    site = HostileSite(tmp_path / "archive")
    made_readable(site)
    site.services.archive.seal(
        [report(f"20{20 + number // 12}-{number % 12 + 1:02}") for number in range(PULLED)]
    )
    site.start()
    yield site
    site.stop()


def opened(browser: ProfileBrowser, site: HostileSite) -> Page:
    page = browser.start()
    page.goto(f"{site.origin}/page/sync.html")
    until_true(page, "'phone' in globalThis")
    page.evaluate("(kinds) => phone.start({ kinds, shell: 'test' })", describe())
    # A kill may take a cookie that was not yet written: that is a login that ended.
    page.evaluate("([name, word]) => phone.enrol(name, word)", [hostile_site.PERSON, hostile_site.PASSWORD])
    return page


@pytest.mark.timeout(600)
def test_kills_while_synchronising_lose_and_double_nothing(
    profile_browser: Callable[..., ProfileBrowser], site: HostileSite
) -> None:
    moments = random.Random(f"{SEED} synchronising")
    browser = profile_browser("doomed")
    page = enrolled(browser.start(), site.origin)
    doomed = _sealed_entry(page, "依法删除的内容")
    sealed = []
    for number in range(KILLS):
        sealed += [_sealed_entry(page, f"第{number}轮"), _sealed_photo(page, _jpeg(300 + 50 * number))]
        _sync(page)
        # The moment of the kill, not a wait for a state.
        page.wait_for_timeout(moments.uniform(0, LONGEST_MS))
        browser.kill()
        if number == KILLS // 2:
            site.services.archive.erase([doomed], STREAM, "个人信息保护法第四十七条", "d01", "d02")
        page = opened(browser, site)
        here = {item["hash"] for item in _call(page, "outbox", safe=True)}
        assert {doomed, *sealed} == here

    _sync(page)
    _until_safe(page, len(sealed))
    until_true(page, "phone.events.some((event) => event.state?.earlier.updated_at && !event.state.doing)")
    assert {one["hash"]: one["state"] for one in _call(page, "outbox", safe=True)} == {
        doomed: "erased",
        **dict.fromkeys(sealed, "safe"),
    }
    assert {notice["what"] for notice in _call(page, "notices")} == {"erased"}
    with site.services.database.reading() as session:
        rows = session.exec(select(RecordRow).where(RecordRow.author == hostile_site.PERSON)).all()
    own = [row for row in rows if row.stream == STREAM]
    assert sorted(row.hash for row in own) == sorted([doomed, *sealed])
    assert all(row.completed_at for row in own)
    pulled = _call(page, "rows", kind="progress_report", limit=2 * PULLED)
    assert len({row["entity"] for row in pulled}) == PULLED
