"""How templates write what ballots came to: words in the reader's language, shares, and the groups that are told. No points, no rank."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldapp.message import language

UNKNOWN = "unknown"


def spoken(word: Mapping[str, str]) -> str:
    """Return a word of a ballot in the reader's language."""
    return word["en"] if language() == "en" else word["zh"]


def share(marks: Sequence[int], options: Sequence[Mapping[str, str]], at: int) -> str:
    """Return the share of one option among those who gave an opinion, `25%`; nothing for "don't know", or where nobody gave one."""
    told = sum(count for count, option in zip(marks, options, strict=True) if option["id"] != UNKNOWN)
    if options[at]["id"] == UNKNOWN or not told:
        return ""
    return f"{100 * marks[at] / told:.0f}%"


def groups(row: Any, target: str) -> list[dict[str, Any]]:
    """Return the groups told apart about somebody, in the order of the ballot: `name` as in the counts, `word` of the ballot."""
    told = {one["group"] for one in row.counts if one["target"] == target}
    every = [(f"relation.{word['id']}", word) for word in row.relations]
    every += [(f"contact.{word['id']}", word) for word in row.contacts]
    return [{"name": name, "word": word} for name, word in every if name in told]


ALL = {"spoken": spoken, "share": share, "groups": groups}
