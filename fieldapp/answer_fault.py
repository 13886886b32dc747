"""Whether answers fit the checklist they answer: types, choices, what must be answered. A misfit is shown to people, never refused.

The phone judges conditions and limits too, while there is somebody to ask; here is checked what stands in the answer alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from fieldapp.answer_sheet import UNCHECKED, Node
from fieldapp.domain.checklist import Answer, Checklist

Reason = Literal["unknown", "type", "choice", "required"]

# As the phone writes them (`static/js/core/checklist.js`).
FORMS = {
    "integer": r"-?\d{1,12}",
    "decimal": r"-?\d{1,12}(\.\d{1,6})?",
    "date": r"20\d\d-\d\d-\d\d",
    "time": r"\d\d:\d\d",
    "dateTime": r"20\d\d-\d\d-\d\dT\d\d:\d\d",
    "geopoint": r"-?\d{1,2}\.\d{1,7} -?\d{1,3}\.\d{1,7} 0 \d{1,6}",
    "acknowledge": r"OK",
}
ALWAYS = re.compile(r"\s*(true\(\)|yes|1)\s*", re.IGNORECASE)
_INSTANCE = re.compile(r"(.+)\[(\d{1,3})\]")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one answer; `name` is the answer's, `name[3]` inside a repeat."""

    name: str
    reason: Reason


@dataclass(frozen=True)
class _Place:
    """An item of a template, the repeat it stands in, and whether it is asked whatever else is answered."""

    node: Node
    repeat: str
    is_always_asked: bool


def faults(checklist: Checklist, answer: Answer) -> list[Fault]:
    """Return what does not fit: answers in their order, then what must be answered and is not."""
    places = {place.node["id"]: place for group in _groups(checklist) for place in _places(group, "", True)}
    given = cast("Mapping[str, str]", answer.answers)
    wrong = [
        Fault(name, reason)
        for name, value in given.items()
        if (reason := _fault(checklist, places, given, name, value))
    ]
    absent = (
        Fault(name, "required")
        for name, place in places.items()
        if place.is_always_asked
        and ALWAYS.fullmatch(place.node.get("required") or "")
        and not given.get(name)
    )
    return [*wrong, *absent]


def _groups(checklist: Checklist) -> list[Node]:
    return cast("list[Node]", checklist.groups)


def _places(node: Node, repeat: str, is_always_asked: bool) -> Iterator[_Place]:
    is_asked = is_always_asked and not node.get("relevant")
    if "items" not in node:
        yield _Place(node, repeat, is_asked)
        return
    is_repeat = node.get("repeat") is not None
    if is_repeat:
        yield _Place(node, "", False)
    for inner in node["items"]:
        yield from _places(inner, node["id"] if is_repeat else repeat, is_asked and not is_repeat)


def _fault(
    checklist: Checklist, places: Mapping[str, _Place], given: Mapping[str, str], name: str, value: str
) -> Reason | None:
    match = _INSTANCE.fullmatch(name)
    place = places.get(match[1] if match else name)
    if place is None or bool(match) != bool(place.repeat):
        return "unknown"
    if match and match[2] not in given.get(place.repeat, "").split():
        return "unknown"
    if "items" in place.node:
        return None if all(number.isdecimal() for number in value.split()) else "type"
    return None if value in ("", UNCHECKED) else _misfit(checklist, place.node, value)


def _misfit(checklist: Checklist, item: Node, value: str) -> Reason | None:
    sort, _, listed = str(item["type"]).partition(" ")
    if sort in ("select_one", "select_multiple"):
        choices = cast("Mapping[str, list[Mapping[str, Any]]]", checklist.choices)
        if listed not in choices:
            return None
        names = {choice["name"] for choice in choices[listed]}
        chosen = value.split() if sort == "select_multiple" else [value]
        return None if names.issuperset(chosen) and len(set(chosen)) == len(chosen) else "choice"
    form = FORMS.get(sort)
    return None if form is None or re.fullmatch(form, value) else "type"
