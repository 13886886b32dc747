"""Confidential annexes at the desk: making a reader's key, and opening an annex in its reader's browser. What one says never comes here."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlmodel import col, select
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, Regexp

from fieldapp import access, annex, login, services
from fieldapp.domain.annex import Annex
from fieldapp.domain.interview import Interview
from fieldapp.domain.unit import Person
from fieldapp.message import t
from fieldapp.problem import Problem
from sync.archive import Objected
from sync.error import NotARecord
from sync.key import kid_of

blueprint = Blueprint("annex", __name__, url_prefix="/annex")

PURPOSE_CHARS = 200
_COORDINATE = Regexp(r"^[A-Za-z0-9_-]{43}$")


class KeyForm(FlaskForm):  # type: ignore[misc]
    """The public half of a key the browser made; the private one has no field."""

    x = StringField(validators=[_COORDINATE])
    y = StringField(validators=[_COORDINATE])


class OpeningForm(FlaskForm):  # type: ignore[misc]
    """What an annex is opened for."""

    purpose = StringField(
        filters=[lambda text: (text or "").strip()], validators=[Length(min=1, max=PURPOSE_CHARS)]
    )


@blueprint.get("/key")
@login.login_required(*access.READS_ANNEXES)
def key() -> str:
    """Show a reader's own key, and the steps to a new one."""
    return _key_page()


def _key_page(refused: str = "") -> str:
    person = login.require().person
    with services.current().database.reading() as session:
        own, recovery = annex.readers(session).get(person), annex.recovery(session)
    return render_template(
        "desk/annex_key.html",
        form=KeyForm(formdata=None),
        own=own,
        recovery=recovery,
        check_number=annex.check_number,
        refused=refused,
    )


@blueprint.post("/key")
@login.login_required(*access.READS_ANNEXES)
def publish() -> Response | tuple[str, int]:
    """Name a reader's new key to every phone."""
    form = KeyForm()
    if not form.validate():
        raise Problem("form-expired" if "csrf_token" in form.errors else "bad-request")
    jwk = {"crv": "P-256", "kty": "EC", "x": form.x.data or "", "y": form.y.data or ""}
    try:
        kid_of(jwk)
        who = login.require()
        annex.publish(services.current(), who.person, jwk, who.name)
    except (NotARecord, Objected):
        return _key_page(t("letter.key_refused")), 400
    return redirect(url_for("annex.key", _anchor="own"), 303)


@blueprint.get("/<entity>")
@login.login_required("supervisor", "administrator")
def show(entity: str) -> str:
    """Show that an annex exists and who may read it; its readers see who asked for it, and the way to open it."""
    who = login.require()
    with services.current().database.reading() as session:
        found = annex.find(session, access.streams_for(session, who), entity)
        is_reader = who.person in found.persons
        asked = annex.openings(session, found) if is_reader else []
        interview = session.get(Interview, found.row.interview) if isinstance(found.row, Annex) else None
        people = _people([*found.persons, *(one.author for one in asked), found.row.author])
    return render_template(
        "desk/annex.html",
        annex=found,
        is_reader=is_reader,
        openings=asked,
        interview=interview,
        people=people,
        form=OpeningForm(formdata=None),
        purpose_chars=PURPOSE_CHARS,
    )


def _people(persons: Sequence[str]) -> dict[str, Person]:
    with services.current().database.reading() as session:
        rows = session.exec(select(Person).where(col(Person.person).in_(persons)))
        return {one.person: one for one in rows}


@blueprint.post("/<entity>/opening")
@login.login_required("supervisor", "administrator")
def hand_out(entity: str) -> Any:
    """Hand a reader the letter, after it was recorded that it is opened, by whom and what for."""
    who = login.require()
    with services.current().database.reading() as session:
        streams = access.streams_for(session, who)
        if who.person not in annex.find(session, streams, entity).persons:
            raise Problem("not-allowed")
    form = OpeningForm()
    if not form.validate():
        raise Problem("form-expired" if "csrf_token" in form.errors else "bad-request")
    letter = annex.hand_out(services.current(), streams, who, entity, request.form["purpose"])
    answer = jsonify({"letter": letter})
    answer.headers["Cache-Control"] = "no-store"
    return answer
