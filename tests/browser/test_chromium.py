"""Finding the browser of the tests."""

from pathlib import Path

import pytest

from tests.browser import chromium


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setattr(chromium, "APPLICATIONS", ())
    return tmp_path


def add(machine: Path, name: str) -> Path:
    program = machine / name
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def test_without_a_browser_one_line_says_what_to_install(machine: Path) -> None:
    with pytest.raises(chromium.ChromiumMissing, match=r"^[^\n]*install the package chromium[^\n]*$"):
        chromium.find()


def test_without_a_package_manager_nothing_is_installed(machine: Path) -> None:
    with pytest.raises(SystemExit, match="install the package chromium"):
        chromium.main()


def test_the_first_known_name_is_taken(machine: Path) -> None:
    add(machine, "google-chrome")
    chosen = add(machine, "chromium")
    assert chromium.find() == chosen


def test_the_variable_wins_and_must_name_a_program(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(machine, "chromium")
    monkeypatch.setenv(chromium.VARIABLE, str(machine / "missing"))
    with pytest.raises(chromium.ChromiumMissing, match="missing"):
        chromium.find()
    chosen = add(machine, "own-build")
    monkeypatch.setenv(chromium.VARIABLE, str(chosen))
    assert chromium.find() == chosen
