"""A phone beside a station: it hands over without the archive, says nothing is safe, and believes only the archive's receipts."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fieldapp.command.archive import opened
from fieldapp.services import now
from fieldapp.settings import Settings
from sync.station import Station
from tests.browser import test_journey, visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.station_process import StationProcess
from tests.browser.test_journey import finish, record_offline
from tests.browser.test_visit import enrolled, go


def archive_name(server: AppServer) -> str:
    with opened(Settings(data=server.data)) as services:
        return services.archive.name


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    visit_city.seed(server.data)
    return server


@pytest.fixture
def station(server: AppServer, tmp_path: Path) -> Iterator[StationProcess]:
    station = StationProcess(tmp_path / "station", server.origin, archive_name(server))
    station.start()
    yield station
    station.kill()


def has_receipts(folder: Path) -> bool:
    """Tell whether a station has handed on all it holds and has the archive's receipts for all of it."""
    station = Station(folder, now, secrets.token_bytes)
    with closing(station):
        return not station.unsent(1) and not station.unsafe() and not station.photos_to_forward()


@pytest.mark.timeout(300)
def test_a_phone_is_safe_by_way_of_a_station(
    server: AppServer, station: StationProcess, phone: ProfileBrowser, tmp_path: Path
) -> None:
    server._environment["FIELDAPP_STATIONS"] = station.origin
    server.start()
    page = enrolled(phone, server)
    server.stop()
    record_offline(Hand(page), tmp_path)
    finish(Hand(page))
    # Without a tap: the archive is away, the station is not.
    go(page, "outbox")
    handed = page.locator(".state[data-state=handed]")
    expect(handed.first).to_contain_text("已交中转站（未入档）", timeout=30_000)
    expect(page.locator(".state[data-state=saved]")).to_have_count(0, timeout=30_000)
    expect(page.locator(".state:is([data-state=sent], [data-state=safe], [data-state=held])")).to_have_count(
        0
    )
    expect(page.locator("[data-name=way]")).to_contain_text("中转站（127.0.0.1）可代存")
    page.click("[data-name=station]")
    expect(page.locator("body")).to_contain_text("收到档案中心回执后才算收妥", timeout=30_000)
    page.evaluate("location.hash = '#/settings'")

    # The archive is reached by the station only: the phone is closed meanwhile.
    phone.kill()
    server.start()
    until(lambda: has_receipts(station.folder), "receipts of the archive at the station", 120)
    server.stop()
    page = test_journey.reopened(phone, server)
    go(page, "outbox")
    until(lambda: page.locator("[data-name=all-safe]").count() > 0, "receipts by way of the station", 90)
