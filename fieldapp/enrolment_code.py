"""Codes that bind a phone (绑定码): shown by an administrator, scanned once by the phone within minutes, for one person.

A code stands in for user name and password. The table has its hash; the code itself follows from the archive's key file, so the page that
shows it can be loaded again, and a copy of the database opens nothing.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Field, Session, SQLModel, col, select, update

from fieldapp import services
from fieldapp.account import Account, text_of
from fieldapp.domain.body import ENROLLED
from fieldapp.problem import Problem
from sync import base64url
from sync.record import Record

if TYPE_CHECKING:
    from fieldapp.services import Services

LIFE = timedelta(minutes=10)
# 132 bits: 22 signs of base64url.
CODE_CHARS = 22


class EnrolmentCode(SQLModel, table=True):
    """A code. Instants are UTC text; `login_hash` is the login it opened, `label` the phone enrolled through it."""

    __tablename__ = "enrolment_code"

    id: str = Field(primary_key=True)
    code_hash: str = Field(unique=True)
    username: str = Field(index=True, foreign_key="account.username")
    made_by: str
    made_at: str
    ends_at: str
    used_at: str | None = None
    login_hash: str | None = Field(default=None, index=True)
    enrolled_at: str | None = None
    label: str = ""


def make(current: "Services", session: Session, username: str, by: str) -> EnrolmentCode:
    """Make a code for an inspector; the person's older ones end. Raise problem `not-found`, or `desk-role` for who works at the desk."""
    account = session.get(Account, username.lower())
    if account is None or not account.is_active:
        raise Problem("not-found")
    if account.role not in ENROLLED:
        raise Problem("desk-role")
    now, identity = current.clock(), current.archive.new_id()
    older = (
        col(EnrolmentCode.username) == account.username,
        col(EnrolmentCode.used_at).is_(None),
        col(EnrolmentCode.ends_at) > text_of(now),
    )
    session.exec(update(EnrolmentCode).where(*older).values(ends_at=text_of(now)))
    row = EnrolmentCode(
        id=identity,
        code_hash=_hash(code_of(current, identity)),
        username=account.username,
        made_by=by,
        made_at=text_of(now),
        ends_at=text_of(now + LIFE),
    )
    session.add(row)
    return row


def code_of(current: "Services", identity: str) -> str:
    """Return the code of an id."""
    secret = hmac.digest(services.secret_of(current.archive.key), b"enrolment code", "sha256")
    return base64url.encode(hmac.digest(secret, identity.encode(), "sha256"))[:CODE_CHARS]


def use(session: Session, code: str, now: datetime) -> EnrolmentCode | None:
    """Use a code up; of two phones at once one gets it. Return None for one that is unknown, used or over."""
    this = (
        col(EnrolmentCode.code_hash) == _hash(code),
        col(EnrolmentCode.used_at).is_(None),
        col(EnrolmentCode.ends_at) > text_of(now),
    )
    used = session.execute(update(EnrolmentCode).where(*this).values(used_at=text_of(now)))
    if used.rowcount != 1:  # type: ignore[attr-defined]
        return None
    return session.exec(select(EnrolmentCode).where(EnrolmentCode.code_hash == _hash(code))).one()


def note_enrolled(current: "Services", login_hash: str, enrolment: Record) -> None:
    """Write down which phone was enrolled in the login that a code opened."""
    this = (col(EnrolmentCode.login_hash) == login_hash, col(EnrolmentCode.enrolled_at).is_(None))
    told = {"enrolled_at": text_of(current.clock()), "label": enrolment.body["label"]}
    with current.database.writing() as session:
        session.exec(update(EnrolmentCode).where(*this).values(told))


def state_of(row: EnrolmentCode, now: datetime) -> str:
    """Return `enrolled`, `used` (the phone is still at it), `over` or `open`."""
    if row.enrolled_at:
        return "enrolled"
    if row.used_at:
        return "used"
    return "open" if row.ends_at > text_of(now) else "over"


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
