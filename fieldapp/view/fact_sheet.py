"""Fact sheets at the desk: choosing facts, seeing exactly what will be said, releasing it, and entering what is answered."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from pydantic import ValidationError
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from fieldapp import access, fact_sheet, login, services
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Official, Unit
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.scan import NoPicture
from fieldapp.subject import places_of

blueprint = Blueprint("fact_sheet", __name__, url_prefix="/fact-sheet")


def _today() -> date:
    current = services.current()
    return current.clock().astimezone(current.settings.zone).date()


def _require_token() -> FlaskForm:
    """Return the form, its token checked; raise problem `form-expired`."""
    form = FlaskForm()
    if not form.validate():
        raise Problem("form-expired")
    return form


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show what was released, newest first, and the way to a new sheet."""
    current = services.current()
    with current.database.reading() as session:
        streams = access.streams_for(session, login.require())
        size = current.settings.page_size
        sheets, after = fact_sheet.page(session, streams, request.args.get("after", ""), size, _today())
        projects = session.exec(select(Project).order_by(col(Project.code))).all()
        units = session.exec(select(Unit).order_by(col(Unit.code))).all()
    return render_template(
        "desk/fact_sheet_list.html", sheets=sheets, after=after, projects=projects, units=units
    )


@blueprint.get("/new")
@login.login_required("supervisor")
def new() -> str:
    """Show the verified facts of a place that may be told to somebody, to choose from."""
    return _choice(request.args.get("place", ""), request.args.get("to", ""))


def _place(session: Session, stream: str) -> Project | Unit:
    """Return the project or unit of a stream this person has; raise problem `not-found`."""
    place = places_of(session, [stream]).get(stream)
    if place is None or stream not in access.streams_for(session, login.require()):
        raise Problem("not-found")
    return place


def _receiver(to: str) -> dict[str, str | None]:
    noun, _, entity = to.partition(":")
    return {"official": entity if noun == "official" else None, "unit": entity if noun == "unit" else None}


def _choice(stream: str, to: str, refused: str = "") -> str:
    today = _today()
    with services.current().database.reading() as session:
        place = _place(session, stream)
        people = fact_sheet.receivers(session, stream, today)
        unit = place if isinstance(place, Unit) else session.get(Unit, place.unit)
        known = {f"official:{one.entity}" for one, _ in people} | ({f"unit:{unit.entity}"} if unit else set())
        found = fact_sheet.candidates(session, stream, _receiver(to)["official"]) if to in known else []
    return render_template(
        "desk/fact_sheet_new.html",
        place=place,
        stream=stream,
        people=people,
        unit=unit,
        to=to if to in known else "",
        found=found,
        most=fact_sheet.MOST_FACTS,
        chosen=set(request.form.getlist("fact"))
        if request.method == "POST"
        else {request.args.get("entry", "")},
        answer_by_on=request.form.get("answer_by_on") or fact_sheet.answer_by(today).isoformat(),
        today=today.isoformat(),
        form=FlaskForm(formdata=None),
        refused=refused,
    )


@blueprint.post("/new")
@login.login_required("supervisor")
def make() -> str | Response | tuple[str, int]:
    """Show the sheet as it would be released, or release just what was shown; `step` is `preview`, `back` or `release`."""
    _require_token()
    stream, to, step = (request.form.get(name, "") for name in ("place", "to", "step"))
    if step == "back":
        return _choice(stream, to)
    today, current = _today(), services.current()
    words = {one: request.form.get(f"words-{one}", "") for one in request.form.getlist("fact")}
    on = {"released_on": today.isoformat(), "answer_by_on": request.form.get("answer_by_on", "")}
    try:
        with current.database.reading() as session:
            place = _place(session, stream)
            body = fact_sheet.compose(session, stream, _receiver(to), words, on)
            receiver = session.get(Official, body["official"] or "") or session.get(Unit, body["unit"] or "")
    except fact_sheet.Unfit as unfit:
        return _choice(stream, to, _told(unfit)), 400
    except ValidationError:
        return _choice(stream, to, t("fact_sheet.bad_day")), 400
    if step == "release":
        entity = fact_sheet.release(current, stream, login.require().person, body)
        return redirect(url_for("fact_sheet.show", entity=entity), 303)
    return render_template(
        "desk/fact_sheet_preview.html",
        body=body,
        place=place,
        receiver=receiver,
        stream=stream,
        to=to,
        form=FlaskForm(formdata=None),
    )


def _told(unfit: fact_sheet.Unfit) -> str:
    return t(f"fact_sheet.unfit.{unfit.slug}", n=unfit.number, word=unfit.word)


@blueprint.get("/<entity>")
@login.login_required("supervisor", "administrator")
def show(entity: str) -> str:
    """Show a released sheet: to print, and with what was answered."""
    return _page(entity)


def _load(entity: str) -> fact_sheet.Sheet:
    with services.current().database.reading() as session:
        return fact_sheet.find(session, access.streams_for(session, login.require()), entity, _today())


def _page(entity: str, refused: str = "") -> str:
    return render_template(
        "desk/fact_sheet.html",
        sheet=_load(entity),
        answers=fact_sheet.ANSWERS,
        given=request.form,
        today=_today().isoformat(),
        form=FlaskForm(formdata=None),
        is_open=login.require().role == "supervisor",
        refused=refused,
    )


@blueprint.post("/<entity>/answer")
@login.login_required("supervisor")
def answer(entity: str) -> Response | tuple[str, int]:
    """Enter what was answered, fact by fact, with the signed paper as a picture where there is one."""
    _require_token()
    sheet, current = _load(entity), services.current()
    answers: dict[int, tuple[str, str]] = {}
    for number in range(1, len(sheet.lines) + 1):
        reply = request.form.get(f"reply-{number}", "")
        if reply in fact_sheet.ANSWERS:
            answers[number] = (reply, request.form.get(f"what-{number}", ""))
    replied_on = request.form.get("replied_on", "")
    if not sheet.row.released_on <= replied_on <= _today().isoformat():
        return _page(entity, t("fact_sheet.bad_answer_day")), 400
    scanned = request.files.get("paper")
    picture = scanned.read() if scanned else b""
    paper: Any = (picture, t("fact_sheet.paper")) if picture else None
    try:
        fact_sheet.answer(current, sheet, login.require().person, answers, replied_on, paper)
    except fact_sheet.Unfit as unfit:
        return _page(entity, _told(unfit)), 400
    except NoPicture:
        return _page(entity, t("fact_sheet.no_picture")), 400
    except ValidationError:
        return _page(entity, t("form.invalid")), 400
    return redirect(url_for("fact_sheet.show", entity=entity, _anchor="answered"), 303)
