"""Answers to a checklist as an inspector might have given them: core items always, the others in turn by
month.
"""

from datetime import date
from random import Random
from typing import Any

from fieldapp.demo.shift import month_index

Item = dict[str, Any]

# What is found on most days; the rest of a choice's names come up now and then.
USUAL = {
    "yes_no": "yes",
    "seen_not": "not_seen",
    "yes_partly_no": "yes",
    "match": "match",
    "on_post": "on_post",
    "reached": "reached",
    "pay": "on_time",
    "hazard": "not_seen",
    "difficulty": "none",
    "help_level": "city",
    "drive": "minutes",
    "stop_reason": "approval",
    "slip_cause": "external",
    "attitude": "when_asked",
    "reading": "last supervise duty",
}
OTHERS = {
    "yes_no": ("no", "unchecked"),
    "seen_not": ("seen", "unsure", "unchecked"),
    "yes_partly_no": ("partly", "no", "unchecked"),
    "match": ("partly", "mismatch", "no_papers"),
    "on_post": ("leave", "absent", "unchecked"),
    "pay": ("late", "not_asked"),
    "hazard": ("safety", "dust", "slope fire"),
    "difficulty": ("land", "fund approval", "pipes", "weather"),
    "drive": ("minutes result", "told", "none", "unchecked"),
    "help_level": ("county", "province"),
}
TEXTS = {
    "k20": "协调电力、水务两家现场定案，缩短迁改时间。",
    "s11": "夜间照明和备用对讲机。",
    "d03": "泵站值班室、维修班、调度中心。",
    "d04": "备用电源启动失败；维修单重复；班组有自查卡。",
}


def answers_to(
    sheet: Item, day: date, observed: float, state: str, random: Random
) -> tuple[dict[str, str], dict[str, str]]:
    """Return answers and notes by item id. `state` is what stands for m01; linked lists and photos are no
    answers.
    """
    given: dict[str, str] = {}
    notes: dict[str, str] = {}
    for item in _asked(sheet, day):
        value = _value(item, observed, state, random)
        if value and _is_relevant(item, given):
            given[item["id"]] = value
            if value in ("mismatch", "absent", "seen"):
                notes[item["id"]] = "已当场告知项目负责人，见清单事项。"
    return given, notes


def _asked(sheet: Item, day: date) -> list[Item]:
    items = [item for group in sheet["groups"] for item in group["items"]]
    in_turn = [item for item in items if not item["core"]]
    count = sheet.get("rotation", {}).get("per_visit", len(in_turn))
    start = month_index(day) * count % max(1, len(in_turn))
    turn = {item["id"] for item in (in_turn + in_turn)[start : start + count]}
    return [item for item in items if item["core"] or item["id"] in turn]


def _value(item: Item, observed: float, state: str, random: Random) -> str:
    sort, _, choice = item["type"].partition(" ")
    if item["id"] == "m01":
        return state
    if item["id"] in ("m06", "eco1"):
        return f"{observed:.1f}"
    if sort in ("select_one", "select_multiple"):
        is_usual = random.random() < 0.82 or choice not in OTHERS
        return USUAL[choice] if is_usual else random.choice(OTHERS[choice])
    if sort in ("integer", "decimal"):
        return str(random.randint(2, 38))
    return TEXTS.get(item["id"], "") if sort == "text" else ""


def _is_relevant(item: Item, given: dict[str, str]) -> bool:
    if item["id"] == "m02":
        return given.get("m01") in ("partly", "stopped", "not_started")
    if item["id"] == "m17":
        return given.get("m16", "none") != "none"
    if item["id"] == "k02":
        return False
    if item["id"] == "k04":
        return given.get("k01") != "reached"
    return item["id"] != "k22" or given.get("k21") == "seen"
