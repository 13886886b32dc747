"""What a kind's own rules say of a body: in tests, a value to be compared."""

from collections.abc import Mapping
from typing import Any

from fieldapp.domain import rulebook
from sync.error import BodyInvalid


def fault(kind: str, body: Mapping[str, Any], version: int = 1) -> str | None:
    """Return why a version's rules refuse a body, None when they take it."""
    try:
        rulebook().kinds[kind].versions[version](body)
    except BodyInvalid as invalid:
        return str(invalid)
    return None
