"""A wheel built from the checkout is complete and works elsewhere, without the checkout."""

import http.client
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.browser.app_server import AppServer
from tests.quality.checkout import ROOT, files, name

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("FIELDAPP_", "PYTHON"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment in a folder with a space, holding the wheel; its dependencies are borrowed."""
    place = tmp_path_factory.mktemp("else where") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    python = place / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        wheel,
    ]
    subprocess.run(pip, check=True, capture_output=True)
    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", question], text=True).strip())
    # Only the folder is added: the .pth file of our editable install inside it is not read.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place


def test_wheel_holds_everything_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {each for each in archive.namelist() if ".dist-info/" not in each}
    ours = {name(path) for path in files() if path.suffix != ".po"}
    expected = {each for each in ours if each.startswith(("fieldapp/", "sync/"))}
    expected |= {f"fieldapp/{each}" for each in ours if each.startswith(("templates/", "static/"))}
    built = {
        *(path for path in packed if path.startswith(("fieldapp/static/vendor/", "fieldapp/static/lean/"))),
        *(path for path in packed if path.endswith(".mo")),
    }
    assert packed - built == expected
    assert {
        "fieldapp/static/lean/js/app.js.br",
        "fieldapp/static/lean/stamp.json",
        "fieldapp/static/vendor/stamp",
        "fieldapp/static/vendor/sqlite-wasm/sqlite3.wasm.br",
        "fieldapp/static/vendor/lit-html/lit-html.js",
        "fieldapp/static/vendor/signals-core/signals-core.mjs.gz",
        "fieldapp/translations/en/LC_MESSAGES/messages.mo",
        "fieldapp/translations/zh_Hans_CN/LC_MESSAGES/messages.mo",
    } <= built


def test_installed_elsewhere_it_does_not_look_at_the_checkout(elsewhere: Path) -> None:
    question = """
import fieldapp, sync
from pathlib import Path
from fieldapp import catalogue, vendor
from fieldapp.place_of_files import place_of
vendor.check(place_of("static"))
assert catalogue.load("en").keys() == catalogue.load("zh-CN").keys()
for path in (fieldapp.__file__, sync.__file__ or sync.__path__[0], place_of("static"), place_of("templates")):
    print(Path(path).resolve())
"""
    python = elsewhere / "bin" / "python"
    answer = subprocess.check_output([python, "-c", question], cwd=elsewhere, env=CLEAN, text=True)
    assert [line for line in answer.splitlines() if not Path(line).is_relative_to(elsewhere.resolve())] == []


def test_installed_elsewhere_the_command_explains_itself(elsewhere: Path) -> None:
    program = elsewhere / "bin" / "fieldapp"
    answer = subprocess.check_output([program, "--help"], cwd=elsewhere, env=CLEAN, text=True)
    assert all(word in answer for word in ("serve", "demo", "user"))


def test_installed_elsewhere_it_serves_pages_and_libraries(elsewhere: Path, tmp_path: Path) -> None:
    server = AppServer(tmp_path / "archive", program=elsewhere / "bin" / "fieldapp")
    server.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        answers = {}
        for path in ("/login", "/static/vendor/sqlite-wasm/sqlite3.wasm"):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            answers[path] = (response.status, response.getheader("Content-Type", "").split(";")[0])
    finally:
        server.kill()
    assert answers == {
        "/login": (200, "text/html"),
        "/static/vendor/sqlite-wasm/sqlite3.wasm": (200, "application/wasm"),
    }
