"""Passwords: which are good enough (NIST SP 800-63B-4, section 3.1.1), and their hashes.

At least 15 characters, because most people have nothing beside the password; any character counts as one; no rules of composition,
no expiry, no hints. What is tried first is refused: common ones, repetitions, and words of this place.
"""

import functools
import itertools
import secrets
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_LEAST, AT_MOST = 15, 256
# Words of this place: what is left of a password without them has to be something.
OF_HERE = ("fieldapp", "visitnotes", "visit notes", "走访记录", "走访档案中心", "inspection")
# The heads and tails people wrap around a word to get past a check; what is left decides.
MARKS = "0123456789!@#$%^&*._-+ "
COMMON = frozenset(Path(__file__).with_name("common_password.txt").read_text("utf-8").split())
SYLLABLES = "ba be bi bo bu da de di do du ga ge gi go gu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu".split()
_hasher = PasswordHasher()


class PasswordRefused(ValueError):
    """A password that is too easy; `reason` is `short`, `long` or `common`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_password(password: str, *own: str) -> None:
    """Raise `PasswordRefused` unless a password has 15 to 256 characters and is not one that is tried first.

    `own` are the words that belong to the person: user name, name, department.
    """
    text = normal(password)
    if len(text) < AT_LEAST:
        raise PasswordRefused("short")
    if len(text) > AT_MOST:
        raise PasswordRefused("long")
    if is_common(text.lower(), [normal(word).lower() for word in own]):
        raise PasswordRefused("common")


def is_common(text: str, own: Iterable[str] = ()) -> bool:
    """Tell whether a lower-case password is a known one, a run or repetition, or made of words of the person or the place."""
    core = text.strip(MARKS)
    if not core:
        # Nothing but digits and marks: long random ones pass, dates and telephone numbers do not.
        return len(set(text)) < 6 or _is_repeated(text)
    known = core in COMMON or text in COMMON
    return known or len(set(text)) < 5 or _is_run(text) or _is_repeated(core) or _is_of_here(text, own)


def _is_repeated(text: str) -> bool:
    """Tell whether a text is one piece again and again, the last one perhaps cut: the standard forbids to count that as long."""
    return any(
        (text[:length] * (len(text) // length + 1)).startswith(text)
        for length in range(1, len(text) // 2 + 1)
    )


def _is_of_here(text: str, own: Iterable[str]) -> bool:
    """Tell whether hardly anything is left without the person's and the place's words, digits and marks."""
    for word in sorted({*OF_HERE, *own}, key=len, reverse=True):
        if len(word) > 1:
            text = text.replace(word, "")
    return len(text.strip(MARKS)) < 4


def _is_run(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return len(steps) == 1 and steps <= {-1, 0, 1}


def normal(password: str) -> str:
    """Return a password as it is hashed: Unicode NFKC, because keyboards differ in how they compose."""
    return unicodedata.normalize("NFKC", password)


def new_password() -> str:
    """Return a password that can be read out and typed on a phone: about 41 bits."""
    return "-".join("".join(secrets.choice(SYLLABLES) for _ in range(2)) for _ in range(4))


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
