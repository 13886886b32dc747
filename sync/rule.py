"""Who may write what: the verdict table of PROTOCOL.md section 4, read top to bottom.

The engine knows no inspections: what the kinds are is passed in as a `Rulebook`. Nothing here reads a store, a clock or a network.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sync.error import BodyInvalid

Role = Literal["inspector", "supervisor", "administrator"]
Verdict = Literal["appended", "known", "quarantined", "refused", "held"]
Validate = Callable[[Mapping[str, Any]], None]

NOUNS = frozenset({"keys", "commons", "project", "unit", "team", "official"})
ROLES: frozenset[Role] = frozenset({"inspector", "supervisor", "administrator"})


@dataclass(frozen=True)
class Media:
    """Bytes that a record names: what a photo is known by, and whether the record is incomplete without it."""

    part: str
    sha256: str
    size_bytes: int
    media_type: str
    is_required: bool


@dataclass(frozen=True)
class Kind:
    """One kind of record: which bodies are valid, where it may stand, and whose phone may seal it.

    `versions` maps `v` to a validator that raises `BodyInvalid`. `writers` are the roles whose own key may seal it; the archive's
    key may seal every kind, because the desk has checked the person before. `nouns` are the streams it fits.
    """

    name: str
    versions: Mapping[int, Validate]
    nouns: frozenset[str]
    writers: frozenset[Role] = frozenset()
    is_shared: bool = False
    media: Callable[[Mapping[str, Any]], list[Media]] = field(default=lambda _body: [])


@dataclass(frozen=True)
class Certificate:
    """What stream `keys` says of a key: whose it is, in which role, and whether it still seals."""

    kid: str
    jwk: Mapping[str, str]
    person: str
    role: Role | None
    is_archive: bool = False
    is_revoked: bool = False


class Rulebook:
    """All kinds an archive knows, by name."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self.kinds = {kind.name: kind for kind in kinds}

    def objection(
        self, payload: Mapping[str, Any], certificate: Certificate
    ) -> tuple[str, str | None] | None:
        """Return `(reason, detail)` of the first row that sets a record aside, or None when it may be appended."""
        kind = self.kinds.get(payload["kind"])
        for reason, holds in _ROWS:
            if holds(kind, payload, certificate):
                return reason, None
        assert kind is not None
        try:
            kind.versions[payload["v"]](payload["body"])
        except BodyInvalid as invalid:
            return "body-invalid", str(invalid)
        return None


def noun_of(stream: str) -> str:
    """Return the noun of a stream name: `project` of `project:0193…`, the whole name where there is no id."""
    return stream.partition(":")[0]


def _is_allowed(kind: Kind, key: Certificate) -> bool:
    return key.is_archive or key.role in kind.writers


Row = Callable[[Kind | None, Mapping[str, Any], Certificate], bool]

# The order is the protocol's: each row may rely on the rows above it having not held, from the third on there is a kind.
_ROWS: tuple[tuple[str, Row], ...] = (
    ("revoked-key", lambda _kind, _payload, key: key.is_revoked),
    ("wrong-author", lambda _kind, payload, key: not key.is_archive and payload["author"] != key.person),
    ("unknown-kind", lambda kind, _payload, _key: kind is None),
    ("unknown-version", lambda kind, payload, _key: payload["v"] not in cast("Kind", kind).versions),
    ("kind-not-allowed", lambda kind, _payload, key: not _is_allowed(cast("Kind", kind), key)),
    (
        "stream-not-allowed",
        lambda kind, payload, _key: noun_of(payload["stream"]) not in cast("Kind", kind).nouns,
    ),
)
