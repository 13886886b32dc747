"""Past visits in an archive, as many as a phone may hold after years: five records each, spread over one team's projects."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fieldapp.command.archive import opened
from fieldapp.services import Services
from fieldapp.settings import Settings
from sync.archive import Draft
from tests.browser import small_city
from tests.browser.small_city import REVIEWER, USERNAME, ref

# So many visits are sealed at once.
BATCH = 200
# Text stays on a phone for 400 days.
DAYS = 390
WHAT = (
    "3号墩承台抽查2处，钢筋外露，保护层垫块缺失",
    "东侧围挡破损约二十米，行人可以进入",
    "Formwork at axis B not braced, gap of 4 cm",
    "排水沟淤塞，雨后积水至路基坡脚",
    "塔吊限位器失灵，已停用待检",
    "Safety net missing on the third floor",
)
SUMMARY = ("现场施工正常，进度与计划有差距", "材料堆放整齐，夜间照明不足", "Work goes on with one crew only")


def fill(folder: Path, visits: int) -> None:
    """Add so many accepted visits of one inspector to an archive that `visit_city.seed` has filled."""
    streams = [f"project:{ref('project:' + project['id'])}" for project in small_city.own_projects()]
    with opened(Settings(data=folder)) as services:
        for start in range(0, visits, BATCH):
            numbers = range(start, min(start + BATCH, visits))
            _seal(
                services,
                [
                    _visit(services, streams[number % len(streams)], number, number * DAYS // visits)
                    for number in numbers
                ],
            )


def _seal(services: Services, visits: list[list[Draft]]) -> None:
    sealed = iter(services.archive.seal([draft for drafts in visits for draft in drafts]))
    submissions = []
    for drafts in visits:
        body = {"visit": drafts[0].id, "records": sorted(next(sealed).hash for _ in drafts), "missing": []}
        submissions.append(
            Draft("submission", drafts[0].stream, body, USERNAME, captured_at=drafts[0].captured_at)
        )
    reviews = []
    for draft, record in zip(submissions, services.archive.seal(submissions), strict=True):
        body = {"visit": draft.body["visit"], "submission": record.hash, "decision": "accepted", "items": []}
        body["number"] = f"〔{record.hash[:8]}〕"
        reviews.append(Draft("review", draft.stream, body, REVIEWER, captured_at=draft.captured_at))
    services.archive.seal(reviews)


def _visit(services: Services, stream: str, number: int, days: int) -> list[Draft]:
    """Return a visit, what was observed and a problem, all closed long ago so that no list of open things grows with them."""
    day = date.today() - timedelta(days=2 + days)
    entity = services.archive.new_id()
    bodies: Iterator[tuple[str, dict[str, Any]]] = iter([
        ("visit", {
            "purpose": "monthly", "manner": "unannounced", "team": ["i01", "i02"], "arrived_at": _instant(day, 9),
            "left_at": _instant(day, 11), "summary": SUMMARY[number % len(SUMMARY)], "next_time": [],
        }),
        ("progress", {
            "visit": entity, "seen_on": str(day), "due_permille": 500, "physical": f"主体结构完成{number % 30}层", "reported_permille": 500,
            "observed_permille": 480,
        }),
        ("entry", {
            "visit": entity, "list": "achievement", "cause": [], "known_by": "seen", "seen_on": str(day),
            "what": f"{WHAT[number % len(WHAT)]}（第{number}次走访）",
        }),
    ])  # fmt: skip
    at = _instant(day, 11)
    return [
        Draft(
            kind,
            stream,
            body,
            USERNAME,
            id=entity if kind == "visit" else services.archive.new_id(),
            captured_at=at,
        )
        for kind, body in bodies
    ]


def _instant(day: date, hour: int) -> str:
    return f"{day}T{hour:02d}:10:00.000+08:00"
