"""What a seal proves about time, for the person who reads: not before the token it embeds, not after the archive's receipt.

Says nothing about whether a photo or a position is genuine; nobody can prove that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync import record, statement
from sync.error import SyncError
from sync.key import Jwk
from sync.table import RecordRow

# Wider than this, a reviewer is asked to look.
WIDE = timedelta(hours=24)


@dataclass(frozen=True)
class Sealing:
    """The window of one record. `not_before` is None when the phone had no token; `is_desk`: sealed by the archive for a login.

    `captured_at` is what the phone's clock said; `clock_off` how far it was from the archive's at their last contact.
    """

    captured_at: str
    not_before: str | None
    not_after: str
    is_desk: bool
    clock_off: timedelta | None

    @property
    def width(self) -> timedelta | None:
        """Return how wide the window is."""
        if self.not_before is None:
            return None
        return datetime.fromisoformat(self.not_after) - datetime.fromisoformat(self.not_before)

    @property
    def is_wide(self) -> bool:
        """Tell whether the window says little."""
        return not self.is_desk and (self.width is None or self.width > WIDE)

    @property
    def is_outside(self) -> bool:
        """Tell whether the phone's clock named a time after the archive had the record already."""
        captured = datetime.fromisoformat(self.captured_at)
        return captured > datetime.fromisoformat(self.not_after) + timedelta(minutes=10)


def sealing_of(row: RecordRow, jwks: Mapping[str, Jwk], is_desk: bool) -> Sealing:
    """Read the window of an appended record, `jwks` being the archive's keys by kid. Erased bytes leave only the receipt's side."""
    beacon, clock, captured_at = None, None, row.captured_at
    if row.bytes:
        payload = record.parse(bytes(row.bytes)).payload
        beacon, clock, captured_at = payload["beacon"], payload["clock"], payload["captured_at"]
    return Sealing(
        captured_at=captured_at,
        not_before=_at(beacon, jwks),
        not_after=row.appended_at,
        is_desk=is_desk,
        clock_off=timedelta(milliseconds=clock["offset_ms"]) if clock else None,
    )


def _at(beacon: str | None, jwks: Mapping[str, Jwk]) -> str | None:
    if beacon is None:
        return None
    try:
        return str(statement.read_any(beacon, statement.TIME, jwks)["at"])
    except (SyncError, KeyError):
        # Not a token of ours: it proves nothing here.
        return None
