"""Logins: a random token in a cookie, its hash in a table, so that a stolen database opens nothing and any login can be ended.

Wrong passwords lead to delays per user and network, never to a lock: nobody can be kept out by somebody else's typing.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import g, request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update
from werkzeug.wrappers import Response

from fieldapp import enrolment_code, register, second_factor, services
from fieldapp.account import Account, text_of
from fieldapp.delay import ANYWHERE, count_failure, forget_failures, network_of, require_patience
from fieldapp.domain.body import ENROLLED
from fieldapp.password import fits
from fieldapp.problem import Problem
from sync.rule import ROLES, Role

# A login in use is prolonged, but not written at each request.
SEEN_EVERY = timedelta(hours=1)
# Time to find the authenticator, after the password.
TICKET_LIFE = timedelta(minutes=5)
# Wrong codes count by themselves; no user name has this sign.
CODE = "#code"
# Where somebody may go whose password was given by another person, or who has no second factor where one is demanded.
CHOOSES_PASSWORD = ("own_account", "own_factor", "session")


class Login(SQLModel, table=True):
    """One browser that is logged in. `token_hash` is SHA-256 in hex; instants are UTC text; `network` is coarse.

    `must_change`: opened by a password that somebody else gave, and good for choosing an own one only.
    """

    token_hash: str = Field(primary_key=True)
    username: str = Field(index=True, foreign_key="account.username")
    browser: str
    opened_at: str
    seen_at: str
    ends_at: str
    network: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    must_change: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


@dataclass(frozen=True)
class Who:
    """The person of the present request."""

    username: str
    person: str
    role: Role
    name: str
    must_change: bool = False
    lacks_factor: bool = False


class FactorNeeded(Exception):
    """The password was right, and the account has a second factor; `ticket` says so for some minutes."""

    def __init__(self, ticket: str) -> None:
        super().__init__("second factor")
        self.ticket = ticket


P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
AnyResponse = TypeVar("AnyResponse", bound=Response)


def open_login(username: str, password: str) -> tuple[str, Who]:
    """Check a password and return the new token with the person.

    Raise problem `login-failed` or `login-delayed`, or `FactorNeeded` when a code is to be typed too.
    """
    found: tuple[str, Who] | None = None

    def enter(session: Session, account: Account) -> None:
        nonlocal found
        if second_factor.find(session, account.username):
            # Of this password only: one that was changed meanwhile opens nothing.
            ends_at = text_of(services.current().clock() + TICKET_LIFE)
            raise FactorNeeded(_tickets().dumps([account.username, _hash(account.password), ends_at]))
        register.add(services.current(), session, account.person, "login", f"account:{account.username}")
        token = _new_login(session, account, services.current().clock())
        found = token, replace(_who(account), must_change=account.must_change)

    _try(username, password, enter)
    assert found is not None
    return found


def open_by_factor(ticket: str, code: str) -> tuple[str, Who]:
    """Open a login after the password was right, with a code of the second factor, which counts once.

    Raise problem `ticket-over`, `factor-failed`, `factor-unreadable` or `login-delayed`.
    """
    try:
        username, hashed, ends_at = _tickets().loads(ticket)
    except BadData as error:
        raise Problem("ticket-over") from error
    if ends_at < text_of(services.current().clock()):
        raise Problem("ticket-over")

    def enter(session: Session, account: Account, sort: str) -> tuple[str, Who]:
        act = "login_recovery" if sort == "recovery" else "login"
        register.add(services.current(), session, account.person, act, f"account:{username}")
        token = _new_login(session, account, services.current().clock())
        return token, replace(_who(account), must_change=account.must_change)

    return with_factor(username, code, enter, hashed)


def with_factor(username: str, code: str, enter: Callable[[Session, Account, str], T], hashed: str = "") -> T:
    """Check a code, then do what it opens in the same transaction; wrong ones count from whatever network they come."""
    current, network = services.current(), network_of(request.remote_addr)
    now, guessed = current.clock(), f"{username}#factor"
    with current.database.reading() as session:
        require_patience(session, username, network, now)
        require_patience(session, guessed, ANYWHERE, now)
    with current.database.writing() as session:
        account = session.get(Account, username)
        is_same = account is not None and account.is_active and hashed in ("", _hash(account.password))
        try:
            sort = second_factor.check(current, session, username, code) if is_same else ""
        except second_factor.FactorUnreadable as error:
            raise Problem("factor-unreadable") from error
        if account and sort:
            forget_failures(session, guessed, ANYWHERE)
            return enter(session, account, sort)
        count_failure(session, username, network, now)
        count_failure(session, guessed, ANYWHERE, now)
        person = account.person if account else ""
        register.add(current, session, person, "factor_failed", f"account:{username}")
    raise Problem("factor-failed")


def _tickets() -> URLSafeSerializer:
    return URLSafeSerializer(services.secret_of(services.current().archive.key), salt="second factor")


def open_by_code(code: str) -> tuple[str, Who]:
    """Open a login with a code an administrator showed, once; raise problem `code-not-valid` or `login-delayed`."""
    now, network = services.current().clock(), network_of(request.remote_addr)
    with services.current().database.reading() as session:
        require_patience(session, CODE, network, now)
    with services.current().database.writing() as session:
        row = enrolment_code.use(session, code, now)
        account = session.get(Account, row.username) if row else None
        if row and account and account.is_active:
            register.add(
                services.current(), session, account.person, "code_used", f"account:{account.username}"
            )
            # An administrator vouched for the person: no password that was given for once stands in the way.
            token = _new_login(session, account, now, must_change=False)
            row.login_hash = _hash(token)
            session.add(row)
            return token, _who(account)
        count_failure(session, CODE, network, now)
    raise Problem("code-not-valid")


def prove(username: str, password: str) -> None:
    """Check the password of somebody who is logged in, before what it protects changes; delays count as at a login."""
    _try(username, password, lambda _session, _account: None)


def _try(username: str, password: str, enter: Callable[[Session, Account], None]) -> None:
    """Check a password, then do what it opens in the same transaction; count and register a wrong one."""
    now, network, username = (
        services.current().clock(),
        network_of(request.remote_addr),
        username.strip().lower()[:64],
    )
    database = services.current().database
    with database.reading() as session:
        require_patience(session, username, network, now)
        account = session.get(Account, username)
        hashed = account.password if account and account.is_active else None
    # The slow comparison stands outside any transaction.
    is_right = fits(hashed, password)
    with database.writing() as session:
        account = session.get(Account, username)
        # The account may have been closed or changed in the meantime.
        if is_right and account and account.is_active and account.password == hashed:
            enter(session, account)
            return
        count_failure(session, username, network, now)
        # A name nobody has is not kept: people type passwords there.
        person, name = (account.person, account.username) if account else ("", "")
        register.add(services.current(), session, person, "login_failed", f"account:{name}")
    raise Problem("login-failed")


def _new_login(session: Session, account: Account, now: datetime, must_change: bool | None = None) -> str:
    network = network_of(request.remote_addr)
    forget_failures(session, account.username, network)
    session.exec(delete(Login).where(col(Login.ends_at) < text_of(now)))
    token = secrets.token_urlsafe(32)
    login = Login(
        token_hash=_hash(token),
        username=account.username,
        browser=register.coarse_browser(request.user_agent.string or ""),
        network=register.coarse_network(request.remote_addr),
        must_change=account.must_change if must_change is None else must_change,
        opened_at=text_of(now),
        seen_at=text_of(now),
        ends_at=text_of(now + _lasts()),
    )
    session.add(login)
    return token


def close_login() -> None:
    """End the login of the present request; harmless without one."""
    token = request.cookies.get(cookie_name())
    if token:
        forget(token)
    g.pop("who", None)


def forget(token: str) -> None:
    """End the login of a token."""
    with services.current().database.writing() as session:
        session.exec(delete(Login).where(col(Login.token_hash) == _hash(token)))


def end_logins(session: Session, username: str) -> None:
    """End every login of an account."""
    session.exec(delete(Login).where(col(Login.username) == username))


def logins(session: Session, username: str) -> list[Login]:
    """Return the logins of an account that still count, the one used last first."""
    now = text_of(services.current().clock())
    own = select(Login).where(Login.username == username, Login.ends_at >= now)
    return list(session.exec(own.order_by(col(Login.seen_at).desc(), col(Login.token_hash))))


def counts(session: Session) -> dict[str, int]:
    """Return how many logins of each account still count."""
    now = text_of(services.current().clock())
    own = select(Login.username, func.count()).where(Login.ends_at >= now).group_by(Login.username)
    return dict(session.exec(own).all())


def end_login(session: Session, username: str, token_hash: str) -> bool:
    """End one login of an account; return whether there was one."""
    this = (col(Login.username) == username, col(Login.token_hash) == token_hash)
    ended: int = session.execute(delete(Login).where(*this)).rowcount  # type: ignore[attr-defined]
    return ended == 1


def present_hash() -> str:
    """Return the hash by which the login of the present request is kept."""
    return _hash(request.cookies.get(cookie_name(), ""))


def open_anew(session: Session, username: str) -> str:
    """Open a login for somebody who has just proved to be that; return its token."""
    return _new_login(session, session.get_one(Account, username), services.current().clock())


def current() -> Who | None:
    """Return who is logged in, read once per request; None for nobody."""
    if "who" not in g:
        g.login_was_read = True
        g.who = _read()
    return cast("Who | None", g.who)


def _read() -> Who | None:
    token = request.cookies.get(cookie_name())
    if not token or len(token) > 100:
        return None
    now, database = services.current().clock(), services.current().database
    with database.reading() as session:
        pair = session.exec(
            select(Login, Account).join(Account).where(Login.token_hash == _hash(token))
        ).first()
        if pair is None or not pair[1].is_active or pair[0].ends_at < text_of(now):
            return None
        who = replace(_who(pair[1]), must_change=pair[0].must_change)
        if services.current().settings.desk_second_factor and who.role not in ENROLLED:
            who = replace(who, lacks_factor=second_factor.find(session, who.username) is None)
        is_stale = pair[0].seen_at < text_of(now - SEEN_EVERY)
    if is_stale:
        _prolong(token, now)
    return who


def _prolong(token: str, now: datetime) -> None:
    with services.current().database.writing() as session:
        # Nothing happens to a login that was ended meanwhile.
        later = {"seen_at": text_of(now), "ends_at": text_of(now + _lasts())}
        session.exec(update(Login).where(col(Login.token_hash) == _hash(token)).values(later))


def require(*roles: Role) -> Who:
    """Return who is logged in; raise problem `login-needed`, or `not-allowed` to a role not named (none named: any role)."""
    who = current()
    if who is None:
        raise Problem("login-needed")
    if request.method not in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Site", "none") not in (
        "same-origin",
        "none",
    ):
        raise Problem("other-site")
    if who.must_change and request.blueprint not in CHOOSES_PASSWORD:
        raise Problem("password-first")
    if who.lacks_factor and request.blueprint not in CHOOSES_PASSWORD:
        raise Problem("factor-first")
    if who.role not in (roles or ROLES):
        raise Problem("not-allowed")
    return who


def login_required(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only these roles (none named: any) into a view."""

    def around(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            require(*roles)
            return view(*args, **kwargs)

        return inside

    return around


def give_cookie(response: AnyResponse, token: str) -> AnyResponse:
    """Put a login's token into the browser."""
    g.login_was_read = True
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(_lasts().total_seconds()),
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
        path="/",
    )
    return response


def take_cookie(response: AnyResponse) -> AnyResponse:
    """Remove the token from the browser."""
    response.delete_cookie(cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def cookie_name() -> str:
    """Return the cookie's name; over https the prefix makes browsers refuse one set by a neighbouring host."""
    return "__Host-login" if request.is_secure else "login"


def _lasts() -> timedelta:
    return timedelta(days=services.current().settings.login_days)


def _who(account: Account) -> Who:
    return Who(account.username, account.person, cast("Role", account.role), account.name)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
