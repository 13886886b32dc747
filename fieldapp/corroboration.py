"""How far independent sources agree on an entry: a pure reading of its evidence, proposed to the person who decides.

Corroborated are two kinds of evidence from two origins. A unit's own word is never the second: two managers of one firm agree easily.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Corroboration = Literal["single", "agree", "disagree"]

OWN_WORD = "unit"
FOR: Final = "for"
AGAINST: Final = "against"


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks about an entry. `kind`: seen, measured, documented, said_by_unit, said_by_others, photo, reply.

    `origin` is who it comes from (`inspectors`, `unit`, `paper`, an interviewee's code); `stance` whether it says the same;
    `words` are what it says, `entity` the record's.
    """

    kind: str
    origin: str
    stance: Literal["for", "against"]
    on: str
    words: str
    entity: str


def proposed(evidence: Iterable[Evidence]) -> Corroboration:
    """Return what the evidence amounts to, before a person looks."""
    found = list(evidence)
    if any(one.stance == AGAINST for one in found):
        return "disagree"
    independent = [one for one in found if one.origin != OWN_WORD]
    pairs = (
        (one, other)
        for at, one in enumerate(independent)
        for other in independent[at + 1 :]
        if one.kind != other.kind and one.origin != other.origin
    )
    return "agree" if next(pairs, None) else "single"


def matrix(evidence: Iterable[Evidence]) -> dict[str, dict[str, list[Evidence]]]:
    """Return the evidence by kind, then by origin, both in the order first met."""
    found: dict[str, dict[str, list[Evidence]]] = {}
    for one in evidence:
        found.setdefault(one.kind, {}).setdefault(one.origin, []).append(one)
    return found
