"""Two hundred phones that come back into the network at one moment, each with the visits of a month."""

import shutil
from pathlib import Path

from bench import crowd
from bench.crowd import Job
from bench.home import prepared
from bench.result import Results
from bench.server import Server

PHONES = 200
PROCESSES = 8
VISITS = 20


def measure(folder: Path, results: Results) -> None:
    """Let them all push at once."""
    home = prepared(folder / "herd", PHONES)
    server = Server(home)
    shares = [home.owners[number::PROCESSES] for number in range(PROCESSES)]
    try:
        with server.watched() as cost:
            sent = crowd.run([Job(server.origin, owners, VISITS, VISITS, False, False) for owners in shares])
    finally:
        server.stop()
    waits = sorted(wait for one in sent.traffic for wait in one.answers_s)
    for fault in sent.faults[:3]:
        print(f"  {fault}")
    late = sum("timed out" in fault for fault in sent.faults)
    locked = server.log().count("database is locked")
    results.add("herd_errors", len(sent.faults) - late + locked, "errors", "≤ 0")
    results.add("herd_late", late, "phones")
    results.add("herd_p95_ms", waits[int(len(waits) * 0.95)] * 1000 if waits else 0, "ms")
    results.add("herd_visits_per_s", sent.visits / sent.wall_s, "visits/s")
    results.add("herd_memory_mb", cost.pss_bytes / 2**20, "MiB PSS")
    shutil.rmtree(home.settings.data)
