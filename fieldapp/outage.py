"""What no request can help: a database or photo store that is away, stopping, failing over or full, a key not here yet, a body cut.

Every page and every call answers them alike, with a problem that says when to ask again; a phone retries by itself.
"""

import errno

from flask import Flask, g
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response

from fieldapp import problem
from fieldapp.problem import Problem
from sync.database import is_busy, is_full
from sync.key import WrongKey
from sync.photo import StoreBusy, StoreFull

BUSY_S, FULL_S = 15, 60
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
CLASSES: tuple[type[Exception], ...] = (
    DBAPIError, PoolTimeout, StoreBusy, StoreFull, WrongKey, ClientDisconnected, OSError,
)  # fmt: skip


def install(app: Flask) -> None:
    """Answer these errors wherever they happen."""
    for one in CLASSES:
        app.register_error_handler(one, _answer)


def problem_of(error: Exception) -> Problem | None:
    """Return what to say about an error; None for a bug."""
    if isinstance(error, ClientDisconnected):
        return Problem("body-cut")
    if isinstance(error, StoreFull) or is_full(error) or _has_no_room(error):
        return Problem("store-full", retry_after_s=FULL_S)
    if isinstance(error, WrongKey):
        return Problem("wrong-key", retry_after_s=FULL_S)
    if isinstance(error, StoreBusy) or is_busy(error):
        return Problem("busy", retry_after_s=BUSY_S)
    if isinstance(error, DataError) and "NUL" in str(error.orig):
        # PostgreSQL keeps no text with a NUL in it, so nothing has such a name.
        return Problem("bad-request")
    return None


def _has_no_room(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in NO_ROOM


def _answer(error: Exception) -> Response:
    found = problem_of(error)
    if found is None:
        return problem.answer_bug(error)
    # A page would ask again who is logged in.
    g.setdefault("who", None)
    return problem.answer(found)
