"""The vectors, judged by the phone's JavaScript in Chromium; `tests/sync/test_vectors.py` judges the same in Python."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.static_server import StaticServer
from tests.browser.wait import until_true

FOLDER = Path(__file__).parents[1] / "vectors"
KINDS = (
    "record",
    "statement",
    "keys",
    "chain",
    "fold",
    "jwe",
    "letter",
    "key_file",
    "ijson",
    "grams",
    "place",
)
PATHS = [path for kind in KINDS for path in sorted((FOLDER / kind).glob("*.json"))]


@pytest.fixture(scope="module")
def judge(browser: Browser) -> Iterator[Page]:
    """A page that judges vectors, shared by the tests of this file: it keeps nothing between them."""
    server = StaticServer()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.origin}/page/vector.html")
    until_true(page, "typeof globalThis.judge === 'function'")
    yield page
    context.close()
    server.stop()


def test_every_kind_has_vectors() -> None:
    assert {path.parent.name for path in PATHS} == set(KINDS)


@pytest.mark.parametrize("path", PATHS, ids=[f"{path.parent.name}-{path.stem}" for path in PATHS])
def test_vector(judge: Page, path: Path) -> None:
    vector = json.loads(path.read_text(encoding="utf-8"))
    # As text: Playwright's own encoding of arguments has other limits of depth than the format under test.
    found = json.loads(
        judge.evaluate("async (text) => JSON.stringify(await judge(JSON.parse(text)))", json.dumps(vector))
    )
    if vector["kind"] == "place":
        assert found["distance_m"] == pytest.approx(vector["expect"]["distance_m"], abs=0.01)
    else:
        assert found == vector["expect"]
