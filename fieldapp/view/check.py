"""The page 待查: what waits for a person, each with a sentence that says why. Supervisors may read it, administrators decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlmodel import Session
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length

from fieldapp import aside, conflict, lacking, login, register, rollback_notice, services
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.subject import Subjects, subjects
from fieldapp.view.wording import Wording
from sync import counter
from sync.quarantine import CannotAdmit
from sync.ruling import Decision, rule

blueprint = Blueprint("check", __name__, url_prefix="/check")

REASON_CHARS = 2_000
LANES: dict[str, Callable[[Session], Sequence[Any]]] = {
    "aside": aside.waiting,
    "conflict": lambda session: conflict.conflicts(session, services.current()),
    "photo": lacking.lacks,
    "gap": counter.gaps,
    "stray": lacking.strays,
    "decided": aside.decided,
    "restored": rollback_notice.noted,
}


class RulingForm(FlaskForm):  # type: ignore[misc]
    """A decision with its reason, and the token against forgery."""

    decision = StringField(validators=[AnyOf(("admitted", "rejected"))])
    reason = TextAreaField(
        filters=[lambda text: (text or "").strip()], validators=[Length(min=1, max=REASON_CHARS)]
    )


class ChoiceForm(FlaskForm):  # type: ignore[misc]
    """Which wording stands; beside it come the hashes that were on screen."""

    chosen = StringField(validators=[InputRequired()])


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show one lane, the one that waits for decisions when nothing else is asked for."""
    return _page(request.args.get("lane", "aside"), {})


def _page(lane: str, refused: Mapping[str, str]) -> str:
    """Render a lane; `refused` are sentences by the hash or entity they are shown at."""
    if lane not in LANES:
        raise Problem("not-found")
    with services.current().database.reading() as session:
        found = {name: read(session) for name, read in LANES.items()}
        known = _subjects(session, lane, found[lane])
    return render_template(
        "desk/check.html",
        lane=lane,
        items=found[lane],
        counts={name: len(items) for name, items in found.items()},
        known=known,
        wording=Wording(known),
        form=RulingForm(formdata=None),
        given=request.form,
        refused=refused,
        done=request.args.get("done", ""),
    )


def _subjects(session: Session, lane: str, items: Sequence[Any]) -> Subjects:
    """Return the names of what a lane's items say and stand in."""
    bodies: list[Any] = []
    streams: list[str] = []
    for one in items:
        if lane in ("aside", "decided") and one.payload:
            bodies.append([one.payload["entity"], one.payload["body"]])
            streams.append(one.payload["stream"])
        elif lane == "conflict":
            bodies += [head.payload.get("body", {}) for head in one.heads]
            streams.append(one.row.stream)
        elif lane == "photo":
            bodies.append(one.visit)
            streams.append(one.stream)
        elif lane == "stray":
            streams.append(one.row.stream)
    return subjects(session, bodies, streams)


@blueprint.post("/aside/<known>")
@login.login_required("administrator")
def decide(known: str) -> Response | tuple[str, int]:
    """Admit or reject a record that was set aside."""
    form = RulingForm()
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page("aside", {known: t("check.needs_reason")}), 400
    with services.current().database.reading() as session:
        if aside.find(session, known) is None:
            raise Problem("not-found")
    decision = cast("Decision", form.decision.data)
    try:
        rule(services.current().archive, known, decision, form.reason.data or "", login.require().person)
    except CannotAdmit as refusal:
        # Somebody was faster, or it can never join the archive: say so where it stands now.
        lane = "decided" if refusal.reason in ("decided", "unknown") else "aside"
        return _page(lane, {known: t(f"check.cannot.{refusal.reason}")}), 409
    return redirect(url_for("check.index", done=decision), 303)


@blueprint.post("/conflict/<entity>")
@login.login_required("administrator")
def settle(entity: str) -> Response | tuple[str, int]:
    """Let one of several wordings of shared data stand."""
    form, seen = ChoiceForm(), request.form.getlist("seen")
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _page("conflict", {entity: t("check.choose_one")}), 400
    try:
        conflict.settle(services.current(), entity, form.chosen.data or "", seen, login.require().person)
    except Problem as problem:
        if problem.slug != "conflict-changed":
            raise
        return _page(
            "conflict", {entity: t("problem.conflict-changed"), "": t("problem.conflict-changed")}
        ), 409
    return redirect(url_for("check.index", lane="conflict", done="settled"), 303)


@blueprint.post("/restored/<int:epoch>")
@login.login_required("administrator")
def note(epoch: int) -> Response:
    """Take note that the archive found itself restored."""
    if not FlaskForm().validate():
        raise Problem("form-expired")
    if not rollback_notice.take_note(services.current(), epoch, login.require().person):
        raise Problem("not-found")
    register.write(services.current(), login.require(), "rollback_noted", f"epoch:{epoch}")
    return redirect(url_for("check.index", lane="restored"), 303)
