"""axe-core, which others wrote, finds nothing on any screen of the phone, in either language, light, dark and for bright sun; and with
text twice as large nothing is wider than the screen."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import ref
from tests.browser.test_hostile import WIDER
from tests.browser.test_journey import record_offline
from tests.browser.test_visit import enrolled, go, note
from tests.browser.wait import until_true

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
PROJECT = ref(f"project:{visit_city.PROJECT}")
LOOKS = [("zh-CN", "light"), ("en", "dark"), ("zh-CN", "sun")]
# Everything axe knows, the contrast of 7:1 among it, which is asked of every text here.
RUN = """async () => {
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
  const { violations } = await axe.run(document, { rules: { "color-contrast-enhanced": { enabled: true } } });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]);
}"""


def routes(page: Page, visit: str) -> list[str]:
    """Return every screen there is, those of a visit with something in them."""
    page.evaluate("(visit) => { location.hash = `#/visit/${visit}`; }", visit)
    page.locator("[data-name=part-entry]").first.wait_for()
    links = page.locator("main a[href]").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('href').slice(2))"
    )
    fixed = (
        f"visit/{visit}/{name}"
        for name in ("before", "progress", "check/monthly", "talk", "team", "join", "confirm", "finish")
    )
    of_visit = [link for link in links if link.startswith(f"visit/{visit}/")]
    photo = next(link for link in of_visit if "/photo/" in link)
    of_photo = (f"{photo}/mark", f"{photo}/blur", photo.replace("/photo/", "/same/"), f"visit/{visit}/same")
    own = dict.fromkeys([f"visit/{visit}", *fixed, *of_visit, *of_photo])
    return [
        "home",
        "outbox",
        "returned",
        "join",
        "settings",
        "login/new",
        "nowhere",
        f"project/{PROJECT}",
        f"start/{PROJECT}",
        *own,
    ]


def found(page: Page) -> list[Any]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)


@pytest.mark.timeout(300)
def test_axe_finds_nothing_on_any_screen_of_the_phone(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = record_offline(hand, tmp_path)
    note(hand, "塔吊停用", photos(tmp_path)[0])
    go(page, "visit", visit, "confirm")
    hand.option("outcome", "remark")
    hand.option("proof", "screen")
    screens = routes(page, visit)
    assert len(screens) > 16, screens
    wrong: dict[str, list[Any]] = {}
    for language, theme in LOOKS:
        page.evaluate("(theme) => localStorage.setItem('display', JSON.stringify({ theme }))", theme)
        page.goto(f"{server.origin}/phone/{language}/")
        expect(page.locator(".cards h2").first).to_be_visible()
        for route in screens:
            page.evaluate("(hash) => { location.hash = hash; }", f"#/{route}")
            until_true(page, "document.querySelector('h1') !== null")
            where = f"{language} {theme} {route}"
            if violations := found(page):
                wrong[where] = violations
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            if wider := page.evaluate(WIDER):
                wrong[f"{where}, text twice as large"] = wider
            page.evaluate("document.documentElement.style.fontSize = ''")
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())
