"""Whether an achievement is to be looked back on, and what it then came to.

Twin of static/js/core/look_back.js, held together by tests/vectors/look_back.json.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlmodel import Session, col, select

from fieldapp.domain.entry import Entry
from fieldapp.domain.look_back import LookBack

State = Literal["none", "waiting", "due", "holds", "partly_holds", "not_held"]


@dataclass(frozen=True)
class Prospect:
    """What is to come of an achievement, or came: `on` is the day to look back, None when none is set or it was told."""

    state: State
    on: str | None


def prospect(look_back_on: str | None, looks: Iterable[LookBack], today: date) -> Prospect:
    """Return how an achievement stands after all looks back on it, by the day they were made."""
    last = max(looks, key=lambda one: (one.looked_on, one.captured_at, one.entity), default=None)
    if last and last.outcome != "too_early":
        return Prospect(last.outcome, None)
    on = last.again_on if last else look_back_on
    if on is None:
        return Prospect("none", None)
    return Prospect("due" if on <= today.isoformat() else "waiting", on)


def prospects(session: Session, entries: Iterable[Entry], today: date) -> dict[str, Prospect]:
    """Return how the achievements among some entries stand, by entity; those with no day to look back are left out."""
    wanted = {one.entity: one.look_back_on for one in entries if one.list == "achievement"}
    looks: dict[str, list[LookBack]] = {}
    told = select(LookBack).where(col(LookBack.entry).in_(wanted))
    for look in session.exec(told) if wanted else ():
        looks.setdefault(look.entry, []).append(look)
    found = {entity: prospect(on, looks.get(entity, []), today) for entity, on in wanted.items()}
    return {entity: one for entity, one in found.items() if one.state != "none"}
