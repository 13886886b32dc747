"""An old app on a phone whose clock is three years slow, long offline, against a newer archive: all of it lands, and says what it says."""

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from fieldapp.command.archive import opened
from fieldapp.settings import Settings
from sync.record import parse
from sync.table import RecordRow
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import USERNAME
from tests.browser.test_shell import IS_KEPT, log_in, shell
from tests.browser.test_visit import begin, go, note, sent
from tests.browser.wait import until_true

ROOT = Path(__file__).parents[2]
SLOW = timedelta(days=3 * 365)
SLOW_MS = int(SLOW.total_seconds()) * 1000


@pytest.fixture
def old_program(tmp_path: Path) -> Path:
    """An earlier release: its phone shows no receipts to the archive. Its own clock stands for that of a phone three years slow."""
    old = tmp_path / "old"
    for folder in ("fieldapp", "sync", "static", "templates"):
        shutil.copytree(ROOT / folder, old / folder)
    device = old / "static" / "js" / "device"
    _edit(device / "net.js", "presented.length === 0 ?", "true ?")
    _edit(device / "clock.js", "return Date.now();", f"return Date.now() - {SLOW_MS};")
    _edit(device / "clock.js", "const date = new Date();", f"const date = new Date(Date.now() - {SLOW_MS});")
    program = tmp_path / "old-fieldapp"
    program.write_text(f'#!/bin/sh\ncd "{old}" && exec "{sys.executable}" -m fieldapp "$@"\n')
    program.chmod(0o700)
    return program


def _edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.timeout(300)
def test_an_old_app_with_a_slow_clock_works_for_long_offline_and_then_sends_everything(
    old_program: Path, app_server: Callable[..., AppServer], phone: ProfileBrowser, tmp_path: Path
) -> None:
    server = app_server()
    visit_city.seed(server.data)
    newer, server.program = server.program, old_program
    server.start()
    page = phone.start()
    page.goto(shell(server))
    log_in(page, USERNAME)
    expect(page.locator("[data-name=sync-line], [data-name=trip-line]").first).to_be_visible()
    until_true(page, IS_KEPT)
    server.stop()
    phone.kill()

    page = phone.start()
    page.goto(shell(server))
    visited = recorded(page, tmp_path)
    phone.kill()
    page = phone.start()
    # By then the login has long expired.
    page.context.clear_cookies()
    server.program = newer
    server.start()
    page.goto(shell(server))
    sent(page)
    clock = page.evaluate("async () => (await import('/phone/static/js/device/clock.js')).wallMs()")
    assert abs(datetime.now(UTC).timestamp() * 1000 - clock - SLOW_MS) < 60_000, "still the old app"
    server.stop()
    check_archive(server.data, visited)


def recorded(page: Page, folder: Path) -> str:
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    note(hand, "东侧围挡破损约二十米", photos(folder)[0])
    go(page, "visit", visit, "finish")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()
    return visit


def check_archive(data: Path, visit: str) -> None:
    with opened(Settings(data=data)) as services, services.database.reading() as session:
        rows = session.exec(
            select(RecordRow).where(RecordRow.author == USERNAME, RecordRow.counter > 0)
        ).all()
        payloads = [parse(row.bytes or b"").payload for row in rows]
        assert all(row.completed_at for row in rows)
    assert sorted(payload["counter"] for payload in payloads) == list(range(1, len(payloads) + 1))
    assert {"visit", "entry", "photo", "submission"} <= {payload["kind"] for payload in payloads}
    assert any(payload["id"] == visit for payload in payloads)
    now = datetime.now(UTC)
    for payload in payloads:
        # The instant is the phone's own; how far its clock was off, and the archive's word before it, stand beside it.
        captured_at = datetime.fromisoformat(payload["captured_at"])
        assert abs(now - SLOW - captured_at) < timedelta(hours=1)
        assert abs(payload["clock"]["offset_ms"] - SLOW_MS) < 60_000
        assert payload["beacon"] is not None
