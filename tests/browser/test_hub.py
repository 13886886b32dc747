"""The visit's own screen: accepted visits are read only, milestones are one tap away, and nothing blocks without saying what."""

import re
from pathlib import Path

from playwright.sync_api import expect

from fieldapp.domain import Reconciliation
from tests.browser import visit_city
from tests.browser.app_server import AppServer
from tests.browser.hand import Hand
from tests.browser.profile_browser import ProfileBrowser
from tests.browser.sample_photo import photos
from tests.browser.small_city import own_projects, ref
from tests.browser.test_visit import begin, enrolled, go, rows, sent, submit_incomplete

# Visited this month and accepted.
ACCEPTED = own_projects()[0]["id"]


def test_an_accepted_visit_shows_its_number_and_is_read_only(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    visit, entry = ref(f"visit:{ACCEPTED}"), ref(f"entry:{ACCEPTED}")
    go(page, "project", ref(f"project:{ACCEPTED}"))
    page.locator("[data-name=visit]").first.click()
    expect(page).to_have_url(re.compile(f"#/visit/{visit}$"))
    expect(page.locator("[data-name=archived]")).to_contain_text("已归档 · 云一线走〔2026〕1号")
    expect(page.locator("[data-name=summary]")).to_contain_text("现场施工正常，进度与计划有差距")
    expect(page.locator("[data-name=summary]")).to_contain_text("下次要看：看护坡是否返工")
    expect(page.locator("[data-name=decision]")).to_contain_text("审核通过 · 云一线走〔2026〕1号")
    for name in ("photo", "note", "talk", "more", "finish"):
        expect(page.locator(f"[data-name={name}]")).to_have_count(0)

    page.locator("[data-name=part-entry] a").click()
    expect(page).to_have_url(re.compile(f"/entry/{entry}$"))
    expect(page.locator("[data-name=archived]")).to_be_visible()
    expect(page.locator("textarea[name=what]")).to_be_disabled()
    expect(page.locator("[data-name=list-task]")).to_be_disabled()
    expect(page.locator("[data-name=detail]")).to_be_visible()


def test_a_milestone_is_one_tap_from_the_visit_and_names_what_it_lacks(
    server: AppServer, phone: ProfileBrowser, tmp_path: Path
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.MILESTONE_PROJECT)
    expect(page.locator("[data-name=milestone]")).not_to_have_count(1)  # the one at hand, and overdue ones
    hand.tap("[data-name=milestone]")
    hand.write("input[name=observed_quantity]", "120")
    state, known = (page.locator(f"fieldset:has(input[name={name}])") for name in ("state", "known_by"))
    expect(state.locator(".field-hint")).to_have_text("须填")
    hand.option("state", "reached")
    expect(state.locator(".field-hint")).to_have_count(0)
    expect(known.locator(".field-hint")).to_have_text("须填")
    expect(page.locator(".field-error")).to_have_count(0)
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=milestone]").first).to_contain_text("已达成")
    hand.tap("[data-name=more]")
    hand.tap("[data-name=more-sheet] [data-name=milestones]")
    for row in page.locator("[data-name=milestone-row] .row-value").all():
        expect(row).to_have_text(re.compile("已达成|待核实|未到期"))
    page.go_back()

    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_contain_text("缺：怎么知道的")
    hand.tap("[data-name=unready] a")
    expect(known.locator(".field-error")).to_have_text("须填")
    hand.option("known_by", "measured")
    expect(page.locator("[data-name=proof-needed]")).to_be_visible()
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_have_count(0)
    hand.tap("[data-name=lack-milestone_proof]")
    hand.photograph(".strip-add", photos(tmp_path)[0])
    expect(page.locator("[data-name=proof-needed]")).to_have_count(0)
    hand.tap("[data-name=done]")

    # One that is overdue: how late it is stands there, and why is asked.
    hand.tap("[data-name=milestone] >> nth=1")
    hand.option("state", "not_reached")
    expect(page.locator("[data-name=slip]")).to_contain_text("已滞后")
    hand.option("known_by", "seen")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=lack-milestone_proof]")).to_have_count(0)
    hand.tap("[data-name=lack-slip_cause]")
    hand.tap("[data-name=cause-local]")
    hand.tap("[data-name=cause-fund]")
    hand.write("textarea[name=reason]", "征拆未完，专项债未到位")
    hand.tap("[data-name=done]")
    submit_incomplete(hand)
    sent(page)
    server.stop()
    found = {one.state: one for one in rows(server, Reconciliation)}
    assert (found["not_reached"].slip_causes, found["reached"].slip_causes) == (["local", "fund"], [])


def test_how_a_problem_of_last_time_is_known_is_not_preset(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    entry = ref("entry:" + visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    hand.option(f"outcome-{entry}", "not_fixed")
    item = page.locator(f"[data-name=before-{entry}]")
    expect(item.locator(f"input[name=known-{entry}]:checked")).to_have_count(0)
    # Asked for quietly while the item is at hand, missing once the person has gone on to another.
    expect(item.locator(".field-hint")).to_have_text("须填")
    expect(item.locator(".field-error")).to_have_count(0)
    expect(item).to_have_attribute("data-answered", "false")
    hand.option(f"outcome-{ref('question:' + visit_city.PROJECT)}", "fixed")
    expect(item.locator(".field-error")).to_have_text("须填")
    hand.tap("[data-name=done]")
    hand.tap("[data-name=finish]")
    expect(page.locator("[data-name=unready]")).to_contain_text("缺：怎么知道的")


def test_what_was_reported_shows_only_after_the_own_look(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    project = ref(f"project:{visit_city.PROJECT}")
    figures = next(one["progress"] for one in own_projects() if one["id"] == visit_city.PROJECT)
    reported = f"{figures['reported']:g}%"
    go(page, "project", project)
    bars = page.locator(".bars > div").nth(1)
    expect(bars).to_contain_text("–")
    hand.tap("[data-name=show-reported]")
    expect(bars).to_contain_text(reported)
    expect(page.locator("[data-name=problems] .tag[data-state=overdue]").first).to_contain_text("逾期")

    visit = begin(hand, visit_city.PROJECT)
    expect(page.locator("[data-name=before] .tag[data-state=overdue]")).to_have_text("逾期 1 项")
    go(page, "project", project)
    expect(bars).to_contain_text("填实见后显示")
    expect(page.locator("[data-name=show-reported]")).to_have_count(0)
    go(page, "visit", visit, "progress")
    hand.write("input[name=observed]", "1")
    expect(page.locator("[data-name=gap]")).to_be_visible()
    expect(bars).to_contain_text("填实见后显示")
    page.locator("textarea[name=physical]").focus()
    expect(bars).to_contain_text(reported)
    expect(page.locator(".tag[data-state=less]")).to_contain_text("较上次降低")
    go(page, "visit", visit)
    expect(page.locator("[data-name=progress] .tag[data-state=less]")).to_be_visible()
    go(page, "project", project)
    expect(page.locator("[data-name=show-reported]")).to_be_visible()


def test_talks_left_or_dropped_leave_no_gap_in_the_codes(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    code = page.locator(".head p")
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-worker]")
    expect(code).to_contain_text("代号 T0101")
    go(page, "visit", visit)
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-resident]")
    expect(code).to_contain_text("代号 T0101")
    hand.write("textarea[name=notes]", "夜间施工噪声大")
    hand.tap("[data-name=drop]")
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-worker]")
    expect(code).to_contain_text("代号 T0101")
    hand.write("textarea[name=notes]", "工资按时发")
    hand.tap("[data-name=done]")
    hand.tap(".visit-dropped summary")
    hand.tap(".visit-dropped button")
    talks = page.locator("[data-name=part-interview]")
    expect(talks).to_have_count(2)
    expect(talks.filter(has_text="夜间施工噪声大")).to_contain_text("T0102")
    expect(talks.filter(has_text="工资按时发")).to_contain_text("T0101")


def test_a_tap_on_a_sentence_of_a_talk_makes_a_lead(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    visit = begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=talk]")
    hand.tap("[data-name=role-worker]")
    expect(page.locator("[data-name=sentences]")).to_have_count(0)
    hand.write("textarea[name=notes]", "工资按时发。夜里3.5米深的基坑没有灯！安全帽要自己买")
    hand.tap("[data-name=sentences] summary")
    sentences = page.locator("[data-name=sentences] .row-text")
    expect(sentences).to_have_text(["工资按时发。", "夜里3.5米深的基坑没有灯！", "安全帽要自己买"])
    for dark in (1, 2):
        sentences.nth(dark).click()
        expect(page.locator("[data-name=lead]")).to_have_count(dark)
    page.locator(".said-line button").click()
    expect(page.locator("[data-name=lead]")).to_have_count(1)
    go(page, "visit", visit)
    lead = page.locator("[data-name=part-entry]")
    expect(lead).to_have_count(1)
    expect(lead).to_contain_text("夜里3.5米深的基坑没有灯")
    talk, entry = (page.evaluate(DRAFTS_OF, kind)[0] for kind in ("interview", "entry"))
    assert (entry["heard_in"], entry["known_by"], entry["list"]) == (
        talk["entity"],
        "said_by_others",
        "later",
    )


DRAFTS_OF = """async (kind) => {
  const { store } = await import("/phone/static/js/device/store.js");
  return (await store.call("drafts", { kind })).map(({ entity, body }) => ({ ...body, entity }));
}"""


def test_arrival_is_the_first_record_and_stays(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    head = page.locator(".head p")
    expect(head).to_have_text("草稿已存本机")
    hand.tap("[data-name=note]")
    hand.write("textarea[name=what]", "塔吊停用")
    hand.tap("[data-name=done]")
    expect(head).to_contain_text("进点")
    arrival = head.inner_text()
    hand.tap("[data-name=part-entry] .card-head")
    hand.tap("[data-name=drop]")
    expect(page.locator("[data-name=part-entry]")).to_have_count(0)
    expect(head).to_have_text(arrival)


def test_a_question_that_ends_in_a_mark_gets_no_second_one(server: AppServer, phone: ProfileBrowser) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=before] .card-head")
    hand.option(f"outcome-{ref('question:' + visit_city.PROJECT)}", "not_fixed")
    hand.tap("[data-name=done]")
    expect(page.locator("[data-name=part-outcome] .visit-line")).to_have_text("护坡开裂处是否已返工？未解决")


def test_the_head_leaves_room_for_the_screen(server: AppServer, phone: ProfileBrowser) -> None:
    """English names are long: name and state together take no more than three lines."""
    page = enrolled(phone, server)
    page.goto(f"{server.origin}/phone/en/")
    hand = Hand(page)
    for project in own_projects():
        begin(hand, project["id"])
        expect(page.locator(".head h1")).to_have_text(project["en"])
        box = page.locator(".head").bounding_box()
        assert box is not None and box["height"] <= 90, project["en"]


def test_an_answer_becomes_one_problem_and_shows_whom_it_names(
    server: AppServer, phone: ProfileBrowser
) -> None:
    page = enrolled(phone, server)
    hand = Hand(page)
    begin(hand, visit_city.PROJECT)
    hand.tap("[data-name=check] .card-head")
    hand.option("m01", "stopped")
    hand.tap("[data-name=raise-m01]")
    hand.tap("[data-name=list-problem]")
    named = page.locator("[data-name=proposed-responsible]")
    expect(named.locator(".row-value")).not_to_be_empty()
    expect(named.locator("small")).to_contain_text("牵头责任人")
    hand.tap("[data-name=proposed-responsible]")
    expect(page.locator("input[name=responsible]").first).to_be_attached()
    hand.tap("[data-name=done]")
    hand.tap("[data-name=check] .card-head")
    expect(page.locator("[data-name=raise-m01]")).to_have_count(0)
    hand.tap("[data-name=raised-m01]")
    expect(page.locator("textarea[name=what]")).to_have_value(re.compile("停工"))
