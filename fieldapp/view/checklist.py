"""Checklists from Excel files (XLSForm) at the desk: upload, see what it became or everything that is wrong, and only then enter it."""

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from fieldapp import login, master, retirement, services
from fieldapp.domain.checklist import Checklist
from fieldapp.domain.project import ProjectType
from fieldapp.domain.visit import PURPOSES
from fieldapp.edition import EditionTaken, editions_of, enter
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.view.page import named
from fieldapp.word import choice_key
from fieldapp.xlsform.fault import Fault, XlsformRefused
from fieldapp.xlsform.form import compile_form
from fieldapp.xlsform.workbook import WorkbookRefused, read
from sync.archive import Objected
from sync.error import Refused

blueprint = Blueprint("checklist", __name__, url_prefix="/checklist")

# What was looked at is carried by the page, signed, until it is confirmed: nothing of it is kept here before.
SALT, CONFIRM_WITHIN_S = "fieldapp.checklist", 8 * 3600
# What a phone works out by itself and shows nobody.
SILENT = ("calculate", "hidden")


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A file, and which visits its checklist is for; none chosen means all."""

    file = FileField(validators=[FileRequired()])
    purposes = SelectMultipleField(widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    types = SelectMultipleField(widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())


def _form(session: Session) -> UploadForm:
    form = UploadForm()
    form.purposes.choices = [(one, t(choice_key("visit", "purpose", one))) for one in PURPOSES]
    types = session.exec(
        select(ProjectType).where(retirement.in_use(ProjectType)).order_by(col(ProjectType.code))
    )
    form.types.choices = [(one.code, named(one)) for one in types]
    return form


@blueprint.get("/new")
@login.login_required("administrator")
def upload() -> str:
    """Show the form."""
    return _upload()


def _upload(refused: str = "", faults: tuple[Fault, ...] = ()) -> str:
    with services.current().database.reading() as session:
        form = _form(session)
    return render_template("desk/checklist_upload.html", form=form, refused=refused, faults=faults)


@blueprint.post("/new")
@login.login_required("administrator")
def preview() -> str | tuple[str, int]:
    """Show what a file becomes, or everything that is wrong in it. Nothing is written."""
    with services.current().database.reading() as session:
        form = _form(session)
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return _upload(t("checklist_file.choose")), 400
    name = Path(form.file.data.filename or "checklist.xlsx").name
    try:
        body = _compiled(form, name)
    except WorkbookRefused as refused:
        return _upload(t(f"xlsform.file_{refused.reason}", file=name)), 400
    except XlsformRefused as refused:
        return _upload(t("checklist_file.faults", file=name, n=len(refused.faults)), refused.faults), 400
    with services.current().database.reading() as session:
        standing = session.exec(select(Checklist).where(Checklist.code == body["code"])).first()
    return _preview(body, standing=standing, carried=_serializer().dumps(body))


def _compiled(form: UploadForm, name: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        form.file.data.save(file)
        file.flush()
        sheets = read(Path(file.name))
    return compile_form(sheets, Path(name).stem, form.purposes.data or (), form.types.data or ())


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=SALT)


def _preview(body: Any, standing: Any = None, carried: str = "", refused: str = "") -> str:
    return render_template(
        "desk/checklist.html",
        body=body,
        standing=standing,
        carried=carried,
        refused=refused,
        silent=SILENT,
        editions=[],
        form=FlaskForm(formdata=None),
    )


@blueprint.post("/entry")
@login.login_required("administrator")
def confirm() -> Response | tuple[str, int]:
    """Enter what was looked at: a new checklist, or a new edition of one."""
    try:
        body = _serializer().loads(request.form.get("carried", ""), max_age=CONFIRM_WITHIN_S)
    except BadData as error:
        raise Problem("form-expired") from error
    current = services.current()
    try:
        enter(current, body, login.require().person)
    except EditionTaken:
        refused = t("xlsform.edition_taken", code=body["code"], edition=body["edition"])
        return _upload(refused), 409
    except (Objected, Refused) as objected:
        return _upload(str(objected)), 400
    with current.database.reading() as session:
        entity = session.exec(select(Checklist.entity).where(Checklist.code == body["code"])).one()
    return redirect(url_for("master.show", kind="checklist", entity=entity), 303)


@blueprint.get("/<entity>")
@login.login_required("administrator")
def show(entity: str) -> str:
    """Show a checklist as phones ask it; `edition` names an earlier one."""
    with services.current().database.reading() as session:
        row = master.find(session, master.SORTS["checklist"], entity)
        editions = editions_of(session, row)
    wanted = request.args.get("edition", row.edition)
    body = next((one for one in editions if one.edition == wanted), None)
    if body is None:
        raise Problem("not-found")
    return render_template(
        "desk/checklist.html",
        body=body,
        standing=row,
        carried="",
        refused="",
        silent=SILENT,
        editions=editions,
        form=None,
    )
