"""Tables at the desk: an administrator uploads one, looks at what it would change, and takes it over whole; and has each as a file."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import FileField

from fieldapp import login, services, shifted
from fieldapp.message import language, t
from fieldapp.problem import Problem
from fieldapp.sheet import export as columns
from fieldapp.sheet import kept, layout, source
from fieldapp.sheet.column import TABLES, Table
from fieldapp.sheet.heading import heading_key, known, mapped
from fieldapp.sheet.kept import Kept
from fieldapp.sheet.layout import Layout
from fieldapp.sheet.preview import Changed, Faulty, Preview, look, take
from fieldapp.sheet.row import PERCENTS, Asked
from fieldapp.sheet.told import cell_words, fault_words, member_words
from fieldapp.sheet.value import Cell
from fieldapp.view import download
from fieldapp.view.download import Answer
from fieldapp.visit_log import MONTH
from fieldapp.xlsform.workbook import MAX_FILE_BYTES, WorkbookRefused

blueprint = Blueprint("sheet", __name__, url_prefix="/import")

FOLDER = "table"
# Longer lists help nobody on a screen; the whole preview is a file.
MOST_LISTED = 300


class SheetForm(FlaskForm):  # type: ignore[misc]
    """A file, with the token against forgery."""

    file = FileField()


@dataclass(frozen=True)
class Shown:
    """A table as it is looked at: which sheet, where its table is (None: nowhere), what a person says of it."""

    table: Table
    sheet: str
    layout: Layout | None
    asked: Asked


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show the form, and what can be had as a file."""
    return _index()


def _index(refused: str = "") -> str:
    chosen = request.values.get("kind", "")
    return render_template("desk/sheet.html", form=SheetForm(), tables=TABLES, chosen=chosen, refused=refused)


@blueprint.post("/")
@login.login_required("administrator")
def upload() -> Response | tuple[str, int]:
    """Read a file and go on to its preview; nothing is written."""
    form = SheetForm()
    if not form.validate():
        raise Problem("form-expired")
    given, kind = form.file.data, request.form.get("kind", "")
    if not given or not given.filename or kind not in TABLES:
        return _index(t("sheet.choose_file")), 400
    try:
        sheets = source.read(given.stream.read(MAX_FILE_BYTES + 1))
    except WorkbookRefused as refused:
        return _index(t(f"sheet.file_{refused.reason}", file=given.filename)), 400
    if not sheets:
        return _index(t("sheet.file_empty", file=given.filename)), 400
    fresh = Kept(given.filename[:200], kind, login.require().person, sheets)
    name = kept.keep(services.current().settings.data / FOLDER, fresh)
    return redirect(url_for("sheet.show", name=name), 303)


def _found(name: str) -> Kept:
    """Return a table this person gave; to anybody else it is not there."""
    found = kept.find(services.current().settings.data / FOLDER, name)
    if found is None or found.person != login.require().person:
        raise Problem("not-found")
    return found


def _shown(found: Kept) -> Shown:
    """Return how the request asks to look at a table; what it does not say, the table says itself."""
    table, given = TABLES[found.kind], request.values
    words = known(table)
    layouts = {name: layout.find(rows, words) for name, rows in found.sheets.items()}
    best = max(layouts, key=lambda name: _fit(layouts[name], words))
    sheet = given.get("sheet", "")
    if sheet not in layouts:
        sheet = best
    chosen = layouts[sheet]
    month = given.get("month", "")
    system, percent = given.get("system", ""), given.get("percent", "")
    asked = Asked(
        columns=_columns(table, chosen, words) if chosen else (),
        month=month if MONTH.fullmatch(month) else chosen.month if chosen else "",
        system=system if system in shifted.SYSTEMS else "wgs84",
        percent=percent if percent in PERCENTS else "auto",
    )
    return Shown(table, sheet, chosen, asked)


def _fit(found: Layout | None, words: dict[str, str]) -> int:
    return sum(map(bool, mapped(found.headings, words))) if found else 0


def _columns(table: Table, found: Layout, words: dict[str, str]) -> tuple[str, ...]:
    """Return the column of each heading: as a person chose, where the request is about this sheet; else by itself."""
    given, names = request.values, {one.name for one in table.columns}
    if "c0" not in given or given.get("was", "") not in ("", given.get("sheet", "")):
        return tuple(mapped(found.headings, words))
    chosen: list[str] = []
    for at in range(len(found.headings)):
        name = given.get(f"c{at}", "")
        chosen.append(name if name in names and name not in chosen else "")
    return tuple(chosen)


@blueprint.get("/<name>")
@login.login_required("administrator")
def show(name: str) -> str:
    """Show what a table would change, every bad row, and what each column is; the query string is the view."""
    found = _found(name)
    return _preview(name, found) if found.written is None else _done(found)


def _done(found: Kept) -> str:
    return render_template("desk/sheet_done.html", found=found, table=TABLES[found.kind])


def _look(shown: Shown) -> Preview | None:
    if shown.layout is None:
        return None
    current, who = services.current(), login.require()
    with current.database.reading() as session:
        return look(current, session, shown.table, shown.layout, shown.asked, who.person, language())


def _preview(name: str, found: Kept, refused: str = "") -> str:
    shown = _shown(found)
    preview = _look(shown)
    listed = [one for one in preview.changes if one.state != "same"] if preview else []
    return render_template(
        "desk/sheet_preview.html",
        name=name,
        found=found,
        shown=shown,
        preview=preview,
        listed=listed[:MOST_LISTED],
        faults=preview.faults[:MOST_LISTED] if preview else [],
        is_cut=preview is not None and max(len(listed), len(preview.faults)) > MOST_LISTED,
        most=MOST_LISTED,
        systems=shifted.SYSTEMS,
        percents=PERCENTS,
        form=FlaskForm(),
        fault_words=fault_words,
        member_words=member_words,
        heading_key=heading_key,
        refused=refused,
    )


@blueprint.post("/<name>")
@login.login_required("administrator")
def take_over(name: str) -> Response | tuple[str, int]:
    """Write all a table changes, or nothing; what was shown must be what is there."""
    if not FlaskForm().validate():
        raise Problem("form-expired")
    found = _found(name)
    if found.written is not None:
        return redirect(url_for("sheet.show", name=name), 303)
    shown, current = _shown(found), services.current()
    if shown.layout is None:
        return _preview(name, found, t("sheet.faulty")), 400
    digest = request.form.get("digest", "")
    try:
        done = take(current, shown.table, shown.layout, shown.asked, login.require().person, digest)
    except Faulty:
        return _preview(name, found, t("sheet.faulty")), 400
    except Changed:
        return _preview(name, found, t("sheet.changed_meanwhile")), 409
    kept.finish(current.settings.data / FOLDER, name, found, len(done.drafts))
    return redirect(url_for("sheet.show", name=name), 303)


@blueprint.get("/<name>/preview.csv")
@login.login_required("administrator")
def whole(name: str) -> Response:
    """Send the whole preview: every fault, every change, row by row."""
    found = _found(name)
    preview = None if found.written is not None else _look(_shown(found))
    if preview is None:
        raise Problem("not-found")
    title = t("sheet.preview", table=t(f"sheet.table.{found.kind}"))
    labels = ("sheet.row", "sheet.whose", "sheet.heading", "sheet.cell", "sheet.what")
    return download.csv_of(title, labels, _told(preview, TABLES[found.kind]))


def _told(preview: Preview, table: Table) -> Iterator[list[Cell]]:
    for fault in preview.faults:
        yield [fault.row, "", fault.heading, fault.text, fault_words(fault, table, language())]
    for change in preview.changes:
        state: Cell = t(f"sheet.state.{change.state}")
        if not change.members:
            yield [change.row, change.title, "", "", state]
        for one in change.members:
            label = t(heading_key(one.table, one.column))
            said = f"{state} {member_words(one, language())}"
            yield [change.row, change.title, label, cell_words(one, one.after), said]


@blueprint.route("/<kind>.<form>", methods=["GET", "POST"])
@login.login_required("administrator")
def export(kind: str, form: str) -> Answer:
    """Send a table as a file, in the columns in which it is taken in; of the monthly table one month with `month`."""
    if kind not in TABLES:
        raise Problem("not-found")
    table, month = TABLES[kind], request.args.get("month", "")
    month = month if MONTH.fullmatch(month) and kind == "progress_report" else ""
    title = f"{t(f'sheet.table.{kind}')} {month}".strip()
    subject = f"table?kind={kind}" + (f"&month={month}" if month else "")
    tag = language()
    return download.table(
        form,
        subject,
        title,
        title,
        columns.headings(table, tag),
        lambda session, streams: columns.rows(session, table, streams, tag, month),
    )
