"""One archive vouching for the keys of another, so that packages of that one can be taken in here (PROTOCOL.md section 2).

What a vouched key seals is judged like everything else; stream `keys` stays closed to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from sync import record
from sync.error import BodyInvalid, Refused
from sync.record import KID, Record
from sync.table import RecordRow

KIND = "vouching"
# Key records of another archive that one record vouches for; a record has its limit in bytes.
MOST_BYTES = 150_000


class Vouched(SQLModel, table=True):
    """A key that another archive certifies, and which archive that is."""

    __tablename__ = "vouched"

    kid: str = Field(primary_key=True)
    archive: str = Field(index=True)


def validate(body: Mapping[str, Any]) -> None:
    """Check the form: an archive's name and records of a stream `keys`. That they follow from the name, the sealing archive has checked."""
    if set(body) != {"archive", "records"}:
        raise BodyInvalid("", "needs exactly archive, records")
    if not isinstance(body["archive"], str) or not KID.fullmatch(body["archive"]):
        raise BodyInvalid("archive", "the name of an archive")
    if not isinstance(body["records"], list) or not body["records"]:
        raise BodyInvalid("records", "a list of records")
    for at, jws in enumerate(body["records"]):
        try:
            found = record.parse(jws.encode("ascii"))
        except (Refused, AttributeError, UnicodeError) as error:
            raise BodyInvalid(f"records.{at}", "a sealed record") from error
        if found.payload["stream"] != "keys":
            raise BodyInvalid(f"records.{at}", "a record of stream keys")


def stated(one: Record) -> Iterator[tuple[Record, str | None]]:
    """Yield what a record of stream `keys` says of keys: itself, or the records it vouches for, each with the archive it is from."""
    if one.payload["kind"] != KIND:
        yield one, None
        return
    for jws in one.body["records"]:
        yield record.parse(jws.encode("ascii")), one.body["archive"]


def records_of(session: Session, archive: str) -> list[bytes]:
    """Return the key records of another archive that are vouched for here, in their order."""
    rows = session.exec(
        select(RecordRow.bytes)
        .where(RecordRow.stream == "keys", RecordRow.kind == KIND)
        .order_by(col(RecordRow.position))
    )
    bodies = (record.parse(bytes(row)).body for row in rows if row)
    return [jws.encode("ascii") for body in bodies if body["archive"] == archive for jws in body["records"]]


def batches(lines: Sequence[bytes]) -> list[list[str]]:
    """Return key records in batches that fit into a record each."""
    found: list[list[str]] = []
    size = MOST_BYTES
    for line in lines:
        if size + len(line) > MOST_BYTES:
            found.append([])
            size = 0
        found[-1].append(line.decode("ascii"))
        size += len(line)
    return found
