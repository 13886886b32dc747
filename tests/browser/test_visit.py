"""A visit in a real browser on real storage: offline from start to submission, within its budget, through kills and a return."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, TimeoutError, expect
from sqlmodel import Session, SQLModel, select

from fieldapp.command.archive import opened
from fieldapp.domain import Entry, Photo, Progress, Recheck, Submission, Visit
from fieldapp.settings import Settings
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import ref
from tests.browser.test_shell import enrol, shell

TAP_LIMIT, CHARACTER_LIMIT = 60, 250
KEPT = '[data-name="state"][data-state="kept"]'


def enrolled(phone: ProfileBrowser, server: AppServer) -> Page:
    page = phone.start()
    enrol(page, server)
    return page


def go(page: Page, *path: str) -> None:
    page.evaluate("(hash) => { location.hash = hash; }", "#/" + "/".join(path))


def begin(hand: Hand, project: str) -> str:
    """Start a visit from the project's start screen; return its entity."""
    go(hand.page, "start", ref(f"project:{project}"))
    hand.see("[data-name=purpose]")
    hand.tap("[data-name=start]")
    hand.see("[data-name=photo]")
    return str(hand.page.evaluate("location.hash.split('/')[2]"))


def rows(server: AppServer, table: type[SQLModel], **where: Any) -> list[Any]:
    """Read folded rows of a stopped server's archive."""
    with opened(Settings(data=server.data)) as services, services.database.reading() as session:
        return _select(session, table, where)


def _select(session: Session, table: type[SQLModel], where: dict[str, Any]) -> list[Any]:
    statement = select(table)
    for name, value in where.items():
        statement = statement.where(getattr(table, name) == value)
    found = list(session.exec(statement))
    session.expunge_all()
    return found


def sent(page: Page) -> None:
    """See in the outbox that all of it gets safe in the archive; nobody presses anything."""
    go(page, "outbox")
    # Sending goes on by itself too: by the time of the tap there may be nothing left to send.
    with suppress(TimeoutError):
        page.locator("[data-name=send-now]").click(timeout=3_000)
    expect(page.locator("main")).to_contain_text("全部已收妥", timeout=60_000)


def look_at_last_time(hand: Hand) -> None:
    """The problem is not fixed, the question is answered, the claim is true."""
    hand.tap("[data-name=before] .card-head")
    hand.option(f"outcome-{ref('entry:' + visit_city.PROJECT)}", "not_fixed")
    hand.option(f"known-{ref('entry:' + visit_city.PROJECT)}", "seen")
    hand.option(f"outcome-{ref('question:' + visit_city.PROJECT)}", "not_fixed")
    hand.option(f"outcome-{ref('claim:' + visit_city.PROJECT)}", "true")
    hand.tap("[data-name=done]")


def observe_progress(hand: Hand, pictures: list[Path]) -> None:
    hand.tap("[data-name=progress] .card-head")
    expect(hand.page.locator(".bars")).to_contain_text("填实见后显示")
    hand.write("input[name=observed]", "57")
    expect(hand.page.locator("[data-name=gap]")).to_be_visible()
    hand.write("textarea[name=physical]", "主体完成三层")
    for picture in pictures:
        hand.photograph(".strip-add", picture)
    expect(hand.page.locator(".strip img")).to_have_count(len(pictures))
    hand.tap("[data-name=done]")


def fill_checklist(hand: Hand, overview: Path) -> None:
    """Core items and those in turn; nothing is preset, so each is a tap."""
    page = hand.page
    hand.tap("[data-name=check] .card-head")
    hand.option("m01", "normal")
    hand.photograph("[data-name=item-m01] .strip-add", overview)
    expect(page.locator("[data-name=item-m01] img")).to_have_count(1)
    hand.option("m07", "yes")
    hand.tap("[data-name=m12-minutes]")
    hand.tap("[data-name=m16-none]")
    hand.option("m19", "on_time")
    hand.tap("[data-name=m21-not_seen]")
    hand.tap("[data-name=rest]")
    expect(page.locator("[data-name=rest]")).to_have_count(0)
    hand.tap("[data-name=done]")


def note(hand: Hand, text: str, picture: Path | None = None) -> None:
    hand.tap("[data-name=note]")
    expect(hand.page.locator("textarea[name=what]")).to_be_focused()
    hand.write("textarea[name=what]", text)
    if picture:
        hand.photograph(".strip-add", picture)
        expect(hand.page.locator(".strip img")).to_have_count(1)
    hand.tap("[data-name=done]")


def talk(hand: Hand) -> None:
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-worker]")
    hand.option("knows", "daily")
    hand.write(
        "textarea[name=notes]",
        "“上月工资按时发了。”说砂石料两天没到，钢筋班停了一天半，已向项目部反映，没有答复。",
    )
    hand.tap("[data-name=done]")


def test_monthly_visit_offline_within_its_budget_reaches_the_archive(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    overview, first, second, detail = photos(tmp_path)

    visit = begin(hand, visit_city.PROJECT)
    look_at_last_time(hand)
    observe_progress(hand, [first, second])
    fill_checklist(hand, overview)
    note(hand, "东侧围挡破损约二十米，行人可以进入", detail)
    talk(hand)
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=missing]")).to_have_count(0)
    hand.tap("[data-name=unsorted] [data-name=list-problem]")
    hand.write("textarea[name=summary]", "施工正常，砂石料供应影响进度")
    hand.write("textarea[name=next_time]", "砂石料到场情况")
    hand.tap("[data-name=submit]")
    expect(page).to_have_url(re.compile("#/outbox$"))
    expect(page.locator(".state[data-state=saved]").first).to_be_visible()

    assert hand.photos == 4
    assert hand.taps <= TAP_LIMIT
    assert hand.characters <= CHARACTER_LIMIT

    server.start()
    sent(page)
    server.stop()
    assert_archived(server, visit)


def assert_archived(server: AppServer, visit: str) -> None:
    [row] = rows(server, Visit, entity=visit)
    assert (row.purpose, row.manner, row.summary) == (
        "monthly",
        "unannounced",
        "施工正常，砂石料供应影响进度",
    )
    assert row.next_time == ["砂石料到场情况"]
    [submission] = rows(server, Submission, visit=visit)
    assert (submission.missing, submission.reason) == ([], "")
    kept = {
        one.record
        for table in (Visit, Entry, Photo, Progress, Recheck)
        for one in rows(server, table)
        if visit in (one.entity, getattr(one, "visit", None))
    }
    assert kept <= set(submission.records)
    [progress] = rows(server, Progress, visit=visit)
    assert (progress.observed_permille, progress.has_copied_report) == (570, False)
    [entry] = rows(server, Entry, visit=visit)
    assert (entry.list, entry.sort, entry.severity, entry.known_by) == ("problem", "fault", "minor", "seen")
    assert entry.deadline_on is not None and entry.responsible is not None
    pictures = rows(server, Photo, visit=visit)
    assert {one.about or one.item for one in pictures} == {"m01", "m06", entry.entity}
    assert all(one.fix["lat_e7"] == 265166910 and one.view["required"] for one in pictures)


def test_killed_phone_comes_back_at_the_hub_with_everything(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    server.stop()
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    observe_progress(hand, photos(tmp_path)[:1])
    hand.tap("[data-name=note]")
    hand.write("textarea[name=what]", "护坡开裂两处，长约三米")
    hand.see(KEPT)
    phone.kill()

    page = phone.start()
    page.goto(shell(server))
    page.locator("[data-name=drafts] a, [data-name=draft] a").first.click()
    expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))
    expect(page.locator("[data-name=part-entry]")).to_contain_text("护坡开裂两处，长约三米")
    expect(page.locator("[data-name=part-photo] img")).to_have_count(1)
    expect(page.locator("[data-name=progress]")).to_contain_text("57%")


def test_photo_whose_page_died_is_told_and_taken_again(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    with page.expect_file_chooser():
        hand.tap("[data-name=photo]")
    phone.kill()

    page = phone.start()
    page.goto(shell(server) + f"#/visit/{visit}")
    lost = page.locator("[data-name=photo-lost]")
    expect(lost).to_be_visible()
    with page.expect_file_chooser() as chooser:
        lost.get_by_role("button").first.click()
    chooser.value.set_files(photos(tmp_path)[0])
    expect(page.locator("[data-name=part-photo] img")).to_have_count(1)
    expect(lost).to_have_count(0)


def test_what_cannot_be_sealed_is_named_and_an_incomplete_visit_needs_a_reason(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-resident]")
    hand.write("textarea[name=notes]", "夜间施工噪声大")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready] a")).to_have_count(1)
    expect(page.locator("[data-name=submit]")).to_be_disabled()

    hand.tap("[data-name=unready] a")
    hand.option("knows", "sometimes")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_have_count(0)
    expect(page.locator("[data-name=lack-progress]")).to_be_visible()
    hand.tap("[data-name=submit]")
    expect(page.locator("[data-name=submit-anyway]")).to_be_disabled()
    hand.write("textarea[name=reason]", "现场临时封闭")
    hand.tap("[data-name=submit-anyway]")
    expect(page).to_have_url(re.compile("#/outbox$"))


def submit_incomplete(hand: Hand, reason: str = "只作复查") -> None:
    hand.tap("[data-name=finish]")
    hand.tap("[data-name=submit]")
    hand.write("textarea[name=reason]", reason)
    hand.tap("[data-name=submit-anyway]")
    expect(hand.page).to_have_url(re.compile("#/outbox$"))


def test_fixed_needs_a_photo_of_the_site_and_may_relapse(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    entry = ref("entry:" + visit_city.PROJECT)
    hand.option(f"outcome-{entry}", "fixed")
    hand.option(f"known-{entry}", "seen")
    item = page.locator(f"[data-name=before-{entry}]")
    expect(item.locator("fieldset .field-hint")).to_be_visible()
    hand.option(f"outcome-{ref('question:' + visit_city.PROJECT)}", "not_fixed")
    expect(item.locator(".field-error")).to_be_visible()
    hand.photograph(f"[data-name=before-{entry}] .strip-add", photos(tmp_path)[0])
    expect(item.locator(".field-error")).to_have_count(0)
    hand.tap("[data-name=done]")
    submit_incomplete(hand)

    # Closed: the project says so, and whoever comes again may find it open.
    go(page, "project", ref(f"project:{visit_city.PROJECT}"))
    expect(page.locator("[data-name=problems]")).to_have_count(0)
    hand.tap("[data-name=closed] summary")
    hand.tap("[data-name=closed-problem]")
    hand.tap("[data-name=start]")
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=closed]")
    hand.tap("[data-name=closed] summary")
    hand.option(f"outcome-{entry}", "relapsed")
    hand.option(f"known-{entry}", "seen")
    hand.tap("[data-name=done]")
    submit_incomplete(hand)
    go(page, "project", ref(f"project:{visit_city.PROJECT}"))
    expect(page.locator("[data-name=problems] .tag[data-state=relapsed]")).to_have_text("反弹")
    expect(page.locator("[data-name=closed]")).to_have_count(0)


def test_start_proposes_milestone_and_keeps_a_conflict_of_interest_out(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    go(page, "start", ref(f"project:{visit_city.MILESTONE_PROJECT}"))
    expect(page.locator("[data-name=purpose]")).to_contain_text("节点走访")
    go(page, "start", ref(f"project:{visit_city.RECUSED_PROJECT}"))
    expect(page.locator("[data-name=team]")).to_contain_text("需要回避")
    page.locator("[data-name=team]").click()
    expect(page.locator(f"input[name=member-{visit_city.RECUSED.lower()}]")).not_to_be_checked()
    expect(page.locator("input[name=member-i01]")).to_be_checked()


def test_discarded_entry_can_be_restored(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    note(hand, "塔吊停用")
    hand.tap("[data-name=part-entry] .card-head")
    hand.tap("[data-name=drop]")
    expect(page.locator("[data-name=part-entry]")).to_have_count(0)
    hand.tap(".visit-dropped summary")
    hand.tap(".visit-dropped button")
    expect(page.locator("[data-name=part-entry]")).to_contain_text("塔吊停用")


def test_returned_visit_is_corrected_by_a_new_record_and_submitted_again(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    name = visit_city.RETURNED_PROJECT
    visit, entry = ref(f"visit:{name}"), ref(f"entry:{name}")
    go(page, "visit", visit, "finish")
    expect(page.locator("[data-name=lack-returned]")).to_contain_text("退回未改：3号墩承台抽查2处")
    hand.tap("[data-name=submit]")
    expect(page.locator("[data-name=submit-anyway]")).to_be_disabled()
    page.keyboard.press("Escape")
    hand.tap("[data-name=lack-returned]")
    expect(page).to_have_url(re.compile(f"/entry/{entry}$"))
    go(page, "correct", visit)
    expect(page.locator("[data-name=returned-item]")).to_contain_text("请写明抽查的具体位置和数量")
    hand.tap("[data-name=returned-item] .card-head")
    expect(page.locator("[data-name=returned-reason]")).to_be_visible()
    hand.write("textarea[name=what]", "（3号墩东南角，2处）")
    hand.see("[data-name=correcting]")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=lack-returned]")).to_have_count(0)
    hand.tap("[data-name=submit]")
    if page.locator("textarea[name=reason]").is_visible():
        hand.write("textarea[name=reason]", "已写明位置和数量")
    hand.tap("[data-name=submit-anyway]")
    expect(page).to_have_url(re.compile("#/outbox$"))
    sent(page)
    server.stop()

    [corrected] = rows(server, Entry, entity=entry)
    assert "3号墩东南角，2处" in corrected.what
    assert (corrected.revisions, corrected.is_conflict) == (2, False)
    [submission] = rows(server, Submission, visit=visit)
    assert submission.revisions == 2
    assert corrected.record in submission.records
    assert rows(server, Visit, entity=visit)[0].record in submission.records
    assert submission.records == sorted(set(submission.records))
