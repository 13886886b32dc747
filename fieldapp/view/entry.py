"""The ledger of entries at the desk: from lead to fact, and what is asked of units. Words claim only what a person decided."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import ValidationError
from sqlmodel import col, select
from werkzeug.wrappers import Response

from fieldapp import access, fact_sheet, ledger, login, services
from fieldapp.corroboration import matrix, proposed
from fieldapp.domain.entry import RecheckBody, VerificationBody
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Official, Person, Unit
from fieldapp.form import form_for
from fieldapp.message import t
from fieldapp.problem import Problem

blueprint = Blueprint("entry", __name__, url_prefix="/entry")


def _today() -> date:
    current = services.current()
    return current.clock().astimezone(current.settings.zone).date()


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show the ledger. The query string is the view; what it asks for that means nothing is named and left out."""
    asked = ledger.Filter(**{name: request.args.get(name, "") for name in asdict(ledger.Filter())})
    current = services.current()
    with current.database.reading() as session:
        streams = access.streams_for(session, login.require())
        projects = session.exec(
            select(Project).where(col(Project.stream).in_(sorted(streams))).order_by(col(Project.code))
        ).all()
        units = session.exec(select(Unit).order_by(col(Unit.code))).all()
        known: dict[str, set[str]] = {
            "list": set(ledger.LISTS),
            "standing": set(ledger.STANDINGS),
            "project": {one.entity for one in projects},
            "unit": {one.entity for one in units},
        }
        misfits = {name: value for name, value in asked.query().items() if value not in known[name]}
        wanted = replace(asked, **dict.fromkeys(misfits, ""))
        size = current.settings.page_size
        lines, after = ledger.page(session, streams, wanted, request.args.get("after", ""), size, _today())
        answered = fact_sheet.answered(session, [line.row for line in lines], _today())
    return render_template(
        "desk/ledger.html",
        lines=lines,
        answered=answered,
        wanted=wanted,
        misfits=misfits,
        after=after,
        lists=ledger.LISTS,
        standings=ledger.STANDINGS,
        choices={"project": projects, "unit": units},
    )


@blueprint.get("/<entity>")
@login.login_required("supervisor", "administrator")
def show(entity: str) -> str:
    """Show one entry with its evidence, what became of it, and who decided what."""
    return _page(_load(entity))


def _load(entity: str) -> ledger.Sheet:
    with services.current().database.reading() as session:
        return ledger.find(session, access.streams_for(session, login.require()), entity, _today())


def _page(sheet: ledger.Sheet, refused: str = "") -> str:
    who = login.require()
    with services.current().database.reading() as session:
        people = {one.person: one for one in session.exec(select(Person))}
        responsible = session.get(Official, sheet.line.row.responsible or "")
        answered = fact_sheet.answered(session, [sheet.line.row], _today())
    is_own = sheet.visit is not None and who.person in (sheet.visit.author, *sheet.visit.team)
    return render_template(
        "desk/entry.html",
        sheet=sheet,
        row=sheet.line.row,
        matrix=matrix(sheet.evidence),
        proposed=proposed(sheet.evidence),
        form=form_for(VerificationBody, only=["corroboration", "note"])(formdata=None),
        followed=ledger.FOLLOWED,
        today=_today().isoformat(),
        people=people,
        responsible=responsible,
        answered=answered,
        is_open=who.role == "supervisor" and not is_own,
        is_own=is_own,
        refused=refused,
    )


@blueprint.post("/<entity>/verification")
@login.login_required("supervisor")
def verify(entity: str) -> Response | tuple[str, int]:
    """Decide whether an entry is a fact; a later decision takes the place of an earlier one, which stays."""
    form, sheet = form_for(VerificationBody, only=["corroboration", "note"])(), _load(entity)
    decision = request.form.get("decision")
    if not form.validate() or decision not in ("verified", "lead"):
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page(sheet, t("ledger.needs_choice")), 400
    body = {
        "is_verified": decision == "verified",
        "corroboration": form.corroboration.data,
        "note": (form.note.data or "").strip(),
    }
    return _sealed(sheet, ledger.verify, body, "verification")


@blueprint.post("/<entity>/recheck")
@login.login_required("supervisor")
def follow(entity: str) -> Response | tuple[str, int]:
    """Enter that an entry was assigned to its unit, or what the unit reports of it."""
    form, sheet = form_for(RecheckBody, only=["checked_on", "what"])(), _load(entity)
    outcome = request.form.get("outcome", "")
    if not form.validate() or outcome not in ledger.FOLLOWED:
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page(sheet, t("form.invalid")), 400
    body = {"outcome": outcome, "checked_on": form.checked_on.data, "what": (form.what.data or "").strip()}
    return _sealed(sheet, ledger.follow, body, "follow")


def _sealed(sheet: ledger.Sheet, seal: Any, body: dict[str, Any], anchor: str) -> Response | tuple[str, int]:
    try:
        seal(services.current(), sheet, login.require().person, body)
    except ValidationError:
        return _page(sheet, t("form.invalid")), 400
    return redirect(url_for("entry.show", entity=sheet.line.row.entity, _anchor=anchor), 303)
