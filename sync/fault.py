"""Named moments at which the power may go. A test arms one, and the process kills itself there; otherwise passing one does nothing.

Every name is listed, so that a test can try them all and none is forgotten.
"""

import os
import signal

POINTS = (
    "records-inserted",
    "records-committed",
    "receipts-signed",
    "upload-created",
    "part-written",
    "photo-written",
    "photo-named",
    "photo-settled",
    "photo-counted",
    "lasting-told",
    "erasure-applied",
    "erasure-committed",
    "photo-destroyed",
    "ruling-inserted",
    "epoch-opened",
)

_left: dict[str, int] = {}


def arm(point: str, passes: int) -> None:
    """Kill this process with SIGKILL when it passes a point for that time, counted from 1."""
    if point not in POINTS or passes < 1:
        raise ValueError(point)
    _left[point] = passes


def passing(point: str) -> None:
    """Say that a point is passed."""
    if not _left:
        return
    if point not in POINTS:
        raise ValueError(point)
    if point in _left:
        _left[point] -= 1
        if _left[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
