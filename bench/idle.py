"""A phone with nothing to do: it asks what it may read and learns that nothing changed."""

import json
from pathlib import Path

from bench.home import PASSWORD, prepared
from bench.result import Results
from bench.server import Server
from bench.wire import Wire

TIMES = 100


def measure(folder: Path, results: Results) -> None:
    """Measure `GET /streams` with its ETag."""
    home = prepared(folder / "idle", 1)
    server = Server(home)
    try:
        wire = Wire(server.origin)
        etag = _log_in(wire, home.owners[0].person)
        before, cpu_s = wire.traffic.sent_bytes, server.cpu_s()
        received = wire.traffic.received_bytes
        for _ in range(TIMES):
            status, _, _ = wire.send("GET", "/sync/1/streams", {"If-None-Match": etag})
            if status != 304:
                raise RuntimeError(f"nothing changed, and the answer is {status}")
        results.add("idle_sync_cpu_ms", (server.cpu_s() - cpu_s) * 1000 / TIMES, "ms", "≤ 5")
        sent_bytes = (wire.traffic.sent_bytes - before) / TIMES
        received_bytes = (wire.traffic.received_bytes - received) / TIMES
        results.add("idle_sync_bytes", max(sent_bytes, received_bytes), "bytes", "≤ 1000")
        results.add("idle_sync_bytes_sent", sent_bytes, "bytes")
        results.add("idle_sync_bytes_received", received_bytes, "bytes")
        results.add("idle_sync_requests", len(wire.traffic.answers_s[-TIMES:]) / TIMES, "a sync", "≤ 1")
    finally:
        server.stop()


def _log_in(wire: Wire, person: str) -> str:
    """Log in and list once; return the ETag."""
    body = json.dumps({"username": person, "password": PASSWORD}).encode()
    headers = {"Content-Type": "application/json", "Fieldapp-Client": "1"}
    _, answered, _ = wire.send("POST", "/session", headers, body)
    wire.cookie = answered["set-cookie"].partition(";")[0]
    _, answered, _ = wire.send("GET", "/sync/1/streams")
    return answered["etag"]
