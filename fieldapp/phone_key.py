"""Enrolled phones as an administrator sees them: whose, since when, what came last, and whether they still count."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fieldapp.problem import Problem
from sync import record
from sync.record import Record
from sync.table import CertificateRow, Quarantined, RecordRow

if TYPE_CHECKING:
    from fieldapp.services import Services

REASON_CHARS = 200


@dataclass(frozen=True)
class PhoneKey:
    """One phone. `last_at` is when its newest record came, empty while none did; `waiting` how many were set aside and wait.

    `revocation` says who ended it and why.
    """

    row: CertificateRow
    records: int
    last_at: str
    waiting: int
    revocation: Record | None


def phones(session: Session) -> dict[str, list[PhoneKey]]:
    """Return the phones of each person, those that count first, then the newest."""
    rows = session.exec(
        select(CertificateRow)
        .where(~col(CertificateRow.is_archive))
        .order_by(CertificateRow.person, col(CertificateRow.enrolled_at).desc())
    ).all()
    came, waiting, ended = _came(session), _waiting(session), _revocations(session)
    found: dict[str, list[PhoneKey]] = {}
    for row in sorted(rows, key=lambda one: (one.person, one.revoked_at is not None)):
        count, last_at = came.get(row.kid, (0, ""))
        one = PhoneKey(row, count, last_at, waiting.get(row.kid, 0), ended.get(row.kid))
        found.setdefault(row.person, []).append(one)
    return found


def of_person(session: Session, person: str) -> list[CertificateRow]:
    """Return the phones of a person that count, the newest first."""
    counted = (~col(CertificateRow.is_archive), col(CertificateRow.revoked_at).is_(None))
    own = select(CertificateRow).where(CertificateRow.person == person, *counted)
    return list(session.exec(own.order_by(col(CertificateRow.enrolled_at).desc())))


def counting(session: Session) -> dict[str, int]:
    """Return how many phones of each person count."""
    counted = (~col(CertificateRow.is_archive), col(CertificateRow.revoked_at).is_(None))
    rows = select(CertificateRow.person, func.count()).where(*counted).group_by(CertificateRow.person)
    return dict(session.exec(rows).all())


def _came(session: Session) -> dict[str, tuple[int, str]]:
    table = RecordRow.__table__.c  # type: ignore[attr-defined]
    statement = sql_select(table.kid, func.count(), func.max(table.appended_at)).group_by(table.kid)
    return {kid: (count, last_at) for kid, count, last_at in session.execute(statement)}


def _waiting(session: Session) -> dict[str, int]:
    table = Quarantined.__table__.c  # type: ignore[attr-defined]
    statement = sql_select(table.kid, func.count()).where(table.decision.is_(None)).group_by(table.kid)
    return {row.kid: row[1] for row in session.execute(statement)}


def _revocations(session: Session) -> Mapping[str, Record]:
    rows = session.exec(
        select(RecordRow).where(RecordRow.stream == "keys", RecordRow.kind == "revocation")
        .order_by(col(RecordRow.position).desc())
    )  # fmt: skip
    sealed: list[Any] = [record.parse(bytes(row.bytes)) for row in rows if row.bytes]
    return {one.body["kid"]: one for one in sealed}


def revoke(services: "Services", kid: str, reason: str, by: str) -> None:
    """End a phone; raise problem `not-found`, or `already-revoked` when somebody else did."""
    with services.database.alone():
        with services.database.reading() as session:
            row = session.get(CertificateRow, kid)
        if row is None or row.is_archive:
            raise Problem("not-found")
        if row.revoked_at:
            raise Problem("already-revoked")
        services.archive.revoke(kid, reason, by)
