"""tus-js-client, which others wrote, uploads from a page to a running server: cut off, stopped server, expired upload."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.app_server import AppServer
from tests.browser.wait import until_true
from tests.fieldapp.wanted_photo import WantedPhoto, wanted_photo
from tests.quality.checkout import ROOT

CLIENT = ROOT / "node_modules" / "tus-js-client" / "dist" / "tus.min.js"
PICTURE = os.urandom(300_000)
# `stood`: where it was broken off; `done`: where the whole is; `failed`: what the client gave up with.
BEGIN = """([content, metadata, options, stopAt]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  Object.assign(globalThis, { stood: null, done: null, failed: null });
  const upload = new tus.Upload(new Blob([bytes]), {
    endpoint: "/sync/1/photos", metadata, chunkSize: 20000, retryDelays: [50, 100, 500, 1000, 2000, 4000, 8000],
    storeFingerprintForResuming: false, ...options,
    onChunkComplete: (_size, accepted) => {
      if (accepted < stopAt) return;
      globalThis.stopped = upload.url;
      void upload.abort().then(() => { globalThis.stood = accepted; });
    },
    onSuccess: () => { globalThis.done = upload.url; },
    onError: (error) => { globalThis.failed = String(error); },
  });
  upload.start();
}"""


@pytest.fixture
def wanted(tmp_path: Path) -> WantedPhoto:
    return wanted_photo(tmp_path / "data", PICTURE)


@pytest.fixture
def server(app_server: Callable[..., AppServer], wanted: WantedPhoto) -> AppServer:
    server: AppServer = app_server("data")
    assert server.data == wanted.data
    server.start()
    return server


def begin(page: Page, wanted: WantedPhoto, stop_at: float = 1e9, **options: Any) -> None:
    content = base64.b64encode(wanted.picture).decode()
    page.evaluate(BEGIN, [content, wanted.metadata, options, stop_at])


def open_page(page: Page, server: AppServer) -> None:
    page.goto(f"{server.origin}/login")
    page.evaluate(CLIENT.read_text(encoding="utf-8"))


def check_finished(page: Page, server: AppServer, wanted: WantedPhoto) -> str:
    until_true(page, "globalThis.done !== null || globalThis.failed !== null")
    assert page.evaluate("globalThis.failed") is None
    server.kill()
    assert wanted.is_safe()
    return str(page.evaluate("globalThis.done"))


def test_an_upload_broken_off_goes_on_where_it_stood(
    page: Page, server: AppServer, wanted: WantedPhoto
) -> None:
    open_page(page, server)
    begin(page, wanted, 100_000)
    until_true(page, "globalThis.stood !== null")
    place = page.evaluate("globalThis.stopped")
    server.kill()
    server.start()
    begin(page, wanted, uploadUrl=place)
    assert check_finished(page, server, wanted) == place


def test_a_stopped_server_is_waited_for(page: Page, server: AppServer, wanted: WantedPhoto) -> None:
    open_page(page, server)
    server.kill()
    begin(page, wanted)
    server.start()
    check_finished(page, server, wanted)


def test_an_expired_upload_is_begun_anew(page: Page, server: AppServer, wanted: WantedPhoto) -> None:
    open_page(page, server)
    begin(page, wanted, 100_000)
    until_true(page, "globalThis.stood !== null")
    place = page.evaluate("globalThis.stopped")
    server.kill()
    wanted.expire_uploads()
    server.start()
    begin(page, wanted, uploadUrl=place)
    assert check_finished(page, server, wanted) != place
