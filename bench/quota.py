"""A browser on a quarter of a core: each of its processes in a control group with a quota, so that workers are slowed as well."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

CPU = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 20_000
SLOWER = 4
LOOK_S = 0.1


def is_possible() -> bool:
    """Tell whether this machine lets us set quotas: control groups of the first kind, and the right to make them."""
    return (CPU / "cpu.cfs_quota_us").exists() and os.access(CPU, os.W_OK)


@contextmanager
def quarter(processes: Callable[[], Iterator[psutil.Process]]) -> Iterator[None]:
    """Slow all these processes, those that come later too, until the end."""
    name = f"fieldapp-bench-{os.getpid()}"
    over = threading.Event()
    groups: dict[int, Path] = {}

    def slow() -> None:
        while not over.is_set():
            for process in processes():
                if process.pid not in groups:
                    groups[process.pid] = _group(f"{name}-{process.pid}", process.pid)
            over.wait(LOOK_S)

    thread = threading.Thread(target=slow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for group in groups.values():
            _free(group)


def _group(name: str, pid: int) -> Path:
    group = CPU / name
    group.mkdir(exist_ok=True)
    (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
    (group / "cpu.cfs_quota_us").write_text(str(PERIOD_US // SLOWER))
    with contextlib.suppress(OSError):
        (group / "cgroup.procs").write_text(str(pid))
    return group


def _free(group: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):
                (CPU / "cgroup.procs").write_text(pid)
        group.rmdir()
