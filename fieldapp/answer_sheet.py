"""A filled checklist in the template's own wording. Pure: a template, an answer, a language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fieldapp.domain.checklist import Answer, Checklist

UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Line:
    """One item: question, answer in words, the note beside it. `raises` tells that the template sees reason for an entry."""

    name: str
    question: str
    answer: str
    note: str
    is_unchecked: bool
    raises: bool


def sheet(checklist: Checklist | None, answer: Answer, language: str) -> list[tuple[str, list[Line]]]:
    """Return the answered items by group, in the template's order; without a template, names and values as they were sent."""
    if checklist is None:
        plain = [
            Line(name, name, value, answer.notes.get(name, ""), value == UNCHECKED, False)
            for name, value in answer.answers.items()
        ]
        return [("", plain)]
    word = "en" if language == "en" else "zh"
    groups = (
        (group.get(word, ""), list(_lines(checklist, group, answer, word))) for group in checklist.groups
    )
    return [(title, lines) for title, lines in groups if lines]


def item_words(checklist: Checklist | None, name: str, value: str, language: str) -> tuple[str, str]:
    """Return an item's question and an answer to it in words; name and value as they were sent when no template has it."""
    word = "en" if language == "en" else "zh"
    groups = checklist.groups if checklist else ()
    item = next((one for group in groups for one in group["items"] if one["id"] == name), None)
    if checklist is None or item is None:
        return name, value
    return item[word], value if value == UNCHECKED or not value else _wording(checklist, item, value, word)


def _lines(checklist: Checklist, group: Mapping[str, Any], answer: Answer, word: str) -> Iterator[Line]:
    for item in group["items"]:
        name = item["id"]
        value = answer.answers.get(name, "")
        if value:
            said = value == UNCHECKED
            raised = value in item.get("raises", {}).get("when", ())
            yield Line(
                name,
                item[word],
                _wording(checklist, item, value, word),
                answer.notes.get(name, ""),
                said,
                raised,
            )


def _wording(checklist: Checklist, item: Mapping[str, Any], value: str, word: str) -> str:
    sort, _, listed = str(item["type"]).partition(" ")
    if sort not in ("select_one", "select_multiple"):
        return value
    names = {choice["name"]: choice[word] for choice in checklist.choices.get(listed, [])}
    values = value.split() if sort == "select_multiple" else [value]
    return ("; " if word == "en" else "；").join(str(names.get(one, one)) for one in values)
