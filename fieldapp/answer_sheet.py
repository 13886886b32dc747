"""A filled checklist in the template's own wording. Pure: a template, an answer, a language."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from fieldapp.domain.checklist import Answer, Checklist

UNCHECKED = "unchecked"

Node = Mapping[str, Any]
_REFERENCE = re.compile(r"\$\{\s*([^}]*?)\s*\}")
_INSTANCE = re.compile(r"(.+)\[(\d+)\]")


@dataclass(frozen=True)
class Line:
    """One item: question, answer in words, the note beside it. `raises` tells that the template wants an entry that is not there."""

    name: str
    question: str
    answer: str
    note: str
    is_unchecked: bool
    raises: bool


def sheet(
    checklist: Checklist | None, answer: Answer, language: str, raised: Collection[str] = ()
) -> list[tuple[str, list[Line]]]:
    """Return the answered items by group, in the template's order; without a template, names and values as they were sent.

    `raised` are the items that entries of the visit name.
    """
    if checklist is None:
        plain = [
            Line(name, name, value, answer.notes.get(name, ""), value == UNCHECKED, False)
            for name, value in answer.answers.items()
        ]
        return [("", plain)]
    filled = _Filled(checklist, answer, "en" if language == "en" else "zh", raised)
    sections = (one for group in _groups(checklist) for one in filled.sections(group, "", ""))
    return [(title, lines) for title, lines in sections if lines]


def item_words(checklist: Checklist | None, name: str, value: str, language: str) -> tuple[str, str]:
    """Return an item's question and an answer to it in words; name and value as they were sent when no template has it."""
    word = "en" if language == "en" else "zh"
    match = _INSTANCE.fullmatch(name)
    stem = match[1] if match else name
    node = next((one for one in nodes(checklist) if one["id"] == stem), None) if checklist else None
    if checklist is None or node is None:
        return name, value
    question = (node.get(word) or stem) + (f" {match[2]}" if match else "")
    if "items" in node:
        return question, str(len(value.split()))
    return question, value if value == UNCHECKED or not value else _wording(checklist, node, value, word)


def lacked_item(checklists: Iterable[Checklist], name: str, language: str) -> str:
    """Return the question of an item as manifests name it, nothing when none has it. Forms of version 2 stand before it: `bridge/state`."""
    code, _, stem = name.rpartition("/")
    asked = (item_words(one, stem, "", language)[0] for one in checklists if code in ("", one.code))
    return next((words for words in asked if words != stem), "")


def nodes(checklist: Checklist) -> Iterator[Node]:
    """Yield every item and every group that asks one (a repeat), in the template's order."""

    def inside(group: Node) -> Iterator[Node]:
        if group.get("repeat") is not None:
            yield group
        for node in group["items"]:
            if "items" in node:
                yield from inside(node)
            else:
                yield node

    for group in _groups(checklist):
        yield from inside(group)


def _groups(checklist: Checklist) -> list[Node]:
    # A row holds what was sealed, of either version, as plain objects.
    return cast("list[Node]", checklist.groups)


@dataclass(frozen=True)
class _Filled:
    checklist: Checklist
    answer: Answer
    word: str
    raised: Collection[str]

    def sections(self, group: Node, above: str, instance: str) -> Iterator[tuple[str, list[Line]]]:
        """Yield the lines of a group and of the groups in it, each with its title; a repeat as often as it was added."""
        title = " · ".join(one for one in (above, self._text(group.get(self.word, ""), instance)) if one)
        if group.get("repeat") is None:
            yield from self._inside(group, title, instance)
            return
        for at, number in enumerate(self.answer.answers.get(group["id"], "").split(), 1):
            yield from self._inside(group, f"{title} {at}".strip(), f"[{number}]")

    def _inside(self, group: Node, title: str, instance: str) -> Iterator[tuple[str, list[Line]]]:
        lines: list[Line] = []
        for node in group["items"]:
            if "items" in node:
                yield title, lines
                lines = []
                yield from self.sections(node, title, instance)
            else:
                lines.extend(self._line(node, instance))
        yield title, lines

    def _line(self, item: Node, instance: str) -> Iterator[Line]:
        name = item["id"] + instance
        value, note = self.answer.answers.get(name, ""), self.answer.notes.get(name, "")
        if value or note:
            question = self._text(item.get(self.word) or item["id"], instance)
            said = _wording(self.checklist, item, value, self.word) if value else ""
            raises = value in item.get("raises", {}).get("when", ()) and name not in self.raised
            yield Line(name, question, said, note, value == UNCHECKED, raises)

    def _text(self, text: str, instance: str) -> str:
        """Fill in the answers that words of the template quote (`${name}`)."""

        def quoted(match: re.Match[str]) -> str:
            answers = self.answer.answers
            value = answers.get(match[1] + instance) or answers.get(match[1], "")
            item = next((one for one in nodes(self.checklist) if one["id"] == match[1]), None)
            return _wording(self.checklist, item, value, self.word) if item and value else value

        return _REFERENCE.sub(quoted, text)


def _wording(checklist: Checklist, item: Node, value: str, word: str) -> str:
    sort, _, listed = str(item.get("type", "")).partition(" ")
    if sort == "dateTime":
        return value[:16].replace("T", " ")
    if sort not in ("select_one", "select_multiple"):
        return value
    choices = cast("Mapping[str, list[Node]]", checklist.choices)
    names = {choice["name"]: choice[word] for choice in choices.get(listed, [])}
    values = value.split() if sort == "select_multiple" else [value]
    return ("; " if word == "en" else "；").join(str(names.get(one, one)) for one in values)
