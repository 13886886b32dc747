"""Delays after wrong passwords and codes, per name and network, never a lock: nobody can be kept out by somebody else's typing."""

import ipaddress
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, delete, select

from fieldapp.account import text_of
from fieldapp.problem import Problem
from sync.prepared import insert_new

FREE_FAILURES = 3
LONGEST_DELAY_S = 300
# A whole network (an office behind one address) may mistype more often than one person.
FREE_FAILURES_OF_NETWORK = 30
FORGET = timedelta(days=1)
# Guesses that count wherever they come from: of a code of few digits, by somebody who has the password.
ANYWHERE = "any"


class Failure(SQLModel, table=True):
    """Wrong passwords for a user name from a network (`*` as the name: any), and until when to wait."""

    username: str = Field(primary_key=True)
    network: str = Field(primary_key=True)
    failures: int
    failed_at: str
    wait_until: str


def network_of(address: str | None) -> str:
    """Return the network an address counts for: itself in IPv4, its /64 in IPv6."""
    try:
        host = ipaddress.ip_address(address or "0.0.0.0")
    except ValueError:
        return "unknown"
    return str(host) if host.version == 4 else str(ipaddress.ip_network(f"{host}/64", strict=False))


def require_patience(session: Session, username: str, network: str, now: datetime) -> None:
    """Raise problem `login-delayed` while a name or its whole network has to wait."""
    rows = (session.get(Failure, (name, network)) for name in (username, "*"))
    until = max((row.wait_until for row in rows if row), default="")
    if until > text_of(now):
        wait_s = int((datetime.fromisoformat(until) - now).total_seconds()) + 1
        raise Problem("login-delayed", retry_after_s=wait_s, wait_s=wait_s)


def count_failure(session: Session, username: str, network: str, now: datetime) -> None:
    """Count a wrong guess, for the name and for its whole network."""
    session.exec(delete(Failure).where(col(Failure.failed_at) < text_of(now - FORGET)))
    names = {username: FREE_FAILURES}
    if network != ANYWHERE:
        names["*"] = FREE_FAILURES_OF_NETWORK
    for name, free in names.items():
        row = _locked_failure(session, name, network, now)
        row.failures += 1
        wait_s = min(LONGEST_DELAY_S, 2 ** min(row.failures - free, 16)) if row.failures > free else 0
        row.failed_at, row.wait_until = text_of(now), text_of(now + timedelta(seconds=wait_s))


def _locked_failure(session: Session, name: str, network: str, now: datetime) -> Failure:
    """Return the row, made when missing: of many attempts at once, at whichever machine, each is counted."""
    new = {"username": name, "network": network, "failures": 0}
    insert_new(session, Failure, new | {"failed_at": text_of(now), "wait_until": text_of(now)})
    return session.exec(select(Failure).where(*_of(name, network)).with_for_update()).one()


def forget_failures(session: Session, username: str, network: str) -> None:
    """Forget what was mistyped before somebody came in."""
    session.exec(delete(Failure).where(*_of(username, network)))


def _of(name: str, network: str) -> tuple[Any, Any]:
    return col(Failure.username) == name, col(Failure.network) == network
