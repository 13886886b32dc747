"""Archives, phones and sealed records for tests of the engine: plain functions, a clock that stands still, one tiny domain."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from sync import base64url, instant, record, statement
from sync.archive import Archive
from sync.error import BodyInvalid
from sync.ijson import dump
from sync.key import SealingKey
from sync.quarantine import Quota
from sync.record import Record
from sync.rule import Kind, Media, Rulebook
from sync.uuid7 import uuid7
from tests.store import Store, in_folder

NOON = datetime(2026, 11, 22, 4, 0, 0, tzinfo=UTC)
ARCHIVE_ID = "01930000-0000-7000-8000-0000000000aa"
STREAM = f"project:{ARCHIVE_ID}"
PHONE = frozenset({"inspector", "supervisor"})


class Note(SQLModel, table=True):
    """Where kind `note` of these tests folds."""

    __tablename__ = "test_note"

    entity: str = Field(primary_key=True)
    stream: str
    record: str
    author: str
    kid: str
    captured_at: str
    captured_offset_min: int
    revisions: int
    is_conflict: bool
    what: str
    more: Any = Field(default=None, sa_type=JSON)


class Image(SQLModel, table=True):
    """Where kind `image` of these tests folds."""

    __tablename__ = "test_image"

    entity: str = Field(primary_key=True)
    stream: str
    record: str
    author: str
    kid: str
    captured_at: str
    captured_offset_min: int
    revisions: int
    is_conflict: bool
    bytes: Any = Field(default=None, sa_type=JSON)


def _note(body: Mapping[str, Any]) -> None:
    if not isinstance(body.get("what"), str):
        raise BodyInvalid("what", "text")


def _media(body: Mapping[str, Any]) -> list[Media]:
    return [
        Media(f"part{number}", item["sha256"], item["size_bytes"], "image/jpeg", item["required"])
        for number, item in enumerate(body["bytes"])
    ]


def _image(body: Mapping[str, Any]) -> None:
    if not isinstance(body.get("bytes"), list):
        raise BodyInvalid("bytes", "a list")


KINDS = (
    Kind("note", {1: _note}, frozenset({"project"}), PHONE),
    Kind("image", {1: _image}, frozenset({"project"}), PHONE, media=_media),
    Kind("unit", {1: _note}, frozenset({"commons"}), is_shared=True),
)
TABLES = {"note": Note, "image": Image}


@dataclass
class StandingClock:
    """A clock that moves only when told."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


def archive(
    store: Store | Path, clock: StandingClock | None = None, quota: Quota | None = None, **more: Any
) -> Archive:
    """Return an archive with its own database, key and photo store (in a folder: SQLite); opened again, the same one."""
    places = in_folder(store) if isinstance(store, Path) else store
    database, key = places.database(), SealingKey.kept_at(places.folder / "key" / "archive.pem")
    database.create_tables()
    return Archive(
        database,
        Rulebook(KINDS),
        TABLES,
        places.photos,
        key,
        clock or StandingClock(),
        os.urandom,
        quota=quota,
        **more,
    )


@dataclass
class Phone:
    """A phone with a key: seals what it is told to, counting."""

    person: str = "i05"
    key: SealingKey = field(default_factory=SealingKey.new)
    counter: int = 0

    def request(self, archive: str, beacon: str, label: str = "test phone") -> bytes:
        """Return a request to be enrolled by an archive."""
        payload = {
            "archive": archive,
            "person": self.person,
            "jwk": self.key.jwk,
            "beacon": beacon,
            "label": label,
        }
        return self.key.seal(statement.ENROL, dump(payload)).encode()

    def seal(self, body: Mapping[str, Any] | None = None, **members: Any) -> Record:
        """Seal a record; members given replace the ordinary ones."""
        self.counter += 1
        identity = members.pop("id", None) or uuid7(NOON + timedelta(seconds=self.counter), os.urandom(10))
        payload = {
            "id": identity,
            "kind": "note",
            "v": 1,
            "stream": STREAM,
            "entity": identity,
            "supersedes": [],
            "author": self.person,
            "counter": self.counter,
            "captured_at": instant.write(NOON, 480),
            "clock": None,
            "beacon": None,
            "salt": base64url.encode(os.urandom(16)),
            "body": {"what": "seen"} if body is None else dict(body),
        }
        return record.seal(self.key, payload | members)


def enrolled(home: Archive, person: str = "i05", role: Any = "inspector") -> Phone:
    """Return a phone that the archive has enrolled."""
    phone = Phone(person)
    home.enrol(phone.request(home.name, home.time_token()), person, person.upper(), role, person)
    return phone


def sent(*records: Record) -> list[bytes]:
    """Return the lines of a push."""
    return [one.token.text.encode("ascii") for one in records]
