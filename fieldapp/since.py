"""What changed in a visit since the last decision: first what was sent back and what came of it, then the rest. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fieldapp.domain.review import Review
from fieldapp.dossier import Dossier, Item


@dataclass(frozen=True)
class Answered:
    """One item that was sent back, with the reviewer's words; `item` is None when it is not here any more.

    `added` is what is new since and points at it.
    """

    entity: str
    reason: str
    item: Item | None
    added: Sequence[Item]

    @property
    def is_answered(self) -> bool:
        """Tell whether anything came of it."""
        return self.item is not None and self.item.is_answered


@dataclass(frozen=True)
class Since:
    """What is otherwise than at the last decision, `review`. `returned` has the unanswered first.

    `corrected` and `added` are what nobody had asked for item by item.
    """

    review: Review
    returned: Sequence[Answered]
    corrected: Sequence[Item]
    added: Sequence[Item]


def since(whole: Dossier) -> Since | None:
    """Return what changed since the last decision; None without one, and while what it was about stands as it was."""
    if not whole.reviews:
        return None
    review, items = whole.reviews[0], (whole.own, *whole.timeline)
    fresh = [item for item in items if item.is_fresh]
    if not fresh and (whole.line.state != "resubmitted" or review.decision != "returned"):
        return None
    returned = _returned(whole, review)
    told = {one.entity for one in returned} | {item.row.entity for one in returned for item in one.added}
    rest = [item for item in fresh if item.row.entity not in told]
    return Since(
        review,
        sorted(returned, key=lambda one: one.is_answered),
        [item for item in rest if not item.is_added],
        [item for item in rest if item.is_added],
    )


def _returned(whole: Dossier, review: Review) -> list[Answered]:
    sent_back: list[Any] = list(review.items) if review.decision == "returned" else []
    return [
        Answered(one["entity"], one["reason"], whole.find(one["entity"]), whole.answers_to(one["entity"]))
        for one in sent_back
    ]
