"""`fieldapp verify` and `fieldapp rebuild`, against bare checks of seals and bare inserts of rows; by processor time."""

import resource
import shutil
import sqlite3
import time
from pathlib import Path

from bench import baseline
from bench.home import Home, prepared
from bench.phone import Phone
from bench.result import Results
from fieldapp.services import open_services
from tests.browser.app_server import AppServer

BATCHES, PER_BATCH = 20, 40


def measure(folder: Path, results: Results) -> None:
    """Measure both on an archive whose server is stopped."""
    home = prepared(folder / "command", 1)
    _fill(home)
    app, database = AppServer(home.settings.data), home.database
    with sqlite3.connect(database) as connection:
        records: int = connection.execute("SELECT count(*) FROM record").fetchone()[0]
    idle_s = _cpu_s(app, "user", "list")
    checked, checks_s = baseline.checks_s(database)
    _compare(results, "verify", records / (_cpu_s(app, "verify") - idle_s), "bare_checks", checked / checks_s)
    rows = [one for batch in baseline.rows_of(database, baseline.FOLDED) for one in batch]
    inserts_s = baseline.phys_s(folder / "inserts", [rows], clock=time.process_time)
    shutil.rmtree(folder / "inserts")
    count = sum(len(one.rows) for one in rows)
    _compare(results, "fold", records / (_cpu_s(app, "rebuild") - idle_s), "bare_inserts", count / inserts_s)


def _fill(home: Home) -> None:
    services, phone = open_services(home.settings), Phone(home.owners[0])
    for number in range(BATCHES):
        visits = [phone.visit(number, has_photos=False) for _ in range(PER_BATCH)]
        services.archive.push([line for visit in visits for line in visit.lines.splitlines()])
    services.database.close()


def _compare(results: Results, name: str, rate: float, bare: str, bare_rate: float) -> None:
    results.add(f"{name}_records_per_s", rate, "records/CPU s")
    results.add(f"{bare}_per_s", bare_rate, "records/CPU s")
    results.add(f"{name}_slowdown", bare_rate / rate, f"× {bare}", "≤ 2")


def _cpu_s(app: AppServer, *words: str) -> float:
    """Return the processor time a command takes, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    app.command(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
