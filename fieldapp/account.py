"""Accounts: who may log in, as which person, in which role. Records know persons only; an account may end, its person stays."""

import re
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from fieldapp.password import check_password, hash_password
from sync.rule import ROLES

USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,39}$")
PERSON = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")


class Account(SQLModel, table=True):
    """Somebody who may log in. `password` is an argon2id hash; instants are UTC text."""

    username: str = Field(primary_key=True)
    password: str
    person: str = Field(index=True)
    role: str
    name: str
    is_active: bool = True
    created_at: str


class AccountRefused(ValueError):
    """An account that cannot be made or does not exist; the message says why."""


def text_of(instant: datetime) -> str:
    """Return an aware instant as the sortable UTC text of our tables."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def find(session: Session, username: str) -> Account:
    """Return an account by its name; raise `AccountRefused` when there is none."""
    account = session.get(Account, username.lower())
    if account is None:
        raise AccountRefused(f"no account {username!r}")
    return account


def everybody(session: Session) -> list[Account]:
    """Return all accounts by name."""
    return list(session.exec(select(Account).order_by(col(Account.username))))


def add(
    session: Session, *, username: str, password: str, person: str, role: str, name: str, at: datetime
) -> Account:
    """Make an account; raise `AccountRefused` or `PasswordRefused`."""
    username = username.lower()
    if not USERNAME.match(username):
        raise AccountRefused(f"{username!r} is no user name: small letters, digits, dot, dash; at most 40")
    if not PERSON.match(person):
        raise AccountRefused(f"{person!r} is no person: small letters, digits, dash; at most 40")
    if role not in ROLES:
        raise AccountRefused(f"{role!r} is no role: {', '.join(sorted(ROLES))}")
    if session.get(Account, username):
        raise AccountRefused(f"there is an account {username!r} already")
    check_password(password, username)
    account = Account(
        username=username,
        password=hash_password(password),
        person=person,
        role=role,
        name=name or username,
        created_at=text_of(at),
    )
    session.add(account)
    return account


def set_password(
    session: Session, username: str, password: str, end_logins: Callable[[Session, str], object]
) -> None:
    """Give an account a new password and end what the old one opened."""
    account = find(session, username)
    check_password(password, account.username)
    account.password = hash_password(password)
    session.add(account)
    end_logins(session, account.username)


def deactivate(session: Session, username: str, end_logins: Callable[[Session, str], object]) -> None:
    """Close an account at once. Its person, records and keys stay; revoking a phone's key is a decision of its own."""
    account = find(session, username)
    account.is_active = False
    session.add(account)
    end_logins(session, account.username)
