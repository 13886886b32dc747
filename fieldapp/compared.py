"""What is otherwise than on the visit before (与上次相比): new, closed, back again, behind, reported but not seen; what stayed apart. Pure.

What changed is what the reviewer reads first; nothing here says whether it is good or bad.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fieldapp.dossier import Dossier, Item
from fieldapp.entry_state import ON_SITE, EntryState

# Lists whose new entries ask for something.
ASKING = ("problem", "task")
NOT_SEEN = frozenset({"partly", "not_reached", "cannot_judge"})
NOT_SO = frozenset({"partly_true", "untrue"})


@dataclass(frozen=True)
class Step:
    """Observed progress on the visit before and on this one, and how far it is behind what was due; tenths of a percent."""

    before: int | None
    now: int
    behind: int


@dataclass(frozen=True)
class Compared:
    """A visit beside the one before, each list in the order recorded. `unseen` are milestones and claims reported and not found."""

    new: tuple[Item, ...]
    closed: tuple[Item, ...]
    relapsed: tuple[Item, ...]
    unseen: tuple[Item, ...]
    unchanged: tuple[Item, ...]
    progress: Step | None

    @property
    def is_same(self) -> bool:
        """Tell whether nothing is otherwise but, perhaps, how far the work has come."""
        return not (self.new or self.closed or self.relapsed or self.unseen)


def compared(whole: Dossier) -> Compared:
    """Compare a visit with the one before it; without one, everything asking for something is new."""
    rechecks = _last_of_each(whole.items("recheck"))
    closed = tuple(item for item in rechecks if item.row.outcome == "fixed" and item.row.known_by in ON_SITE)
    relapsed = tuple(item for item in rechecks if _is_back(item, whole.states.get(item.row.entry)))
    moved = {item.row.entity for item in (*closed, *relapsed)}
    return Compared(
        new=tuple(item for item in whole.items("entry") if item.row.list in ASKING),
        closed=closed,
        relapsed=relapsed,
        unseen=tuple(_unseen(whole)),
        unchanged=tuple(item for item in rechecks if item.row.entity not in moved),
        progress=_step(whole),
    )


def _is_back(item: Item, state: EntryState | None) -> bool:
    """Tell whether a visit found again what had been closed."""
    return item.row.outcome == "relapsed" or (item.row.outcome == "not_fixed" and state == "relapsed")


def _last_of_each(rechecks: Iterable[Item]) -> list[Item]:
    """Return the last thing found of each entry: somebody may have looked twice on a longer visit."""
    return list({item.row.entry: item for item in rechecks}.values())


def _unseen(whole: Dossier) -> Iterable[Item]:
    for item in whole.items("reconciliation"):
        milestone: Any = whole.about.get(item.row.milestone)
        if milestone is not None and milestone.reported_on and item.row.state in NOT_SEEN:
            yield item
    yield from (item for item in whole.items("outcome") if item.row.outcome in NOT_SO)


def _step(whole: Dossier) -> Step | None:
    items = whole.items("progress")
    if not items:
        return None
    now, before = items[-1].row, whole.before.progress if whole.before else None
    behind = max(0, now.due_permille - now.observed_permille)
    return Step(before.observed_permille if before else None, now.observed_permille, behind)
