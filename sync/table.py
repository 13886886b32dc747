"""The engine's tables. Columns of `record` are for ever: facts are written once, bytes may go by law, nothing else changes."""

from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

_BY_DESK: Any = {"sqlite_where": text("counter = 0"), "postgresql_where": text("counter = 0")}
_LACKING: Any = {
    "sqlite_where": text("completed_at IS NULL"),
    "postgresql_where": text("completed_at IS NULL"),
}


class ArchiveRow(SQLModel, table=True):
    """Which archive this database is: one row."""

    __tablename__ = "archive"

    id: int = Field(default=1, primary_key=True)
    name: str
    epoch: int = Field(default=1, sa_type=BigInteger)


class RollbackRow(SQLModel, table=True):
    """A new epoch, when and why it was opened; `evidence` is the receipt that named what was not here."""

    __tablename__ = "rollback"

    epoch: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    noticed_at: str
    reason: str
    evidence: str = ""


class StreamRow(SQLModel, table=True):
    """Where a stream ends; locked while it grows."""

    __tablename__ = "stream"

    name: str = Field(primary_key=True)
    position: int
    head: str


class RecordRow(SQLModel, table=True):
    """A record as it came, where it stands, and since when. Instants are UTC text of the protocol."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("stream", "position"),
        # What desks sealed, few among many: a phone's counter begins with 1, so its records pay nothing for these.
        Index("ix_record_desk_at", "appended_at", "id", "kind", **_BY_DESK),
        Index("ix_record_desk_author", "author", "appended_at", "id", **_BY_DESK),
        # Few are incomplete at any time, and they are asked for often.
        Index("ix_record_incomplete", "hash", **_LACKING),
    )

    hash: str = Field(primary_key=True)
    id: str = Field(unique=True)
    kind: str
    v: int
    stream: str
    entity: str = Field(index=True)
    author: str
    kid: str = Field(index=True)
    counter: int = Field(sa_type=BigInteger)
    captured_at: str
    position: int
    head: str
    appended_at: str
    completed_at: str | None = None
    supersedes: Any = Field(sa_type=JSON)
    bytes: Any = Field(default=None, sa_type=LargeBinary, nullable=True)


class RecordMedia(SQLModel, table=True):
    """Bytes that a record (appended or set aside) names; `received_at` once they came for this record and were read back."""

    __tablename__ = "record_media"

    record: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    size_bytes: int = Field(sa_type=BigInteger)
    media_type: str
    is_required: bool
    received_at: str | None = None


class Media(SQLModel, table=True):
    """Bytes the photo store holds: durable, read back, hash equal."""

    __tablename__ = "media"

    sha256: str = Field(primary_key=True)
    size_bytes: int = Field(sa_type=BigInteger)
    stored_at: str


class Upload(SQLModel, table=True):
    """An upload under way; how far it is, the photo store says."""

    __tablename__ = "upload"

    token: str = Field(primary_key=True)
    record: str
    sha256: str
    size_bytes: int = Field(sa_type=BigInteger)
    expires_at: str


class Quarantined(SQLModel, table=True):
    """A record set aside, with the reason, until a person decides."""

    __tablename__ = "quarantined"

    hash: str = Field(primary_key=True)
    id: str = Field(index=True)
    kid: str
    person: str = Field(index=True)
    reason: str
    detail: str | None = None
    received_at: str
    size_bytes: int = Field(sa_type=BigInteger)
    counter: int = Field(sa_type=BigInteger)
    bytes: Any = Field(default=None, sa_type=LargeBinary, nullable=True)
    decision: Literal["admitted", "rejected", "appended"] | None = Field(default=None, sa_type=String)
    decided_at: str | None = None
    decided_by: str | None = None


class Erased(SQLModel, table=True):
    """A record whose bytes went by law, or never come: its hash, and the erasure that names it."""

    __tablename__ = "erased"

    hash: str = Field(primary_key=True)
    erasure: str


class ErasedMedia(SQLModel, table=True):
    """Photo bytes that an erasure freed and that are still to be destroyed, unless another record names them."""

    __tablename__ = "erased_media"

    sha256: str = Field(primary_key=True)


class CertificateRow(SQLModel, table=True):
    """What stream `keys` says of a key, by `kid`."""

    __tablename__ = "certificate"

    kid: str = Field(primary_key=True)
    jwk: Any = Field(sa_type=JSON)
    person: str = Field(index=True)
    name: str
    role: str | None = None
    label: str = ""
    is_archive: bool = False
    enrolled_at: str
    record: str
    revoked_at: str | None = None


class Unfolded(SQLModel, table=True):
    """An entity whose records are appended but could not be folded, and why."""

    __tablename__ = "unfolded"

    entity: str = Field(primary_key=True)
    stream: str
    error: str
