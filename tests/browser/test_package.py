"""A phone that never sees a network again: a package out, receipts back, and only then the word safe."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from fieldapp.command.archive import opened
from fieldapp.settings import Settings
from sync.archive import Draft
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.small_city import ref
from tests.browser.test_journey import finish, record_offline
from tests.browser.test_visit import begin, enrolled, go, note


def exported(page: Page, folder: Path) -> Path:
    go(page, "outbox")
    with page.expect_download(timeout=60_000) as got:
        page.click("[data-name=export-package]")
    path = folder / got.value.suggested_filename
    got.value.save_as(path)
    return path


def taken_back(page: Page, answer: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("[data-name=import-receipts]")
    chooser.value.set_files(answer)


def test_a_phone_without_a_network_is_safe_by_package(
    server: AppServer,
    phone: ProfileBrowser,
    tmp_path: Path,
) -> None:
    page = enrolled(phone, server)
    server.stop()
    record_offline(Hand(page), tmp_path)
    finish(Hand(page))
    package = exported(page, tmp_path)
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()
    expect(page.locator("[data-name=all-safe]")).to_have_count(0)

    damaged, answer = tmp_path / "damaged", tmp_path / "answer.fieldapp"
    damaged.write_bytes(package.read_bytes()[:-100])
    assert "truncated" in server.command("import", str(damaged), check=False).stderr
    done = server.command("import", str(package), "--answer", str(answer))
    assert "appended" in done.stdout

    taken_back(page, damaged)
    expect(
        page.locator("main, dialog, [role=alert]").filter(has_text="不是本档案中心的回执文件").first
    ).to_be_visible()
    go(page, "settings")
    taken_back(page, answer)
    go(page, "outbox")
    expect(page.locator("main")).to_contain_text("全部已收妥", timeout=20_000)


def test_an_archive_that_contradicts_itself_is_told_and_the_evidence_can_be_carried(
    server: AppServer, app_server: Callable[..., AppServer], phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    visit = begin(Hand(page), visit_city.PROJECT)
    note(Hand(page), "东侧围挡破损约二十米")
    go(page, "visit", visit, "finish")
    submit_early(Hand(page))
    package = exported(page, tmp_path)
    rewritten = app_server("rewritten")
    shutil.copytree(server.data, rewritten.data)
    body = {"project": ref(f"project:{visit_city.PROJECT}"), "month": "2020-01", "reported_on": "2020-01-01"}
    with opened(Settings(data=rewritten.data)) as services:
        stream = f"project:{ref('project:' + visit_city.PROJECT)}"
        services.archive.seal([Draft("progress_report", stream, {**body, "reported_permille": 1}, "d04")])
    answers = [tmp_path / name for name in ("answer.fieldapp", "other.fieldapp")]
    for archive, answer in zip((server, rewritten), answers, strict=True):
        archive.command("import", str(package), "--answer", str(answer))

    go(page, "settings")
    # The second one's receipts prove nothing that is believed: they speak against the first's.
    for answer, said in zip(answers, ("回执已核验", "文件中没有本机记录的回执"), strict=True):
        taken_back(page, answer)
        expect(page.locator("body")).to_contain_text(said)
    go(page, "home")
    page.reload()
    notice = page.locator("[data-name=notice-archive-changed]").first
    expect(notice).to_contain_text("档案中心前后凭据不一致")
    with page.expect_download() as got:
        notice.locator("[data-name=export-evidence]").click()
    evidence = json.loads(Path(got.value.path()).read_text(encoding="utf-8"))
    assert len(set(evidence["receipts"])) == 2
    go(page, "outbox")
    expect(page.locator("main")).to_contain_text("全部已收妥")


def submit_early(hand: Hand) -> None:
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")
    expect(hand.page.locator(".state[data-state=saved]").first).to_be_visible()
