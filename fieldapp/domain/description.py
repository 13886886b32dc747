"""What phones are told of the kinds, so that their tables are made from the same models as the archive's.

The answer depends on the models alone: it stands in the cached shell, and the phone folds anew when it changes.
"""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticUndefined
from sqlalchemy import JSON, Boolean, Column, Integer, String
from sqlmodel import AutoString

from fieldapp.domain import TABLES
from fieldapp.domain.body import Body, Folded

# Order matters: SQLAlchemy's Boolean is no Integer, and JSON no String.
COLUMN_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (JSON, "json"),
    ((String, AutoString), "text"),
)


def describe() -> dict[str, dict[str, Any]]:
    """Return `{kind: {table, v, streams, is_shared, columns: [{name, type, default, is_indexed}]}}`, columns in the body's order.

    `default` is what the body means when the member is absent (null where it must be given).
    """
    return {body.kind: _kind(body, table) for body, table in TABLES.items()}


def _kind(body: type[Body], table: type[Folded]) -> dict[str, Any]:
    columns: Mapping[str, Column[Any]] = table.__table__.columns  # type: ignore[attr-defined]
    return {
        "table": table.__tablename__,
        "v": body.version,
        "streams": sorted(body.nouns),
        "is_shared": body.is_shared,
        "columns": [_column(body, columns[name]) for name in body.model_fields],
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


def _type(column: Column[Any]) -> str:
    for sql, name in COLUMN_TYPES:
        if isinstance(column.type, sql):
            return name
    raise TypeError(f"{column.name}: phones have no column of type {column.type!r}")
