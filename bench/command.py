"""`fieldapp verify` and `fieldapp rebuild`, against bare checks of seals and bare inserts of rows."""

import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from bench import baseline
from bench.home import Home, prepared
from bench.phone import Phone
from bench.result import Results
from fieldapp.services import open_services
from tests.browser.app_server import AppServer

BATCHES, PER_BATCH = 10, 40


def measure(folder: Path, results: Results) -> None:
    """Measure both on an archive whose server is stopped."""
    home = prepared(folder / "command", 1)
    _fill(home)
    app, database = AppServer(home.settings.data), home.database
    with sqlite3.connect(database) as connection:
        records: int = connection.execute("SELECT count(*) FROM record").fetchone()[0]
    said = app.command("verify").stdout
    found = re.search(r"\((\d+) records/s\)", said)
    assert found, said
    checked, checks_s = baseline.checks_s(database)
    _compare(results, "verify", float(found[1]), "bare_checks", checked / checks_s)
    idle_s = _took_s(app, "user", "list")
    folded_s = _took_s(app, "rebuild") - idle_s
    rows = [one for batch in baseline.rows_of(database, baseline.FOLDED) for one in batch]
    inserts_s = baseline.phys_s(folder / "inserts", [rows])
    shutil.rmtree(folder / "inserts")
    count = sum(len(one.rows) for one in rows)
    _compare(results, "fold", records / folded_s, "bare_inserts", count / inserts_s)


def _fill(home: Home) -> None:
    services, phone = open_services(home.settings), Phone(home.owners[0])
    for number in range(BATCHES):
        visits = [phone.visit(number, has_photos=False) for _ in range(PER_BATCH)]
        services.archive.push([line for visit in visits for line in visit.lines.splitlines()])
    services.database.close()


def _compare(results: Results, name: str, rate: float, bare: str, bare_rate: float) -> None:
    results.add(f"{name}_records_per_s", rate, "records/s")
    results.add(f"{bare}_per_s", bare_rate, "records/s")
    results.add(f"{name}_slowdown", bare_rate / rate, f"× {bare}", "≤ 2")


def _took_s(app: AppServer, *words: str) -> float:
    """Return how long a command takes, its start included."""
    began = time.monotonic()
    answer: subprocess.CompletedProcess[str] = app.command(*words)
    assert answer.returncode == 0
    return time.monotonic() - began
