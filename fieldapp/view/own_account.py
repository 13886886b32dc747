"""One's own account (本人账户), reached from the name in the bar: password, logins. Open to every role; each change in the register."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlmodel import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import Length

from fieldapp import account, login, register, second_factor, services
from fieldapp.account import Account
from fieldapp.login import Who
from fieldapp.message import t
from fieldapp.password import AT_LEAST, AT_MOST, PasswordRefused, check_password
from fieldapp.problem import Problem

blueprint = Blueprint("own_account", __name__, url_prefix="/account")


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The present password and the new one."""

    present = PasswordField(validators=[Length(min=1, max=1024)])
    new = PasswordField(validators=[Length(min=1, max=1024)])


class OwnForm(FlaskForm):  # type: ignore[misc]
    """A form that says nothing but what its address says."""


@blueprint.get("/")
@login.login_required()
def index() -> str:
    """Show one's own account."""
    return _page()


def _page(refused: str = "") -> str:
    who = login.require()
    with services.current().database.reading() as session:
        own = session.get_one(Account, who.username)
        logins = login.logins(session, who.username)
        factor = second_factor.find(session, who.username)
    return render_template(
        "desk/own_account.html",
        account=own,
        logins=logins,
        factor=factor,
        present=login.present_hash(),
        form=OwnForm(formdata=None),
        at_least=AT_LEAST,
        at_most=AT_MOST,
        refused=refused,
        is_changed="changed" in request.args,
    )


@blueprint.post("/password")
@login.login_required()
def change_password() -> Response | tuple[str, int]:
    """Change one's own password; every other login of the person ends."""
    form, who, current = PasswordForm(), login.require(), services.current()
    if not form.validate():
        _require_fresh(form)
        return _page(t("own.both_needed")), 400
    try:
        login.prove(who.username, form.present.data or "")
        check_password(form.new.data or "", who.username, who.name, current.settings.department)
        with current.database.writing() as session:
            account.set_password(session, who.username, form.new.data or "", login.end_logins)
            token = _noted(session, who, "password_changed")
    except PasswordRefused as refused:
        return _page(t(f"own.refused.{refused.reason}", n=AT_LEAST, most=AT_MOST)), 400
    except Problem as problem:
        if problem.slug != "login-failed":
            raise
        return _page(t("own.refused.wrong")), 403
    return login.give_cookie(redirect(url_for("own_account.index", changed=1), 303), token)


def _noted(session: Session, who: Who, act: str) -> str:
    """Write into the register what somebody did to their own account; return a login that takes the place of the present one."""
    register.add(services.current(), session, who.person, act, f"account:{who.username}")
    return login.open_anew(session, who.username)


@blueprint.post("/logins")
@login.login_required()
def end_logins() -> Response:
    """End one of one's logins, or all others."""
    form, who, current = OwnForm(), login.require(), services.current()
    if not form.validate():
        _require_fresh(form)
    one, present = request.form.get("login", ""), login.present_hash()
    with current.database.writing() as session:
        others = [row.token_hash for row in login.logins(session, who.username) if row.token_hash != present]
        for token_hash in [one] if one else others:
            if not login.end_login(session, who.username, token_hash):
                raise Problem("not-found")
        words = t("own.ended_one" if one else "own.ended_others")
        register.add(current, session, who.person, "login_ended", f"account:{who.username}", words)
    return redirect(url_for("own_account.index", _anchor="logins"), 303)


def _require_fresh(form: FlaskForm) -> None:
    if "csrf_token" in form.errors:
        raise Problem("form-expired")
