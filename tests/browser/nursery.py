"""A process that has loaded the application, from which servers are forked: the command as it is, each about a second sooner.

Run as a program it reads an order a line (JSON: words, environment, log) and writes the process id of the server. It ends, and
leaves the servers alone, when whoever gives the orders closes its end.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, cast

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The process of this test run's process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip

    def start(self, words: list[str], environment: dict[str, str], log: Path) -> int:
        """Start `fieldapp` with these words, its output appended to a log; return its process id."""
        order = json.dumps({"words": words, "environment": environment, "log": str(log)})
        assert self._process.stdin and self._process.stdout
        print(order, file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


@cache
def nursery() -> Nursery:
    """Return the one nursery of this process."""
    return Nursery()


def _main() -> None:
    for name in ("fieldapp.application", "fieldapp.command.serve", "granian"):
        importlib.import_module(name)

    # Nobody here waits for the servers.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            _become(cast("dict[str, Any]", json.loads(line)))
        print(child, flush=True)


def _become(order: dict[str, Any]) -> NoReturn:
    from fieldapp.command import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    sys.argv = ["fieldapp", *order["words"]]
    main()
    sys.exit()


if __name__ == "__main__":
    _main()
