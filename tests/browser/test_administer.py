"""A new administrator's first hour, in a real browser: a unit, a team, a project on the map, a milestone, and one thing retired."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import select

from fieldapp import Settings
from fieldapp.application import make
from fieldapp.domain.project import Milestone, Project
from fieldapp.domain.unit import Team, Unit
from sync.archive import Draft
from tests.browser.app_server import AppServer
from tests.fieldapp.desk_city import PASSWORD, make_app, services


@pytest.fixture(
    params=[{"width": 1280, "height": 800}, {"width": 390, "height": 844}], ids=["desk", "narrow"]
)
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=request.param, locale="zh-CN")
    yield context
    context.close()


@pytest.fixture
def server(app_server: Callable[..., AppServer]) -> AppServer:
    server = app_server()
    app = make_app(server.data)
    body = {"person": "i05", "name": "林樟", "role": "inspector"}
    services(app).archive.seal([Draft("person", "commons", body, "d04")])
    services(app).database.close()
    server.start()
    return server


def opened(context: BrowserContext, origin: str) -> tuple[Page, list[str]]:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{origin}/login")
    page.get_by_label("用户名").fill("d04")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/visit/**")
    return page, complaints


def begin(page: Page, kind: str) -> None:
    """Go by the bar to the list of a kind and open the form of a new one."""
    page.get_by_role("link", name="管理", exact=True).click()
    page.locator(".administer a", has=page.get_by_text(kind, exact=True)).click()
    page.get_by_role("link", name="新增", exact=True).click()


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"input[name='{name.replace('__', '-')}']").fill(value)


def save(page: Page) -> None:
    page.locator("button.main", has_text="保存").click()
    page.wait_for_url(lambda url: "/new" not in url and "/change" not in url)


def choose(page: Page, **values: str) -> None:
    for name, label in values.items():
        page.locator(f"select[name='{name.replace('__', '-')}']").select_option(label=label)


def test_a_new_administrator_brings_a_project_in_and_retires_another(
    server: AppServer, context: BrowserContext
) -> None:
    page, complaints = opened(context, server.origin)
    for code, name in (("u01", "市交通运输局"), ("u99", "录错的单位")):
        begin(page, "单位")
        fill(page, code=code, name=name)
        choose(page, sort="部门")
        page.get_by_label("牵头单位").check()
        save(page)
    page.get_by_label("原因").fill("录错了")
    page.get_by_role("button", name="停用").click()
    page.get_by_text("已停用", exact=True).first.wait_for()

    begin(page, "走访组")
    fill(page, code="t1", name="第一走访组")
    choose(page, members__0__person="i05 林樟", members__0__part="组长")
    assert page.get_by_text("u99 录错的单位").count() == 0
    page.get_by_label("u01 市交通运输局").check()
    save(page)

    begin(page, "项目类型")
    fill(page, code="road", name="公路")
    choose(page, front="项目建设")
    save(page)

    begin(page, "项目")
    fill(page, code="p001", name="环城公路", start_on="2026-01-01", end_on="2027-12-31")
    fill(page, investment_wan="12000", year_plan_wan="6000")
    choose(page, type="road 公路", front="项目建设", level="市级", state="在建", unit="u01 市交通运输局")
    choose(page, team="t1 第一走访组")
    fill(page, site__lat_e7="26.47", site__lon_e7="110.56")
    chart = page.locator("#site-map")
    expect(chart.locator("path.site-middle")).to_have_count(1)
    chart.scroll_into_view_if_needed()
    chart.click(position={"x": 100, "y": 80})
    typed = page.locator("input[name='site-lat_e7']").input_value()
    assert typed != "26.47"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    save(page)

    page.get_by_role("link", name="新增节点").click()
    fill(page, name="路基贯通", planned_on="2026-12-20")
    save(page)
    assert complaints == []

    server.stop()
    app = make(Settings(data=server.data))
    with services(app).database.reading() as session:
        units = session.exec(select(Unit)).all()
        project = session.exec(select(Project)).one()
        milestone = session.exec(select(Milestone)).one()
        team = session.exec(select(Team)).one()
    assert sorted(one.code for one in units) == ["u01", "u99"]
    assert team.members == [{"person": "i05", "part": "leader"}]
    assert f"{project.site['lat_e7'] / 1e7:.7f}" == typed  # type: ignore[index]
    told = (milestone.stream, milestone.project, milestone.name)
    assert told == (project.stream, project.entity, "路基贯通")
    services(app).database.close()
