"""Several phones with the product's own schedule, a station and an archive in a hostile simulated world (`page/fleet.js`).

A failing seed is repeated by its number, and stays in `FAILED_ONCE`. `make soak` tries many more.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

HOUR_MS = 3_600_000
SOAK = int(os.environ.get("SOAK", "0"))
# 3: the simulation itself stood still, woken a rounding error too early.
FAILED_ONCE = (3,)
BATCH = 10


@pytest.fixture(scope="module")
def world(browser: Browser) -> Iterator[Page]:
    server = StaticServer()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.origin}/page/fleet.html")
    until_true(page, "typeof globalThis.simulate === 'function'")
    yield page
    context.close()
    server.stop()


def check_survived(world: Page, seed: int, **options: Any) -> Any:
    given = {"phones": 2 + seed % 5, "records": 40, "faults_until_ms": 12 * HOUR_MS, "until_ms": 48 * HOUR_MS}
    found = world.evaluate("(options) => simulate(options)", {"seed": seed, **given, **options})
    assert found["broken"] == [], f"seed {seed}"
    assert found["drained_at"] is not None, f"seed {seed}: an outbox never drains"
    return found


@pytest.mark.parametrize("first", range(0, 40, BATCH))
def test_nothing_is_lost_and_every_outbox_drains(world: Page, first: int) -> None:
    for seed in range(first, first + BATCH):
        check_survived(world, seed)


@pytest.mark.parametrize("seed", FAILED_ONCE)
def test_what_failed_once(world: Page, seed: int) -> None:
    check_survived(world, seed)


def test_an_outbox_of_thousands_drains(world: Page) -> None:
    few = {"phones": 2, "records": 4_000, "photo_every": 100, "is_kind": True}
    found = check_survived(world, 1, faults_until_ms=1, until_ms=24 * HOUR_MS, **few)
    assert found["drained_at"] < 12 * HOUR_MS


@pytest.mark.skipif(not SOAK, reason="only by `make soak`")
@pytest.mark.timeout(0)
def test_soak(world: Page) -> None:
    for seed in range(1_000, 1_000 + SOAK):
        check_survived(world, seed)
