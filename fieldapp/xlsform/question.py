"""What a row of the survey may be: the types, and which columns, appearances and defaults go with them."""

import re
from datetime import date, datetime, time

from fieldapp.xlsform.expression import FUNCTIONS

CHOSEN = frozenset({"select_one", "select_multiple"})
TYPED = frozenset({"text", "integer", "decimal", "date", "time", "dateTime"})
ANSWERED = CHOSEN | TYPED | {"image", "geopoint", "acknowledge"}
# Nobody is shown these.
SILENT = frozenset({"calculate", "hidden"})
TYPES = ANSWERED | SILENT | {"note"}

_ALSO = {
    "datetime": "dateTime", "string": "text", "int": "integer", "photo": "image", "location": "geopoint", "gps": "geopoint",
    "trigger": "acknowledge",
}  # fmt: skip
_MARKS = {
    "begin group": "begin_group", "begin_group": "begin_group", "end group": "end_group", "end_group": "end_group",
    "begin repeat": "begin_repeat", "begin_repeat": "begin_repeat", "end repeat": "end_repeat", "end_repeat": "end_repeat",
}  # fmt: skip
_SELECTS = (
    ("select_one", r"(?:select_one|select one from|select one|select1)"),
    (
        "select_multiple",
        r"(?:select_multiple|select all that apply from|select multiple from|select multiple)",
    ),
)
_METADATA = frozenset(
    "start end today deviceid device_id subscriberid simserial phonenumber username email audit start-geopoint background-audio".split()
) | {
    "get start time",
    "get end time",
    "get today",
    "get device id",
    "get phone number",
    "get subscriber id",
    "get sim id",
}

# Column → types it may stand at, beside those every row has.
GROUPS = frozenset({"begin_group", "begin_repeat"})
FITTING: dict[str, frozenset[str]] = {
    "label": ANSWERED | GROUPS | SILENT | {"note"},
    "hint": ANSWERED | {"note"},
    "relevant": TYPES | GROUPS,
    "required": ANSWERED,
    "required_message": ANSWERED,
    "constraint": ANSWERED - {"image"},
    "constraint_message": ANSWERED - {"image"},
    "calculation": TYPED | CHOSEN | SILENT,
    "default": TYPED | CHOSEN | SILENT,
    "read_only": ANSWERED - {"image", "geopoint"} | {"note"},
    "choice_filter": CHOSEN,
    "appearance": TYPES | GROUPS,
    "repeat_count": frozenset({"begin_repeat"}),
}

# Appearances that only lay out what the phone lays out itself, by type; every other one would change what is asked.
_LAYOUT = frozenset(f"w{number}" for number in range(1, 13))
_FITTING_APPEARANCE: dict[str, frozenset[str]] = {
    "text": frozenset({"multiline", "numbers"}),
    "integer": frozenset({"thousands-sep"}),
    "decimal": frozenset({"thousands-sep"}),
    "image": frozenset({"new"}),
    "date": frozenset({"no-calendar"}),
    "begin_group": frozenset({"field-list", "table-list", "compact"}),
    "begin_repeat": frozenset({"field-list"}),
    **dict.fromkeys(
        sorted(CHOSEN),
        frozenset(
            "minimal compact quick quickcompact horizontal horizontal-compact columns columns-pack list list-nolabel label likert "
            "no-buttons autocomplete".split()
        )
        | {f"{word}-{number}" for word in ("compact", "quickcompact", "columns") for number in range(1, 11)},
    ),
}


def type_of(text: str) -> tuple[str, str]:
    """Return a type and the list it names (`select_one`, `yes_no`), or the reason why there is none (`""`, reason)."""
    plain = " ".join(text.split())
    lower = plain.lower()
    if lower in _MARKS:
        return _MARKS[lower], ""
    if re.search(r"\b(or_other|or specify other)$", lower):
        return "", "or_other"
    for name, words in _SELECTS:
        match = re.fullmatch(words + r"\s+(\S+)", plain, re.IGNORECASE)
        if match:
            return name, match[1]
    if lower in CHOSEN:
        return "", "no_list"
    if lower in _METADATA:
        return "", "metadata"
    found = _ALSO.get(lower, "dateTime" if lower == "datetime" else lower)
    return (found, "") if found in TYPES else ("", "unknown_type")


def misfit(question: str, appearance: str) -> str:
    """Return the first word of an appearance that the type does not have here, or nothing."""
    fitting = _FITTING_APPEARANCE.get(question, frozenset()) | _LAYOUT
    return next((word for word in appearance.split() if word.lower() not in fitting), "")


def is_dynamic(default: str) -> bool:
    """Tell whether a default is an expression: it refers to an answer or calls a function."""
    return "${" in default or any(name in FUNCTIONS for name in re.findall(r"([a-z][a-z:-]*)\(", default))


def quoted(text: str) -> str | None:
    """Write a literal as an expression; None for one that holds both kinds of quotes."""
    mark = next((mark for mark in "'\"" if mark not in text), None)
    return f"{mark}{text}{mark}" if mark else None


def is_literal_of(question: str, text: str, choices: frozenset[str]) -> bool:
    """Tell whether a literal default is an answer the type may have."""
    if question == "select_one":
        return text in choices
    if question == "select_multiple":
        return set(text.split()) <= choices
    if question == "integer":
        return re.fullmatch(r"-?\d{1,12}", text) is not None
    if question == "decimal":
        return re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", text) is not None
    reads = {"date": date.fromisoformat, "time": time.fromisoformat, "dateTime": datetime.fromisoformat}.get(
        question
    )
    try:
        if reads is not None:
            reads(text)
    except ValueError:
        return False
    return True
