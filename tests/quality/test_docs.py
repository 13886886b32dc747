"""What the documents say is there: links, pictures, commands, files; and nothing that belongs to one machine only."""

import re
from pathlib import Path

import click
import pytest
from PIL import Image

from fieldapp.command import group
from tests.quality.checkout import ROOT, files, name

DOCUMENTS = [path for path in files(".md") if "vectors" not in path.parts]
PICTURES = ROOT / "docs" / "pictures"
MOST_PICTURE_BYTES = 1_800_000
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# A file or folder of ours in backquotes: with a slash, or with one of our suffixes.
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|js|md|json|html|css|toml|lock)|(?:[\w.-]+/)+)`")
# Folders inside which documents may name a file without the way to it.
SHORTCUTS = (
    "",
    "fieldapp",
    "sync",
    "static/js",
    "static/css",
    "tests/browser",
    "static/js/device/store",
    "tests/sync",
)
# What documents name that is made when it is needed.
# A member of a package, too.
MADE = {
    "manifest.json",
    "photo/",
    "picture/",
    "tls/",
    "key/",
    "key/retired/",
    "static/vendor/",
    "bench/results.json",
}
SUBCOMMAND = re.compile(r"^\s*(?:\.venv/bin/)?fieldapp ((?:[a-z]+ ?)+)(.*)$", re.MULTILINE)
MACHINE = {
    "a person's or a machine's own path": r"(?<![\w./])/(?:home|Users|root|work|mnt|tmp)/[\w.-]+",
    "a package registry": r"(?i)\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|registry\.[a-z0-9-]+\.[a-z]{2,})\b",
}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in LINK.findall(text_of(document)):
        place, _, anchor = target.partition("#")
        if "://" in place:
            continue
        found = (document.parent / place).resolve() if place else document
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_files_named_are_there(document: Path) -> None:
    ours = {name(path) for path in files()}
    folders = {f"{parent.as_posix()}/" for each in ours for parent in Path(each).parents}

    def is_there(named: str) -> bool:
        near = (document.parent / named).relative_to(ROOT).as_posix()
        ends = {near, near + "/", *(f"{folder}/{named}".lstrip("/") for folder in SHORTCUTS)}
        return named in MADE or bool(ends & (ours | folders))

    assert [named for named in NAMED.findall(text_of(document)) if not is_there(named)] == []


def test_make_commands_named_exist_and_are_all_in_its_help() -> None:
    makefile = text_of(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    assert targets == phony
    named = {
        (name(path), each)
        for path in DOCUMENTS
        for each in re.findall(r"(?:`|^ {4})make ([a-z-]+)", text_of(path), re.M)
    }
    assert {("README.md", "demo"), ("README.md", "test")} <= named
    assert {(place, each) for place, each in named if each not in targets} == set()


def named_commands() -> list[tuple[str, str, str]]:
    """List (document, words, rest of the line) of every `fieldapp …` in a code block or in backquotes."""
    code = re.compile(r"^ {4}(.+)$|`(fieldapp [^`]+)`", re.MULTILINE)
    lines = [(name(path), "".join(each)) for path in DOCUMENTS for each in code.findall(text_of(path))]
    found = [(place, SUBCOMMAND.match(line)) for place, line in lines]
    return [(place, match[1].strip(), match[2]) for place, match in found if match]


def test_commands_of_the_program_named_exist_with_their_options() -> None:
    unknown = []
    commands = named_commands()
    for document, words, rest in commands:
        command: click.Command | None = group
        for word in words.split():
            if isinstance(command, click.Group):
                command = command.get_command(click.Context(command), word)
        options = set() if command is None else {each for one in command.params for each in one.opts}
        wrong = set(re.findall(r"--[a-z-]+", rest)) - options - {"--help"}
        if command is None or wrong:
            unknown.append((document, words, sorted(wrong)))
    assert {words for _, words, _ in commands} >= {"serve", "user add"}
    assert unknown == []


PICTURE_SIZES = {"phone": (720, 1280), "larger": (780, 1688), "tablet": (1640, 2360), "desk": (1280, 800)}


def test_pictures_are_shown_taken_and_small() -> None:
    pictures = {path.name for path in files(".png") if path.parent == PICTURES}
    shown = {
        Path(target).name
        for path in DOCUMENTS
        for target in re.findall(r"!\[[^\]]+\]\(([^)]+\.png)\)", text_of(path))
    }
    taken = set(re.findall(r'keep(?:_top)?\([\w.]+, "([\w-]+)"\)', text_of(PICTURES / "take.py")))
    assert pictures == shown == {f"{each}.png" for each in taken}
    assert sum((PICTURES / each).stat().st_size for each in pictures) < MOST_PICTURE_BYTES
    for each in pictures:
        with Image.open(PICTURES / each) as image:
            assert image.size == PICTURE_SIZES[each.partition("-")[0]], each
            image.verify()


def texts() -> list[tuple[Path, str]]:
    """List our text files with what stands in them."""
    found = []
    for path in files():
        try:
            found.append((path, text_of(path)))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("what", MACHINE)
def test_nothing_names_one_machine(what: str) -> None:
    found = [
        f"{name(path)}: {match[0]}"
        for path, text in texts()
        if path != Path(__file__)
        for match in re.finditer(MACHINE[what], text)
    ]
    assert found == []


def test_every_decision_has_its_day_and_stands_once() -> None:
    text = text_of(ROOT / "DECISIONS.md").split("\n## ", 1)[1]
    paragraphs = [each for each in text.split("\n\n")[1:] if not each.startswith("## ")]
    assert [each[:60] for each in paragraphs if not re.match(r"\*\*20\d\d-\d\d-\d\d · [^*]+\*\*", each)] == []
    titles = [re.findall(r"· ([^*]+)\*\*", each)[0] for each in paragraphs]
    assert sorted(set(titles)) == sorted(titles)
