"""Enrolled phones at the desk: whose, since when, what came last; ending one with a reason."""

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlmodel import select
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from fieldapp import login, phone_key, services
from fieldapp.domain.unit import Person
from fieldapp.message import t
from fieldapp.phone_key import REASON_CHARS
from fieldapp.problem import Problem

blueprint = Blueprint("phone_key", __name__, url_prefix="/phones")


class RevocationForm(FlaskForm):  # type: ignore[misc]
    """Why a phone no longer counts."""

    reason = StringField(
        filters=[lambda text: (text or "").strip()], validators=[Length(min=1, max=REASON_CHARS)]
    )


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show the phones of each person."""
    return _page({})


def _page(refused: dict[str, str]) -> str:
    with services.current().database.reading() as session:
        found = phone_key.phones(session)
        people = {one.person: one for one in session.exec(select(Person))}
    return render_template(
        "desk/phone_key.html",
        phones=found,
        people=people,
        form=RevocationForm(formdata=None),
        refused=refused,
    )


@blueprint.post("/<kid>/revocation")
@login.login_required("administrator")
def revoke(kid: str) -> Response | tuple[str, int]:
    """End a phone."""
    form = RevocationForm()
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page({kid: t("phone_key.needs_reason")}), 400
    try:
        phone_key.revoke(services.current(), kid, form.reason.data or "", login.require().person)
    except Problem as problem:
        if problem.slug != "already-revoked":
            raise
        return _page({kid: t("problem.already-revoked")}), 409
    return redirect(url_for("phone_key.index", _anchor=kid), 303)
