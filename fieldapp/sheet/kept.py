"""Tables that were read and wait for a person to look at them: a folder each in the data folder, for a day."""

import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from fieldapp.xlsform.workbook import Sheets

KEPT_S = 86_400
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Kept:
    """One table: the file's name, its kind, who gave it, its sheets; `written` records came of it, None before."""

    file: str
    kind: str
    person: str
    sheets: Sheets
    written: int | None = None


def keep(folder: Path, kept: Kept) -> str:
    """Keep a table; return the name it is found by. What is older than a day goes."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_S:
            shutil.rmtree(old, ignore_errors=True)
    name = secrets.token_urlsafe(16)
    (folder / name).mkdir(mode=0o700)
    _write(folder / name, kept)
    return name


def find(folder: Path, name: str) -> Kept | None:
    """Return a table that is kept, None when it is gone."""
    path = folder / name / "table.json"
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    return Kept(**json.loads(path.read_text("utf-8")))


def finish(folder: Path, name: str, kept: Kept, written: int) -> None:
    """Note how many records came of a table, in place of what it said."""
    _write(folder / name, Kept(kept.file, kept.kind, kept.person, {}, written))


def _write(folder: Path, kept: Kept) -> None:
    fresh = folder / "fresh.json"
    fresh.write_text(json.dumps(vars(kept), ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / "table.json")
