"""The phone's files as they travel: the lean ones only while they are made of the present sources."""

import json
from pathlib import Path

import pytest

from fieldapp import lean

SOURCES = {
    "js/app.js": "// why\nlet a;",
    "js/desk/log.js": "",
    "css/phone.css": "a {}",
    "img/icon-192.png": "",
    "vendor/sqlite-wasm/index.mjs": "",
    "vendor/sqlite-wasm/sqlite3.wasm": "",
    "vendor/sqlite-wasm/sqlite3.wasm.br": "",
}
AS_THEY_ARE = ["img/icon-192.png", "vendor/sqlite-wasm/index.mjs", "vendor/sqlite-wasm/sqlite3.wasm"]


@pytest.fixture
def static(tmp_path: Path) -> Path:
    made = {"lean/js/app.js": "let a;", "lean/js/app.js.br": "", "lean/css/phone.css": "a{}"}
    for name, text in {**SOURCES, **made}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / lean.STAMP).write_text(json.dumps(lean.stamp_of(tmp_path)))
    return tmp_path


def sent(static: Path) -> dict[str, str]:
    return {name: path.relative_to(static).as_posix() for name, path in lean.files(static).items()}


def test_lean_files_go_by_the_names_of_sources(static: Path) -> None:
    made = {name: f"lean/{name}" for name in ("css/phone.css", "js/app.js")}
    assert sent(static) == made | {name: name for name in AS_THEY_ARE}


@pytest.mark.parametrize("changed", ["js/app.js", "js/new.js", "css/phone.css", lean.STAMP])
def test_sources_are_sent_as_they_stand_while_anything_is_newer(static: Path, changed: str) -> None:
    (static / changed).write_text("{}")
    found = sent(static)
    assert found == {name: name for name in found}
    assert set(found) >= {"css/phone.css", "js/app.js", *AS_THEY_ARE}


def test_a_source_that_is_gone_makes_lean_files_old(static: Path) -> None:
    (static / "css" / "phone.css").unlink()
    assert sent(static) == {"js/app.js": "js/app.js"} | {name: name for name in AS_THEY_ARE}
