"""How long to wait after a failure. Every failure gives a finite wait; the same paces as a phone's (`core/retry.js`)."""

from dataclasses import dataclass

RETRY_AFTER_LIMIT_S = 3600.0


@dataclass(frozen=True)
class Pace:
    """The first wait and the longest one, in seconds."""

    first_s: float
    longest_s: float


LINK = Pace(2, 600)
ITEM = Pace(10, 1800)
RECEIPT = Pace(30, 1800)
SLOW = Pace(900, 6 * 3600)


def delay_s(pace: Pace, failures: int, chance: float) -> float:
    """Return a wait that doubles with every failure (from 1), spread from half to one and a half. `chance` is from 0 up to 1."""
    grown = pace.first_s * float(2 ** min(30, max(0, failures - 1)))
    return min(pace.longest_s, grown) * (0.5 + chance)


def obeyed_s(retry_after_s: float, chance: float) -> float:
    """Return the wait the other side asked for, never shorter, a little spread; an absurd wish is cut to an hour."""
    asked = min(RETRY_AFTER_LIMIT_S, max(0.0, retry_after_s))
    return asked + chance * min(asked / 4 + 1, 60)
