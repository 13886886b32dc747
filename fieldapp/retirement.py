"""What is retired: the one condition every list of choices asks, and the act: a record of its own, so that what was said stays."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from fieldapp.domain.retirement import Retirement, RetirementBody
from sync.archive import Draft

if TYPE_CHECKING:
    from fieldapp.services import Services

CHUNK = 400


def in_use(table: Any) -> ColumnElement[bool]:
    """Return the condition that a row of a table is not retired."""
    return ~exists().where(col(Retirement.about) == table.entity, col(Retirement.is_retired))


def retired(session: Session, entities: Iterable[str]) -> set[str]:
    """Return which of these entities are retired."""
    wanted, found = sorted(set(entities)), set[str]()
    for start in range(0, len(wanted), CHUNK):
        some = col(Retirement.about).in_(wanted[start : start + CHUNK])
        found |= set(session.exec(select(Retirement.about).where(some, col(Retirement.is_retired))))
    return found


def of(session: Session, entity: str) -> Retirement | None:
    """Return what was last said about the retirement of an entity; None when nothing ever was."""
    return session.exec(
        select(Retirement).where(Retirement.about == entity).order_by(col(Retirement.entity))
    ).first()


def retire(services: "Services", row: Any, who: str, reason: str, is_retired: bool = True) -> None:
    """Seal that an entity is retired, or in use again; nothing when it is so already. Raises `pydantic.ValidationError`."""
    body = {"about": row.entity, "is_retired": is_retired, "reason": reason.strip()}
    whole = RetirementBody.model_validate(body).model_dump(mode="json")
    # Two at once would be two statements about one thing.
    with services.database.alone():
        with services.database.reading() as session:
            said = of(session, row.entity)
            heads = services.archive.folder.heads(session, row.stream, said.entity) if said else ()
        if (said is not None and said.is_retired) == is_retired:
            return
        draft = Draft(
            RetirementBody.kind,
            row.stream,
            whole,
            who,
            entity=said.entity if said else None,
            supersedes=tuple(sorted(head.hash for head in heads)),
        )
        services.archive.seal([draft])
