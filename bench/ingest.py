"""Taking in visits, with their photos and without: against the same rows and files by one thread, and by processor time."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from bench import baseline, crowd
from bench.crowd import Job, Sent
from bench.home import Home, prepared
from bench.phone import PHOTOS, RECORDS
from bench.result import Results
from bench.server import Cost, Server

CLIENTS = 8


@dataclass(frozen=True)
class Load:
    """How much each client sends."""

    name: str
    visits: int
    per_batch: int
    has_photos: bool
    ratio: str
    cpu_ms: str


WITH_PHOTOS = Load("ingest_photos", 40, 1, True, "≥ 0.4", "≤ 8")
WITHOUT = Load("ingest_batch", 80, 20, False, "≥ 0.12", "≤ 2")


def measure(folder: Path, results: Results) -> None:
    """Measure both on SQLite."""
    pss_bytes = 0
    for load in (WITH_PHOTOS, WITHOUT):
        home = prepared(folder / load.name, CLIENTS)
        server = Server(home)
        try:
            sent, cost = send([server], home, load)
        finally:
            server.stop()
        pss_bytes = max(pss_bytes, cost.pss_bytes)
        phys_s = against(home, folder / f"{load.name}-phys", load)
        results.add(f"{load.name}_ratio", phys_s / sent.wall_s, "of phys", load.ratio)
        results.add(f"{load.name}_cpu_ms", cost.cpu_s * 1000 / sent.visits, "ms/visit", load.cpu_ms)
        results.add(f"{load.name}_visits_per_s", sent.visits / sent.wall_s, "visits/s")
        shutil.rmtree(home.settings.data)
        if load.has_photos:
            sent_bytes = sum(one.sent_bytes for one in sent.traffic)
            payload = sum(one.payload_bytes for one in sent.traffic)
            results.add("wire_overhead", sent_bytes / payload, "× payload", "≤ 1.03")
    results.add("server_memory_mb", pss_bytes / 2**20, "MiB PSS", "≤ 150")


def send(servers: list[Server], home: Home, load: Load) -> tuple[Sent, Cost]:
    """Let the clients send to these servers, one after the other in turn; return what they did and what it cost the servers."""
    owners = home.owners[:CLIENTS]
    jobs = [
        Job(servers[number % len(servers)].origin, (owner,), load.visits, load.per_batch, load.has_photos)
        for number, owner in enumerate(owners)
    ]
    before: list[float] = []
    with servers[0].watched() as cost:
        sent = crowd.run(jobs, lambda: before.extend(server.cpu_s() for server in servers))
    cost.cpu_s = sum(server.cpu_s() for server in servers) - sum(before)
    if sent.faults:
        raise RuntimeError(f"{load.name}: {len(sent.faults)} faults, the first: {sent.faults[0]}")
    return sent, cost


def against(home: Home, folder: Path, load: Load) -> float:
    """Return how long `phys` takes for what was sent; what warmed the server up is no part of it."""
    rows = baseline.rows_of(home.database, baseline.ALL, load.per_batch * RECORDS)
    batches = rows[: CLIENTS * load.visits // load.per_batch]
    took_s = baseline.phys_s(folder, batches, PHOTOS if load.has_photos else 0)
    shutil.rmtree(folder)
    return took_s
