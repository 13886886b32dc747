"""The drafts of the demo on their way to the archive. Ids follow from names and days, so two loads make the
same entities.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fieldapp.demo.photos import Shot
from fieldapp.demo.shift import Shift, instant_text
from sync.archive import Archive, Draft
from sync.uuid7 import uuid7

BATCH = 500


class Ledger:
    """Collects drafts and seals them in batches.

    `at` is a local time of the data's calendar when it has no zone, else an instant that is shifted already.
    """

    def __init__(self, archive: Archive, shift: Shift) -> None:
        self.archive = archive
        self.shift = shift
        self.waiting: list[Draft] = []
        self.shots: dict[str, Shot] = {}
        self.drafts: dict[str, Draft] = {}
        self.hashes: dict[str, str] = {}

    def enter(
        self, kind: str, stream: str, body: Mapping[str, Any], author: str, at: datetime, name: str
    ) -> str:
        """Add the first record of an entity and return the entity's id. `name` tells it from all others of
        its kind.
        """
        instant = at if at.tzinfo else self.shift.instant(at)
        identity = self.id_of(f"{kind} {name}", instant)
        self._put(Draft(kind, stream, body, author, identity, identity, (), instant_text(instant)))
        return identity

    def revise(
        self, kind: str, stream: str, body: Mapping[str, Any], author: str, at: datetime, entity: str
    ) -> str:
        """Add a record that supersedes the one standing of `entity` (sealed before), at a shifted instant;
        return its id.
        """
        head = self.hashes[entity]
        identity = self.id_of(f"{kind} {entity} revised {instant_text(at)}", at)
        self._put(Draft(kind, stream, body, author, identity, entity, (head,), instant_text(at)))
        return identity

    def enter_photo(
        self, stream: str, body: Mapping[str, Any], author: str, at: datetime, shot: Shot, name: str
    ) -> str:
        """Add a photo whose bytes are painted later; `view` is filled in then."""
        identity = self.enter("photo", stream, body, author, at, name)
        self.waiting.pop()
        self.shots[identity] = shot
        return identity

    def id_of(self, name: str, at: datetime) -> str:
        """Return the UUID version 7 that belongs to a name."""
        return uuid7(at, hashlib.sha256(name.encode()).digest()[:10])

    def view(self, identity: str, image: Mapping[str, Any]) -> None:
        """Name the painted bytes in the photo that waits for them."""
        draft = self.drafts[identity]
        self._put(replace(draft, body={**draft.body, "view": image}))

    def seal(self, told: Callable[[int], None]) -> None:
        """Seal and append everything that waits, a stream at a time as far as may be; `told` is how many
        each time.
        """
        drafts, self.waiting = sorted(self.waiting, key=lambda draft: draft.stream), []
        for start in range(0, len(drafts), BATCH):
            records = self.archive.seal(drafts[start : start + BATCH])
            self.hashes |= {record.payload["entity"]: record.hash for record in records}
            told(len(records))

    def _put(self, draft: Draft) -> None:
        assert draft.entity
        self.drafts[draft.entity] = draft
        self.waiting.append(draft)
