"""Running one of our files as a program of its own (`python -I`), for bytes of unknown origin: no secrets in its environment, little time.

What it may use of memory and processor it limits itself before it looks at anything; nothing of the application is imported there.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

MAX_WALL_S = 60


def run(program: str, *words: str, **source: Any) -> bytes | None:
    """Return what a program wrote when it ended well, else None; `source` is its `stdin` or `input`. Raises `TimeoutExpired`."""
    done = subprocess.run(
        [sys.executable, "-I", str(Path(program).resolve()), *words],
        capture_output=True,
        timeout=MAX_WALL_S,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        cwd="/",
        check=False,
        **source,
    )
    return done.stdout if done.returncode == 0 else None
