"""The front door: the phone's app or the desk; the choice of language."""

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from fieldapp import login, services, tls
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
        return redirect(url_for("visit.index", state="waiting"), 303)
    return render_template("desk/landing.html", who=who)


@blueprint.get("/certificate")
def certificate() -> Response:
    """Send the certificate of this server's own authority, for phones to install; there is none behind a public one."""
    path = services.current().settings.data / tls.FOLDER / tls.AUTHORITY
    if not path.is_file():
        raise Problem("not-found")
    name = "fieldapp-authority.crt"
    return send_file(
        path.resolve(), mimetype="application/x-x509-ca-cert", as_attachment=True, download_name=name
    )


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
