"""What phones are told of the kinds, so that their tables and limits are made from the same models as the archive's.

The answer depends on the models alone: it stands in the cached shell, and the phone folds anew when it changes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sqlalchemy import JSON, Boolean, Column, Integer, String
from sqlmodel import AutoString

from fieldapp.domain import TABLES
from fieldapp.domain.body import Body, Folded
from fieldapp.domain.retirement import RETIRABLE

# Order matters: SQLAlchemy's Boolean is no Integer, and JSON no String.
COLUMN_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (JSON, "json"),
    ((String, AutoString), "text"),
)


def describe() -> dict[str, dict[str, Any]]:
    """Return `{kind: {table, v, streams, is_shared, can_retire, limits, columns: [{name, type, default, is_indexed}]}}`,
    columns in the body's order.

    `default` is what the body means when the member is absent (null where it must be given). `limits` says how long what people write
    may be, by path: `what` in characters, `decided` in items, `decided[].what` of each item, `notes{}` of each value;
    of a kind whose drafts hold something else, it is about that.
    """
    return {body.kind: _kind(body, table) for body, table in TABLES.items()}


def _kind(body: type[Body], table: type[Folded]) -> dict[str, Any]:
    columns: Mapping[str, Column[Any]] = table.__table__.columns  # type: ignore[attr-defined]
    return {
        "table": table.__tablename__,
        "v": body.version,
        "streams": sorted(body.nouns),
        "is_shared": body.is_shared,
        "can_retire": body.kind in RETIRABLE,
        "columns": [_column(body, columns[name]) for name in body.model_fields],
        "limits": _limits(body.draft or body),
    }


def _column(body: type[Body], column: Column[Any]) -> dict[str, Any]:
    field = body.model_fields[column.name]
    given = field.get_default(call_default_factory=True, validated_data={})
    return {
        "name": column.name,
        "type": _type(column),
        "default": None if given is PydanticUndefined else given,
        "is_indexed": bool(column.index),
    }


def _limits(body: type[BaseModel]) -> dict[str, int]:
    schema = body.model_json_schema()
    found = (one for name, own in schema["properties"].items() for one in _limits_of(name, own, schema))
    return dict(found)


def _limits_of(path: str, given: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the limits of a member and of what is inside it. Text of a fixed form (ids, days) is not written freely and has none."""
    if "anyOf" in given:
        given = next(one for one in given["anyOf"] if one.get("type") != "null")
    if "$ref" in given:
        given = schema["$defs"][given["$ref"].rsplit("/", 1)[1]]
    if "maxLength" in given and "pattern" not in given:
        yield path, given["maxLength"]
    if "maxItems" in given:
        yield path, given["maxItems"]
    inside = {f"{path}.{name}": own for name, own in given.get("properties", {}).items()}
    if "items" in given:
        inside[f"{path}[]"] = given["items"]
    if isinstance(given.get("additionalProperties"), Mapping):
        inside[f"{path}{{}}"] = given["additionalProperties"]
    for step, own in inside.items():
        yield from _limits_of(step, own, schema)


def _type(column: Column[Any]) -> str:
    for sql, name in COLUMN_TYPES:
        if isinstance(column.type, sql):
            return name
    raise TypeError(f"{column.name}: phones have no column of type {column.type!r}")
