"""What coverage asks of submitted visits: where and when somebody was, how many went, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from fieldapp.domain.visit import Progress, Visit
from fieldapp.visit_line import BY_NUMBER, State, VisitLine


@dataclass(frozen=True)
class Stay:
    """What coverage asks of a submitted visit: where, from when to when, how many went, and its state."""

    entity: str
    stream: str
    arrived_at: str
    left_at: str
    people: int
    state: State


def submitted_between(session: Session, streams: Sequence[str], since: str, until: str) -> list[Stay]:
    """Return the submitted visits to these places that began on these days or between them, in no order."""
    told = select(
        col(Visit.entity),
        col(Visit.stream),
        col(Visit.arrived_at),
        col(Visit.left_at),
        col(Visit.team),
        col(VisitLine.facet),
    )
    statement = told.join(VisitLine, col(VisitLine.visit) == Visit.entity)
    return [
        Stay(row.entity, row.stream, row.arrived_at, row.left_at, len(row.team), BY_NUMBER[row.facet].state)
        for row in session.execute(statement.where(*_between(streams, since, until)))
    ]


def with_progress(session: Session, streams: Sequence[str], since: str, until: str) -> set[str]:
    """Return those of the same visits on which progress was seen."""
    statement = select(col(Progress.visit)).join(VisitLine, col(VisitLine.visit) == Progress.visit)
    return set(session.scalars(statement.where(*_between(streams, since, until))))


def _between(streams: Sequence[str], since: str, until: str) -> list[Any]:
    arrived = col(VisitLine.arrived_at)
    return [col(VisitLine.stream).in_(streams), arrived >= since, arrived < until]
