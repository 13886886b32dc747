"""Profiles of projects at the desk: the list of projects with search, and each project's whole (项目纪实档案)."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlmodel import Session

from fieldapp import access, login, project_profile, services
from fieldapp import chronicle as chronicles
from fieldapp.domain.project import Project
from fieldapp.fact import LISTS
from fieldapp.problem import Problem
from fieldapp.progress_chart import draw

blueprint = Blueprint("profile", __name__, url_prefix="/profile")

MOST_ASKED_CHARS = 100
# A drawing is a document of its own: it brings its style and loads nothing.
DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def today() -> date:
    """Return the present day where the department is."""
    current = services.current()
    return current.clock().astimezone(current.settings.zone).date()


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """List projects by code, those with the words asked for."""
    asked = request.args.get("q", "").strip()[:MOST_ASKED_CHARS]
    current = services.current()
    with current.database.reading() as session:
        streams = access.streams_for(session, login.require())
        size, after = current.settings.page_size, request.args.get("after", "")
        found, following = project_profile.page(session, streams, asked, after, size)
    return render_template("desk/project_list.html", found=found, asked=asked, after=following)


@blueprint.get("/project/<entity>")
@login.login_required("supervisor", "administrator")
def project(entity: str) -> str:
    """Show a project's profile; `year` chooses the chronicle's, `photos` pages back through the photos."""
    with services.current().database.reading() as session:
        found = project_profile.load(session, find(session, entity), today(), request.args.get("photos", ""))
    years = chronicles.years(found.chronicle)
    year = request.args.get("year", "")
    return render_template(
        "desk/profile/project.html",
        profile=found,
        project=found.project,
        years=years,
        year=year if year in years else next(iter(years), ""),
        lists=LISTS,
    )


@blueprint.get("/project/<entity>/progress.svg")
@login.login_required("supervisor", "administrator")
def progress(entity: str) -> Response:
    """Send the drawing of a project's progress."""
    with services.current().database.reading() as session:
        row = find(session, entity)
        readings = project_profile.readings(session, row)
    response = Response(draw(row, readings, today()), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = DRAWING_POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def find(session: Session, entity: str) -> Project:
    """Return a project the reader has; raise problem `not-found`."""
    row: Any = session.get(Project, entity)
    if row is None or not access.may_read(session, login.require(), row.stream):
        raise Problem("not-found")
    found: Project = row
    return found
