"""Run every measurement, print the table, write `bench/results.json`: `make bench`."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench import command, document, herd, idle, ingest, lighthouse, postgresql, screen
from bench.result import PLACE, Results

# On the disk of the checkout: a folder in memory would make every flush free.
ROOM = Path(__file__).resolve().parents[1] / "var"
BEGAN = time.monotonic()


PARTS = {
    "ingest": ingest.measure,
    "command": command.measure,
    "idle": idle.measure,
    "herd": herd.measure,
    "postgresql": postgresql.measure,
    "phone": screen.measure,
    "document": document.measure,
    "lighthouse": lighthouse.measure,
}


def main() -> None:
    """Measure everything, or the parts named as arguments."""
    chosen = sys.argv[1:] or [*PARTS]
    if not set(chosen) <= PARTS.keys():
        raise SystemExit(f"parts are {', '.join(PARTS)}")
    ROOM.mkdir(exist_ok=True)
    results = Results()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOM))
    try:
        for part in PARTS:
            if part in chosen:
                print(f"{part}, {time.monotonic() - BEGAN:.0f} s after the start", flush=True)
                PARTS[part](folder, results)
                results.write()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{results.table()}\n\nWritten to {PLACE.relative_to(ROOM.parent)}")


if __name__ == "__main__":
    main()
