"""Run every measurement, print the table, write `bench/results.json`: `make bench`; the largest archive only by `make bench-full`."""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench import command, desk, document, herd, idle, ingest, lighthouse, postgresql, screen
from bench.result import PLACE, Results

# On the disk of the checkout: a folder in memory would make every flush free.
ROOM = Path(__file__).resolve().parents[1] / "var"
BEGAN = time.monotonic()


PARTS: dict[str, Callable[[Path, Results], None]] = {
    "ingest": ingest.measure,
    "command": command.measure,
    "idle": idle.measure,
    "herd": herd.measure,
    "postgresql": postgresql.measure,
    "phone": screen.measure,
    "document": document.measure,
    "lighthouse": lighthouse.measure,
    "desk": desk.measure,
    "million": desk.measure_all,
}
# Takes most of an hour, and fifty gigabytes for each database.
LONG = frozenset({"million"})


def main() -> None:
    """Measure everything, or the parts named as arguments."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--visits", type=int, help="so many in the desk's archive, for development")
    asked = parser.parse_args()
    chosen = asked.parts or [part for part in PARTS if part not in LONG]
    if not set(chosen) <= PARTS.keys():
        parser.error(f"parts are {', '.join(PARTS)}")
    if asked.visits:
        PARTS["desk"] = partial(desk.measure, many=asked.visits)
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
