"""Binding a phone by a code (绑定手机): an administrator shows it, the phone scans it, and the page says whose phone came."""

from datetime import datetime

import segno
from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlmodel import Session, select
from werkzeug.wrappers import Response

from fieldapp import enrolment_code, login, phone_key, register, services
from fieldapp.account import Account
from fieldapp.domain.unit import Person
from fieldapp.enrolment_code import EnrolmentCode
from fieldapp.problem import Problem

blueprint = Blueprint("enrolment", __name__, url_prefix="/enrolment")


class CodeForm(FlaskForm):  # type: ignore[misc]
    """For whom, which the address says."""


@blueprint.post("/of/<username>")
@login.login_required("administrator")
def make(username: str) -> Response:
    """Make a code for somebody, and go to the page that shows it."""
    if not CodeForm().validate():
        raise Problem("form-expired")
    current, who = services.current(), login.require()
    with current.database.writing() as session:
        row = enrolment_code.make(current, session, username, who.person)
        register.add(current, session, who.person, "code_shown", f"account:{row.username}")
    return redirect(url_for("enrolment.show", code=row.id), 303)


@blueprint.get("/<code>")
@login.login_required("administrator")
def show(code: str) -> str:
    """Show a code large, whose it is and how long it holds; then whose phone used it."""
    current = services.current()
    with current.database.reading() as session:
        row, account = _find(session, code)
        person = session.exec(select(Person).where(Person.person == account.person)).first()
        phones = phone_key.of_person(session, account.person)
    state = enrolment_code.state_of(row, current.clock())
    return render_template(
        "desk/enrolment.html",
        row=row,
        account=account,
        person=person,
        state=state,
        left_s=_left_s(row),
        picture=picture(address_of(row)) if state == "open" else "",
        phones=phones,
        form=CodeForm(formdata=None),
        is_here_only=request.host.partition(":")[0] in ("127.0.0.1", "localhost"),
    )


@blueprint.get("/<code>/state")
@login.login_required("administrator")
def state(code: str) -> Response:
    """Say how a code stands, for the page that waits."""
    current = services.current()
    with current.database.reading() as session:
        row, _ = _find(session, code)
    return jsonify(state=enrolment_code.state_of(row, current.clock()), left_s=_left_s(row))


def _find(session: Session, code: str) -> tuple[EnrolmentCode, Account]:
    row = session.get(EnrolmentCode, code)
    if row is None:
        raise Problem("not-found")
    return row, session.get_one(Account, row.username)


def _left_s(row: EnrolmentCode) -> int:
    left = datetime.fromisoformat(row.ends_at) - services.current().clock()
    return max(0, int(left.total_seconds()))


def address_of(row: EnrolmentCode) -> str:
    """Return what the code says: the phone's app, the code behind the `#`, which no browser sends."""
    code = enrolment_code.code_of(services.current(), row.id)
    return f"{url_for('phone.entry', _external=True)}#/login/code/{code}"


def picture(text: str) -> str:
    """Return a QR code as the address of an image, dark on light in any theme: readers want it so."""
    return segno.make(text, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff", scale=8)
