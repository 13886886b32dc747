"""The front door: the phone's app or the desk; the choice of language."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from fieldapp import login
from fieldapp.catalogue import LANGUAGES
from fieldapp.message import COOKIE
from fieldapp.problem import Problem
from fieldapp.view.page import local_path

blueprint = Blueprint("landing", __name__)


@blueprint.get("/")
def index() -> str | Response:
    """Show the way to the phone's app and to the desk; who is logged in at a desk goes on to the visits."""
    who = login.current()
    if who and who.role != "inspector":
        return redirect(url_for("visit.index"), 303)
    return render_template("desk/landing.html", who=who)


@blueprint.get("/language/<tag>")
def language(tag: str) -> Response:
    """Remember the language chosen and go back to the page."""
    if tag not in LANGUAGES:
        raise Problem("not-found")
    response = redirect(local_path(request.args.get("to")), 303)
    response.set_cookie(
        COOKIE, tag, max_age=400 * 86400, samesite="Lax", httponly=True, secure=request.is_secure
    )
    return response
