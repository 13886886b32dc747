"""How soon the desk's pages are there, with few visits and with very many: the server's time for a whole request, without a network."""

import gzip
import random
import shutil
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from bench import large, postgresql
from bench.result import Results
from fieldapp.account import Account
from fieldapp.application import make
from fieldapp.domain.entry import Entry
from fieldapp.domain.project import Project
from fieldapp.domain.unit import Team, Unit
from fieldapp.domain.visit import Visit
from fieldapp.services import EXTENSION, Services, open_services
from fieldapp.settings import Settings
from tests import account

FEW, MANY, ALL = 10_000, 100_000, 1_000_000
PERSON, PASSWORD = "d01", "correct horse battery"
PAGES, TIMES = 40, 3
REACH_MS = {"log": 50, "visit": 50, "coverage": 50, "search": 150}
WORDS = (
    "钢筋", "钢筋外露", "围挡破损", "桩基 返工", "箱梁预制", "safety net", "form", "12号墩承台", "积水", "旁站记录", "没有人写过的话", "排",
)  # fmt: skip


@dataclass
class Desk:
    """A supervisor's browser at an archive, and what it may open there."""

    client: FlaskClient
    visits: Sequence[str]
    projects: Sequence[str]
    units: Sequence[str]
    teams: Sequence[str]
    entries: Sequence[str]


def measure(folder: Path, results: Results, many: int = MANY) -> None:
    """Measure each sort of page with few visits, then with many, on SQLite and on PostgreSQL."""
    _measure(dict.fromkeys((FEW, many), ""), folder, results, "")
    with postgresql.served(folder) as address:
        urls = {visits: postgresql.made(address, f"desk_{visits}") for visits in (FEW, many)}
        _measure(urls, folder, results, "postgresql_")


def measure_all(folder: Path, results: Results) -> None:
    """Measure with as many visits as an archive is to hold."""
    measure(folder, results, ALL)


def _measure(databases: Mapping[int, str], folder: Path, results: Results, name: str) -> None:
    """Measure archives by their number of visits; how much slower the largest is than the smallest is reached for too."""
    took: dict[int, dict[str, float]] = {}
    sizes: dict[str, int] = {}
    for visits, database in databases.items():
        home = Settings(data=folder / f"desk-{name}{visits}", database=database)
        began = time.monotonic()
        prepare(home, visits)
        print(f"  {visits} visits written in {time.monotonic() - began:.0f} s", flush=True)
        with opened(home) as desk:
            took[visits] = {sort: _p95_ms(desk, addresses) for sort, addresses in _pages(desk).items()}
            sizes = _sizes(desk)
        shutil.rmtree(home.data)
    few, many = took[min(took)], took[max(took)]
    results.add(f"{name}desk_visits", max(took), "")
    for sort, reach in REACH_MS.items():
        results.add(f"{name}{sort}_p95_ms", many[sort], "ms", f"≤ {reach}")
        results.add(f"{name}{sort}_growth", many[sort] / few[sort], "", "≤ 1.5" if reach == 50 else "")
    largest = max(sizes, key=lambda address: sizes[address])
    print(f"  the largest page is {largest}")
    results.add(f"{name}page_kb", sizes[largest] / 1024, "KB", "≤ 150")


def prepare(home: Settings, visits: int) -> None:
    """Make an archive with so many visits and a supervisor, unless it is there."""
    services = open_services(home)
    try:
        with services.database.reading() as session:
            is_there = session.get(Account, PERSON) is not None
        if not is_there:
            large.fill(services, visits)
            with services.database.writing() as session:
                account.add(session, PERSON, PASSWORD, "supervisor")
    finally:
        services.database.close()


@contextmanager
def opened(home: Settings) -> Iterator[Desk]:
    """Log in at an archive; what is opened there is chosen by chance, the same each time."""
    app = make(home)
    services: Services = app.extensions[EXTENSION]
    client = app.test_client()
    given = {"username": PERSON, "password": PASSWORD}
    answer = client.post("/session", json=given, headers={"Fieldapp-Client": "1"})
    if answer.status_code != 200:
        raise RuntimeError(f"login: {answer.status_code}")
    chance = random.Random(1)
    try:
        with services.database.reading() as session:
            newest = select(Visit.entity).order_by(col(Visit.arrived_at).desc()).limit(FEW)
            visits = chance.sample(list(session.exec(newest)), PAGES)
            entries = session.exec(select(Entry.entity).where(col(Entry.visit).in_(visits))).all()
            names = [_some(session, table, chance) for table in (Project, Unit, Team)]
        yield Desk(client, visits, names[0], names[1], names[2], entries[:PAGES])
    finally:
        services.database.close()


def _some(session: Session, table: type[Any], chance: random.Random) -> list[str]:
    found = list(session.exec(select(table.entity).order_by(table.entity)))
    return chance.sample(found, min(PAGES, len(found)))


def _pages(desk: Desk) -> dict[str, list[str]]:
    return {
        "log": [f"/visit/?{query}" for query in _filters(desk)],
        "visit": [f"/visit/{one}" for one in desk.visits],
        "coverage": [f"/coverage/?unit={one}" for one in desk.units],
        "search": [f"/search/?words={words}" for words in WORDS],
    }


def _filters(desk: Desk) -> list[str]:
    """Return what people ask of the log: each filter alone, some together, what hardly any fits, later pages."""
    project, unit, team = desk.projects[0], desk.units[0], desk.teams[0]
    days = [date.today() - timedelta(days=back) for back in (0, 30, 400, 800)]
    alone = [
        "", "state=waiting", "state=in_review", "state=resubmitted", "state=returned", "state=accepted", "state=incomplete",
        f"project={project}", f"unit={unit}", f"team={team}", "purpose=stationed", "manner=covert", "problems=1", "late=1", "flagged=1",
        f"since={days[1]}", f"until={days[2]}", f"since={days[3]}&until={days[2]}",
    ]  # fmt: skip
    together = [
        f"unit={unit}&problems=1", f"team={team}&state=waiting", f"team={team}&manner=covert&late=1&flagged=1", f"project={project}&late=1",
        "purpose=campaign&manner=covert&late=1&flagged=1&problems=1", "state=returned&purpose=stationed&manner=covert&late=1",
        f"purpose=concentrated&until={days[3]}", f"state=accepted&problems=1&since={days[3]}&until={days[2]}",
        f"unit={unit}&since={days[2]}",
    ]  # fmt: skip
    further = [
        f"after={day}T09:00:00.000%2B08:00~0193a000-0000-7000-8000-000000000000{more}"
        for day in days[1:]
        for more in ("", "&state=accepted", "&manner=covert&problems=1")
    ]
    return alone + together + further


def _p95_ms(desk: Desk, addresses: Sequence[str]) -> float:
    """Ask for each once, unmeasured, then again in turn; return what nineteen of twenty answers take no longer than."""
    took = []
    for turn in range(TIMES + 1):
        for address in addresses:
            began = time.perf_counter()
            answer = desk.client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code}")
            if turn:
                took.append(1000 * (time.perf_counter() - began))
    return statistics.quantiles(took, n=20)[18]


def _sizes(desk: Desk) -> dict[str, int]:
    """Return the size of every sort of page, compressed as a server in front does."""
    pages = [address for addresses in _pages(desk).values() for address in addresses]
    pages += [
        "/coverage/",
        "/entry/",
        "/interview/",
        "/check/",
        "/coverage/assignment/",
        *(f"/entry/{one}" for one in desk.entries),
    ]
    answers = {address: desk.client.get(address) for address in pages}
    return {
        address: len(gzip.compress(one.data, 6)) for address, one in answers.items() if one.status_code == 200
    }
