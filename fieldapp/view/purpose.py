"""The question what something is opened or exported for (调阅用途), asked before it is given and written into the register."""

from flask import redirect, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from fieldapp import login, register, services
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.register import PURPOSE_CHARS, PURPOSES
from fieldapp.view.page import here


class PurposeForm(FlaskForm):  # type: ignore[misc]
    """One of the stock purposes, or words; both where both say something."""

    register_purpose = StringField()
    register_words = StringField(
        filters=[lambda text: (text or "").strip()], validators=[Length(max=PURPOSE_CHARS)]
    )


def asked(act: str, subject: str, title: str) -> str | Response | tuple[str, int] | None:
    """Return the question, or the way back to the same address once it is answered; None: give what was asked for.

    For a view with GET and POST that calls this first and returns what it gets unless that is None. `act` is `register.OPENED` or
    `register.EXPORTED`, `subject` as in the register, `title` what it is called on the screen. An answer holds for an hour, for this
    person and subject.
    """
    current, who = services.current(), login.require()
    if request.method != "POST":
        with current.database.reading() as session:
            if register.granted(session, who, act, subject, current.clock()) is not None:
                return None
        return _page(act, title)
    form = PurposeForm()
    chosen, words = form.register_purpose.data, form.register_words.data or ""
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page(act, title, t("form.too_long", n=PURPOSE_CHARS)), 400
    if chosen not in PURPOSES or (chosen == "other" and not words):
        return _page(act, title, t("register.needs_purpose")), 400
    register.write(current, who, act, subject, f"{chosen} {words}".strip())
    return redirect(here(), 303)


def given(act: str, subject: str) -> str:
    """Return the purpose this person gave for something within the hour, in the reader's language."""
    current = services.current()
    with current.database.reading() as session:
        return purpose_words(register.granted(session, login.require(), act, subject, current.clock()) or "")


def _page(act: str, title: str, refused: str = "") -> str:
    return render_template(
        "desk/purpose.html",
        act=act,
        asked_for=title,
        purposes=PURPOSES,
        most=PURPOSE_CHARS,
        form=PurposeForm(formdata=None),
        refused=refused,
    )


def purpose_words(purpose: str) -> str:
    """Return a registered purpose in the reader's language: the stock one named, a person's words as they are."""
    chosen, _, words = purpose.partition(" ")
    if chosen not in PURPOSES:
        return purpose
    return (
        t("register.with_words", purpose=t(f"register.purpose.{chosen}"), words=words)
        if words
        else t(f"register.purpose.{chosen}")
    )
