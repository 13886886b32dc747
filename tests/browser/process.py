"""Processes that tests start: ending a whole tree, and ports that stay ours over a restart."""

import itertools
import os
import random
import socket
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import psutil

Value = TypeVar("Value")

# Below the range from which systems take the ports of outgoing connections.
PORTS = range(20_000, 30_000)
TIMEOUT_S = 30
_held: list[socket.socket] = []


def free_port() -> int:
    """Return a loopback port nobody listens on, from another stretch in every process.

    It stays ours while its server is stopped: bound by a socket that never listens, beside which only a server that reuses addresses
    (all do) may bind it, and no other search.
    """
    start = random.Random(os.getpid()).choice(PORTS)
    for port in itertools.chain(range(start, PORTS.stop), range(PORTS.start, start)):
        if _is_free(port):
            holder = socket.socket()
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", port))
            _held.append(holder)
            return port
    raise RuntimeError("no free port")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def until(poll: Callable[[], Value | None], what: str, timeout_s: float = TIMEOUT_S) -> Value:
    """Poll until the answer is true and return it; `TimeoutError` names what was waited for."""
    deadline = time.monotonic() + timeout_s
    while not (answer := poll()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s} s: {what}")
        time.sleep(0.01)
    return answer


def tree(roots: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Return processes with all their descendants."""
    found = set()
    for process in roots:
        try:
            found |= {process, *process.children(recursive=True)}
        except psutil.NoSuchProcess:
            continue
    return found


def kill(find_roots: Callable[[], Iterable[psutil.Process]]) -> None:
    """SIGKILL a tree and wait until every process of it has gone, those born meanwhile included."""
    doomed: set[psutil.Process] = set()

    def is_gone() -> bool:
        doomed.update(tree(find_roots()))
        for process in doomed:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        return not any(_is_alive(process) for process in doomed)

    until(is_gone, "the end of the processes")


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
