"""Keeping the folded tables in step with the records. Tables and columns come from the models; no kind has code here."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Executable, String, bindparam, cast, delete, select
from sqlmodel import Session, SQLModel

from sync import record
from sync.database import is_outage
from sync.fold import Leaf, fold, provenance
from sync.follower import Follower
from sync.ijson import MAX_INTEGER
from sync.prepared import Prepared, among, insertion, savepoint
from sync.record import Record
from sync.rule import Rulebook
from sync.table import RecordRow, Unfolded

BATCH = 400
# What stays known of an erased record.
REST = ("id", "kind", "stream", "entity", "author", "supersedes")


class Folder:
    """Folds entities into the tables of their kinds. `tables` maps a kind to its table; kinds without one are not folded.

    `followers` are told of every row that is folded or goes, in the same transaction.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        tables: Mapping[str, type[SQLModel]],
        followers: Sequence[Follower] = (),
    ) -> None:
        self.rulebook = rulebook
        self.tables = tables
        self.followers = followers

    def bring_up(
        self,
        session: Session,
        stream: str,
        entities: Sequence[str],
        fresh: Sequence[Leaf] = (),
        before: int | None = None,
        is_erasure: bool = False,
    ) -> None:
        """Bring the rows of a stream's entities up to date; one that cannot be folded is listed and the others go on.

        An erasure by law leaves no trace with the followers either.

        `fresh` are of records just appended after position `before`: only older ones are read again. Only records of that stream can
        count (PROTOCOL.md section 6), and its row is locked: nobody else folds them now.
        """
        new: dict[str, list[Leaf]] = defaultdict(list)
        for one in fresh:
            new[one.payload["entity"]].append(one)
        for start in range(0, len(entities), BATCH):
            some = entities[start : start + BATCH]
            older = self._leaves(session, stream, some, before)
            leaves = {entity: older.get(entity, []) + new.get(entity, []) for entity in some}
            self._bring(session, leaves, older)
        for follower in self.followers if is_erasure else ():
            follower.erase(session)

    def fold_anew(self, session: Session, stream: str, entities: Sequence[str]) -> int:
        """Fold entities of which no table holds anything now; return how many records they have."""
        leaves = self._leaves(session, stream, entities, None)
        self._bring(session, leaves, {})
        return sum(map(len, leaves.values()))

    def leave(self, session: Session, stream: str) -> None:
        """Let the followers forget a stream of which everything is folded anew."""
        for one in self.followers:
            one.leave(session, stream)

    def heads(self, session: Session, stream: str, entity: str) -> tuple[Leaf, ...]:
        """Return the heads of an entity, the winning one first; none while its first record or its kind is unknown."""
        return self.heads_of(session, stream, [entity])[entity]

    def heads_of(self, session: Session, stream: str, entities: Sequence[str]) -> dict[str, tuple[Leaf, ...]]:
        """Return what `heads` does, of several entities of a stream."""
        found = self._leaves(session, stream, entities, None)
        return {entity: self._heads(entity, found[entity]) for entity in entities}

    def _heads(self, entity: str, leaves: Sequence[Leaf]) -> tuple[Leaf, ...]:
        root = next((leaf for leaf in leaves if leaf.payload["id"] == entity), None)
        kind = self.rulebook.kinds.get(root.payload["kind"]) if root else None
        state = fold(leaves, kind.is_shared) if kind else None
        return state.heads if state else ()

    def _bring(
        self, session: Session, leaves: Mapping[str, list[Leaf]], older: Mapping[str, list[Leaf]]
    ) -> None:
        try:
            with savepoint(session):
                self._replace(session, leaves, older)
        except Exception as error:  # whichever it was is found below, one by one
            if is_outage(error):
                raise
            self._one_by_one(session, leaves)

    def _leaves(
        self, session: Session, stream: str, entities: Sequence[str], before: int | None
    ) -> dict[str, list[Leaf]]:
        last = MAX_INTEGER if before is None else before
        leaves: dict[str, list[Leaf]] = defaultdict(list)
        for entity, *row in _LEAVES.rows(session, of=stream, entities=list(entities), last=last):
            leaves[entity].append(_leaf(entity, *row))
        return leaves

    def _replace(
        self, session: Session, leaves: Mapping[str, list[Leaf]], older: Mapping[str, list[Leaf]]
    ) -> None:
        rows: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        gone: dict[type[SQLModel], list[str]] = defaultdict(list)
        for entity, members in leaves.items():
            # Only an entity that was known before can have a row to replace, or be listed as one that could not be folded.
            for table in self._tables(older.get(entity, ())):
                gone[table].append(entity)
            row = self._row(members)
            if row is not None:
                rows[row[0]].append(row[1])
        for table, entities in gone.items():
            _removal(table).count(session, entities=entities)
        for table, values in rows.items():
            insertion(table).many(session, values)
        if older:
            _removal(Unfolded).count(session, entities=list(older))
        if self.followers and (rows or gone):
            stream = next(iter(leaves.values()))[0].payload["stream"]
            for one in self.followers:
                one.follow(session, stream, rows, gone)

    def _tables(self, leaves: Iterable[Leaf]) -> set[type[SQLModel]]:
        return {self.tables[leaf.payload["kind"]] for leaf in leaves if leaf.payload["kind"] in self.tables}

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
        return table, {**defaults(table), **state.winner.payload["body"], **provenance(state)}

    def _one_by_one(self, session: Session, leaves: Mapping[str, list[Leaf]]) -> None:
        for entity, members in leaves.items():
            try:
                with savepoint(session):
                    self._replace(session, {entity: members}, {entity: members})
            except Exception as error:  # the record stands; that it is not folded is listed for people
                if is_outage(error):
                    raise
                stream = members[0].payload["stream"]
                session.merge(Unfolded(entity=entity, stream=stream, error=repr(error)[:500]))
                session.flush()


def leaf_of(one: Record, is_erased: bool = False) -> Leaf:
    """Return what folding needs of a record; an erased one still supersedes, but has nothing to say."""
    payload = one.payload
    return Leaf(one.hash, one.kid, {name: payload[name] for name in REST} if is_erased else payload)


def _leaf(entity: str, known: str, kid: str, raw: bytes | None, *rest: str) -> Leaf:
    if raw is not None:
        return Leaf(known, kid, record.payload_of(raw))
    identity, kind, stream, author, supersedes = rest
    return Leaf(known, kid, {
        "id": identity, "kind": kind, "stream": stream, "entity": entity, "author": author,
        "supersedes": json.loads(supersedes),
    })  # fmt: skip


def _older(is_sqlite: bool) -> Executable:
    """Name what `_leaf` takes in its order."""
    row = RecordRow.__table__.c  # type: ignore[attr-defined]
    rest = (row.id, row.kind, row.stream, row.author, cast(row.supersedes, String))
    return select(row.entity, row.hash, row.kid, row.bytes, *rest).where(
        row.stream == bindparam("of"),
        among(row.entity, "entities", is_sqlite),
        row.position <= bindparam("last", type_=BigInteger),
    )


_LEAVES = Prepared(_older)


@cache
def _removal(table: type[SQLModel]) -> Prepared:
    rows = table.__table__  # type: ignore[attr-defined]
    return Prepared(lambda is_sqlite: delete(rows).where(among(rows.c.entity, "entities", is_sqlite)))


@cache
def defaults(table: type[SQLModel]) -> Mapping[str, Any]:
    """Return what members left out of a body mean; made once, and never changed by whoever gets it."""
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in table.model_fields.items()
        if not field.is_required()
    }


def entities_of(records: Iterable[Record]) -> list[str]:
    """Return the entities of records, each once, in order."""
    return list(dict.fromkeys(record.payload["entity"] for record in records))
