"""Accounts: who may log in, as which person, in which role. Records know persons only; an account may end, its person stays."""

import re
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, col, func, select

from fieldapp.password import check_password, hash_password
from sync.rule import ROLES

USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,39}$")
PERSON = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")


class Account(SQLModel, table=True):
    """Somebody who may log in. `password` is an argon2id hash; instants are UTC text.

    `must_change`: the password was given by somebody else, for the first login only.
    """

    username: str = Field(primary_key=True)
    password: str
    person: str = Field(index=True)
    role: str
    name: str
    is_active: bool = True
    created_at: str
    must_change: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class AccountRefused(ValueError):
    """An account that cannot be made or changed, or does not exist.

    `reason` is `username`, `person`, `role`, `taken`, `unknown` or `last_administrator`; the message says it in a sentence.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def text_of(instant: datetime) -> str:
    """Return an aware instant as the sortable UTC text of our tables."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def find(session: Session, username: str) -> Account:
    """Return an account by its name; raise `AccountRefused` when there is none."""
    account = session.get(Account, username.lower())
    if account is None:
        raise AccountRefused("unknown", f"no account {username!r}")
    return account


def everybody(session: Session) -> list[Account]:
    """Return all accounts by name."""
    return list(session.exec(select(Account).order_by(col(Account.username))))


def add(
    session: Session,
    *,
    username: str,
    password: str,
    person: str,
    role: str,
    name: str,
    at: datetime,
    must_change: bool = False,
) -> Account:
    """Make an account; raise `AccountRefused` or `PasswordRefused`."""
    username = username.lower()
    if not USERNAME.match(username):
        raise AccountRefused(
            "username", f"{username!r} is no user name: small letters, digits, dot, dash; at most 40"
        )
    if not PERSON.match(person):
        raise AccountRefused("person", f"{person!r} is no person: small letters, digits, dash; at most 40")
    if role not in ROLES:
        raise AccountRefused("role", f"{role!r} is no role: {', '.join(sorted(ROLES))}")
    if session.get(Account, username):
        raise AccountRefused("taken", f"there is an account {username!r} already")
    check_password(password, username, name)
    account = Account(
        username=username,
        password=hash_password(password),
        person=person,
        role=role,
        name=name or username,
        created_at=text_of(at),
        must_change=must_change,
    )
    session.add(account)
    return account


def set_password(
    session: Session,
    username: str,
    password: str,
    end_logins: Callable[[Session, str], object],
    must_change: bool = False,
) -> None:
    """Give an account a new password and end what the old one opened; `must_change` when it is not the person's own choice."""
    account = find(session, username)
    check_password(password, account.username, account.name)
    account.password, account.must_change = hash_password(password), must_change
    session.add(account)
    end_logins(session, account.username)


def change_role(session: Session, username: str, role: str) -> str:
    """Give an account another role at once; return the one before. Raise `AccountRefused`, also for the last administrator."""
    account = find(session, username)
    if role not in ROLES:
        raise AccountRefused("role", f"{role!r} is no role: {', '.join(sorted(ROLES))}")
    before, account.role = account.role, role
    session.add(account)
    _require_administrator(session)
    return before


def deactivate(session: Session, username: str, end_logins: Callable[[Session, str], object]) -> None:
    """Close an account at once. Its person, records and keys stay; revoking a phone's key is a decision of its own."""
    account = find(session, username)
    account.is_active = False
    session.add(account)
    end_logins(session, account.username)


def close(session: Session, username: str, end_logins: Callable[[Session, str], object]) -> None:
    """Close an account from a page: never the last administrator's, who could not be reached by any page then."""
    deactivate(session, username, end_logins)
    _require_administrator(session)


def reopen(session: Session, username: str) -> None:
    """Let an account log in again, with the password it had."""
    account = find(session, username)
    account.is_active = True
    session.add(account)


def _require_administrator(session: Session) -> None:
    session.flush()
    active = select(func.count()).where(Account.role == "administrator", col(Account.is_active))
    if not session.exec(active).one():
        raise AccountRefused("last_administrator", "no administrator would be left")
