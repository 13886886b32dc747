"""A station's tables: apart from an archive's, in a database of its own."""

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

META = MetaData()
# What the archive said of a record; `is_final`: nothing is to be sent again.
HELD = Table(
    "held",
    META,
    Column("number", Integer, primary_key=True),
    # Of all bytes, the seal included: a copy with a spoilt seal must not stand in the way of the good one.
    Column("digest", String, unique=True, nullable=False),
    Column("hash", String, nullable=False, index=True),
    Column("id", String, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("received_at", String, nullable=False),
    Column("verdict", String),
    Column("reason", String),
    Column("detail", String),
    Column("is_final", Integer, nullable=False, default=0),
)
RECEIPT = Table(
    "receipt",
    META,
    Column("hash", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("is_complete", Integer, nullable=False),
)
PHOTO = Table(
    "photo",
    META,
    Column("record", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("size_bytes", Integer, nullable=False),
    Column("received_at", String, nullable=False),
    Column("upload", String),  # where the archive takes it
    Column("forwarded_at", String),
)
UPLOAD = Table(
    "upload",
    META,
    Column("token", String, primary_key=True),
    Column("record", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("expires_at", String, nullable=False),
)
MIRROR = Table(
    "mirror",
    META,
    Column("stream", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("hash", String, nullable=False),
    Column("head", String, nullable=False),
    Column("appended_at", String, nullable=False),
    Column("record", String),
    Column("erased", JSON),
)
PINNED = Table("pinned", META, Column("archive", String, primary_key=True))
# The epoch of the archive in which all of the above was said.
EPOCH = Table("epoch", META, Column("epoch", BigInteger, primary_key=True, autoincrement=False))
