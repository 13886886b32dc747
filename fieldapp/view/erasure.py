"""Erasing by law at the desk: one administrator proposes, another confirms or declines; what was done stays listed without its content."""

from typing import Any, Literal, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length

from fieldapp import erasure_proposal, login, register, services
from fieldapp.erasure_proposal import GROUND_CHARS, Candidate
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.subject import subjects
from fieldapp.view.wording import Wording

blueprint = Blueprint("erasure", __name__, url_prefix="/erasure")


class ProposalForm(FlaskForm):  # type: ignore[misc]
    """Which records, on what ground."""

    record = SelectMultipleField(validate_choice=False, validators=[Length(min=1)])
    ground = TextAreaField(
        filters=[lambda text: (text or "").strip()], validators=[Length(min=1, max=GROUND_CHARS)]
    )


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """What the other administrator says."""

    decision = StringField(validators=[AnyOf(("confirmed", "declined"))])
    reason = TextAreaField(filters=[lambda text: (text or "").strip()], validators=[Length(max=GROUND_CHARS)])


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show what is proposed and what was done."""
    return _index({})


def _index(refused: dict[str, str]) -> str:
    with services.current().database.reading() as session:
        proposals = erasure_proposal.proposals(session)
        open_ = {one.id: erasure_proposal.named(session, one) for one in proposals if one.decision is None}
        done = erasure_proposal.done(session)
        payloads = [one.payload for some in open_.values() for one in some]
        streams = [one.stream for one in proposals]
        known = subjects(session, [one["body"] for one in payloads], streams)
    return render_template(
        "desk/erasure.html",
        proposals=proposals,
        open=open_,
        done=done,
        known=known,
        wording=Wording(known),
        form=AnswerForm(formdata=None),
        refused=refused,
    )


@blueprint.get("/of/<name>")
@login.login_required("administrator")
def show(name: str) -> str:
    """Show what could be erased of an item, a visit or a record set aside, to choose from."""
    return _choice(name)


def _choice(name: str, refused: str = "") -> str:
    with services.current().database.reading() as session:
        found: list[Candidate] = erasure_proposal.candidates(session, name)
        if not found:
            raise Problem("not-found")
        known = subjects(session, [one.payload["body"] for one in found], [one.stream for one in found])
    return render_template(
        "desk/erasure_new.html",
        name=name,
        found=found,
        chosen=_chosen(found),
        ground=request.form.get("ground", ""),
        known=known,
        wording=Wording(known),
        form=ProposalForm(formdata=None),
        refused=refused,
    )


def _chosen(found: list[Candidate]) -> Any:
    """Return what is ticked: what was sent before; else all wordings of one item, but nothing of a whole visit."""
    if request.method == "POST":
        return request.form.getlist("record")
    return [one.hash for one in found] if len({one.payload["entity"] for one in found}) == 1 else []


@blueprint.post("/of/<name>")
@login.login_required("administrator")
def propose(name: str) -> Response | tuple[str, int]:
    """Write a proposal."""
    form = ProposalForm()
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _choice(name, t("problem.erasure-incomplete")), 400
    who, current = login.require(), services.current()
    made = erasure_proposal.propose(current, name, form.record.data or [], form.ground.data or "", who.person)
    register.write(current, who, "erasure_proposed", f"erasure:{made.id}", made.ground)
    return redirect(url_for("erasure.index", _anchor=made.id), 303)


@blueprint.post("/proposal/<identity>")
@login.login_required("administrator")
def decide(identity: str) -> Response | tuple[str, int]:
    """Erase what another administrator proposed, or decline."""
    form = AnswerForm()
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _index({identity: t("form.invalid")}), 400
    decision = cast("Literal['confirmed', 'declined']", form.decision.data)
    if decision == "declined" and not form.reason.data:
        return _index({identity: t("erasure.needs_reason")}), 400
    who, current = login.require(), services.current()
    try:
        erasure_proposal.decide(current, identity, decision, form.reason.data or "", who.person)
    except Problem as problem:
        if problem.slug not in ("erasure-decided", "same-person"):
            raise
        return _index({identity: t(f"problem.{problem.slug}")}), problem.sort.status
    # One that was confirmed is a record.
    if decision == "declined":
        register.write(current, who, "erasure_declined", f"erasure:{identity}", form.reason.data or "")
    return redirect(url_for("erasure.index", _anchor=identity), 303)
