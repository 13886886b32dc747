"""`fieldapp station` in a process of its own, killed and started at will."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from sync.client import Client
from sync.wire import HttpTransport, Unreachable
from tests.browser.process import free_port, kill, until


class StationProcess:
    """`fieldapp station` as a process."""

    def __init__(self, folder: Path, upstream: str, name: str) -> None:
        self.folder, self.upstream, self.name = folder, upstream, name
        self.port = free_port()
        self.client = Client(HttpTransport(f"http://127.0.0.1:{self.port}", timeout_s=10), name)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["station", "--upstream", self.upstream, "--archive", self.name, "--port", str(self.port)]
        command = [sys.executable, "-m", "fieldapp", *words, "--data", str(self.folder)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(self.answers, "an answer of the station")

    def answers(self) -> bool:
        try:
            self.call("GET", "/time")
        except Unreachable:
            return False
        return True

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        return self.client.transport(method, f"/sync/1{path}", headers, body)

    def kill(self) -> None:
        """End the station with SIGKILL, workers included: while one of them lives, the port is not free."""
        assert self.process is not None
        roots = [psutil.Process(self.process.pid)] if self.process.poll() is None else []
        kill(lambda: roots)
        self.process.wait(30)
