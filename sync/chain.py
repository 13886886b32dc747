"""Following a stream from outside: each line must continue position and head (PROTOCOL.md section 5). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync import instant, record, stream
from sync.error import ChainBroken, Refused

_REST = {"id": record.ID, "kind": record.KIND, "entity": record.ID, "author": record.PERSON}


@dataclass(frozen=True)
class Place:
    """How far a stream has been followed: position and head (hex)."""

    position: int
    head: str

    @classmethod
    def start(cls, archive: str, name: str) -> "Place":
        """Return the place before the first record."""
        return cls(0, stream.head0(archive, name).hex())


def advance(name: str, place: Place, line: Mapping[str, Any]) -> Place:
    """Return the place behind one more line of a page; raise `ChainBroken` when the line does not follow."""
    position = place.position + 1
    try:
        instant.parse(line["appended_at"])
        if line["position"] != position or not record.HASH.fullmatch(line["hash"]):
            raise ValueError("position or hash")
        head = stream.extend(bytes.fromhex(place.head), line["hash"]).hex()
        if line["head"] != head:
            raise ValueError("another head")
        _check(name, line)
    except (ValueError, KeyError, TypeError, AttributeError, Refused) as error:
        raise ChainBroken(name, position, str(error)) from error
    return Place(position, head)


def _check(name: str, line: Mapping[str, Any]) -> None:
    """Check that the line carries the record it names, or what stays known of an erased one."""
    if (line["record"] is None) == (line["erased"] is None):
        raise ValueError("a record, or what is left of one")
    if line["record"] is None:
        return _check_rest(line["erased"])
    found = record.parse(line["record"].encode())
    if found.hash != line["hash"] or found.payload["stream"] != name:
        raise ValueError("another record")
    return None


def _check_rest(erased: Mapping[str, Any]) -> None:
    fits = set(erased) == {*_REST, "supersedes"} and all(
        isinstance(erased[name], str) and form.fullmatch(erased[name]) for name, form in _REST.items()
    )
    if not fits or not all(record.HASH.fullmatch(name) for name in erased["supersedes"]):
        raise ValueError("what is left of an erased record")
