"""Compiling and reading the wording."""

import os
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from fieldapp import catalogue


def source(folder: Path, wording: str) -> Path:
    path = folder / "en" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(f'{header}msgid "home.title"\nmsgstr "{wording}"\n', encoding="utf-8")
    return path


def test_an_edit_is_compiled_once(tmp_path: Path) -> None:
    path = source(tmp_path, "Home")
    assert catalogue.compile_stale(tmp_path) == [path.with_suffix(".mo")]
    assert catalogue.compile_stale(tmp_path) == []
    source(tmp_path, "家")
    os.utime(path, ns=(1, 1))  # older than what was compiled, as after a checkout: still another time
    assert catalogue.compile_stale(tmp_path) == [path.with_suffix(".mo")]
    assert "家".encode() in path.with_suffix(".mo").read_bytes()
    assert [each.name for each in path.parent.iterdir() if "." in each.suffix[1:]] == []


def test_a_broken_catalogue_is_refused(tmp_path: Path) -> None:
    path = source(tmp_path, "Home")
    path.write_text(path.read_text(encoding="utf-8") + "msgid without quotes\n", encoding="utf-8")
    with pytest.raises(PoFileError):
        catalogue.compile_stale(tmp_path)
    assert list(tmp_path.rglob("*.mo*")) == []


def test_both_languages_are_read() -> None:
    assert catalogue.load("zh-CN")["home.progress"] == "已走访 {a}/{n} 个项目"
    assert catalogue.load("en")["home.progress"] == "{a} of {n} projects visited"
    with pytest.raises(KeyError):
        catalogue.load("fr")
