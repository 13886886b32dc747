"""Synchronising on a phone that is frozen in between, and on one with thousands of things to send."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hostile_site import HostileSite
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_sync import _jpeg, _kept, _sealed_photo, _sync, _until_safe, site
from tests.browser.test_sync import phone as sync_phone
from tests.browser.test_visit import enrolled, go

__all__ = ["site", "sync_phone"]
MANY = 3000
SEAL_MANY = """async ([stream, count]) => {
  const { store } = await import("/phone/static/js/device/store.js");
  for (let done = 0; done < count; done += 500) {
    const opened = Array.from({ length: 500 }, (_, at) => store.call("openDraft", {
      kind: "entry", v: 1, stream, body: { visit: null, list: "later", what: `第${done + at}条`, seen_on: "2026-11-22", cause: [] },
    }));
    await store.call("seal", { drafts: (await Promise.all(opened)).map(({ id }) => id) });
  }
}"""


def _lifecycle(page: Page, state: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": state})


def test_an_upload_on_a_frozen_tab_goes_on_by_itself(sync_phone: Page, site: HostileSite) -> None:
    sealed = _sealed_photo(sync_phone, _jpeg(2400))
    patches: list[Any] = []

    def frozen_in_between(environ: Any, _start_response: Any, _app: Any) -> None:
        if environ["REQUEST_METHOD"] == "PATCH":
            patches.append(environ["PATH_INFO"])

    site.fault = frozen_in_between
    _sync(sync_phone)

    def has_begun() -> bool:
        sync_phone.wait_for_timeout(5)
        return bool(patches)

    until(has_begun, "the first piece", 45)
    _lifecycle(sync_phone, "frozen")
    site.stop()
    site.start()
    _lifecycle(sync_phone, "active")
    _until_safe(sync_phone, 1)
    (row,) = _kept(site, sealed)
    assert row.completed_at is not None


@pytest.mark.timeout(600)
def test_thousands_of_records_leave_the_outbox_usable(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    server.stop()
    page.evaluate(SEAL_MANY, [f"project:{ref('project:' + visit_city.PROJECT)}", MANY])
    go(page, "outbox")
    expect(page.locator("main")).to_contain_text(f"已存本机 {MANY}")
    expect(page.locator("[data-name=item-entry]")).to_have_count(200)
    expect(page.locator("[data-name=more-items]")).to_contain_text(str(MANY - 200))

    pushes: list[str] = []
    page.context.on(
        "request",
        lambda request: pushes.append(request.method) if request.url.endswith("/sync/1/records") else None,
    )
    server.start()
    page.locator("[data-name=send-now]").click()
    expect(page.locator("main")).to_contain_text("全部已收妥", timeout=240_000)
    assert len(pushes) <= MANY / 200 + 10
