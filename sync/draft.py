"""What a desk, an import or a demo wants sealed by the archive's key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Draft:
    """What a desk wants sealed. Without `id` a new one is made; without `entity` it begins an entity of that id."""

    kind: str
    stream: str
    body: Mapping[str, Any]
    author: str
    id: str | None = None
    entity: str | None = None
    supersedes: tuple[str, ...] = ()
    captured_at: str | None = None
    v: int = 1
