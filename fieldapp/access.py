"""Who may read which streams, and whose phone may be enrolled. You have a stream or you do not; nothing is filtered inside one.

Writing is not decided here: it needs the seal only (PROTOCOL.md section 4).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fieldapp import retirement, services
from fieldapp.domain.body import ENROLLED
from fieldapp.domain.project import Assignment, Project
from fieldapp.domain.unit import Team
from fieldapp.login import Who
from fieldapp.problem import Problem
from fieldapp.reach import DeskStreams
from sync.prepared import Prepared
from sync.rule import Role, noun_of
from sync.table import StreamRow

EVERYBODY = frozenset({"keys", "commons"})
# Who may make a key that confidential annexes are written to. Which of them reads an annex, its inspector chose; nobody else does.
READS_ANNEXES: frozenset[Role] = frozenset({"supervisor", "administrator"})


def streams_for(session: Session, who: Who) -> set[str]:
    """Return every stream a person may read.

    Inspectors: their teams, the projects and units these look after, and what is assigned to them. Desks: everything, but
    officials' streams only where the settings allow them on this server.
    """
    if who.role == "inspector":
        return set(EVERYBODY) | _of_inspector(session, who.person)
    names = (name for (name,) in _EVERY.rows(session))
    return DeskStreams([*names, *EVERYBODY], services.current().settings.official_streams)


_EVERY = Prepared(lambda _is_sqlite: sql_select(col(StreamRow.name)))


def is_desk_stream(stream: str) -> bool:
    """Tell whether desks may read a stream on this server, begun or not."""
    return noun_of(stream) != "official" or services.current().settings.official_streams


def may_read(session: Session, who: Who, stream: str) -> bool:
    """Tell whether a person may read a stream."""
    return stream in streams_for(session, who)


def enrollable(who: Who) -> Who:
    """Return a person whose phone may be enrolled; raise problem `desk-role` for one who works at the desk."""
    if who.role not in ENROLLED:
        raise Problem("desk-role")
    return who


def _of_inspector(session: Session, person: str) -> set[str]:
    teams = [
        team for team in session.exec(select(Team).where(retirement.in_use(Team))) if person in _people(team)
    ]
    ids = [team.entity for team in teams]
    assigned = session.exec(
        select(Assignment).where(col(Assignment.stream).in_(f"team:{one}" for one in ids))
    ).all()
    projects = set(session.exec(select(Project.entity).where(col(Project.team).in_(ids))))
    projects |= {one.project for one in assigned if one.project}
    units = {unit for team in teams for unit in team.units} | {one.unit for one in assigned if one.unit}
    return _named("team", ids) | _named("project", projects) | _named("unit", units)


def _people(team: Team) -> set[str]:
    members: list[Any] = list(team.members)
    return {one["person"] for one in members}


def _named(noun: str, ids: Iterable[str]) -> set[str]:
    return {f"{noun}:{one}" for one in ids}
