"""Interviews at the desk: their log, and those held outside any visit."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, request
from sqlmodel import Session, col, select

from fieldapp import access, interview_log, login, services
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Unit
from fieldapp.outline import question_words, role_words
from fieldapp.problem import Problem

blueprint = Blueprint("interview", __name__, url_prefix="/interview")


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show the log of interviews. The query string is the view."""
    wanted = interview_log.Filter(
        **{name: request.args.get(name, "") for name in asdict(interview_log.Filter())}
    )
    current = services.current()
    with current.database.reading() as session:
        streams = access.streams_for(session, login.require())
        after = request.args.get("after", "")
        lines, following = interview_log.page(session, streams, wanted, after, current.settings.page_size)
        choices = _choices(session, streams)
    return render_template(
        "desk/interview_log.html",
        wanted=wanted,
        lines=lines,
        after=following,
        choices=choices,
        role_words=role_words,
    )


def _choices(session: Session, streams: set[str]) -> dict[str, list[Any]]:
    projects = select(Project).where(col(Project.stream).in_(sorted(streams))).order_by(col(Project.code))
    units = select(Unit).order_by(col(Unit.code))
    return {"project": list(session.exec(projects)), "unit": list(session.exec(units))}


@blueprint.get("/<entity>")
@login.login_required("supervisor", "administrator")
def show(entity: str) -> str:
    """Show one interview."""
    with services.current().database.reading() as session:
        line = interview_log.find(session, access.streams_for(session, login.require()), entity)
        if line is None:
            raise Problem("not-found")
    return render_template(
        "desk/interview.html", line=line, role_words=role_words, question_words=question_words
    )
