"""What the rules of one kind cannot see: whether master data fit together. Faults refuse; of doubts a person says that it is meant so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from fieldapp import retirement
from fieldapp.domain.project import Link, Project
from fieldapp.domain.unit import Leadership, Person, Team, Tenure

# First and last days that go together.
SPANS = (("from_on", "to_on"), ("start_on", "end_on"))


@dataclass(frozen=True)
class Fault:
    """One finding: the member it is about, the end of its key in the catalogue (`master.fault.…`), and what its wording names."""

    member: str
    reason: str
    words: Mapping[str, Any] = field(default_factory=dict)


Body = Mapping[str, Any]


def look(session: Session, table: Any, body: Body, entity: str) -> tuple[list[Fault], list[Fault]]:
    """Return faults and doubts of a body about to stand for `entity` (empty for a new one)."""
    faults = [*_dates(body), *_code(session, table, body, entity)]
    faults += [*_ALONE[table](body)] if table in _ALONE else []
    faults += [*_FAULTS[table](session, body)] if table in _FAULTS else []
    doubts = [*_DOUBTS[table](session, body, entity)] if table in _DOUBTS else []
    return faults, doubts


def _dates(body: Body) -> Iterator[Fault]:
    for first, last in SPANS:
        if body.get(first) and body.get(last) and body[first] > body[last]:
            yield Fault(last, "dates", {"first": body[first], "last": body[last]})


def _code(session: Session, table: Any, body: Body, entity: str) -> Iterator[Fault]:
    if "code" not in body:
        return
    same = select(table).where(table.code == body["code"], table.entity != entity)
    for other in session.exec(same.limit(1)):
        yield Fault("code", "code", {"code": body["code"], "name": other.name})


def _project(body: Body) -> Iterator[Fault]:
    if body["unit"] in body["support"]:
        yield Fault("support", "lead_supports")
    for before, after in zip(body["plan"], body["plan"][1:], strict=False):
        if after["on"] <= before["on"]:
            yield Fault("plan", "plan_days", {"day": after["on"], "before": before["on"]})
        elif after["due_permille"] < before["due_permille"]:
            yield Fault("plan", "plan_falls", {"day": after["on"]})


def _link(body: Body) -> Iterator[Fault]:
    if (body["official"] is None) == (body["unit"] is None):
        yield Fault("official", "one_of_two")
    if body["inherits_from"] is not None and body["inherits_from"] == body["official"]:
        yield Fault("inherits_from", "own_predecessor")


def _team(session: Session, body: Body) -> Iterator[Fault]:
    people = [one["person"] for one in body["members"]]
    known = set(session.exec(select(Person.person).where(col(Person.person).in_(people))))
    for person in dict.fromkeys(people):
        if person not in known:
            yield Fault("members", "member_unknown", {"person": person})
        if people.count(person) > 1:
            yield Fault("members", "member_twice", {"person": person})
    if sum(one["part"] == "leader" for one in body["members"]) > 1:
        yield Fault("members", "leaders")


def _leadership(session: Session, body: Body) -> Iterator[Fault]:
    held = select(Tenure).where(
        Tenure.official == body["head"], Tenure.unit == body["unit"], retirement.in_use(Tenure)
    )
    if not any(_overlap(one, body) for one in session.exec(held)):
        yield Fault("head", "head_no_member")


def _tenure(session: Session, body: Body, entity: str) -> Iterator[Fault]:
    near = or_(col(Tenure.official) == body["official"], col(Tenure.unit) == body["unit"])
    others = session.exec(select(Tenure).where(near, Tenure.entity != entity, retirement.in_use(Tenure)))
    for one in sorted(others, key=lambda each: each.from_on):
        if not _overlap(one, body):
            continue
        span = {"post": one.post, "first": one.from_on, "last": one.to_on or "…"}
        if one.official == body["official"]:
            yield Fault("from_on", "tenure_overlap", span)
        elif body["unit"] is not None and one.post == body["post"]:
            yield Fault("post", "post_held", span)


def _leaderships(session: Session, body: Body, entity: str) -> Iterator[Fault]:
    same = (
        Leadership.unit == body["unit"],
        Leadership.entity != entity,
        retirement.in_use(Leadership),
    )
    for one in session.exec(select(Leadership).where(*same).order_by(col(Leadership.from_on))):
        if _overlap(one, body):
            yield Fault(
                "from_on",
                "leadership_overlap",
                {"name": one.name, "first": one.from_on, "last": one.to_on or "…"},
            )


def _overlap(one: Any, body: Body) -> bool:
    """Tell whether two spans share a day beyond the one on which the first hands over to the second."""
    first, last = body["from_on"], body["to_on"]
    return (last is None or one.from_on < last) and (one.to_on is None or first < one.to_on)


# Looked at alone, against what else there is, and what may be meant so.
_ALONE: dict[Any, Any] = {Project: _project, Link: _link}
_FAULTS: dict[Any, Any] = {Team: _team, Leadership: _leadership}
_DOUBTS: dict[Any, Any] = {Tenure: _tenure, Leadership: _leaderships}
