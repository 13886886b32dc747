"""Clients as processes of their own: each seals what it will send, waits for the others, and only sends from then on."""

import gc
import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from bench.phone import Owner, Phone, Visit
from bench.wire import Traffic, Wire, packed


@dataclass(frozen=True)
class Job:
    """What one process sends, as one or more phones at once: `visits` of each, so many in a batch."""

    origin: str
    owners: tuple[Owner, ...]
    visits: int
    per_batch: int
    has_photos: bool
    is_warm: bool = True


@dataclass(frozen=True)
class Report:
    """How it went: instants of the machine's monotonic clock, and what each phone's connection saw."""

    began: float
    ended: float
    visits: int
    traffic: list[Traffic]


@dataclass
class Batch:
    """Visits that go together, sealed and packed."""

    visits: list[Visit]
    packed: bytes

    @property
    def hashes(self) -> list[str]:
        """Return the hashes of its records."""
        return [one.hash for visit in self.visits for one in visit.records]


@dataclass
class Sent:
    """What a crowd did together."""

    reports: list[Report]

    @property
    def visits(self) -> int:
        """Return how many visits were sent."""
        return sum(report.visits for report in self.reports)

    @property
    def wall_s(self) -> float:
        """Return the time from the first byte to the last answer."""
        return max(one.ended for one in self.reports) - min(one.began for one in self.reports)

    @property
    def traffic(self) -> list[Traffic]:
        """Return what all connections saw."""
        return [one for report in self.reports for one in report.traffic]

    @property
    def faults(self) -> list[str]:
        """Return everything that went wrong."""
        return [fault for one in self.traffic for fault in one.faults]


def run(jobs: Sequence[Job], started: Callable[[], object] = lambda: None) -> Sent:
    """Let all jobs send at once; `started` is called when everything is sealed and nothing sent."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in jobs]
    processes = [
        context.Process(target=_client, args=(job, theirs), daemon=True)
        for job, (_, theirs) in zip(jobs, pairs, strict=True)
    ]
    for process in processes:
        process.start()
    for (_, theirs), _ in zip(pairs, jobs, strict=True):
        theirs.close()
    ours = [pair[0] for pair in pairs]
    for one in ours:
        one.recv()
    started()
    for one in ours:
        one.send("go")
    reports: list[Any] = [one.recv() for one in ours]
    for process in processes:
        process.join()
    return Sent(reports)


def _client(job: Job, parent: Connection) -> None:
    wires = [Wire(job.origin) for _ in job.owners]
    work = [_prepared(job, owner, wire) for owner, wire in zip(job.owners, wires, strict=True)]
    gc.freeze()
    parent.send("ready")
    parent.recv()
    began = time.monotonic()
    threads = [
        threading.Thread(target=_send, args=(batches, wire))
        for batches, wire in zip(work, wires, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parent.send(
        Report(began, time.monotonic(), job.visits * len(job.owners), [wire.traffic for wire in wires])
    )


def _prepared(job: Job, owner: Owner, wire: Wire) -> list[Batch]:
    phone = Phone(owner)
    batches = []
    for start in range(0, job.visits, job.per_batch):
        count = min(job.per_batch, job.visits - start)
        # One project a batch: what a team brings home of a day.
        number = start // job.per_batch
        visits = [phone.visit(number, job.has_photos) for _ in range(count)]
        batches.append(Batch(visits, packed(b"".join(visit.lines for visit in visits))))
    if job.is_warm:
        visit = phone.visit(0, job.has_photos)
        _send([Batch([visit], packed(visit.lines))], wire)
        wire.traffic = Traffic(faults=wire.traffic.faults)
    return batches


def _send(batches: Sequence[Batch], wire: Wire) -> None:
    for batch in batches:
        wire.push(batch.packed, len(batch.hashes))
        for visit in batch.visits:
            if visit.photos:
                wire.photos(visit.photos)
    wire.close()
