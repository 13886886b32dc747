"""How far a project of the data was due, reported and seen on any day, and its plan curve."""

from datetime import date, timedelta

from fieldapp.demo.book import Row, data
from fieldapp.demo.shift import ANCHOR, Shift, month_index


def permille(percent: float) -> int:
    """Return tenths of a percent."""
    return round(percent * 10)


def due_percent(project: Row, day: date) -> float:
    """Return what the data's S-curve has due on a day, in percent."""
    start, end = date.fromisoformat(project["start"]), date.fromisoformat(project["end"])
    if project["state"] == "finished" and f"{day:%Y-%m}" >= project["state_reason"]["from"]:
        return 100.0
    share = min(1.0, max(0.0, (day - start).days / (end - start).days))
    return 100 * (3 * share**2 - 2 * share**3)


def seen_percent(project: Row, day: date, which: str) -> float:
    """Return progress `reported` or `observed` on a day: the curve scaled to the data's figure at the end,
    never above it.
    """
    end = project["progress"][which]
    if project["state"] == "suspended":
        return float(end)
    last = date.fromisoformat(project["last_visit"])
    ratio = due_percent(project, day) / max(0.1, due_percent(project, last))
    return float(end) if day >= last else round(min(end, end * ratio), 1)


def reported_percent(project: Row, day: date) -> float:
    """Return the figure last reported on a day: a story's own, else the data's at the end, else the
    curve's.
    """
    story = _story_reports(project["id"]).get(day.month) if day.year == ANCHOR.year else None
    if story is not None:
        return story
    if f"{day:%Y-%m}" >= project["last_visit"][:7]:
        return float(project["progress"]["reported"])
    return seen_percent(project, day.replace(day=1), "reported")


def plan_of(project: Row, shift: Shift) -> list[Row]:
    """Return the due curve: month ends of the S-curve, the stories' days, and on the day of the load
    just the data's figure.
    """
    start, end = date.fromisoformat(project["start"]), date.fromisoformat(project["end"])
    first = month_index(start)
    known = {shift.day(start): 0, shift.day(end): 1000}
    for index in range(first, month_index(end)):
        last = date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(days=1)
        known[shift.day(last)] = permille(due_percent(project, last))
    for day, due in _story_dues(project["id"]).items():
        known[shift.day(day)] = permille(due)
    today, due_now = shift.load_on, permille(project["progress"]["due"])
    points = {on: min(due, due_now) if on < today else max(due, due_now) for on, due in known.items()}
    points[today] = due_now
    curve, reached = [], 0
    for on in sorted(points):
        reached = max(reached, points[on])
        curve.append({"on": on.isoformat(), "due_permille": reached})
    return curve


def _steps(code: str) -> list[Row]:
    return [step for story in data()["stories"] if story["project"] == code for step in story["steps"]]


def _story_dues(code: str) -> dict[date, float]:
    return {date.fromisoformat(step["date"]): step["due"] for step in _steps(code) if "due" in step}


def _story_reports(code: str) -> dict[int, float]:
    return {int(step["date"][5:7]): step["reported"] for step in _steps(code) if "reported" in step}
