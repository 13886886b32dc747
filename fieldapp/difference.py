"""The difference of two wordings, marked word by word. Pure; Han characters count one by one, Latin words and figures whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Sort = Literal["same", "gone", "new"]

TOKEN = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
# Comparing costs time by the square: a longer stretch is shown as replaced whole.
MAX_TOKENS = 400
# What stays between two changes is read more easily as part of them when it is as short as this.
MIN_SAME_CHARS = 2
# Wordings that share less than this are two texts: read side by side.
MIN_SHARED = 0.4


@dataclass(frozen=True)
class Run:
    """A stretch of text: in both wordings, only in the earlier one, or only in the newer one."""

    sort: Sort
    text: str


def difference(before: str, after: str) -> list[Run] | None:
    """Return the runs that lead from one wording to the other, None when they have too little in common to be marked.

    Joined without `new` the runs are the earlier wording, without `gone` the newer one.
    """
    runs = _joined(_without_crumbs(list(_runs(TOKEN.findall(before), TOKEN.findall(after)))))
    shared = sum(len(run.text) for run in runs if run.sort == "same")
    return runs if shared >= MIN_SHARED * min(len(before), len(after)) and shared else None


def _runs(before: list[str], after: list[str]) -> Iterator[Run]:
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    gone, new = before[start : len(before) - end], after[start : len(after) - end]
    yield Run("same", "".join(before[:start]))
    yield from _middle(gone, new)
    yield Run("same", "".join(before[len(before) - end :]))


def _shared(one: list[str], other: list[str]) -> int:
    """Return how many tokens two lists begin with in common."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _middle(gone: list[str], new: list[str]) -> Iterator[Run]:
    if max(len(gone), len(new)) > MAX_TOKENS:
        yield from (Run("gone", "".join(gone)), Run("new", "".join(new)))
        return
    for tag, a, b, c, d in SequenceMatcher(None, gone, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(gone[a:b]))
        else:
            yield from (Run("gone", "".join(gone[a:b])), Run("new", "".join(new[c:d])))


def _without_crumbs(runs: list[Run]) -> Iterator[Run]:
    for at, run in enumerate(runs):
        if run.sort == "same" and 0 < at < len(runs) - 1 and 0 < len(run.text) < MIN_SAME_CHARS:
            yield from (Run("gone", run.text), Run("new", run.text))
        else:
            yield run


def _joined(runs: Iterator[Run]) -> list[Run]:
    """Join what belongs together: between two unchanged runs all that went, then all that came."""
    joined: list[Run] = []
    gone = new = ""
    for run in (*runs, Run("same", "")):
        if run.sort == "gone":
            gone += run.text
        elif run.sort == "new":
            new += run.text
        elif run.text or (gone or new):
            joined += [one for one in (Run("gone", gone), Run("new", new)) if one.text]
            gone = new = ""
            joined += [run] if run.text else []
    return joined
