"""Files that leave the house: what for is asked and registered first; who, when, what for and of what stands in the file."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any, cast

from flask import send_file
from sqlmodel import Session
from werkzeug.wrappers import Response

from fieldapp import access, login, register, services
from fieldapp.message import t
from fieldapp.problem import Problem
from fieldapp.sheet.file import Facts, Heading, write_csv, write_geojson, write_xlsx
from fieldapp.sheet.value import Cell
from fieldapp.view import purpose

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}

Answer = str | Response | tuple[str, int]
Rows = Callable[[Session, list[str]], Iterable[Any]]


def table(form: str, subject: str, title: str, told: str, headings: Sequence[Heading], rows: Rows) -> Answer:
    """Send rows as XLSX or CSV, or ask first what for. `told` says of what they are; `rows` gets a session and the streams to read."""
    writers = {"xlsx": write_xlsx, "csv": write_csv}
    if form not in writers:
        raise Problem("not-found")
    question = purpose.asked(register.EXPORTED, subject, title)
    if question is not None:
        return question
    facts = _facts(subject, title, told)
    return _sent(form, title, lambda file, found: writers[form](file, facts, headings, found), rows)


def places(subject: str, title: str, told: str, rows: Rows) -> Answer:
    """Send places as GeoJSON, or ask first what for."""
    question = purpose.asked(register.EXPORTED, subject, title)
    if question is not None:
        return question
    facts = _facts(subject, title, told)
    return _sent("geojson", title, lambda file, found: write_geojson(file, facts, found), rows)


def csv_of(title: str, labels: Iterable[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Send what is on the screen anyway as CSV: nothing leaves that was not there."""
    headings = [Heading(t(label)) for label in labels]
    facts = _facts("", title, title)
    return _sent("csv", title, lambda file, found: write_csv(file, facts, headings, found), lambda *_: rows)


def _facts(subject: str, title: str, told: str) -> Facts:
    current, who = services.current(), login.require()
    at = current.clock().astimezone(current.settings.zone)
    lines = [
        (t("export.of"), told),
        (t("export.by"), who.name),
        (t("export.at"), f"{at:%Y-%m-%d %H:%M}"),
    ]
    if subject:
        lines.append((t("export.purpose"), purpose.given(register.EXPORTED, subject)))
    return Facts(title, t("export.about"), who.name, lines)


def _sent(form: str, title: str, write: Callable[[IO[bytes], Iterable[Any]], None], rows: Rows) -> Response:
    """Write to a file of the disk while the rows are read, and send that: neither is ever whole in memory."""
    current = services.current()
    # The answer closes it; a file without a name leaves nothing behind.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with current.database.reading() as session:
            streams = sorted(access.streams_for(session, login.require()))
            write(file, rows(session, streams))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    at = current.clock().astimezone(current.settings.zone)
    name = f"{title}-{at:%Y%m%d-%H%M}.{form}".replace("/", "-")
    answer = send_file(
        cast("Any", file), mimetype=MEDIA_TYPES[form], as_attachment=True, download_name=name, max_age=0
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
