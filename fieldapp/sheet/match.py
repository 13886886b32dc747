"""Which row of the archive a row of a table means, and the body that comes of both, judged by the kind's own rules."""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from fieldapp.domain.body import Body, Folded
from fieldapp.sheet.book import Book
from fieldapp.sheet.cell import Unreadable, plain
from fieldapp.sheet.column import Table
from fieldapp.sheet.row import Reader
from fieldapp.sheet.target import CODED, Target
from fieldapp.sheet.value import member
from sync.archive import Draft

if TYPE_CHECKING:
    from fieldapp.services import Services

# What a new thing has where the table says nothing; what is not here the table has to say.
BEGINNING: dict[str, dict[str, Any]] = {
    "project": {
        "front": "project",
        "site": {"radius_m": 300, "shape": "point", "places": []},
        "support": [],
        "plan": [],
        "coverage": {
            "per_month": 1,
            "days_before_milestone": 3,
            "days_after_milestone": 7,
            "suspended_months": [],
        },
    },
    "unit": {"is_lead": False},
    "team": {"members": [], "units": []},
    "claim": {"origin": "list"},
}
QUANTITIES = frozenset({"quantity", "planned_quantity", "reported_quantity"})
SPANS = (("from_on", "to_on"), ("start_on", "end_on"))


class Match:
    """The archive's side of a table."""

    def __init__(self, services: "Services", book: Book, targets: Iterable[Target]) -> None:
        self.services, self.book = services, book
        self.today = services.clock().astimezone(services.settings.zone).date().isoformat()
        self._index: dict[str, dict[tuple[Any, ...], list[Any]]] = {}
        wanted: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            wanted[target.table.name].append(target)
        for name, some in wanted.items():
            self._index[name] = self._indexed(some[0].table, some)

    def _indexed(self, table: Table, targets: Iterable[Target]) -> dict[tuple[Any, ...], list[Any]]:
        found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        if table.name in ("milestone", "link", "progress_report", "claim"):
            rows = self.book.within(table.body, {stream_of(target.values) for target in targets})
        elif table.name == "plan":
            rows = [*self.book.rows("project").values()]
        else:
            rows = [*self.book.rows(table.body.kind).values()]
        for row in rows:
            if table.name != "claim" or row.visit is None:
                found[_key(table, row)].append(row)
        return found

    def find(self, reader: Reader, target: Target) -> Any:
        """Return the row a target means, None for a new one or with a fault."""
        name = target.table.name
        if name in CODED and target.key[0] == "name":
            try:
                return self.book.find(name, target.values["name"])
            except Unreadable as wrong:
                reason = wrong.reason if wrong.reason == "many_named" else "needs_code"
                reader.fault(target.line, "name", reason, **wrong.words)
                target.can_add = False
                return None
        rows = self._index[name].get(target.key, [])
        if len(rows) > 1:
            reader.fault(target.line, target.table.key[0], "many_rows", n=len(rows))
            target.can_add = False
            return None
        if not rows and not target.can_add:
            reader.fault(target.line, "milestone", "unknown_milestone")
        return rows[0] if rows else None

    def body(self, reader: Reader, target: Target, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return what is to stand, None with a fault."""
        table, kind = target.table, target.table.body
        body = deepcopy(dict(before)) if before is not None else self._beginning(table, target)
        for path, value in target.values.items():
            if (path in ("project", "unit") and path not in kind.model_fields) or (
                table.name == "plan" and path == "project"
            ):
                continue
            _put(body, path, _kept(body, path, value))
        for first, last in SPANS:
            if body.get(first) and body.get(last) and body[first] > body[last]:
                reader.fault(target.line, last, "span", first=body[first], last=body[last])
                return None
        if table.name == "claim" and (target.values.get("project") is None) == (
            target.values.get("unit") is None
        ):
            reader.fault(target.line, "project", "one_place")
            return None
        if table.name == "link" and (body.get("official") is None) == (body.get("unit") is None):
            reader.fault(target.line, "official", "one_of_two")
            return None
        try:
            return kind.model_validate(body).model_dump(mode="json")
        except ValidationError as invalid:
            _name(reader, target, invalid)
            return None

    def _beginning(self, table: Table, target: Target) -> dict[str, Any]:
        body = deepcopy(BEGINNING.get(table.name, {}))
        if table.name == "progress_report":
            year, month = map(int, target.values["month"].split("-"))
            end = f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"
            body["reported_on"] = min(end, self.today)
        return body

    def draft(self, target: Target, row: Any, body: Mapping[str, Any], who: str) -> Draft:
        """Return the record that makes it so."""
        kind = target.table.body
        if row is not None:
            heads: tuple[str, ...] = (row.record,)
            if row.is_conflict:
                found = self.services.archive.folder.heads(self.book.session, row.stream, row.entity)
                heads = tuple(sorted(head.hash for head in found))
            return Draft(
                kind.kind, row.stream, body, who, entity=row.entity, supersedes=heads, v=kind.version
            )
        identity = self.services.archive.new_id()
        # A project's stream is named after its first record.
        stream = f"project:{identity}" if kind.kind == "project" else stream_of(target.values, kind)
        return Draft(kind.kind, stream, body, who, id=identity, v=kind.version)

    def title(self, target: Target, body: Mapping[str, Any]) -> str:
        """Return what a person calls the row: the names in it."""
        words = []
        for name in ("official", "project", "unit", "name", "person", "post", "what", "month", "role"):
            if name in ("unit", "person") and "name" in body and target.table.name != "leadership":
                continue
            value = target.values.get(name) or body.get(name)
            if value:
                words.append(self._called(name, str(value)))
        return " · ".join(words[:3])

    def _called(self, name: str, value: str) -> str:
        row = self.book.rows(name).get(value) if name in ("official", "project", "unit") else None
        return str(row.name) if row is not None else value


def stream_of(values: Mapping[str, Any], kind: type[Body] | None = None) -> str:
    """Return the stream a row of a table belongs to; `commons` for kinds that stand there."""
    if kind is not None and "commons" in kind.nouns:
        return "commons"
    noun = "project" if values.get("project") else "unit"
    return f"{noun}:{values.get(noun)}"


def body_of(kind: type[Body], row: Any) -> dict[str, Any]:
    """Return what a row says, as the kind's newest body writes it."""
    told = {name: getattr(row, name) for name in kind.model_fields if name not in Folded.model_fields}
    try:
        return kind.model_validate(told).model_dump(mode="json")
    except ValidationError:
        # Of a version with other rules: compared as it is.
        return told


def _key(table: Table, row: Any) -> tuple[Any, ...]:
    if table.name == "plan":
        return (row.entity,)
    if table.name == "claim":
        noun, _, entity = row.stream.partition(":")
        place = (entity, None) if noun == "project" else (None, entity)
        return (*place, plain(row.what), row.claimed_on)
    found = []
    for name in table.key:
        value = getattr(row, name)
        found.append(plain(value) if name in ("name", "post", "what") and value else value)
    return tuple(found)


def _kept(body: Mapping[str, Any], path: str, value: Any) -> Any:
    """Return what a cell says, with what it cannot say of what stands: other names of a site's places, how a quantity is written."""
    if path in QUANTITIES and body.get(path) and Decimal(body[path]) == Decimal(value):
        return body[path]
    if path != "site.places":
        return value
    names = {one["name"]: one.get("name_en", "") for one in member(body, path) or []}
    return [{**one, "name_en": names.get(one["name"], "")} for one in value]


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        body = body.setdefault(step, {})
    body[last] = value


def _name(reader: Reader, target: Target, invalid: ValidationError) -> None:
    """Name what the kind's rules object to, each by its column."""
    for error in invalid.errors():
        path = ".".join(str(step) for step in error["loc"] if not isinstance(step, int))
        names = [
            one.name for one in target.table.columns if path == one.name or path.startswith(f"{one.name}.")
        ]
        name = names[0] if names else path
        if error["type"] == "missing":
            reader.fault(target.line, name, "missing", column=name)
        elif error["type"] == "string_too_long":
            reader.fault(target.line, name, "too_long", n=error["ctx"]["max_length"])
        else:
            reader.fault(target.line, name, "unfit", column=name)
