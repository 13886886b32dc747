"""A phone that never sees a network again: a package out, receipts back, and only then the word safe."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import test_journey, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_journey import finish, record_offline
from tests.browser.test_visit import enrolled, go

phone = test_journey.phone


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    visit_city.seed(server.data)
    server.start()
    return server


def exported(page: Page, folder: Path) -> Path:
    go(page, "outbox")
    with page.expect_download(timeout=60_000) as got:
        page.click("[data-name=export-package]")
    path = folder / got.value.suggested_filename
    got.value.save_as(path)
    return path


def taken_back(page: Page, answer: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("[data-name=import-receipts]")
    chooser.value.set_files(answer)


def test_a_phone_without_a_network_is_safe_by_package(
    server: AppServer,
    phone: ProfileBrowser,
    tmp_path: Path,
) -> None:
    page = enrolled(phone, server)
    server.stop()
    record_offline(Hand(page), tmp_path)
    finish(Hand(page))
    package = exported(page, tmp_path)
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()
    expect(page.locator("[data-name=all-safe]")).to_have_count(0)

    damaged, answer = tmp_path / "damaged", tmp_path / "answer.fieldapp"
    damaged.write_bytes(package.read_bytes()[:-100])
    assert "truncated" in server.command("import", str(damaged), check=False).stderr
    done = server.command("import", str(package), "--answer", str(answer))
    assert "appended" in done.stdout

    taken_back(page, damaged)
    expect(
        page.locator("main, dialog, [role=alert]").filter(has_text="不是本档案中心的回执文件").first
    ).to_be_visible()
    go(page, "settings")
    taken_back(page, answer)
    go(page, "outbox")
    expect(page.locator("main")).to_contain_text("全部已收妥", timeout=20_000)
