"""What STYLE asks for and a machine can see."""

import ast
import re
from pathlib import Path

import pytest

from tests.quality.checkout import files, name

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "data", "info"}
LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 60


def matches(paths: list[Path], pattern: str) -> list[str]:
    """List every line that matches, as `file:line: text`."""
    return [
        f"{name(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if re.search(pattern, line)
    ]


def test_no_file_has_a_name_that_says_nothing() -> None:
    places = (path for path in files() if {path.stem, path.parent.name} & FORBIDDEN_NAMES)
    assert [name(path) for path in places] == []


def test_no_file_is_too_long() -> None:
    lengths = {
        name(path): path.read_text(encoding="utf-8").count("\n") for path in files(".py", ".js", ".css")
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{name(path)}:{node.name}": length
        for path in files(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION_LINES
    }
    assert long == {}


def test_locks_hold_no_address() -> None:
    locks = [
        path for path in files() if "lock" in path.name.split(".")[-1] or path.name.endswith("-lock.json")
    ]
    assert {"run.lock", "test.lock", "node.lock", "package-lock.json"} <= {path.name for path in locks}
    assert matches(locks, "://") == []


def test_every_locked_package_has_a_hash() -> None:
    for path in files(".lock"):
        pins = re.findall(r"^[\w.\[\]-]+==.*(?:\n .*)*", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert pins
        assert [pin for pin in pins if "--hash=sha256:" not in pin] == []


def scripts() -> list[Path]:
    return [path for path in files(".js") if path.parts[-3:-1] != ("templates", "phone")]


def test_scripts_are_checked_and_import_by_relative_path() -> None:
    unchecked = [
        name(path) for path in scripts() if not path.read_text(encoding="utf-8").startswith("// @ts-check")
    ]
    assert unchecked == []
    assert matches(scripts(), r"""^(?:import|export)\b.*\bfrom\s+["'](?!\.{1,2}/[^"']+\.m?js["'])""") == []


@pytest.mark.parametrize(
    ("suffix", "pattern"),
    [
        (".js", r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafeHTML)\b"),
        (".js", r"\beval\(|new Function\("),
        (".html", r"\|\s*safe\b"),
        (".html", r"<script(?![^>]*\b(?:src=|type=\"application/json\"))"),
        (".html", r"<style\b|\sstyle=|\son[a-z]+="),
    ],
)
def test_pages_and_scripts_keep_the_security_policy(suffix: str, pattern: str) -> None:
    assert matches(files(suffix), pattern) == []


def test_nothing_on_a_phone_is_deleted_by_sqlite_wasm() -> None:
    assert matches(scripts(), r"\.(?:removeVfs|wipeFiles|removeEntry)\(|\bclearOnInit\s*:") == []


def test_offline_is_a_stopped_server() -> None:
    # A browser told to be offline still lets service workers through.
    assert matches(files(".py"), r"\.set_offline\(") == []
