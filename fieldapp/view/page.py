"""What every desk page shares: who is logged in, words and dates in templates, the way back."""

from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from flask_babel import format_date

from fieldapp import login, services
from fieldapp.message import language, t
from fieldapp.word import choice_key, label_key


def install(app: Flask) -> None:
    """Give templates the names they use."""
    app.context_processor(_context)
    app.jinja_env.filters.update(day=day, instant=instant, span=span, points=points)
    app.jinja_env.globals.update(word=word, label=label, named=named, here=here, static=static)


def _context() -> dict[str, Any]:
    return {"who": login.current(), "department": services.current().settings.department}


def word(kind: str, name: str, value: str | None) -> str:
    """Return the wording of a choice; nothing for null."""
    return t(choice_key(kind, name, value)) if value else ""


def label(kind: str, name: str) -> str:
    """Return the label of a member."""
    return t(label_key(kind, name))


def named(thing: Any, name: str = "name") -> str:
    """Return a name in the reader's language where there is one in it: `name_en` beside `name`."""
    if thing is None:
        return ""
    get = thing.get if isinstance(thing, dict) else lambda key, default="": getattr(thing, key, default)
    return str((get(f"{name}_en", "") if language() == "en" else "") or get(name, "") or "")


def day(text: str | None) -> str:
    """Return a day `2026-11-12` (or the day of an instant) as people write it."""
    return str(format_date(date.fromisoformat(text[:10]), "long")) if text else ""


def instant(text: str | None, offset_min: int | None = None) -> str:
    """Return an instant as `2026-11-12 14:54` in the offset it was sealed with, or in the one given."""
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    if offset_min is not None:
        at = at.astimezone(timezone(timedelta(minutes=offset_min)))
    return at.strftime("%Y-%m-%d %H:%M")


def span(seconds: float) -> str:
    """Return a length of time in the coarsest words that still say something."""
    minutes = int(seconds // 60)
    if minutes < 60:
        return t("span.minutes", n=max(minutes, 0))
    if minutes < 48 * 60:
        return t("span.hours", n=round(minutes / 60))
    return t("span.days", n=round(minutes / 1440))


def points(permille: int | None) -> str:
    """Return tenths of a percent as percent: `647` → `64.7`, `650` → `65`."""
    if permille is None:
        return "–"
    whole, tenth = divmod(abs(permille), 10)
    return f"{'-' if permille < 0 else ''}{whole}" + (f".{tenth}" if tenth else "")


def here() -> str:
    """Return the present page's path with its query."""
    return request.full_path.rstrip("?")


def static(name: str) -> str:
    """Return the address of a file of the application."""
    return url_for("asset.static", name=name)


def local_path(target: str | None) -> str:
    """Return a path on this origin to go to, `/` for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(target)
    return (
        target
        if not parts.scheme and not parts.netloc and "\\" not in target and target.isprintable()
        else "/"
    )
