"""Users (用户): accounts made, their role changed, closed and reopened, a first password given; each change in the register."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlmodel import Session, select
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from fieldapp import account, login, phone_key, register, second_factor, services
from fieldapp.account import Account, AccountRefused
from fieldapp.domain.unit import Person
from fieldapp.message import t
from fieldapp.password import new_password
from fieldapp.problem import Problem
from fieldapp.view.page import named
from sync.archive import Draft
from sync.rule import ROLES

blueprint = Blueprint("user", __name__, url_prefix="/users")

ROLE_ORDER = ("inspector", "supervisor", "administrator")
assert frozenset(ROLE_ORDER) == ROLES
REASON_CHARS = 200


def _line(most: int) -> Any:
    return StringField(filters=[lambda text: (text or "").strip()], validators=[Length(max=most)])


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A new account; `person` is somebody known, or empty for somebody new."""

    username, name, role, person = _line(40), _line(200), _line(20), _line(40)


class ChangeForm(FlaskForm):  # type: ignore[misc]
    """A change of an account, and why."""

    role, reason = _line(20), _line(REASON_CHARS)


@dataclass(frozen=True)
class Line:
    """An account, the person behind it, how many browsers and phones count, and whether it has a second factor."""

    account: Account
    person: Person | None
    logins: int
    phones: int
    has_factor: bool


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show every account, and the form for another."""
    return _index()


def _index(refused: str = "") -> str:
    with services.current().database.reading() as session:
        people = {one.person: one for one in session.exec(select(Person))}
        accounts = account.everybody(session)
        counts = login.counts(session)
        keys, factors = phone_key.counting(session), second_factor.counting(session)
    lines = [
        Line(
            one,
            people.get(one.person),
            counts.get(one.username, 0),
            keys.get(one.person, 0),
            one.username in factors,
        )
        for one in sorted(accounts, key=lambda one: (not one.is_active, one.username))
    ]
    taken = {one.person for one in accounts}
    return render_template(
        "desk/user_list.html",
        lines=lines,
        free=sorted((one for one in people.values() if one.person not in taken), key=lambda one: one.person),
        roles=ROLE_ORDER,
        form=AccountForm(formdata=None),
        refused=refused,
    )


@blueprint.post("/")
@login.login_required("administrator")
def make() -> str | tuple[str, int]:
    """Make an account; its first password is shown on the answer, once."""
    form, who, current = AccountForm(), login.require(), services.current()
    if not form.validate():
        _require_fresh(form)
        return _index(t("form.invalid")), 400
    username, given = (form.username.data or "").lower(), new_password()
    with current.database.alone():
        try:
            known, drafts = _person(form, username)
            with current.database.writing() as session:
                account.add(
                    session,
                    username=username,
                    password=given,
                    person=known,
                    role=form.role.data or "",
                    name=form.name.data or "",
                    at=current.clock(),
                    must_change=True,
                )
                register.add(
                    current, session, who.person, "account_made", f"account:{username}", form.role.data
                )
        except AccountRefused as refused:
            return _index(t(f"user.refused.{refused.reason}")), 400
        current.archive.seal(drafts)
    return _page(username, given=given)


def _person(form: AccountForm, username: str) -> tuple[str, list[Draft]]:
    """Return who the account is for: somebody known, else a new person, whose record follows."""
    chosen = form.person.data or ""
    with services.current().database.reading() as session:
        people = {one.person: one for one in session.exec(select(Person))}
        taken = {one.person for one in account.everybody(session)}
    if chosen:
        if chosen not in people or chosen in taken:
            raise AccountRefused("person", f"{chosen!r} is nobody without an account")
        form.name.data = form.name.data or people[chosen].name
        return chosen, []
    # A person's name in records: letters and digits only.
    person = "".join(sign for sign in username if sign.isalnum())
    if not person or not person[0].isalpha():
        raise AccountRefused("username", f"{username!r} does not begin with a letter")
    if person in people or person in taken:
        raise AccountRefused("taken", f"there is a person {person!r} already")
    if not form.name.data or form.role.data not in ROLES:
        raise AccountRefused("name" if not form.name.data else "role", "a name and a role are needed")
    body = {"person": person, "name": form.name.data, "role": form.role.data}
    return person, [Draft("person", "commons", body, login.require().person)]


@blueprint.get("/<username>")
@login.login_required("administrator")
def show(username: str) -> str:
    """Show one account: role, logins, what was done to it."""
    return _page(username)


def _page(username: str, refused: str = "", given: str = "") -> str:
    with services.current().database.reading() as session:
        one = _find(session, username)
        person = session.exec(select(Person).where(Person.person == one.person)).first()
        own = login.logins(session, one.username)
        phones = phone_key.of_person(session, one.person)
        factor = second_factor.find(session, one.username)
    return render_template(
        "desk/user.html",
        account=one,
        person=person,
        title=named(person) or one.name,
        logins=own,
        phones=phones,
        factor=factor,
        roles=ROLE_ORDER,
        form=ChangeForm(formdata=None),
        reason_chars=REASON_CHARS,
        refused=refused,
        given=given,
    )


def _find(session: Session, username: str) -> Account:
    try:
        return account.find(session, username)
    except AccountRefused as refused:
        raise Problem("not-found") from refused


@blueprint.post("/<username>/role")
@login.login_required("administrator")
def change_role(username: str) -> Response | tuple[str, int]:
    """Give an account another role."""
    form = _change()
    role = form.role.data or ""

    def change(session: Session) -> str:
        before = account.change_role(session, username, role)
        return f"{before} → {role}"

    return _done(username, "role_changed", change, form)


@blueprint.post("/<username>/closing")
@login.login_required("administrator")
def close(username: str) -> Response | tuple[str, int]:
    """Close an account, its logins with it."""
    return _done(
        username, "account_closed", lambda session: account.close(session, username, login.end_logins)
    )


@blueprint.post("/<username>/reopening")
@login.login_required("administrator")
def reopen(username: str) -> Response | tuple[str, int]:
    """Open an account again."""
    return _done(username, "account_reopened", lambda session: account.reopen(session, username))


@blueprint.post("/<username>/password")
@login.login_required("administrator")
def give_password(username: str) -> str | Response | tuple[str, int]:
    """Give a password for the next login only; it is shown on the answer, once."""
    given = new_password()

    def change(session: Session) -> None:
        account.set_password(session, username, given, login.end_logins, must_change=True)

    answer = _done(username, "password_given", change)
    return _page(username, given=given) if isinstance(answer, Response) else answer


@blueprint.post("/<username>/factor")
@login.login_required("administrator")
def reset_factor(username: str) -> Response | tuple[str, int]:
    """Remove the second factor of somebody who lost it, for a reason; their logins end."""
    form = _change()

    def change(session: Session) -> None:
        if not form.reason.data:
            raise AccountRefused("reason", "a reason is needed")
        if not second_factor.remove(session, _find(session, username).username):
            raise AccountRefused("no_factor", "there is no second factor")
        login.end_logins(session, username)

    return _done(username, "factor_reset", change, form)


@blueprint.post("/<username>/logins")
@login.login_required("administrator")
def end_logins(username: str) -> Response | tuple[str, int]:
    """End one login of an account, or all."""
    one = request.form.get("login", "")

    def change(session: Session) -> str:
        if one and not login.end_login(session, username, one):
            raise Problem("not-found")
        if not one:
            login.end_logins(session, username)
        return t("own.ended_one" if one else "own.ended_all")

    return _done(username, "login_ended", change)


def _change() -> ChangeForm:
    form = ChangeForm()
    if not form.validate():
        _require_fresh(form)
        raise Problem("bad-request")
    return form


def _require_fresh(form: FlaskForm) -> None:
    if "csrf_token" in form.errors:
        raise Problem("form-expired")


def _done(
    username: str, act: str, change: Callable[[Session], str | None], form: ChangeForm | None = None
) -> Response | tuple[str, int]:
    """Make a change and its line of the register in one transaction; say on the page why it is refused."""
    form, who, current = form or _change(), login.require(), services.current()
    with current.database.alone():
        try:
            with current.database.writing() as session:
                one = _find(session, username)
                if one.username == who.username and act in ("role_changed", "account_closed"):
                    raise AccountRefused("own", "nobody closes or demotes themselves")
                words = " · ".join(word for word in (change(session), form.reason.data) if word)
                register.add(current, session, who.person, act, f"account:{one.username}", words)
        except AccountRefused as refused:
            return _page(username, t(f"user.refused.{refused.reason}")), 409
    return redirect(url_for("user.show", username=username), 303)
