"""The supervisor's desk: the visit log, one visit, and the decision about it."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from pydantic import ValidationError
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response

from fieldapp import (
    access,
    annex,
    dossier,
    fact_sheet,
    flag,
    interview_log,
    login,
    review,
    services,
    since,
    visit_log,
)
from fieldapp.answer_fault import faults
from fieldapp.answer_sheet import item_words, sheet
from fieldapp.compared import compared
from fieldapp.domain.project import Project
from fieldapp.domain.review import ReviewBody
from fieldapp.domain.unit import Team, Unit
from fieldapp.domain.visit import MANNERS, PURPOSES
from fieldapp.form import form_for
from fieldapp.gone import is_erased
from fieldapp.message import language, t
from fieldapp.outline import question_words, role_words
from fieldapp.problem import Problem
from fieldapp.reach import within
from fieldapp.sketch import sketch
from fieldapp.view import watermark
from fieldapp.view.wording import Wording

blueprint = Blueprint("visit", __name__, url_prefix="/visit")

Choices = dict[str, Sequence[Any]]

# More than so many projects nobody looks through in a list.
MOST_PROJECTS = 300

REASON_CHARS = 500
PHRASES = tuple(f"phrase.return.{number}" for number in range(1, 17))


@blueprint.get("/")
@login.login_required("supervisor", "administrator")
def index() -> str:
    """Show the log: what waits for review when nothing else is asked for. The query string is the view.

    Links live long: what one asks for that is not known (any more) is named and left out, and the rest is answered.
    """
    asked = _asked()
    after = request.args.get("after", "")
    with services.current().database.reading() as session:
        streams = access.streams_for(session, login.require())
        misfits = asked.misfits(_known(session, streams, asked)) | _bad_month()
        wanted = replace(asked, **{name: "" for name in misfits if name != "month"})
        if after and not visit_log.is_key(after):
            misfits["after"], after = after, ""
        size = services.current().settings.page_size
        lines, following = visit_log.page(session, streams, wanted, after, size)
        counts = visit_log.counts(session, streams, wanted)
        choices = _choices(session, streams, wanted)
    return render_template(
        "desk/log.html",
        wanted=wanted,
        misfits=misfits,
        lines=lines,
        after=following,
        counts=counts,
        most=visit_log.MOST_COUNTED,
        choices=choices,
        purposes=PURPOSES,
        manners=MANNERS,
        # No state is a view too: a visit opened from here leads back to it.
        kept={"state": "", **wanted.query()} | ({"after": after} if after else {}),
    )


def _asked() -> visit_log.Filter:
    """Read what the address asks for. Links of other pages, and older ones, name a month: from its first day to its last."""
    given = {name: request.args.get(name, "") for name in asdict(visit_log.Filter())}
    month = request.args.get("month", "")
    if visit_log.MONTH.fullmatch(month):
        year, number = map(int, month.split("-"))
        given |= {"since": f"{month}-01", "until": f"{month}-{monthrange(year, number)[1]}"}
    return visit_log.Filter(**given)


def _bad_month() -> dict[str, str]:
    month = request.args.get("month", "")
    return {"month": month} if month and not visit_log.MONTH.fullmatch(month) else {}


def _kept() -> dict[str, Any]:
    """Return what the address says of the log that a visit was opened from."""
    names = (*asdict(visit_log.Filter()), "month", "after")
    return {name: request.args[name] for name in names if name in request.args}


def _known(session: Session, streams: set[str], asked: visit_log.Filter) -> dict[str, set[str]]:
    """Return those of the names asked for that name something."""
    found = {}
    tables: tuple[tuple[str, type[Any]], ...] = (("project", Project), ("unit", Unit), ("team", Team))
    for name, table in tables:
        row = session.get(table, getattr(asked, name))
        found[name] = {row.entity} if row and row.stream in streams else set()
    return found


def _choices(session: Session, streams: set[str], wanted: visit_log.Filter) -> Choices:
    """Return what each filter offers, in the order shown. Of very many projects only those of the unit and team asked for."""
    projects = select(Project.entity, Project.name, Project.name_en).where(*within(Project.stream, streams))
    for column, value in ((Project.unit, wanted.unit), (Project.team, wanted.team)):
        projects = projects.where(column == value) if value else projects
    offered: Sequence[Any] = session.exec(
        projects.order_by(col(Project.code), col(Project.entity)).limit(MOST_PROJECTS + 1)
    ).all()
    if len(offered) > MOST_PROJECTS:
        offered = session.exec(projects.where(Project.entity == wanted.project)).all()
    elif wanted.project not in ("", *(one.entity for one in offered)):
        own = select(Project.entity, Project.name, Project.name_en).where(Project.entity == wanted.project)
        offered = [*offered, *session.exec(own)]
    units = select(Unit.entity, Unit.name, Unit.name_en).order_by(col(Unit.code), col(Unit.entity))
    teams = select(Team.entity, Team.name, Team.name_en).order_by(col(Team.code), col(Team.entity))
    return {"project": offered, "unit": session.exec(units).all(), "team": session.exec(teams).all()}


@blueprint.get("/<visit>")
@login.login_required("supervisor", "administrator")
def show(visit: str) -> str:
    """Show one visit with everything captured."""
    return _page(_load(visit))


def _page(whole: dossier.Dossier, refused: str = "") -> str:
    project, who = whole.line.project, login.require()
    is_waiting = whole.line.state in visit_log.WAITING
    with services.current().database.reading() as session:
        is_own = review.is_own(session, whole.line.visit, who.person)
        first = review.first_of_two(session, whole.line)
        talks = [item.row.entity for item in whole.items("interview")]
        annexes = annex.of_interviews(session, [whole.line.visit.stream], talks)
        talks_outside = interview_log.outside(session, whole.line.visit.stream)
        current = services.current()
        today = current.clock().astimezone(current.settings.zone).date()
        answered = fact_sheet.answered(session, [item.row for item in whole.items("entry")], today)
    may_decide = who.role == "supervisor" and not is_own
    # Whoever signed first may still send it back.
    is_open = is_waiting and may_decide
    photos = [(item.row, whole.standings.get(item.row.entity)) for item in whole.items("photo")]
    return render_template(
        "desk/visit.html",
        whole=whole,
        annexes=annexes,
        answered=answered,
        talks_outside=talks_outside,
        since=since.since(whole),
        compared=compared(whole),
        flags=flag.flags(whole),
        form=form_for(ReviewBody, only=["reason"])(),
        sheets=[(item, *_sheet(whole, item)) for item in whole.items("answer")],
        drawing=sketch(project.site, photos) if project else None,
        phrases=[t(key) for key in PHRASES],
        role_words=role_words,
        question_words=question_words,
        refused=refused,
        wording=Wording(whole),
        kept=_kept(),
        wanted=_asked(),
        is_open=is_open,
        is_own=is_own,
        first=first,
        may_reopen=may_decide and whole.line.state == "accepted",
        following=None if is_open or who.role != "supervisor" else _following(whole.line, who.person),
    )


def _following(line: visit_log.Line, reviewer: str) -> visit_log.Line | None:
    with services.current().database.reading() as session:
        streams = access.streams_for(session, login.require())
        return visit_log.next_waiting(session, streams, _asked(), line, reviewer)


def _load(visit: str) -> dossier.Dossier:
    current = services.current()
    jwks, now = current.archive.jwks(), current.clock().astimezone(current.settings.zone)
    with current.database.reading() as session:
        streams = access.streams_for(session, login.require())
        whole = dossier.load(session, streams, jwks, visit, now)
        if whole is None:
            raise Problem("erased-by-law" if is_erased(session, streams, visit) else "not-found")
    return whole


def _sheet(whole: dossier.Dossier, item: dossier.Item) -> tuple[Any, Any, list[tuple[str, str, str]]]:
    """Return the template, the answers by group, and what does not fit: question, answer, why."""
    checklist = whole.checklists.of(item.row.checklist, item.row.edition)
    raised = {entry.row.item for entry in whole.items("entry")}
    misfits = [
        (
            *item_words(checklist, fault.name, item.row.answers.get(fault.name, ""), language()),
            t(f"misfit.{fault.reason}"),
        )
        for fault in (faults(checklist, item.row) if checklist else ())
    ]
    return checklist, sheet(checklist, item.row, language(), raised), misfits


@blueprint.post("/<visit>/review")
@login.login_required("supervisor")
def decide(visit: str) -> Response | tuple[str, int]:
    """Accept or return the submission the reviewer saw."""
    form = form_for(ReviewBody, only=["reason"])()
    reviewer = login.require()
    if not form.validate():
        return _page(_load(visit), t("form.invalid")), 400
    if request.form.get("decision") == "accepted" and (_items() or (form.reason.data or "").strip()):
        # Acceptance has no way back; whoever wrote why it should not be accepted meant something else.
        return _page(_load(visit), t("review.reasons_written")), 400
    wanted = _wanted(visit, form.reason.data or "")
    with services.current().database.reading() as session:
        streams = access.streams_for(session, reviewer)
    try:
        review.decide(services.current(), streams, reviewer.person, wanted)
    except ValidationError:
        key = "review.needs_why" if wanted.decision == "reopened" else "review.needs_reason"
        return _page(_load(visit), t(key)), 400
    except Problem as problem:
        if problem.sort.status != 409 and problem.slug != "second-person":
            raise
        # Somebody was faster: show the visit as it stands now, and say so there.
        return _page(_load(visit), t(f"problem.{problem.slug}")), problem.sort.status
    return redirect(url_for("visit.show", visit=visit, **_kept(), _anchor="decision"), 303)


def _wanted(visit: str, reason: str) -> review.Wanted:
    decision = request.form.get("decision", "")
    if decision not in ("accepted", "returned", "reopened"):
        raise Problem("bad-request")
    return review.Wanted(
        visit=visit,
        submission=request.form.get("submission", ""),
        decision=cast("review.Sort", decision),
        reason=reason,
        items=_items() if decision == "returned" else (),
    )


def _items() -> tuple[review.Item, ...]:
    """Read the reasons given beside single items: `reason-<entity>`, with `seen-<entity>` the revision that was on screen."""
    found = []
    for name, text in request.form.items():
        noun, _, entity = name.partition("-")
        if noun == "reason" and entity and text.strip():
            seen = request.form.get(f"seen-{entity}", "")
            found.append(review.Item(entity, seen, text.strip()[:REASON_CHARS]))
    return tuple(found)


@blueprint.get("/<visit>/photo/<photo>")
@login.login_required("supervisor", "administrator")
def photo(visit: str, photo: str) -> str:
    """Show one photo large, with what is known of it and the way to its neighbours."""
    whole = _load(visit)
    items = whole.items("photo")
    at = next((index for index, item in enumerate(items) if item.row.entity == photo), None)
    if at is None:
        raise Problem("erased-by-law" if photo in whole.gone else "not-found")
    return render_template(
        "desk/photo.html",
        whole=whole,
        wording=Wording(whole),
        kept=_kept(),
        item=items[at],
        watermark=watermark.lines(whole, items[at].row),
        standing=whole.standings.get(photo),
        number=at + 1,
        count=len(items),
        previous=items[at - 1].row.entity if at else None,
        following=items[at + 1].row.entity if at + 1 < len(items) else None,
    )
