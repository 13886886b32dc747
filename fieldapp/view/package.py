"""Packages at the desk: an administrator takes files in, sees what became of them, and downloads the answer that goes back."""

import json
import re
import secrets
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import MultipleFileField
from wtforms.validators import InputRequired

from fieldapp import login, services
from fieldapp.problem import Problem
from sync.intake import Intake, Report

blueprint = Blueprint("package", __name__, url_prefix="/package")

FOLDER, ANSWER, REPORT = "intake", "answer.fieldapp", "report.json"
# Several whole files of a package; they go to disk as they come.
MOST_BYTES = 64 * 1024**3
KEPT_S = 7 * 86400
# Longer lists help nobody on a screen; the command line shows all.
MOST_LISTED = 100
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


class PackageForm(FlaskForm):  # type: ignore[misc]
    """Files to take in, with the token against forgery."""

    files = MultipleFileField(validators=[InputRequired()])


@blueprint.get("/")
@login.login_required("administrator")
def index() -> str:
    """Show the form."""
    return render_template("desk/package.html", form=PackageForm(), is_empty=False)


@blueprint.post("/")
@login.login_required("administrator")
def take() -> Response | tuple[str, int]:
    """Take files in and go on to what became of them. They are larger than other bodies: who may, was checked before one byte is read."""
    request.max_content_length = MOST_BYTES
    form = PackageForm()
    if not form.validate():
        if "csrf_token" in form.errors:
            raise Problem("form-expired")
        return render_template("desk/package.html", form=form, is_empty=True), 400
    given = [(one.filename or "", cast("BinaryIO", one.stream)) for one in form.files.data if one.filename]
    current, who = services.current(), login.require()
    intake = Intake(current.archive, current.decryption, who.person)
    report = intake.take(given)
    name = secrets.token_urlsafe(16)
    _keep(_folder() / name, intake, report)
    return redirect(url_for("package.show", name=name), 303)


def _keep(folder: Path, intake: Intake, report: Report) -> None:
    """Keep what became of packages, and the answer, for the page that shows it; a week later the next one sweeps it."""
    for old in folder.parent.glob("*"):
        if old.stat().st_mtime < time.time() - KEPT_S:
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(mode=0o700)
    with (folder / ANSWER).open("wb") as file:
        intake.answer(report, file)
    summary = {
        "verdicts": dict(report.verdicts),
        "photos": len(report.photos),
        "refusals": [asdict(one) for one in report.refusals[:MOST_LISTED]],
        "refused": len(report.refusals),
        "faults": [asdict(one) for one in report.faults[:MOST_LISTED]],
        "damaged": len(report.faults),
    }
    (folder / REPORT).write_text(json.dumps(summary), encoding="utf-8")


def _folder() -> Path:
    folder = services.current().settings.data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _kept(name: str) -> Path:
    folder = _folder() / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise Problem("not-found")
    return folder


@blueprint.get("/<name>")
@login.login_required("administrator")
def show(name: str) -> str:
    """Show what became of packages."""
    report: dict[str, Any] = json.loads((_kept(name) / REPORT).read_text("utf-8"))
    return render_template("desk/package_report.html", report=report, name=name)


@blueprint.get("/<name>/answer")
@login.login_required("administrator")
def answer(name: str) -> Response:
    """Send the answer package: receipts and keys, nothing secret."""
    current = services.current()
    day = current.clock().astimezone(current.settings.zone).strftime("%Y%m%d-%H%M")
    return send_file(
        _kept(name) / ANSWER,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"receipts-{day}.fieldapp",
    )
