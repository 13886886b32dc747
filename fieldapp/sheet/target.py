"""What the rows of a table are about: one thing each, or several rows one thing. Rows that say different things of one are named."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fieldapp.sheet.cell import plain
from fieldapp.sheet.column import TABLES, Table
from fieldapp.sheet.row import Line, Reader

# Tables whose rows are known by a code; a name does where the code is not given.
CODED = frozenset({"project", "unit", "official", "team"})


@dataclass
class Target:
    """One thing a table is about. `key` identifies it in the table; `can_add`: it may be new."""

    table: Table
    line: Line
    key: tuple[Any, ...]
    values: dict[str, Any]
    can_add: bool = True


def targets(reader: Reader, lines: Iterable[Line]) -> list[Target]:
    """Return what the rows are about, in the order in which they are first named."""
    found: dict[tuple[Any, ...], Target] = {}
    for line in lines:
        for target in _plan(reader, line) if reader.table.name == "plan" else _targets(reader, line):
            first = found.setdefault((target.table.name, *target.key), target)
            if first is not target:
                _join(reader, first, target)
    return list(found.values())


def _targets(reader: Reader, line: Line) -> list[Target]:
    table, values = reader.table, dict(line.values)
    if table.name == "progress_report":
        return _reported(reader, line, values)
    if table.name in CODED and "code" not in values:
        if "name" not in values:
            reader.fault(line, "code", "no_key")
            return []
        return [Target(table, line, ("name", plain(values["name"])), values)]
    lacking = next((names[0] for names in table.needed if not values.keys() & set(names)), "")
    if lacking:
        reader.fault(line, lacking, "missing", column=lacking)
        return []
    key = tuple(_keyed(name, values.get(name)) for name in table.key)
    return [Target(table, line, key, values)]


def _keyed(name: str, value: Any) -> Any:
    return plain(value) if name in ("name", "post", "what") and isinstance(value, str) else value


def _reported(reader: Reader, line: Line, values: dict[str, Any]) -> list[Target]:
    """A row of the monthly table: what was reported of a project, and of one of its milestones."""
    name, on = values.pop("milestone", None), values.pop("milestone_reported_on", None)
    values.setdefault("month", reader.asked.month)
    project = values.get("project")
    if not project or not values["month"]:
        lacking = "month" if project else "project"
        reader.fault(line, lacking, "missing", column=lacking)
        return []
    found = []
    if on is not None and name is None:
        reader.fault(line, "milestone_reported_on", "date_without_milestone")
    elif on is not None and name is not None:
        told = {"project": project, "name": name, "reported_on": on}
        found.append(Target(TABLES["milestone"], line, (project, plain(name)), told, can_add=False))
    if values.keys() - {"project", "month"} or not found:
        found.insert(0, Target(reader.table, line, (project, values["month"]), values))
    return found


def _plan(reader: Reader, line: Line) -> list[Target]:
    values = line.values
    lacking = next((name for name in ("project", "on", "due_permille") if name not in values), "")
    if lacking:
        reader.fault(line, lacking, "missing", column=lacking)
        return []
    point = {"on": values["on"], "due_permille": values["due_permille"]}
    told = {"project": values["project"], "plan": [point]}
    return [Target(reader.table, line, (values["project"],), told, can_add=False)]


def _join(reader: Reader, first: Target, again: Target) -> None:
    """Take a further row about the same thing in: the points of one plan; else only what says the same again."""
    if first.table.name == "plan":
        (point,) = again.values["plan"]
        last = first.values["plan"][-1]
        if point["on"] <= last["on"]:
            reader.fault(again.line, "on", "plan_days", day=point["on"], before=last["on"])
        elif point["due_permille"] < last["due_permille"]:
            reader.fault(again.line, "due_permille", "plan_falls", day=point["on"])
        first.values["plan"].append(point)
    elif first.values != again.values or (
        first.table is reader.table and first.table.name != "progress_report"
    ):
        reader.fault(again.line, reader.table.key[0], "double", other=first.line.row)
