"""Keeping the folded tables in step with the records. Tables and columns come from the models; no kind has code here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, SQLModel, col, select

from sync import record
from sync.fold import Leaf, fold, provenance
from sync.record import Record
from sync.rule import Rulebook
from sync.table import RecordRow, Unfolded

BATCH = 400


class Folder:
    """Folds entities into the tables of their kinds. `tables` maps a kind to its table; kinds without one are not folded."""

    def __init__(self, rulebook: Rulebook, tables: Mapping[str, type[SQLModel]]) -> None:
        self.rulebook = rulebook
        self.tables = tables

    def bring_up(self, session: Session, stream: str, entities: Sequence[str]) -> None:
        """Bring the rows of a stream's entities up to date; one that cannot be folded is listed and the others go on.

        Only records of that stream can count (PROTOCOL.md section 6), and its row is locked: nobody else folds them now.
        """
        for start in range(0, len(entities), BATCH):
            some = entities[start : start + BATCH]
            leaves = self._leaves(session, stream, some)
            try:
                with session.begin_nested():
                    self._replace(session, leaves)
            except Exception:  # whichever it was is found below, one by one
                self._one_by_one(session, leaves)

    def _leaves(self, session: Session, stream: str, entities: Sequence[str]) -> dict[str, list[Leaf]]:
        rows = session.exec(
            select(RecordRow).where(RecordRow.stream == stream, col(RecordRow.entity).in_(entities))
        )
        leaves: dict[str, list[Leaf]] = {entity: [] for entity in entities}
        for row in rows:
            leaves[row.entity].append(_leaf(row))
        return leaves

    def _replace(self, session: Session, leaves: Mapping[str, list[Leaf]]) -> None:
        rows: dict[type[SQLModel], list[dict[str, Any]]] = {}
        gone: dict[type[SQLModel], list[str]] = {}
        for entity, members in leaves.items():
            for table in {
                self.tables[leaf.payload["kind"]] for leaf in members if leaf.payload["kind"] in self.tables
            }:
                gone.setdefault(table, []).append(entity)
            row = self._row(members)
            if row is not None:
                rows.setdefault(row[0], []).append(row[1])
        for table, entities in gone.items():
            session.execute(delete(table).where(_entity(table).in_(entities)))
        for table, values in rows.items():
            session.execute(insert(table), values)
        session.execute(delete(Unfolded).where(col(Unfolded.entity).in_(list(leaves))))

    def _row(self, leaves: Iterable[Leaf]) -> tuple[type[SQLModel], dict[str, Any]] | None:
        members = list(leaves)
        root = next((leaf for leaf in members if leaf.payload["id"] == leaf.payload["entity"]), None)
        table = self.tables.get(root.payload["kind"]) if root else None
        kind = self.rulebook.kinds.get(root.payload["kind"]) if root else None
        if table is None or kind is None:
            return None
        state = fold(members, kind.is_shared)
        assert state is not None
        if "body" not in state.winner.payload:
            return None
        return table, {**_defaults(table), **state.winner.payload["body"], **provenance(state)}

    def _one_by_one(self, session: Session, leaves: Mapping[str, list[Leaf]]) -> None:
        for entity, members in leaves.items():
            try:
                with session.begin_nested():
                    self._replace(session, {entity: members})
            except Exception as error:  # the record stands; that it is not folded is listed for people
                session.merge(
                    Unfolded(entity=entity, stream=members[0].payload["stream"], error=repr(error)[:500])
                )
                session.flush()


def _leaf(row: RecordRow) -> Leaf:
    """Return what folding needs; an erased record still supersedes, but has nothing to say."""
    if row.bytes is None:
        members = ("id", "kind", "stream", "entity", "author", "supersedes")
        return Leaf(row.hash, row.kid, {name: getattr(row, name) for name in members})
    parsed = record.parse(bytes(row.bytes))
    return Leaf(parsed.hash, parsed.kid, parsed.payload)


def _entity(table: type[SQLModel]) -> Any:
    return table.__table__.c.entity  # type: ignore[attr-defined]


def _defaults(table: type[SQLModel]) -> dict[str, Any]:
    """Return what members left out of a body mean."""
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in table.model_fields.items()
        if not field.is_required()
    }


def entities_of(records: Iterable[Record]) -> list[str]:
    """Return the entities of records, each once, in order."""
    return list(dict.fromkeys(record.payload["entity"] for record in records))
