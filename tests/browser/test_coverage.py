"""The coverage vectors, judged by the phone's code; `tests/fieldapp/test_coverage.py` judges the same in Python."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "coverage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def judge(browser: Browser) -> Iterator[Page]:
    server = StaticServer()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.origin}/page/coverage.html")
    until_true(page, "typeof globalThis.month === 'function'")
    yield page
    context.close()
    server.stop()


@pytest.mark.parametrize("case", VECTORS["months"], ids=lambda case: case["name"])
def test_state_of_month(judge: Page, case: dict[str, Any]) -> None:
    assert judge.evaluate("(given) => month(given)", case) == case["expect"]


@pytest.mark.parametrize("case", VECTORS["windows"], ids=lambda case: case["name"])
def test_window_of_milestone(judge: Page, case: dict[str, Any]) -> None:
    found = judge.evaluate("(given) => window_(given)", case)
    assert {name: found[name] for name in case["expect"]} == case["expect"]
