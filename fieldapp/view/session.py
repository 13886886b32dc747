"""Logging in and out: a form for desks, `POST`/`DELETE /session` for the phone. Both give the same cookie."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from fieldapp import login
from fieldapp.enrolment_code import CODE_CHARS
from fieldapp.problem import Problem
from fieldapp.view.page import local_path

blueprint = Blueprint("session", __name__)
programs = Blueprint("program_session", __name__)


class LoginForm(FlaskForm):  # type: ignore[misc]
    """User name and password; `to` is where the person wanted to go."""

    username = StringField(validators=[InputRequired(), Length(max=64)])
    password = PasswordField(validators=[InputRequired(), Length(max=1024)])
    to = HiddenField()


class FactorForm(FlaskForm):  # type: ignore[misc]
    """A code of the second factor; `ticket` says whose password was right."""

    code = StringField(validators=[InputRequired(), Length(max=64)])
    ticket = HiddenField()
    to = HiddenField()


@blueprint.route("/login", methods=["GET", "POST"])
def login_page() -> str | Response | tuple[str, int]:
    """Show the form; with the right password open a login and go where the person wanted to go."""
    form = LoginForm(to=request.args.get("to", ""))
    refused: Problem | None = None
    if form.validate_on_submit():
        try:
            token, who = login.open_login(form.username.data or "", form.password.data or "")
        except login.FactorNeeded as needed:
            asked = FactorForm(formdata=None, ticket=needed.ticket, to=form.to.data)
            return render_template("desk/login_factor.html", form=asked, refused=None)
        except Problem as problem:
            refused = problem
        else:
            return _entered(token, who, form.to.data)
    page = render_template("desk/login.html", form=form, refused=refused)
    return (page, refused.sort.status) if refused else page


def _entered(token: str, who: login.Who, to: str | None) -> Response:
    """Lead a person to where they wanted to go, or to what they have to see to first."""
    # The front door leads inspectors to the phone; no page of the desk is theirs.
    wanted = url_for("landing.index") if who.role == "inspector" else local_path(to)
    if who.must_change:
        wanted = url_for("own_account.index", _anchor="password")
    return login.give_cookie(redirect(wanted, 303), token)


@blueprint.post("/login/factor")
def second_factor() -> str | Response | tuple[str, int]:
    """Open a login with the code that follows the password."""
    form = FactorForm()
    if not form.validate():
        raise Problem("form-expired" if "csrf_token" in form.errors else "bad-request")
    try:
        token, who = login.open_by_factor(form.ticket.data or "", form.code.data or "")
    except Problem as problem:
        if problem.slug == "ticket-over":
            page = render_template(
                "desk/login.html", form=LoginForm(formdata=None, to=form.to.data), refused=problem
            )
        else:
            page = render_template("desk/login_factor.html", form=form, refused=problem)
        return page, problem.sort.status
    return _entered(token, who, form.to.data)


@blueprint.post("/logout")
def logout() -> Response:
    """End the login of this browser."""
    login.close_login()
    return login.take_cookie(redirect(url_for("landing.index"), 303))


@programs.post("/session")
def open_session() -> Response:
    """Open a login for the phone: `{"username", "password"}` or `{"code"}` → who it is, and the cookie."""
    _require_program()
    given = _credentials()
    try:
        token, who = login.open_by_code(given[0]) if len(given) == 1 else login.open_login(*given)
    except login.FactorNeeded as needed:
        # Phones and programs are no desks: they ask for no code, and get no desk's login without one.
        raise Problem("factor-needed") from needed
    if who.must_change:
        login.forget(token)
        raise Problem("password-first")
    answer = jsonify(username=who.username, person=who.person, role=who.role, name=who.name)
    return login.give_cookie(answer, token)


@programs.delete("/session")
def close_session() -> Response:
    """End the login of the phone; harmless without one."""
    _require_program()
    login.close_login()
    return login.take_cookie(Response(status=204))


def _require_program() -> None:
    # A page of another origin cannot send this header without a preflight, which nobody answers.
    if request.headers.get("Fieldapp-Client") != "1":
        raise Problem("client-header-missing")


def _credentials() -> tuple[str] | tuple[str, str]:
    try:
        given = request.get_json()
    except BadRequest as error:
        raise Problem("not-json") from error
    if not isinstance(given, dict):
        raise Problem("not-json")
    code = given.get("code")
    if isinstance(code, str) and len(code) == CODE_CHARS:
        return (code,)
    username, password = given.get("username"), given.get("password")
    if not isinstance(username, str) or not isinstance(password, str) or len(password) > 1024:
        raise Problem("not-json")
    return username, password
