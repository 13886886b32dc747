"""Chains: pages of a stream that follow from what was pulled before, and pages that do not (PROTOCOL section 5)."""

import hashlib
from collections.abc import Iterator
from typing import Any

from tests.vectors.seal import hash_of, identifier, kid, record

Case = tuple[str, str, dict[str, Any], dict[str, Any]]
STREAM = f"project:{identifier(0xAA)}"
AT = "2026-11-22T06:54:15.120+00:00"


def cases() -> Iterator[Case]:
    """Yield name, about, input and expectation of every chain vector."""
    lines = _lines([record(number=number) for number in range(1, 6)])
    yield _good("good", "five records from the beginning", lines)
    yield _good("good-empty-page", "nothing new", [])
    yield _good("good-second-page", "continues where the first page ended", lines[3:], lines[2])
    rest = {"id": identifier(3), "kind": "entry", "entity": identifier(3), "author": "i05", "supersedes": []}
    yield _good("good-erased", "erased by law: its place holds", _changed(lines, 2, record=None, erased=rest))
    yield from _erased_badly(lines, rest)
    yield _broken("gap", "a line is left out", lines[:2] + lines[3:], 3)
    yield _broken("reordered", "two lines change places", [lines[0], lines[2], lines[1]], 2)
    yield _broken("repeated", "a line comes twice", [lines[0], lines[0]], 2)
    yield _broken("from-another-beginning", "the first line is missing", lines[1:], 1)
    yield _broken("wrong-position", "renumbered", _changed(lines, 1, position=7), 2)
    yield _broken("wrong-head", "a head is altered", _changed(lines, 3, head="0" * 64), 4)
    other = record(number=9)
    yield _broken("record-replaced", "other bytes under the same hash", _changed(lines, 2, record=other), 3)
    altered = _changed(lines, 2, record=other, hash=hash_of(other))
    yield _broken("record-and-hash-replaced", "history rewritten, heads kept", altered, 3)
    rewritten = _lines([record(number=number) for number in (1, 2, 9, 4, 5)])
    yield _broken("rewritten-after-two", "another history", rewritten[3:], 4, lines[2])
    stray = record(number=3, stream="commons")
    strays = _lines([record(number=1), stray])
    yield _broken("record-of-another-stream", "a well chained record of another stream", strays, 2)
    yield _broken("not-a-record", "bytes that are no record", _changed(lines, 0, record="a.b.c"), 1)
    yield _broken("not-an-instant", "appended_at without offset", _changed(lines, 0, appended_at="2026"), 1)
    upper = _changed(lines, 0, hash=lines[0]["hash"].upper())
    yield _broken("hash-upper-case", "a hash in capitals is no hash", upper, 1)
    foreign = _lines([record(number=1)], archive=kid("stranger"))
    yield _broken("of-another-archive", "chained from another archive's beginning", foreign, 1)


def _erased_badly(lines: list[dict[str, Any]], rest: dict[str, Any]) -> Iterator[Case]:
    """Yield lines that say wrongly what stays known of an erased record."""
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "neither": ("neither a record nor what is left of one", {"record": None}),
        "and-record": ("a record and what is left of one", {"erased": rest}),
        "extra-member": ("more than folding needs", {"record": None, "erased": {**rest, "body": {}}}),
        "no-author": ("less than folding needs", {"record": None, "erased": {**rest, "author": None}}),
        "bad-kind": ("not a kind", {"record": None, "erased": {**rest, "kind": "Entry"}}),
        "bad-id": ("not an id", {"record": None, "erased": {**rest, "id": "3"}}),
        "bad-supersedes": ("not hashes", {"record": None, "erased": {**rest, "supersedes": ["a"]}}),
    }
    for name, (about, changes) in forms.items():
        yield _broken(f"erased-{name}", about, _changed(lines, 2, **changes), 3)


def _head0(archive: str) -> bytes:
    return hashlib.sha256(b"fieldapp-1" + archive.encode() + STREAM.encode()).digest()


def _lines(records: list[str], archive: str | None = None) -> list[dict[str, Any]]:
    head = _head0(archive or kid("archive"))
    lines = []
    for position, jws in enumerate(records, 1):
        name = hash_of(jws)
        head = hashlib.sha256(head + bytes.fromhex(name)).digest()
        lines.append(
            {
                "position": position,
                "head": head.hex(),
                "appended_at": AT,
                "hash": name,
                "record": jws,
                "erased": None,
            }
        )
    return lines


def _changed(lines: list[dict[str, Any]], at: int, **changes: Any) -> list[dict[str, Any]]:
    return [{**line, **changes} if index == at else line for index, line in enumerate(lines)]


def _input(lines: list[dict[str, Any]], after: dict[str, Any] | None) -> dict[str, Any]:
    place = {"position": 0, "head": _head0(kid("archive")).hex()}
    if after is not None:
        place = {"position": after["position"], "head": after["head"]}
    return {"archive": kid("archive"), "stream": STREAM, "from": place, "lines": lines}


def _good(name: str, about: str, lines: list[dict[str, Any]], after: dict[str, Any] | None = None) -> Case:
    given = _input(lines, after)
    end = lines[-1] if lines else given["from"]
    expect = {"verdict": "good", "position": end["position"], "head": end["head"]}
    return name, about, given, expect


def _broken(
    name: str, about: str, lines: list[dict[str, Any]], position: int, after: dict[str, Any] | None = None
) -> Case:
    return name, about, _input(lines, after), {"verdict": "broken", "position": position}
