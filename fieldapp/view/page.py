"""What every desk page shares: who is logged in, words in templates, the way back."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request, url_for

from fieldapp import login, rollback_notice, services
from fieldapp.catalogue import load
from fieldapp.message import language, t
from fieldapp.view import administer, ballot_filter, filters
from fieldapp.word import choice_key, label_key
from sync.table import RollbackRow

ISOLATES, END_OF_ISOLATE = "\u2066\u2067\u2068", "\u2069"
EMBEDDINGS, END_OF_EMBEDDING = "\u202a\u202b\u202d\u202e", "\u202c"
TURNS = re.compile(f"[{ISOLATES}{EMBEDDINGS}]")


def install(app: Flask) -> None:
    """Give templates the names they use."""
    app.context_processor(_context)
    app.jinja_env.finalize = closed
    app.jinja_env.filters.update(filters.ALL | ballot_filter.ALL)
    app.jinja_env.globals.update(
        word=word,
        label=label,
        named=named,
        here=here,
        static=static,
        has_wording=has_wording,
        open_notices=open_notices,
        administered=administer.BLUEPRINTS,
    )


def closed(value: Any) -> Any:
    """Return what a template writes with every mark closed that turns the direction of text: else the rest of the line would turn too."""
    if not isinstance(value, str) or not TURNS.search(value):
        return value
    isolates = sum(value.count(one) for one in ISOLATES) - value.count(END_OF_ISOLATE)
    embeddings = sum(value.count(one) for one in EMBEDDINGS) - value.count(END_OF_EMBEDDING)
    return value + END_OF_ISOLATE * isolates + END_OF_EMBEDDING * embeddings


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


def has_wording(key: str) -> bool:
    """Tell whether a key has wording: what came from elsewhere may hold words that nothing here knows."""
    return key in load(language())


def open_notices() -> list[RollbackRow]:
    """Return what administrators are to be told about the archive itself."""
    current = services.current()
    with current.database.reading() as session:
        return rollback_notice.open_notices(session, current.clock())


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
