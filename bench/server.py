"""The real server in a process of its own, and what it costs: processor time and memory of its whole tree, from the system."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench.home import Home
from tests.browser.app_server import PROGRAM, AppServer

SAMPLE_S = 0.1


@dataclass
class Cost:
    """What a server spent: processor time in seconds, the largest PSS of one of its processes in bytes."""

    cpu_s: float = 0.0
    pss_bytes: int = 0


class Server:
    """A running `fieldapp serve`."""

    def __init__(self, home: Home) -> None:
        self._app = AppServer(home.settings.data, program=PROGRAM, **home.environment)
        self._app.start()
        self.origin = self._app.origin
        self._log = self._app.log

    @property
    def processes(self) -> list[psutil.Process]:
        """Return the server's processes."""
        here = psutil.Process(self._app.process_id)
        return [here, *here.children(recursive=True)]

    def cpu_s(self) -> float:
        """Return the processor time spent so far."""
        times = [one.cpu_times() for one in self.processes]
        return sum(one.user + one.system for one in times)

    @contextmanager
    def watched(self) -> Iterator[Cost]:
        """Give what the block costs; complete when it has ended. `Watch.restart` leaves out what came before."""
        cost, is_over = Cost(), threading.Event()
        before = self.cpu_s()

        def sample() -> None:
            while not is_over.wait(SAMPLE_S):
                cost.pss_bytes = max(cost.pss_bytes, *map(_pss, self.processes))

        watch = threading.Thread(target=sample)
        watch.start()
        try:
            yield cost
        finally:
            is_over.set()
            watch.join()
            cost.cpu_s = self.cpu_s() - before

    def log(self) -> str:
        """Return what the server wrote."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """End it."""
        self._app.stop()


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0
