"""Binding a phone by a code: shown at a desk, scanned once, told to the person's other phone and to the administrator."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from fieldapp.command.archive import opened
from fieldapp.settings import Settings
from tests import account
from tests.browser import small_city
from tests.browser.app_server import AppServer
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import PASSWORD, USERNAME
from tests.browser.test_join import film
from tests.browser.test_lock import OTHER_PIN, set_pin, unlock
from tests.browser.test_shell import IS_KEPT, log_in, shell
from tests.browser.wait import until_true

ADMINISTRATOR = "d04"
CODE = ".enrolment-code"
NOTICE = "[data-name=notice-other-phone]"
Camera = tuple[ProfileBrowser, Path]


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    small_city.seed(server.data)
    with opened(Settings(data=server.data)) as services, services.database.writing() as session:
        account.add(session, ADMINISTRATOR, PASSWORD, "administrator", "倪天权")
    server.start()
    return server


@pytest.fixture
def phone(profile_browser: Callable[..., ProfileBrowser], tmp_path: Path) -> Camera:
    """A phone, and the file of what its camera sees."""
    seen = tmp_path / "seen.mjpeg"
    film(seen, Image.new("RGB", (640, 480), "grey"))
    arguments = (
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={seen}",
    )  # fmt: skip
    options = {"viewport": {"width": 360, "height": 640}, "permissions": ["camera"]}
    return profile_browser("phone", arguments=arguments, **options), seen


def show_code(desk: Page, server: AppServer) -> None:
    """As an administrator would: users, the person, the code."""
    desk.goto(f"{server.origin}/login")
    desk.get_by_label("用户名").fill(ADMINISTRATOR)
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
    desk.get_by_role("link", name="管理", exact=True).click()
    desk.locator("a[href='/users/']").click()
    desk.locator(f"a[href='/users/{USERNAME}']").click()
    desk.get_by_role("button", name="出示绑定码").click()
    expect(desk.locator(CODE)).to_be_visible()


def held_up(desk: Page) -> Image.Image:
    """Return what a camera sees of the screen."""
    code = Image.open(io.BytesIO(desk.locator(CODE).screenshot(scale="css"))).convert("RGB")
    scene = Image.new("RGB", (640, 480), (70, 66, 60))
    scene.paste(code.resize((400, 400)).rotate(4, expand=True, fillcolor=(70, 66, 60)), (90, 15))
    return scene


def test_a_phone_scans_the_code_works_offline_and_both_are_told_of_it(
    server: AppServer, phone: Camera, page: Page, desk: Page
) -> None:
    # The person has a phone already, bound by the password.
    page.goto(shell(server))
    log_in(page, USERNAME)
    expect(page.locator("[data-name=due]").first).to_be_visible()
    show_code(desk, server)
    expect(desk.locator(".enrolment-others")).to_contain_text("本人已绑定 1 部手机")
    expect(desk.locator(".enrolment-left")).to_have_text(re.compile(r"剩余 9:[0-5][0-9]"))
    second, seen = phone
    mine = second.start()
    mine.goto(shell(server))
    film(seen, held_up(desk))
    mine.click("[data-name=scan]")
    expect(mine.locator("[data-name=due]").first).to_be_visible()
    expect(mine.locator(NOTICE)).to_have_count(1)
    # The desk's page turns by itself.
    expect(desk.locator(".enrolment[data-state=enrolled]")).to_contain_text("的手机")
    expect(desk.locator(".enrolment-others")).to_contain_text("本人现有 2 部手机在用")
    # The older phone learns it the next time it asks, says it until somebody has seen it, and not again.
    page.reload()
    expect(page.locator(NOTICE)).to_contain_text("请立即告知管理员停用")
    page.locator(f"{NOTICE} button").click()
    expect(page.locator(NOTICE)).to_have_count(0)
    until_true(mine, IS_KEPT)
    server.stop()
    for one in (page, mine):
        one.reload()
        expect(one.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator(NOTICE)).to_have_count(0)


def test_the_address_in_the_code_opens_the_app_and_is_good_once(
    server: AppServer, page: Page, desk: Page, browser: Browser
) -> None:
    show_code(desk, server)
    address = scanned(desk)
    page.goto(address)
    expect(page.locator("[data-name=code-here]")).to_be_visible()
    # Neither in the address nor a step back.
    expect(page).to_have_url(re.compile(r"/phone/[a-zA-Z-]+/#/login/coded$"))
    page.click("[data-name=bind]")
    expect(page.locator("[data-name=due]").first).to_be_visible()
    expect(page.locator(NOTICE)).to_have_count(0)
    context = browser.new_context(locale="zh-CN")
    other = context.new_page()
    other.goto(address)
    other.click("[data-name=bind]")
    expect(other.locator("[data-name=login-trouble]")).to_contain_text("已用过或已过期")
    expect(other.locator("[data-name=scan]")).to_be_visible()
    context.close()


def test_who_was_bound_by_a_code_and_forgot_the_pin_scans_another_one(
    server: AppServer, phone: Camera, desk: Page
) -> None:
    mine, seen = phone[0].start(), phone[1]
    mine.goto(shell(server))
    log_in(mine, USERNAME)
    expect(mine.locator("[data-name=due]").first).to_be_visible()
    set_pin(mine)
    mine.reload()
    show_code(desk, server)
    film(seen, held_up(desk))
    mine.click("[data-name=forgotten]")
    mine.click("[data-name=scan]")
    mine.fill("input[name=again]", OTHER_PIN)
    mine.fill("input[name=pin]", OTHER_PIN)
    mine.click("[data-name=unlock]")
    expect(mine.locator("[data-name=lock-now]")).to_be_visible()
    # The same phone, not another one.
    expect(mine.locator(NOTICE)).to_have_count(0)
    expect(desk.locator(".enrolment[data-state=used]")).to_be_visible()
    mine.reload()
    # Used up: nobody else comes in by the code that is still before the camera.
    mine.click("[data-name=forgotten]")
    mine.click("[data-name=scan]")
    expect(mine.locator("[data-name=lock-trouble]")).to_contain_text("已用过或已过期")
    unlock_by(mine, OTHER_PIN)


def unlock_by(page: Page, pin: str) -> None:
    page.click("[data-name=back-to-pin]")
    unlock(page, pin)
    expect(page.locator("[data-name=lock-now]")).to_be_visible()


def test_a_code_outlives_an_archive_that_does_not_answer(server: AppServer, page: Page, desk: Page) -> None:
    show_code(desk, server)
    page.goto(scanned(desk))
    expect(page.locator("[data-name=code-here]")).to_be_visible()
    server.stop()
    page.click("[data-name=bind]")
    expect(page.locator("[data-name=login-trouble]")).to_be_visible()
    server.start()
    page.click("[data-name=bind]")
    expect(page.locator("[data-name=due]").first).to_be_visible()


def scanned(desk: Page) -> str:
    """Return what the code on the screen says, read as a phone's camera does: with the app's own library."""
    return str(
        desk.evaluate(
            """async () => {
              const { readCodeOf } = await import("/static/js/device/qr.js");
              const image = document.querySelector(".enrolment-code");
              const canvas = new OffscreenCanvas(480, 480);
              canvas.getContext("2d").drawImage(image, 0, 0, 480, 480);
              return readCodeOf(await canvas.convertToBlob());
            }"""
        )
    )
