"""Passwords: which are good enough (NIST SP 800-63B: length and no common ones, no rules of composition), and their hashes."""

import functools
import itertools
import unicodedata
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_LEAST, AT_MOST = 8, 256
# The heads and tails people wrap around a word to get past a check; what is left decides.
COMMON = frozenset(Path(__file__).with_name("common_password.txt").read_text("utf-8").split())
_hasher = PasswordHasher()


class PasswordRefused(ValueError):
    """A password that is too easy; `reason` is `short`, `long` or `common`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_password(password: str, username: str) -> None:
    """Raise `PasswordRefused` unless a password has 8 to 256 characters and is not one everybody tries first."""
    text = normal(password)
    if len(text) < AT_LEAST:
        raise PasswordRefused("short")
    if len(text) > AT_MOST:
        raise PasswordRefused("long")
    if is_common(text.lower(), username.lower()):
        raise PasswordRefused("common")


def is_common(text: str, username: str) -> bool:
    """Tell whether a lower-case password is a known one, a run or repetition, or the person's own name with trimmings."""
    core = text.strip("0123456789!@#$%^&*._-+ ")
    if not core:
        # Nothing but digits and marks: long random ones pass, dates and telephone numbers do not.
        return len(text) < 12 or len(set(text)) < 6
    is_own_name = bool(username) and username in text and len(text) - len(username) < 4
    return core in COMMON or text in COMMON or is_own_name or len(set(text)) < 4 or _is_run(text)


def _is_run(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def normal(password: str) -> str:
    """Return a password as it is hashed: Unicode NFKC, because keyboards differ in how they compose."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, parameters and salt inside."""
    return _hasher.hash(normal(password))


def fits(hashed: str | None, password: str) -> bool:
    """Tell whether a password belongs to a hash. None (an unknown person) costs the same work and never fits."""
    text = normal(password[: AT_MOST * 4])
    try:
        return _hasher.verify(hashed or _nobody(), text) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
