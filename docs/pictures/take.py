"""Takes the pictures of README and docs (`make pictures`): on real screens, a visit to the demo city from the first tap to its acceptance.

Nothing is drawn or retouched: a server of its own, a browser that keeps what it is given, painted photos as the camera's.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from docs.pictures.offer import offer
from docs.pictures.place import Place, zone
from docs.pictures.screen import go, keep, keep_top, show
from tests.browser.chromium import ARGUMENTS, find
from tests.browser.hand import Hand
from tests.browser.process import until
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.test_confirmation import sign
from tests.browser.test_shell import IS_KEPT
from tests.browser.wait import until_true

PHONE: ViewportSize = {"width": 360, "height": 640}
LARGER: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 820, "height": 1180}
DESK: ViewportSize = {"width": 1280, "height": 800}
INSPECTOR, REVIEWER, ADMINISTRATOR = "i13", "d01", "d04"
WAIT_MS = 240_000
KEPT = '[data-name="state"][data-state="kept"]'
REASON = "请写明堆土的桩号和长度，补一张能看清路肩的照片"


def prepare(page: Page, place: Place) -> None:
    """Log in on the phone, see what is due, and read up on the project."""
    page.goto(f"{place.server.origin}/phone/zh-CN/")
    page.fill("input[name=username]", INSPECTOR)
    page.fill("input[name=password]", place.passwords["inspector"])
    keep(page, "phone-login")
    page.click("[data-name=login]")
    expect(page.locator("[data-name=due]").first).to_be_visible(timeout=WAIT_MS)
    until_true(page, IS_KEPT, timeout_s=60)
    expect(page.locator("main")).to_contain_text("离线资料齐全", timeout=WAIT_MS)
    keep(page, "phone-home")
    go(page, "project", place.project.entity)
    expect(page.locator("[data-name=responsible]")).to_be_visible()
    expect(page.locator("main img").first).to_be_visible()
    keep(page, "phone-project")


def record(hand: Hand, place: Place) -> str:
    """Record the visit, the server being stopped; return its entity."""
    page = hand.page
    go(page, "start", place.project.entity)
    hand.see("[data-name=purpose]")
    keep(page, "phone-start")
    hand.tap("[data-name=start]")
    hand.see("[data-name=photo]")
    visit = str(page.evaluate("location.hash.split('/')[2]"))
    look_at_last_time(hand)
    observe(hand, place)
    check(hand, place)
    talk(hand)
    note(hand, place)
    hand.photograph("[data-name=photo]", place.close_ups[1])
    expect(page.locator("[data-name=part-photo] img").first).to_be_visible()
    keep_top(page, "phone-visit")
    confirm(hand)
    join_and_vote(hand, visit)
    return visit


def join_and_vote(hand: Hand, visit: str) -> None:
    """Show the code by which a colleague joins, and a ballot; nobody votes."""
    page = hand.page
    go(page, "visit", visit, "join")
    hand.see("[data-name=code]")
    keep_top(page, "phone-join")
    go(page, "visit", visit, "appraise")
    hand.tap("label:has-text('重点项目现场评议票')")
    for at in range(2):
        page.locator("[data-name=targets] label").nth(at).click()
    hand.tap("[data-name=open-box]")
    hand.tap("[data-name=paper]")
    hand.option("relation", "contractor")
    show(page, "[data-name=target]")
    keep(page, "phone-ballot")
    go(page, "visit", visit, "appraise")
    hand.tap("[data-name=drop-box]")
    hand.see("[data-name=open-box]")
    go(page, "visit", visit)
    hand.see("[data-name=photo]")


def confirm(hand: Hand) -> None:
    """Let somebody of the unit read the facts and sign."""
    page = hand.page
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=confirm]")
    hand.option("outcome", "remark")
    hand.write("input[name=by]", "施工项目部 总工程师")
    hand.write("textarea[name=said]", "堆土三天内清完")
    hand.option("proof", "screen")
    sign(page)
    hand.see(KEPT)
    show(page, "input[name=by]")
    keep(page, "phone-confirm")
    hand.tap("[data-name=done]")


def look_at_last_time(hand: Hand) -> None:
    """Answer what is open from the visits before."""
    hand.tap("[data-name=before] .card-head")
    hand.see("[data-name^=before-]")
    names = hand.page.locator("[data-name^=before-] fieldset input, [data-name^=before-] input[type=radio]")
    # What was closed is folded away.
    open_ones = "(all) => all.filter((one) => !one.closest('details:not([open])')).map((one) => one.name)"
    for name in dict.fromkeys(names.evaluate_all(open_ones)):
        values = hand.page.locator(f'input[name="{name}"]').evaluate_all(
            "(all) => all.map((one) => one.value)"
        )
        hand.option(name, next(one for one in ("true", "not_fixed", "holds", "not_done") if one in values))
    known = hand.page.locator('input[name^="known-"]').evaluate_all(open_ones)
    for name in dict.fromkeys(known):
        hand.option(name, "seen")
    keep_top(hand.page, "phone-last-time")
    hand.tap("[data-name=done]")


def observe(hand: Hand, place: Place) -> None:
    """Say how far the work is, and photograph it."""
    hand.tap("[data-name=progress] .card-head")
    hand.write("input[name=observed]", "64")
    hand.write("textarea[name=physical]", "路基全线贯通，底基层铺到中段")
    for photo in place.photos[:2]:
        hand.photograph(".strip-add", photo)
    expect(hand.page.locator(".strip img")).to_have_count(2)
    keep_top(hand.page, "phone-progress")
    hand.tap("[data-name=done]")


def check(hand: Hand, place: Place) -> None:
    """Fill in what the department wants to be looked at each time."""
    hand.tap("[data-name=check] .card-head")
    hand.option("m01", "normal")
    hand.photograph("[data-name=item-m01] .strip-add", place.photos[2])
    expect(hand.page.locator("[data-name=item-m01] img")).to_have_count(1)
    hand.option("m07", "yes")
    hand.tap("[data-name=m12-minutes]")
    hand.tap("[data-name=m16-none]")
    hand.option("m19", "on_time")
    hand.tap("[data-name=m21-not_seen]")
    keep_top(hand.page, "phone-checklist")
    hand.tap("[data-name=rest]")
    hand.tap("[data-name=done]")


def note(hand: Hand, place: Place) -> None:
    """Write down a problem with a photo."""
    hand.tap("[data-name=note]")
    hand.write("textarea[name=what]", "中段路肩堆土约三十米，占了人行道，没有围挡和警示灯")
    hand.tap("[data-name=list-problem]")
    hand.photograph(".strip-add", place.close_ups[0])
    expect(hand.page.locator(".strip img")).to_have_count(1)
    hand.see(KEPT)
    keep_top(hand.page, "phone-entry")
    hand.tap("[data-name=done]")


def talk(hand: Hand) -> None:
    """Write down what a worker says."""
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-worker]")
    hand.option("knows", "daily")
    hand.write("textarea[name=notes]", "“工资上月按时发了。”说碎石料这半个月断过两次，底基层停了三天。")
    hand.see(KEPT)
    keep_top(hand.page, "phone-talk")
    hand.tap("[data-name=done]")


def submit(hand: Hand) -> None:
    """Finish: what is missing, one sentence, submitted; without a network it stays on the phone."""
    page = hand.page
    hand.tap("[data-name=finish]")
    hand.write("textarea[name=summary]", "施工正常，碎石料供应断续，进度比计划慢")
    hand.write("textarea[name=next_time]", "碎石料到场情况")
    keep_top(page, "phone-finish")
    hand.tap("[data-name=submit]")
    reason = page.locator("textarea[name=reason]")
    if reason.is_visible():
        hand.write("textarea[name=reason]", "其余各项下旬补查")
        hand.tap("[data-name=submit-anyway]")
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()
    keep(page, "phone-outbox")


def sent(page: Page) -> None:
    """See that all of it is safe in the archive."""
    go(page, "outbox")
    expect(page.locator("main")).to_contain_text("全部已收妥", timeout=WAIT_MS)


def log_in(desk: Page, place: Place, username: str, role: str) -> None:
    """Log in at the desk."""
    desk.goto(f"{place.server.origin}/login")
    desk.fill("input[name=username]", username)
    desk.fill("input[name=password]", place.passwords[role])
    desk.locator("main form button").click()
    desk.wait_for_url("**/visit/**")


def review(desk: Page, place: Place, visit: str) -> None:
    """Read the visit at the desk and send it back with a reason at its problem."""
    log_in(desk, place, REVIEWER, "supervisor")
    keep(desk, "desk-log")
    desk.goto(f"{place.server.origin}/coverage/?state=overdue")
    keep(desk, "desk-coverage")
    desk.goto(f"{place.server.origin}/entry/?list=problem&standing=verified")
    desk.locator(".log-link").first.click()
    keep(desk, "desk-entry")
    desk.goto(f"{place.server.origin}/visit/{visit}")
    keep(desk, "desk-visit")
    item = desk.locator("section[aria-labelledby=entry] li.part", has_text="中段路肩堆土")
    item.locator("summary").last.click()
    item.locator("input[name^=reason-]").fill(REASON)
    show(desk, "section[aria-labelledby=entry] li.part:has-text('中段路肩堆土')")
    keep(desk, "desk-return")
    show(desk, ".photo-frame")
    keep(desk, "desk-photos")
    desk.locator("button[value=returned]").click()
    desk.wait_for_url("**#decision")


def correct(hand: Hand, place: Place, visit: str) -> None:
    """Read the reviewer's words on the phone, add what is asked for, and submit again."""
    page = hand.page
    go(page, "returned")
    expect(page.locator("[data-name=returned-visit]").filter(has_text=REASON)).to_be_visible(timeout=WAIT_MS)
    keep(page, "phone-returned")
    go(page, "correct", visit)
    page.locator("[data-name=returned-item] .card-head").first.click()
    hand.write("textarea[name=what]", "（K2+350至K2+380右侧）")
    hand.photograph(".strip-add", place.close_ups[2])
    expect(page.locator(".strip img")).to_have_count(2)
    hand.see("[data-name=correcting]")
    hand.see(KEPT)
    keep_top(page, "phone-correct")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    hand.tap("[data-name=submit]")
    reason = page.locator("textarea[name=reason]")
    if reason.is_visible():
        hand.write("textarea[name=reason]", "已写明桩号和长度，补拍一张")
    hand.tap("[data-name=submit-anyway]")
    page.wait_for_url("**#/outbox")
    sent(page)


def accept(desk: Page, place: Place, visit: str) -> None:
    """Accept the corrected visit; it gets its number."""

    def is_complete() -> bool:
        desk.goto(f"{place.server.origin}/visit/{visit}")
        return desk.locator("button[value=accepted]").is_enabled()

    until(is_complete, "a visit with all its photos")
    show(desk, ".since")
    keep(desk, "desk-again")
    desk.locator("button[value=accepted]").click()
    desk.wait_for_url("**#decision")
    desk.evaluate("scrollTo(0, 0)")
    keep(desk, "desk-accepted")


def administer(desk: Page, hand: Hand, place: Place, visit: str) -> None:
    """End the inspector's phone, see what it sends afterwards set aside, propose an erasure, open the page for packages."""
    log_in(desk, place, ADMINISTRATOR, "administrator")
    desk.goto(f"{place.server.origin}/phones/")
    phone = desk.locator(".check-list > li").first
    phone.locator("summary").click()
    phone.locator("input[name=reason]").fill("手机遗失")
    keep_top(desk, "desk-phones")
    phone.locator("button.main").click()
    expect(desk.locator(".check-list .mark").first).to_be_visible()
    go(hand.page, "start", place.project.entity)
    for name in ("start", "note"):
        hand.tap(f"[data-name={name}]")
    hand.write("textarea[name=what]", "路口警示灯一盏不亮，已告知施工员")
    for name in ("list-problem", "done", "finish", "submit"):
        hand.tap(f"[data-name={name}]")
    hand.write("textarea[name=reason]", "路过时看到，只记一项")
    hand.tap("[data-name=submit-anyway]")

    def is_aside() -> bool:
        desk.goto(f"{place.server.origin}/check/")
        return desk.locator(".check-list > li").count() > 0

    until(is_aside, "what the ended phone sent")
    keep_top(desk, "desk-check")
    desk.goto(f"{place.server.origin}/visit/{visit}")
    desk.locator("section[aria-labelledby=entry] li.part", has_text="中段路肩堆土").get_by_role(
        "link", name="申请依法删除"
    ).click()
    desk.fill("textarea[name=ground]", "《个人信息保护法》第四十七条：本人要求删除")
    desk.locator("main form button.main").click()
    desk.wait_for_url("**/erasure/#*")
    keep_top(desk, "desk-erasure")
    desk.goto(f"{place.server.origin}/package/")
    keep(desk, "desk-package")


def other_looks(page: Page, place: Place, visit: str) -> None:
    """Show screens on a larger phone and on a tablet, in English and in the dark."""
    page.set_viewport_size(LARGER)
    home(page)
    keep_top(page, "larger-home")
    page.set_viewport_size(TABLET)
    keep_top(page, "tablet-home")
    go(page, "visit", visit)
    page.locator("[data-name=part-entry]").first.wait_for()
    keep_top(page, "tablet-visit")
    page.set_viewport_size(LARGER)
    keep_top(page, "larger-visit")
    page.set_viewport_size(PHONE)
    page.goto(f"{place.server.origin}/phone/en/#/visit/{visit}")
    page.locator("[data-name=part-entry]").first.wait_for()
    keep(page, "phone-visit-en")
    page.emulate_media(color_scheme="dark")
    home(page)
    keep(page, "phone-home-en-dark")


def home(page: Page) -> None:
    """Go to the first screen."""
    go(page, "home")
    page.locator("[data-name=due]").first.wait_for()


def take(place: Place, phone: ProfileBrowser, browser: Browser) -> None:
    """Go the whole way once and keep what is seen."""
    page = phone.start()
    hand = Hand(page)
    prepare(page, place)
    place.server.stop()
    visit = record(hand, place)
    submit(hand)
    place.server.start()
    sent(page)
    keep(page, "phone-safe")
    desk = browser.new_context(viewport=DESK, locale="zh-CN").new_page()
    review(desk, place, visit)
    page.reload()
    correct(hand, place, visit)
    accept(desk, place, visit)
    archive = browser.new_context(viewport=DESK, locale="zh-CN").new_page()
    administer(archive, hand, place, visit)
    other_looks(page, place, visit)
    offer()


def main() -> None:
    """Fill a city of its own, serve it, and replace the pictures in this folder."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        place = Place(Path(name))
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        phone = ProfileBrowser(
            playwright, Path(name) / "phone", viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True,
            geolocation=place.site, permissions=["geolocation"], timezone_id=zone(),
        )  # fmt: skip
        place.server.start()
        try:
            take(place, phone, browser)
        finally:
            phone.kill()
            browser.close()
            place.server.stop()


if __name__ == "__main__":
    main()
