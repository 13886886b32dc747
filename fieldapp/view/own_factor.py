"""One's own second factor (动态验证): set up with an authenticator, confirmed by a code; recovery codes shown once; removed with a code."""

import segno
from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlmodel import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from fieldapp import login, register, second_factor, services
from fieldapp.account import Account
from fieldapp.domain.body import ENROLLED
from fieldapp.login import Who
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.second_factor import SecondFactor

blueprint = Blueprint("own_factor", __name__, url_prefix="/account/factor")


class FactorForm(FlaskForm):  # type: ignore[misc]
    """The password, before what it protects changes; or a code."""

    present = PasswordField(validators=[Length(max=1024)])
    code = StringField(validators=[Length(max=64)])


def _desk() -> Who:
    who = login.require()
    if who.role in ENROLLED:
        raise Problem("not-allowed")
    return who


def _form() -> FactorForm:
    form = FactorForm()
    if not form.validate():
        raise Problem("form-expired" if "csrf_token" in form.errors else "bad-request")
    return form


@blueprint.get("/")
@login.login_required()
def index() -> str | Response:
    """Show how a factor stands: the way to begin, the secret to be taken up, or that it counts."""
    return _page()


def _page(refused: str = "") -> str:
    who, current = _desk(), services.current()
    with current.database.reading() as session:
        row = session.get(SecondFactor, who.username)
        left = second_factor.codes_left(session, who.username)
    secret = ""
    if row and not row.confirmed_at:
        try:
            secret = second_factor.secret_of(current, row)
        except second_factor.FactorUnreadable:
            # Begun before the key files changed: begun anew.
            row = None
    return render_template(
        "desk/own_factor.html",
        row=row,
        left=left,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=_picture(secret, who.username) if secret else "",
        form=FactorForm(formdata=None),
        is_demanded=current.settings.desk_second_factor,
        refused=refused,
    )


def _picture(secret: str, username: str) -> str:
    text = second_factor.address_of(secret, username, services.current().settings.department)
    return segno.make(text, error="m", micro=False).svg_data_uri(border=4, dark="#000", light="#fff", scale=6)


@blueprint.post("/")
@login.login_required()
def begin() -> Response | tuple[str, int]:
    """Make a secret, after the password was given again."""
    who, form, current = _desk(), _form(), services.current()
    refused = _unproven(who, form)
    if refused:
        return _page(refused), 403
    with current.database.writing() as session:
        second_factor.begin(current, session, who.username)
    return redirect(url_for("own_factor.index"), 303)


def _unproven(who: Who, form: FactorForm) -> str:
    try:
        login.prove(who.username, form.present.data or "")
    except Problem as problem:
        if problem.slug != "login-failed":
            raise
        return t("own.refused.wrong")
    return ""


@blueprint.post("/confirmation")
@login.login_required()
def confirm() -> Response | tuple[str, int]:
    """Let the factor count; its recovery codes stand on the answer, once. Logins without it end."""
    who, form, current = _desk(), _form(), services.current()
    try:
        with current.database.writing() as session:
            codes = second_factor.confirm(current, session, who.username, form.code.data or "")
            token = _renewed(session, who, "factor_set") if codes else ""
    except second_factor.FactorUnreadable:
        return redirect(url_for("own_factor.index"), 303)
    if not codes:
        return _page(t("factor.wrong")), 400
    page = render_template("desk/recovery_code.html", codes=codes)
    return login.give_cookie(make_response(page), token)


@blueprint.post("/removal")
@login.login_required()
def remove() -> Response | tuple[str, int]:
    """Remove the factor, with the password and a code of it."""
    who, form = _desk(), _form()
    refused = _unproven(who, form)
    if refused:
        return _page(refused), 403

    def enter(session: Session, account: Account, _sort: str) -> str:
        second_factor.remove(session, account.username)
        return _renewed(session, who, "factor_removed")

    try:
        token = login.with_factor(who.username, form.code.data or "", enter)
    except Problem as problem:
        if problem.slug != "factor-failed":
            raise
        return _page(t("factor.wrong")), 400
    return login.give_cookie(redirect(url_for("own_account.index", _anchor="factor"), 303), token)


def _renewed(session: Session, who: Who, act: str) -> str:
    """Write into the register what happened, and end every login but a new one in the place of the present."""
    register.add(services.current(), session, who.person, act, f"account:{who.username}")
    login.end_logins(session, who.username)
    return login.open_anew(session, who.username)
