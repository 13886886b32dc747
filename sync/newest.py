"""The newest rows of several groups together, read from each group's own end of an index, however many rows there are.

Asked plainly (`group IN (…) ORDER BY … LIMIT`), both databases read and sort every row of the groups.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ARRAY, JSON, Select, bindparam, func, select, true
from sqlmodel import Session, SQLModel

Conditions = Callable[[Any], Sequence[Any]]


def newest_of(
    session: Session,
    table: type[SQLModel],
    names: tuple[str, str, str],
    groups: Sequence[Any],
    conditions: Conditions,
    limit: int,
) -> list[Any]:
    """Return the keys of at most `limit` rows, newest first.

    `names` are the columns of group, instant and key, and an index leads with them; `conditions` are given the columns they are about.
    """
    rows = table.__table__  # type: ignore[attr-defined]
    of, at, key = names
    near = rows.alias("near")

    def nearest(group: Any, *columns: Any) -> Select[Any]:
        wanted = select(*columns).where(near.c[of] == group, *conditions(near.c))
        return wanted.order_by(near.c[at].desc(), near.c[key].desc()).limit(limit)

    statement: Select[Any]
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(bindparam("groups", list(groups), type_=JSON)).table_valued("value")
        own = nearest(listed.c.value, near.c[key]).correlate(listed)
        statement = select(rows.c[key]).select_from(listed.join(rows, rows.c[key].in_(own)))
        order = rows.c[at].desc(), rows.c[key].desc()
    else:
        kind = ARRAY(rows.c[of].type)
        listed = (
            func.unnest(bindparam("groups", list(groups), type_=kind)).table_valued("value").render_derived()
        )
        each = nearest(listed.c.value, near.c[key], near.c[at]).correlate(listed).lateral("own")
        statement = select(each.c[key]).select_from(listed).join(each, true())
        order = each.c[at].desc(), each.c[key].desc()
    return list(session.execute(statement.order_by(*order).limit(limit)).scalars())
