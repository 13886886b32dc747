"""Word documents of a visit and of a finding: who makes one says what for, and that is registered before it is made."""

from typing import Any

from flask import Blueprint, Response
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from fieldapp import access, dossier, ledger, login, register, services
from fieldapp.document.filling import TemplateRefused, fill, template_path
from fieldapp.document.kind import ours
from fieldapp.domain.photo import Photo
from fieldapp.domain.unit import Official, Person
from fieldapp.message import language, t
from fieldapp.problem import Problem
from fieldapp.view import filters, purpose, visit_report, working_paper
from sync.table import RecordRow

blueprint = Blueprint("document", __name__, url_prefix="/document")

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


Answer = str | AnyResponse | tuple[str, int]


@blueprint.route("/visit/<visit>", methods=["GET", "POST"])
@login.login_required("supervisor", "administrator")
def visit(visit: str) -> Answer:
    """Send the report of a visit as a Word file, once it was said what for."""
    current = services.current()
    jwks, now = current.archive.jwks(), current.clock().astimezone(current.settings.zone)
    with current.database.reading() as session:
        whole = dossier.load(session, access.streams_for(session, login.require()), jwks, visit, now)
    if whole is None:
        raise Problem("not-found")
    subject, title = f"visit:{visit}", visit_report.title(whole)
    question = purpose.asked(register.EXPORTED, subject, title)
    if question is not None:
        return question
    words = visit_report.words(whole, _made(subject))
    return _word_file("visit_report", words, f"{title}.docx")


@blueprint.route("/entry/<entity>", methods=["GET", "POST"])
@login.login_required("supervisor", "administrator")
def entry(entity: str) -> Answer:
    """Send the working paper of a finding as a Word file; difficulties have none, they stand in the list of what the city is to settle."""
    today = services.current().clock().astimezone(services.current().settings.zone).date()
    with services.current().database.reading() as session:
        sheet = ledger.find(session, access.streams_for(session, login.require()), entity, today)
        if sheet.line.row.sort == "difficulty":
            raise Problem("not-found")
        photos, names = _photos(session, sheet), _names(session, sheet)
    subject, title = f"entry:{entity}", f"{t('paper.title')} {filters.shortened(sheet.line.row.what)}"
    question = purpose.asked(register.EXPORTED, subject, title)
    if question is not None:
        return question
    words = working_paper.words(sheet, photos, names, _made(subject))
    return _word_file("working_paper", words, f"{title}.docx")


def _photos(session: Session, sheet: ledger.Sheet) -> list[tuple[Photo, bool]]:
    """Return the photos of a finding and of what became of it, each with whether its bytes are here."""
    about = [sheet.line.row.entity, *(one.entity for one in sheet.rechecks)]
    statement = (
        select(Photo, RecordRow.completed_at)
        .join(RecordRow, col(RecordRow.hash) == col(Photo.record))
        .where(col(Photo.about).in_(about), col(Photo.stream) == sheet.line.row.stream)
        .order_by(col(Photo.taken_at), col(Photo.entity))
    )
    return [(row, completed_at is not None) for row, completed_at in session.exec(statement)]


def _names(session: Session, sheet: ledger.Sheet) -> dict[str, Any]:
    persons = [sheet.line.row.author, *(sheet.visit.team if sheet.visit else ())]
    officials = [sheet.line.row.responsible, *(one.official for one in sheet.replies)]
    found: dict[str, Any] = {
        one.person: one for one in session.exec(select(Person).where(col(Person.person).in_(persons)))
    }
    wanted = select(Official).where(col(Official.entity).in_([one for one in officials if one]))
    return found | {one.entity: one for one in session.exec(wanted)}


def _made(subject: str) -> str:
    """Return the line that says who made a document, when, and what for."""
    current = services.current()
    at = current.clock().astimezone(current.settings.zone)
    given = purpose.given(register.EXPORTED, subject)
    return t("report.made", at=f"{at:%Y-%m-%d %H:%M}", who=login.require().name, purpose=given)


def _word_file(name: str, words: dict[str, Any], title: str) -> Response:
    """Fill the department's template, or ours, and send it; raise problem `template-refused` for one that cannot be filled."""
    own = template_path(services.current().settings.templates, name, language())
    try:
        content = fill(
            own.read_bytes() if own else ours(name, language()),
            words,
            language(),
            str(own.name) if own else name,
        )
    except TemplateRefused as refused:
        raise Problem("template-refused", str(refused)) from refused
    response = Response(content, mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=title.replace("/", "-"))
    response.headers["Cache-Control"] = "no-store"
    return response
