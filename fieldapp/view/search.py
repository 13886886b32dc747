"""Full-text search at the desk. The address is the search: a link finds the same for whoever may read it."""

import re

from flask import Blueprint, render_template, request, url_for

from fieldapp import access, login, search, services

blueprint = Blueprint("search", __name__, url_prefix="/search")

KEY = re.compile(r"[1-9][0-9]{0,18}")
PAGE = 20


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show what has all words, newest first; the form alone when none is given."""
    words = request.args.get("words", "").strip()[: search.LONGEST]
    after = request.args.get("after", "")
    before = int(after) if KEY.fullmatch(after) else search.LAST
    with services.current().database.reading() as session:
        streams = access.streams_for(session, login.require())
        hits, following = search.page(session, streams, words, min(before, search.LAST), PAGE)
    return render_template(
        "desk/search.html",
        words=words,
        is_searchable=search.is_searchable(words),
        hits=[(hit, address(hit)) for hit in hits],
        after=following,
    )


def address(hit: search.Hit) -> str:
    """Return where a hit is read in full; empty where no page shows it yet, as with a visit that is not submitted."""
    entity = hit.row.entity
    if hit.visit:
        anchor = None if hit.visit == entity else f"item-{entity}"
        return url_for("visit.show", visit=hit.visit, _anchor=anchor) if hit.is_submitted else ""
    if hit.kind == "entry":
        return url_for("entry.show", entity=entity)
    if hit.kind == "interview":
        return url_for("interview.show", entity=entity)
    noun, _, place = hit.row.stream.partition(":")
    if hit.kind == "unit":
        noun, place = "unit", entity
    return url_for("visit.index", state="", **{noun: place}) if noun in ("project", "unit") else ""
