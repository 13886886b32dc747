"""The second factor of a person at the desk: codes that an authenticator makes from a shared secret (RFC 6238), and recovery codes.

The secret is encrypted to the archive's own key file, bound to its account: a copy of the database makes no codes. Each code counts once.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import pyotp
from sqlalchemy import LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update

from fieldapp.account import text_of
from sync import jwe
from sync.error import PackageRefused

if TYPE_CHECKING:
    from fieldapp.services import Services

# Clocks may differ by half a minute either way (RFC 6238 section 5.2).
STEP_S, WINDOW = 30, (-1, 0, 1)
RECOVERY_CODES = 8
# 80 bits, in four groups; no sign that looks like another.
SIGNS, GROUPS, GROUP_CHARS = "abcdefghjkmnpqrstuvwxyz23456789", 4, 4
MEMBER = "totp"


class SecondFactor(SQLModel, table=True):
    """A factor. It counts once `confirmed_at` is there; `last_step` is the newest time step a code was taken of."""

    __tablename__ = "second_factor"

    username: str = Field(primary_key=True, foreign_key="account.username")
    secret: bytes = Field(sa_type=LargeBinary)
    made_at: str
    confirmed_at: str | None = None
    last_step: int = 0


class RecoveryCode(SQLModel, table=True):
    """A code that stands in for the authenticator once; `code_hash` is SHA-256 in hex."""

    __tablename__ = "recovery_code"

    code_hash: str = Field(primary_key=True)
    username: str = Field(index=True, foreign_key="account.username")
    used_at: str | None = None


class FactorUnreadable(Exception):
    """The secret is encrypted to a key that is not here: the database came back without its key files."""


def find(session: Session, username: str) -> SecondFactor | None:
    """Return a factor that counts."""
    row = session.get(SecondFactor, username)
    return row if row and row.confirmed_at else None


def counting(session: Session) -> set[str]:
    """Return the accounts whose factor counts."""
    confirmed = col(SecondFactor.confirmed_at).is_not(None)
    return set(session.exec(select(SecondFactor.username).where(confirmed)))


def begin(current: "Services", session: Session, username: str) -> None:
    """Make a secret that counts once a code of it was typed; one that was never confirmed goes. One that counts stays."""
    if find(session, username):
        return
    session.exec(delete(SecondFactor).where(col(SecondFactor.username) == username))
    sealed = jwe.encrypt(current.decryption.jwk, _place(username), pyotp.random_base32().encode())
    session.add(SecondFactor(username=username, secret=sealed, made_at=text_of(current.clock())))


def secret_of(current: "Services", row: SecondFactor) -> str:
    """Return the secret as authenticators take it; raise `FactorUnreadable`."""
    try:
        return current.decryption.decrypt(bytes(row.secret), _place(row.username)).decode()
    except PackageRefused as error:
        raise FactorUnreadable(row.username) from error


def confirm(current: "Services", session: Session, username: str, code: str) -> list[str] | None:
    """Let a factor count from now on and return its recovery codes, which are never shown again; None for a wrong code."""
    row = session.get(SecondFactor, username)
    if row is None or row.confirmed_at or not _takes(current, session, row, code):
        return None
    made = {col(SecondFactor.confirmed_at): text_of(current.clock())}
    session.exec(update(SecondFactor).where(col(SecondFactor.username) == username).values(made))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.username) == username))
    session.add_all(RecoveryCode(code_hash=_hash(code), username=username) for code in codes)
    return codes


def check(current: "Services", session: Session, username: str, code: str) -> str:
    """Take a code, once: return `totp`, `recovery`, or nothing for a wrong one."""
    row = find(session, username)
    if row is None:
        return ""
    if len(_plain(code)) != GROUPS * GROUP_CHARS:
        return "totp" if _takes(current, session, row, code) else ""
    unused = (
        col(RecoveryCode.code_hash) == _hash(code),
        col(RecoveryCode.username) == username,
        col(RecoveryCode.used_at).is_(None),
    )
    used = session.execute(update(RecoveryCode).where(*unused).values(used_at=text_of(current.clock())))
    return "recovery" if used.rowcount == 1 else ""  # type: ignore[attr-defined]


def remove(session: Session, username: str) -> bool:
    """Remove a factor with its recovery codes; return whether there was one that counted."""
    was = find(session, username) is not None
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.username) == username))
    session.exec(delete(SecondFactor).where(col(SecondFactor.username) == username))
    return was


def codes_left(session: Session, username: str) -> int:
    """Return how many recovery codes are unused."""
    unused = (RecoveryCode.username == username, col(RecoveryCode.used_at).is_(None))
    return session.exec(select(func.count()).select_from(RecoveryCode).where(*unused)).one()


def address_of(secret: str, username: str, department: str) -> str:
    """Return what an authenticator scans: an `otpauth` address with the account and the archive's name."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=department)


def _takes(current: "Services", session: Session, row: SecondFactor, code: str) -> bool:
    """Tell whether a code is one of now and of a later step than the last one; of two who bring it at once one is taken."""
    step = _step_of(secret_of(current, row), "".join(code.split()), current.clock())
    if step is None:
        return False
    later = (col(SecondFactor.username) == row.username, col(SecondFactor.last_step) < step)
    taken = session.execute(update(SecondFactor).where(*later).values(last_step=step))
    return int(taken.rowcount) == 1  # type: ignore[attr-defined]


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    steps = [present + by for by in WINDOW]
    fitting = [step for step in steps if hmac.compare_digest(totp.at(step * STEP_S).encode(), code.encode())]
    return max(fitting, default=None)


def _place(username: str) -> jwe.Place:
    return jwe.Place(of=f"account:{username}", name=MEMBER, total=1)


def _new_code() -> str:
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(GROUP_CHARS)) for _ in range(GROUPS))


def _plain(code: str) -> str:
    return "".join(sign for sign in code.lower() if sign.isalnum())


def _hash(code: str) -> str:
    return hashlib.sha256(_plain(code).encode()).hexdigest()
