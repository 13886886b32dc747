"""One archive vouching for the keys of another, so that packages of that one can be taken in here (PROTOCOL.md section 2).

What a vouched key seals is judged like everything else; stream `keys` stays closed to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from sync import key, record
from sync.error import BodyInvalid, Refused
from sync.record import KID, Record
from sync.table import CertificateRow, RecordRow

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


def note(session: Session, vouching: Record, appended_at: str) -> None:
    """Take up what another archive says of its keys. A key that is known here already stays what it is."""
    for jws in vouching.body["records"]:
        found = record.parse(jws.encode("ascii"))
        if found.payload["kind"] == "revocation":
            _revoke(session, vouching.body["archive"], found.body["kid"], appended_at)
        elif found.payload["kind"] in ("archive_key", "enrolment"):
            _certify(session, vouching, found, appended_at)
    session.flush()


def _certify(session: Session, vouching: Record, found: Record, appended_at: str) -> None:
    body, kid = found.body, key.kid_of(found.body["jwk"])
    if session.get(CertificateRow, kid) is not None:
        return
    is_archive = found.payload["kind"] == "archive_key"
    session.add(Vouched(kid=kid, archive=vouching.body["archive"]))
    session.add(
        CertificateRow(
            kid=kid,
            jwk=body["jwk"],
            person=found.payload["author"] if is_archive else body["person"],
            name=body["name"],
            role=None if is_archive else body["role"],
            label="" if is_archive else body["label"],
            is_archive=is_archive,
            enrolled_at=appended_at,
            record=vouching.hash,
        )
    )


def _revoke(session: Session, archive: str, kid: str, appended_at: str) -> None:
    vouched, row = session.get(Vouched, kid), session.get(CertificateRow, kid)
    if vouched and row and vouched.archive == archive and row.revoked_at is None:
        row.revoked_at = appended_at
        session.add(row)


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
