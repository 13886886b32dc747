"""Every key that code uses has wording in every language, and the languages say the same things."""

import re
from pathlib import Path
from string import Formatter

import pytest

from fieldapp.catalogue import FOLDER, LANGUAGES, load
from tests.quality.checkout import files, name

# t("home.title") in every language. Only a prefix: t("state." + …), t(f"state.{…}"), t(`state.${…}`)
USE = re.compile(r"""(?<![\w.])t\(\s*(?P<quote>f?["'`])(?P<key>[\w.-]+)(?P<rest>["'`{$])""")


def uses() -> list[tuple[str, str, bool]]:
    """List (place, key, whether it is only the start of one) for every call of `t` outside the tests."""
    found = []
    for path in files(".py", ".html", ".js"):
        if "tests" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for match in USE.finditer(text):
            place = f"{name(path)}:{text.count(chr(10), 0, match.start()) + 1}"
            found.append((place, match["key"], match["rest"] in "{$" or match["key"].endswith(".")))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_used_has_wording(language: str) -> None:
    wording = load(language)

    def is_known(key: str, is_prefix: bool) -> bool:
        return any(each.startswith(key) for each in wording) if is_prefix else key in wording

    assert [f"{place}: {key}" for place, key, is_prefix in uses() if not is_known(key, is_prefix)] == []


def keys(source: Path) -> list[str]:
    return re.findall(r'^msgid "(.+)"$', source.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("locale", LANGUAGES.values())
def test_no_key_stands_twice_or_empty(locale: str) -> None:
    source = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    found = keys(source)
    assert sorted(set(found)) == sorted(found)
    empty = re.findall(r'^msgid "(.+)"\nmsgstr ""\n(?!")', source.read_text(encoding="utf-8"), re.MULTILINE)
    assert empty == []


def placeholders(wording: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(wording) if field is not None}


def test_languages_have_the_same_keys_and_placeholders() -> None:
    chinese, english = load("zh-CN"), load("en")
    assert chinese.keys() ^ english.keys() == set()
    differing = {key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])}
    assert differing == set()
    assert {key for key in chinese if "" in placeholders(chinese[key])} == set()
