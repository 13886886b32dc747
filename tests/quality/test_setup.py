"""Set-up says in one line what a machine lacks, and finds the Python that works among those that do not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quality.checkout import ROOT

TOOLS = ("sh", "dirname", "cat", "cksum")
WITHOUT_VENV = f"""#!/bin/sh
case "$*" in *ensurepip*) exit 1 ;; esac
exec "{sys.executable}" "$@"
"""
TOO_OLD = "#!/bin/sh\nexit 1\n"
SHIM_OF_NOTHING = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout with a space in its name, and beside it a `bin` with only what a bare machine has."""
    checkout, programs = tmp_path / "check out", tmp_path / "bin"
    shutil.copytree(ROOT / ".ci", checkout / ".ci")
    shutil.copytree(ROOT / "requirements", checkout / "requirements")
    shutil.copy(ROOT / "pyproject.toml", checkout)
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def add(machine: Path, name: str, script: str) -> None:
    program = machine / "bin" / name
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)


def setup(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "bin" / "sh", machine / "check out" / ".ci" / "setup", "run"],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_python_it_says_which_is_needed(machine: Path) -> None:
    answer = setup(machine)
    assert (answer.returncode, answer.stderr) == (1, "Python 3.11 or newer is needed and was not found.\n")


def test_old_pythons_and_empty_shims_are_passed_over(machine: Path) -> None:
    add(machine, "python3", TOO_OLD)
    add(machine, "python3.13", SHIM_OF_NOTHING)
    answer = setup(machine)
    assert (answer.returncode, answer.stderr) == (1, "Python 3.11 or newer is needed and was not found.\n")


def test_python_without_venv_names_the_package_to_install(machine: Path) -> None:
    add(machine, "python3", WITHOUT_VENV)
    answer = setup(machine)
    assert answer.returncode == 1
    assert answer.stderr == (
        "python3 has no venv. On Debian and Ubuntu install it with: apt install python3-venv\n"
    )
    assert not (machine / "check out" / ".venv").exists()
