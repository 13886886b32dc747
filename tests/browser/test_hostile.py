"""Texts that want to be more than text, in real browsers: at the desk, and on the phone's project and visit screens."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from fieldapp.command.archive import opened
from fieldapp.domain import TABLES
from fieldapp.domain.description import describe
from fieldapp.services import Services
from fieldapp.settings import Settings
from sync.archive import Draft
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_journey import log_in
from tests.browser.test_visit import begin, enrolled, go
from tests.hostile import LONG, TEXT

PROJECT = ref(f"project:{visit_city.PROJECT}")
KINDS = ("project", "milestone", "claim", "question", "visit", "progress", "entry")
WIDER = """() => [...document.querySelectorAll("body *")]
    .filter((one) => document.documentElement.scrollWidth > innerWidth && one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.outerHTML.slice(0, 80))"""
# Texts that turn the direction of what stands behind them on the same line.
TURNING = """() => {
  const count = (text, marks) => [...text].filter((one) => marks.includes(one)).length;
  const isOpen = (text) => count(text, "\u2066\u2067\u2068") > count(text, "\u2069")
    || count(text, "\u202a\u202b\u202d\u202e") > count(text, "\u202c");
  const isSaid = (one) => one.nodeName === "BR" || (one.nodeType !== Node.COMMENT_NODE && one.textContent.trim() !== "");
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!isOpen(node.data)) continue;
    const said = [...node.parentElement.childNodes].filter(isSaid);
    const next = said[said.indexOf(node) + 1];
    const { display, unicodeBidi } = getComputedStyle(node.parentElement);
    const isAlone = (!next || next.nodeName === "BR") && (display !== "inline" || unicodeBidi === "isolate");
    if (!isAlone) found.push(node.parentElement.outerHTML.slice(0, 200));
  }
  return found;
}"""
NARROW = {"width": 360, "height": 640}


def spoil(services: Services, text: str) -> None:
    """Correct everything known of the project, so that every member people write says `text`, names in both languages."""
    limits = {kind: one["limits"] for kind, one in describe().items()}
    drafts = []
    with services.database.reading() as session:
        for body, table in TABLES.items():
            if body.kind not in KINDS:
                continue
            own: Any = table
            for row in session.exec(select(own).where(own.stream == f"project:{PROJECT}")):
                said = {name: getattr(row, name) for name in body.model_fields}
                said |= {
                    name: text[:most]
                    for name, most in limits[body.kind].items()
                    if isinstance(said.get(name), str)
                }
                given: dict[str, Any] = {"entity": row.entity, "supersedes": (row.record,), "v": body.version}
                drafts.append(Draft(body.kind, row.stream, said, row.author, **given))
    services.archive.seal(drafts)


@pytest.mark.parametrize("text", [TEXT, LONG], ids=["hostile", "long"])
def test_no_text_runs_on_the_phone_or_at_the_desk(
    server: AppServer, phone: ProfileBrowser, desk: Page, text: str
) -> None:
    server.stop()
    with opened(Settings(data=server.data)) as services:
        spoil(services, text)
    server.start()
    page = enrolled(phone, server)
    go(page, "project", PROJECT)
    expect(page.locator("[data-name=start]")).to_be_visible()
    expect(page.locator("h1, h2").first).to_contain_text(text[:20])
    check_harmless(page)
    begin(Hand(page), visit_city.PROJECT)
    page.locator("[data-name=before] .card-head").click()
    expect(page.locator("[data-name^=before-]").first).to_contain_text(text[:20])
    check_harmless(page)

    log_in(desk, server)
    desk.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for path in (f"/visit/?project={PROJECT}", f"/visit/{ref('visit:' + visit_city.PROJECT)}", "/check/"):
        desk.goto(f"{server.origin}{path}")
        desk.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        check_harmless(desk)
    expect(desk.locator("main")).to_be_visible()


def check_harmless(page: Page) -> None:
    """See that nothing ran, no element came out of a text, and nothing is wider than the screen."""
    assert page.evaluate("globalThis.hacked") is None
    assert page.locator("img[src=x], main script").count() == 0
    assert page.evaluate(WIDER) == []
    assert page.evaluate(TURNING) == []
