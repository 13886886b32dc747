"""Assignments at the desk: the month's milestones with their windows, and which team goes where."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import ValidationError
from sqlmodel import col, select
from werkzeug.wrappers import Response

from fieldapp import access, assignment, board, login, services
from fieldapp.domain.project import AssignmentBody
from fieldapp.domain.unit import Team, Unit
from fieldapp.form import form_for
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.retirement import in_use
from fieldapp.visit_log import MONTH

# Every project's milestones of a month stand on one page.
MOST = 10_000
blueprint = Blueprint("assignment", __name__, url_prefix="/assignment")

ASKED = ("manner", "note")


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show a month: its milestones, what was assigned, and the form for another. The query string is the view."""
    return _page(_month())


def _month() -> str:
    asked = request.values.get("month", "")
    return asked if MONTH.fullmatch(asked) else f"{_today():%Y-%m}"


def _today() -> date:
    current = services.current()
    return current.clock().astimezone(current.settings.zone).date()


def _page(month: str, refused: str = "") -> str:
    current = services.current()
    thresholds = (10 * current.settings.lamp_behind_points, 10 * current.settings.lamp_far_points)
    with current.database.reading() as session:
        streams = access.streams_for(session, login.require())
        found = board.load(session, streams, board.Filter(to=month), _today(), thresholds, most=MOST)
        lines = assignment.of_month(session, streams, month)
        teams = session.exec(select(Team).where(in_use(Team)).order_by(col(Team.code))).all()
        units = session.exec(select(Unit).where(in_use(Unit)).order_by(col(Unit.code))).all()
    milestones = [(row, one, window) for row in found.rows for one, window in row.cells[-1].milestones]
    first = date.fromisoformat(f"{month}-01")
    return render_template(
        "desk/assignment.html",
        month=month,
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{first + timedelta(days=32):%Y-%m}",
        milestones=sorted(milestones, key=lambda each: (each[1].planned_on, each[0].project.code)),
        lines=lines,
        rows=found.rows,
        teams=teams,
        units=units,
        form=form_for(AssignmentBody, only=ASKED)(formdata=None),
        given=request.values,
        refused=refused,
    )


@blueprint.post("/")
@login.login_required("supervisor", "administrator")
def assign() -> Response | tuple[str, int]:
    """Send a team to a project or a unit."""
    form, month = form_for(AssignmentBody, only=ASKED)(), _month()
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page(month, t("assignment.incomplete")), 400
    noun, _, entity = request.form.get("place", "").partition(":")
    body: dict[str, Any] = {
        "project": entity if noun == "project" else None,
        "unit": entity if noun == "unit" else None,
        "month": month,
        "milestone": request.form.get("milestone") or None,
        "manner": form.manner.data,
        "note": (form.note.data or "").strip(),
    }
    current, who = services.current(), login.require()
    with current.database.reading() as session:
        streams = access.streams_for(session, who)
    try:
        assignment.assign(current, streams, who.person, request.form.get("team", ""), body)
    except ValidationError:
        return _page(month, t("assignment.incomplete")), 400
    except Problem as problem:
        if problem.slug != "not-found":
            raise
        return _page(month, t("assignment.incomplete")), 400
    return redirect(url_for("assignment.index", month=month, _anchor="assigned"), 303)
