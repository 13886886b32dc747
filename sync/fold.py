"""Folding: from the set of an entity's records to the one row that stands (PROTOCOL.md section 6). Pure; kinds have no code here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync import instant


@dataclass(frozen=True)
class Leaf:
    """What folding needs of a record."""

    hash: str
    kid: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """The state of an entity: the winning head, all heads (greatest hash first), and how many revisions counted."""

    winner: Leaf
    heads: tuple[Leaf, ...]
    revisions: int


def fold(leaves: Iterable[Leaf], is_shared: bool) -> State | None:
    """Return the state of the entity that all leaves share, whatever their order; None while its first record is unknown."""
    records = {leaf.hash: leaf for leaf in leaves}
    if len(records) == 1:
        # Most entities; what follows would find the same.
        (only,) = records.values()
        return State(only, (only,), 1) if only.payload["id"] == only.payload["entity"] else None
    root = next((leaf for leaf in records.values() if leaf.payload["id"] == leaf.payload["entity"]), None)
    if root is None:
        return None
    eligible = [leaf for leaf in records.values() if _counts(leaf, root, is_shared)]
    superseded = {name for leaf in eligible for name in leaf.payload["supersedes"]}
    heads = sorted(
        (leaf for leaf in eligible if leaf.hash not in superseded), key=lambda leaf: leaf.hash, reverse=True
    )
    return State(heads[0], tuple(heads), len(eligible))


def _counts(leaf: Leaf, root: Leaf, is_shared: bool) -> bool:
    same = all(leaf.payload[member] == root.payload[member] for member in ("stream", "entity", "kind"))
    return same and (is_shared or leaf.payload["author"] == root.payload["author"])


def provenance(state: State) -> dict[str, Any]:
    """Return the columns that say where a row comes from."""
    payload = state.winner.payload
    captured_at, offset_min = instant.utc_column(payload["captured_at"])
    return {
        "entity": payload["entity"],
        "stream": payload["stream"],
        "record": state.winner.hash,
        "author": payload["author"],
        "kid": state.winner.kid,
        "captured_at": captured_at,
        "captured_offset_min": offset_min,
        "revisions": state.revisions,
        "is_conflict": len(state.heads) > 1,
    }
