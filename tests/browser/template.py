"""Data folders that tests of one process fill once and then copy: the same archive, its keys included, ready each time."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

Fill = Callable[[Path], None]


def copy(fill: Fill, folder: Path) -> None:
    """Fill a data folder that does not exist yet as `fill` does."""
    shutil.copytree(_filled(fill), folder)


@cache
def _filled(fill: Fill) -> Path:
    room = Path(tempfile.mkdtemp(prefix="fieldapp-template-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    fill(room / "data")
    return room / "data"
