"""How templates write instants, lengths, figures and parts of a visit. Pure but for the reader's language and the time zone."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from fieldapp import services
from fieldapp.catalogue import load
from fieldapp.domain.visit import Visit
from fieldapp.mark import Drawing, drawing
from fieldapp.message import language, t

TITLE_CHARS = 40
FORM = "%Y-%m-%d %H:%M"


def instant(text: str | None) -> str:
    """Return an instant as `2026-11-12 14:54`: what the archive wrote, in UTC, in the department's time zone; what a phone sealed
    with an offset of its own as it was there, the offset beside it where the department's clocks showed another time.
    """
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    here = at.astimezone(services.current().settings.zone)
    if not at.utcoffset() or at.utcoffset() == here.utcoffset():
        return here.strftime(FORM)
    return t("instant.elsewhere", at=at.strftime(FORM), offset=at.isoformat()[-6:])


def day(text: str | None) -> str:
    """Return the day of an instant."""
    return instant(text)[:10]


def span(seconds: float) -> str:
    """Return a length of time in the coarsest words that still say something."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return t("span.minutes", n=max(minutes, 0))
    if minutes < 48 * 60:
        return t("span.hours", n=round(minutes / 60))
    return t("span.days", n=round(minutes / 1440))


def shortened(text: str) -> str:
    """Return at most so much of a text as a title takes, never half a word or number, and say that it goes on."""
    if len(text) <= TITLE_CHARS:
        return text
    return f"{re.sub(r'[0-9A-Za-z+.-]+$', '', text[:TITLE_CHARS]).rstrip() or text[: TITLE_CHARS - 1]}…"


def points(permille: int | None) -> str:
    """Return tenths of a percent as percent: `647` → `64.7`, `650` → `65`."""
    if permille is None:
        return "–"
    whole, tenth = divmod(abs(permille), 10)
    return f"{'-' if permille < 0 else ''}{whole}" + (f".{tenth}" if tenth else "")


def metres(distance_m: float) -> str:
    """Return a distance in metres below 1 km, above in kilometres."""
    if distance_m < 1000:
        return t("unit.m", n=round(distance_m))
    return t("unit.km", n=f"{distance_m / 1000:.1f}".removesuffix(".0"))


def size(size_bytes: int) -> str:
    """Return a size of a file."""
    return f"{size_bytes / 1024:.0f} KB" if size_bytes < 1024 * 1024 else f"{size_bytes / 1024 / 1024:.1f} MB"


def stay(visit: Visit) -> str:
    """Return how long a visit was, days for one over night."""
    # Seconds are not shown, so they do not count: the two times and the length agree.
    arrived, left = (
        datetime.fromisoformat(at).replace(second=0, microsecond=0)
        for at in (visit.arrived_at, visit.left_at)
    )
    length = left - arrived
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes >= 24 * 60:
        return t("visit.on_site_days", n=minutes // 1440 + 1)
    if minutes < 60:
        return t("visit.on_site_minutes", m=minutes)
    return t("visit.on_site", h=minutes // 60, m=minutes % 60)


def late(planned_on: str, observed_on: str) -> str:
    """Return how late or early a milestone was."""
    days = (date.fromisoformat(observed_on) - date.fromisoformat(planned_on)).days
    if days > 0:
        return t("milestone.late", n=days)
    return t("milestone.early", n=-days) if days < 0 else t("milestone.on_time")


def lack(missing: Any, name: str = "") -> str:
    """Return what a submission says is missing, in the phone's words; `name` is what its item is called."""
    key = f"missing.{missing['what']}"
    item = name or missing.get("item", "")
    return t(key, name=item) if key in load(language()) else f"{missing['what']} {item}".strip()


def in_list(items: Iterable[Any], name: str) -> list[Any]:
    """Return the entries of one list; difficulties are one of their own."""

    def place(row: Any) -> str:
        return "difficulty" if row.list == "problem" and row.sort == "difficulty" else str(row.list)

    return [item for item in items if place(item.row) == name]


def unchecked(groups: Iterable[tuple[str, Iterable[Any]]]) -> list[Any]:
    """Return the items of a checklist that were not checked this time."""
    return [line for _, lines in groups for line in lines if line.is_unchecked]


def title(row: Any) -> str:
    """Return the few words by which the timeline names a part."""
    for name in ("what", "caption", "title", "code", "physical", "notes"):
        text = getattr(row, name, "")
        if text:
            return shortened(str(text))
    return ""


def up_to(count: int, most: int) -> str:
    """Return a count that was not counted further than one more than the most."""
    return str(count) if count <= most else t("log.more_than", n=most)


def drawn(marks: Iterable[Mapping[str, Any]], image: Mapping[str, Any]) -> Drawing:
    """Return the shapes of a photo's marks over its picture."""
    return drawing(marks, image["width"], image["height"])


ALL: dict[str, Callable[..., Any]] = {
    "instant": instant,
    "day": day,
    "span": span,
    "points": points,
    "metres": metres,
    "size": size,
    "stay": stay,
    "late": late,
    "lack": lack,
    "in_list": in_list,
    "unchecked": unchecked,
    "title": title,
    "drawn": drawn,
    "up_to": up_to,
}
