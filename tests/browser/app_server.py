"""The real application in a process with its own data folder; stopped is what tests call offline."""

import http.client
import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.browser.process import free_port, kill, until

# The command as installed beside the Python that runs the tests.
PROGRAM = Path(sys.executable).with_name("fieldapp")


class AppServer:
    """`fieldapp serve` on one loopback port and data folder, stopped and started at will."""

    def __init__(self, data: Path, *options: str, program: Path = PROGRAM, **environment: str) -> None:
        self.data = data
        self.program = program
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = data.with_suffix(".log")
        self._options = options
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int:
        """The running server's own process; its workers are children of it."""
        assert self._process is not None, "the server is stopped"
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """What the server's process sees: no `FIELDAPP_*` of the person who runs the tests."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FIELDAPP_")}
        return inherited | self._environment

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run another `fieldapp` command on the same data folder, `--data` included."""
        return subprocess.run(
            [self.program, *words, "--data", self.data],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=check,
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and return when it answers."""
        command = [self.program, "serve", "--port", str(self.port), "--data", self.data, *self._options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(self._answers, f"an answer of the server (its log: {self.log})")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"the server ended: {self.log.read_text(errors='replace')[-2000:]}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End the server as its operator would (SIGTERM) and wait for the whole tree."""
        self._end(hard=False)

    def kill(self) -> None:
        """End the server with SIGKILL, its workers included."""
        self._end(hard=True)

    def _end(self, hard: bool) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        roots = [psutil.Process(process.pid)] if process.poll() is None else []
        roots += roots[0].children(recursive=True) if roots else []
        if not hard and process.poll() is None:
            process.terminate()
            process.wait(30)
        kill(lambda: roots)
        process.wait(30)
