"""The app lock: nothing of the records behind it, nothing lost by it, and it outlives a restart."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand, just_taken
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import COLLEAGUE, PASSWORD, USERNAME
from tests.browser.test_accessibility import found
from tests.browser.test_shell import shell
from tests.browser.test_visit import begin, enrolled, go
from tests.browser.wait import until_true

PIN, OTHER_PIN = "274913", "580162"
LOCK = "form[data-name=lock]"
WORDS = "挡墙背后有积水"


def set_pin(page: Page, pin: str = PIN) -> None:
    go(page, "settings")
    page.click("[data-name=set-pin]")
    page.fill("input[name=pin]", pin)
    page.fill("input[name=again]", pin)
    page.click("[data-name=pin-do]")
    expect(page.locator("[data-name=lock-now]")).to_be_visible()


def unlock(page: Page, pin: str = PIN) -> None:
    page.fill(f"{LOCK} input[name=pin]", pin)
    page.click("[data-name=unlock]")


def stand_still(page: Page, time: str = "05:01") -> None:
    """Let time pass without a touch."""
    page.clock.fast_forward(time)


def check_locked(page: Page, *secrets: str) -> None:
    expect(page.locator(LOCK)).to_be_visible()
    shown = page.locator("body").inner_html()
    assert [secret for secret in secrets if secret in shown] == []
    assert page.locator("main textarea, main img, .cards").count() == 0


def test_the_lock_hides_everything_and_comes_back_to_the_same_words(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    set_pin(page)
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert PIN not in kept
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=note]")
    hand.see("textarea[name=what]")
    page.clock.install()
    stand_still(page, "04:00")
    hand.write("textarea[name=what]", WORDS)
    stand_still(page, "04:00")  # the touch counts
    expect(page.locator("textarea[name=what]")).to_have_value(WORDS)
    where = page.url
    stand_still(page)
    check_locked(page, WORDS)
    unlock(page, OTHER_PIN)
    expect(page.locator("[data-name=lock-trouble]")).to_have_text("PIN 不正确")
    unlock(page)
    expect(page.locator("textarea[name=what]")).to_have_value(WORDS)
    assert page.url == where

    # The camera is open for longer than that: the photo is taken in behind the lock.
    go(page, *where.split("#/")[1].split("/")[:2])
    with page.expect_file_chooser() as chooser:
        page.click("[data-name=photo]")
    stand_still(page)
    check_locked(page)
    chooser.value.set_files(just_taken(photos(tmp_path)[0]))
    unlock(page)
    expect(page.locator("main img").first).to_be_visible()

    # What lay over the screen lies there again, and the phone's back still puts it away.
    page.click("[data-name=more]")
    expect(page.locator("dialog")).to_be_visible()
    stand_still(page)
    check_locked(page)
    unlock(page)
    expect(page.locator("dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("[data-name=more]")).to_be_visible()

    # Words typed this moment are durable before the lock shows, also when the phone dies right then.
    go(page, *where.split("#/")[1].split("/"))
    expect(page.locator("textarea[name=what]")).to_have_value(WORDS)
    page.locator("textarea[name=what]").fill(f"{WORDS}，已拍照")
    stand_still(page)
    check_locked(page, WORDS)
    server.stop()
    phone.kill()
    page = phone.start()
    page.goto(where)
    check_locked(page, WORDS)
    unlock(page)
    expect(page.locator("textarea[name=what]")).to_have_value(f"{WORDS}，已拍照")


def test_wrong_pins_wait_longer_and_the_password_opens(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    set_pin(page)
    page.click("[data-name=lock-now]")
    for _ in range(3):
        unlock(page, OTHER_PIN)
        expect(page.locator("[data-name=lock-trouble]")).to_be_visible()
        expect(page.locator(f"{LOCK} input[name=pin]")).to_have_value("")
    expect(page.locator("[data-name=lock-wait]")).to_contain_text("秒")
    page.fill(f"{LOCK} input[name=pin]", PIN)
    expect(page.locator("[data-name=unlock]")).to_be_disabled()
    assert found(page) == []
    phone.kill()
    page = phone.start()
    page.goto(shell(server))
    expect(page.locator("[data-name=lock-wait]")).to_contain_text("秒")

    # Somebody else's password opens nothing.
    page.click("[data-name=forgotten]")
    for username in (COLLEAGUE, USERNAME):
        page.fill(f"{LOCK} input[name=username]", username)
        page.fill(f"{LOCK} input[name=password]", PASSWORD)
        page.click("[data-name=unlock]")
        if username == COLLEAGUE:
            expect(page.locator("[data-name=lock-trouble]")).to_contain_text("不是本机当前使用人")
            assert [each for each in page.context.cookies() if each["name"] == "login"] == []
    page.fill(f"{LOCK} input[name=pin]", OTHER_PIN)
    page.fill(f"{LOCK} input[name=again]", OTHER_PIN)
    page.click("[data-name=unlock]")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    page.reload()
    unlock(page, OTHER_PIN)
    expect(page.locator("[data-name=due]").first).to_be_visible()
    go(page, "settings")
    page.click("[data-name=pin-off]")
    page.fill("input[name=pin]", OTHER_PIN)
    page.click("[data-name=pin-do]")
    expect(page.locator("[data-name=set-pin]")).to_be_visible()
    page.reload()
    until_true(page, "document.querySelector('[data-name=app-lock]') !== null")
