"""The checks of other people's tools, each a test: layout, lint, types of Python, types of JavaScript."""

import subprocess
import sys
from pathlib import Path

from tests.quality.checkout import ROOT


def check_succeeds(*command: str | Path) -> None:
    answer = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_ruff_finds_nothing() -> None:
    check_succeeds(sys.executable, "-m", "ruff", "check", "--no-cache", ".")


def test_layout_is_ruffs() -> None:
    check_succeeds(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")


def test_mypy_is_content() -> None:
    check_succeeds(sys.executable, "-m", "mypy")


def test_tsc_is_content() -> None:
    # TypeScript's compiler is a native program here: no Node is needed to run it.
    programs = [*(ROOT / "node_modules" / "@typescript").glob("*/lib/tsc*")]
    tsc = next(program for program in programs if program.name in ("tsc", "tsc.exe"))
    check_succeeds(tsc, "--project", "tsconfig.json")
