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


def test_as_root_the_system_package_manager_installs_it(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log, chosen = machine / "log", machine / "chromium"
    template = add(machine, "template")
    # Answers like apt-get: notes what it was told, and "install" leaves a program.
    add(machine, "apt-get").write_text(
        f'#!/bin/sh\necho "$@" >> "{log}"\n[ "$1" = update ] || /bin/cp -p "{template}" "{chosen}"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    chromium.main()
    assert chromium.find() == chosen
    assert [line.split()[0] for line in log.read_text(encoding="utf-8").splitlines()] == ["update", "install"]
    assert "Installing Chromium" in capsys.readouterr().out
