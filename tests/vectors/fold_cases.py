"""Sets of records of one entity and the one row that stands (PROTOCOL section 6)."""

from collections.abc import Iterator
from typing import Any

from tests.vectors.seal import identifier, payload

Case = tuple[str, str, dict[str, Any], dict[str, Any]]
ROOT = identifier(1)


def cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every fold vector."""
    root = _record("a", 1)
    second = _record("b", 2, supersedes=["a"], what="second", captured_at="2026-11-22T15:00:00.000+08:00")
    third = _record("9", 3, supersedes=["b"], what="third")
    other = _record("c", 4, supersedes=["a"], what="other phone", kid="k2")
    stranger = _record("d", 5, supersedes=["a"], author="i06", what="not mine")
    yield _case("single", "only the first record", [root], _row(root, 1))
    yield _case("superseded", "a correction stands", [root, second], _row(second, 2))
    yield _case("superseded-twice", "a correction of a correction", [root, second, third], _row(third, 3))
    yield _case("middle-missing", "a revision of a record not here yet", [root, third], _row(root, 2, True))
    yield _case("conflict", "two phones corrected at once", [root, second, other], _row(other, 3, True))
    resolving = _record("1", 6, supersedes=["b", "c"], what="resolved")
    yield _case("resolved", "a person chose", [root, second, other, resolving], _row(resolving, 4))
    half = _record("1", 6, supersedes=["b"], what="half")
    yield _case("half-resolved", "one head is left over", [root, second, other, half], _row(other, 4, True))
    yield _case("stranger", "another author revises nothing", [root, stranger], _row(root, 1))
    yield _case("stranger-shared", "master data: any author", [root, stranger], _row(stranger, 2), True)
    hidden = _record("2", 7, supersedes=["d"], what="mine again")
    yield _case(
        "superseding-a-stranger",
        "what a stranger's record is superseded by stands beside the first",
        [root, stranger, hidden],
        _row(root, 2, True),
    )
    yield _case("missing-root", "no first record, no row", [second, third], None)
    yield _case("empty", "nothing known", [], None)
    entry = _record("f", 8, supersedes=["a"], kind="visit", what="other kind")
    yield _case(
        "other-kind",
        "a record of another kind in the entity counts for nothing",
        [root, entry],
        _row(root, 1),
    )
    moved = _record("f", 9, supersedes=["a"], stream="commons", what="other stream")
    yield _case("other-stream", "nor one of another stream", [root, moved], _row(root, 1))
    west = _record("b", 2, supersedes=["a"], captured_at="2026-01-01T01:00:00.000+14:00")
    yield _case("other-day-in-utc", "the sealed offset is kept beside UTC", [root, west], _row(west, 2))
    second_key = _record("b", 2, supersedes=["a"], kid="k9", what="new phone")
    yield _case(
        "same-author-other-key", "the author counts, not the key", [root, second_key], _row(second_key, 2)
    )
    yield from _erased_cases(root, second, other)
    unknown = _record("b", 2, supersedes=["e"], what="of something unknown")
    yield _case("supersedes-unknown", "names a hash nobody has", [root, unknown], _row(unknown, 2, True))


def _erased_cases(root: dict[str, Any], second: dict[str, Any], other: dict[str, Any]) -> Iterator[Case]:
    """Yield sets with records erased by law: they still supersede, but have nothing to say."""
    gone, went = _erased(root), _erased(second)
    yield _case("erased", "the only record was erased: no row", [gone], None)
    yield _case("erased-root", "the first was erased, its correction stands", [gone, second], _row(second, 2))
    yield _case("erased-head", "the correction was erased: the first does not come back", [root, went], None)
    yield _case(
        "erased-loser", "of two heads the lesser was erased", [root, went, other], _row(other, 3, True)
    )
    yield _case("erased-winner", "of two heads the greater was erased", [root, second, _erased(other)], None)
    resolving = _record("1", 6, supersedes=["b", "c"], what="resolved")
    records = [gone, went, _erased(other), resolving]
    yield _case("erased-all-before", "what supersedes them all stands", records, _row(resolving, 4))
    stranger = _record("d", 5, supersedes=["a"], author="i06")
    yield _case("erased-root-stranger", "the author of the erased first still counts", [gone, stranger], None)
    yield _case(
        "erased-stranger",
        "a stranger's erased record counts for nothing",
        [root, _erased(stranger)],
        _row(root, 1),
    )


def _erased(record: dict[str, Any]) -> dict[str, Any]:
    members = ("id", "kind", "stream", "entity", "author", "supersedes")
    kept = {name: record["payload"][name] for name in members}
    return {"hash": record["hash"], "kid": None, "payload": kept}


def _name(letter: str) -> str:
    return letter * 64


def _record(
    letter: str, number: int, supersedes: Any = (), kid: str = "k1", **changes: Any
) -> dict[str, Any]:
    what = changes.pop("what", "first")
    members = payload(
        number=number,
        entity=ROOT,
        supersedes=[_name(one) for one in supersedes],
        body={"list": "problem", "what": what},
        **changes,
    )
    return {"hash": _name(letter), "kid": kid, "payload": members}


def _row(winner: dict[str, Any], revisions: int, is_conflict: bool = False) -> dict[str, Any]:
    members = winner["payload"]
    utc = {
        "2026-11-22T14:54:15.120+08:00": ("2026-11-22T06:54:15.120Z", 480),
        "2026-11-22T15:00:00.000+08:00": ("2026-11-22T07:00:00.000Z", 480),
        "2026-01-01T01:00:00.000+14:00": ("2025-12-31T11:00:00.000Z", 840),
    }
    captured_at, offset_min = utc[members["captured_at"]]
    return {
        "body": members["body"],
        "entity": members["entity"],
        "stream": members["stream"],
        "record": winner["hash"],
        "author": members["author"],
        "kid": winner["kid"],
        "captured_at": captured_at,
        "captured_offset_min": offset_min,
        "revisions": revisions,
        "is_conflict": is_conflict,
    }


def _case(
    name: str, about: str, records: list[dict[str, Any]], row: dict[str, Any] | None, is_shared: bool = False
) -> Case:
    return name, about, {"is_shared": is_shared, "records": records}, {"row": row}
