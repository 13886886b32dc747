"""Accounts for tests. Their hashes are argon2's as always, only cheap: what a password costs to check is written in its hash."""

from functools import cache

from argon2 import PasswordHasher
from sqlmodel import Session

from fieldapp.account import Account
from fieldapp.password import normal


def add(session: Session, username: str, password: str, role: str, name: str = "") -> None:
    """Make an account whose person is called as the user is."""
    session.add(
        Account(
            username=username,
            password=_hashed(password),
            person=username,
            role=role,
            name=name or username.upper(),
            created_at="2026-01-01T00:00:00.000Z",
        )
    )


@cache
def _hashed(password: str) -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(normal(password))
