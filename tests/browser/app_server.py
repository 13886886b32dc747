"""The real application in a process with its own data folder; stopped is what tests call offline."""

import http.client
import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.browser.nursery import nursery
from tests.browser.process import free_port, kill, until

# The command as installed beside the Python that runs the tests.
PROGRAM = Path(sys.executable).with_name("fieldapp")


class AppServer:
    """`fieldapp serve` on one loopback port and data folder, stopped and started at will."""

    def __init__(self, data: Path, *options: str, program: Path | None = None, **environment: str) -> None:
        """`program` is the installed command to run; without it the server is forked, which is the same and sooner."""
        self.data = data
        self.program = program
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = data.with_suffix(".log")
        self._options = options
        self._environment = environment
        self._process: psutil.Process | None = None

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
            [self.program or PROGRAM, *words, "--data", self.data],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=check,
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and return when it answers."""
        words = ["serve", "--port", str(self.port), "--data", str(self.data), *self._options]
        if self.program is None:
            self._process = psutil.Process(nursery().start(words, self.environment, self.log))
        else:
            self._process = self._installed(self.program, words)
        until(self._answers, f"an answer of the server (its log: {self.log})")

    def _installed(self, program: Path, words: list[str]) -> psutil.Process:
        with self.log.open("ab") as log:
            return psutil.Popen(
                [program, *words], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _answers(self) -> bool:
        if not self._is_running():
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
        process, is_running = self._process, self._is_running()
        self._process = None
        roots = [process, *process.children(recursive=True)] if is_running else []
        if not hard and is_running:
            process.terminate()
            process.wait(30)
        kill(lambda: roots)
        process.wait(30)

    def _is_running(self) -> bool:
        return (
            self._process is not None
            and self._process.is_running()
            and self._process.status() != psutil.STATUS_ZOMBIE
        )
