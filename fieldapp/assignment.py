"""Assignments made at the desk: which team goes where in a month. They stand in the team's stream, which the team and the desks have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from fieldapp.domain.project import Assignment, AssignmentBody, Milestone, Project
from fieldapp.domain.unit import Team, Unit
from fieldapp.problem import Problem
from sync.archive import Draft

if TYPE_CHECKING:
    from fieldapp.services import Services


@dataclass(frozen=True)
class Line:
    """One assignment, by name."""

    row: Assignment
    team: Team | None
    place: Project | Unit | None
    milestone: Milestone | None


def of_month(session: Session, streams: Iterable[str], month: str) -> list[Line]:
    """Return the assignments of a month in these streams, by team, the newest first."""
    wanted = (col(Assignment.stream).in_(sorted(streams)), col(Assignment.month) == month)
    rows = session.exec(
        select(Assignment).where(*wanted).order_by(col(Assignment.stream), col(Assignment.captured_at).desc())
    )
    return [_line(session, row) for row in rows]


def _line(session: Session, row: Assignment) -> Line:
    place: Project | Unit | None = (
        session.get(Project, row.project) if row.project else session.get(Unit, row.unit or "")
    )
    milestone = session.get(Milestone, row.milestone) if row.milestone else None
    return Line(row, session.get(Team, row.stream.partition(":")[2]), place, milestone)


def assign(services: "Services", streams: Iterable[str], who: str, team: str, body: dict[str, Any]) -> None:
    """Seal an assignment to a team; raise problem `not-found`, `pydantic.ValidationError`."""
    whole = AssignmentBody.model_validate(body).model_dump(mode="json")
    with services.database.reading() as session:
        if session.get(Team, team) is None:
            raise Problem("not-found")
        place = (
            session.get(Project, whole["project"])
            if whole["project"]
            else session.get(Unit, whole["unit"] or "")
        )
        milestone = session.get(Milestone, whole["milestone"]) if whole["milestone"] else None
        of_place = milestone is None or milestone.project == whole["project"]
        if place is None or (whole["milestone"] and milestone is None) or not of_place:
            raise Problem("not-found")
        if isinstance(place, Project) and place.stream not in set(streams):
            raise Problem("not-found")
    services.archive.seal([Draft(AssignmentBody.kind, f"team:{team}", whole, who)])
