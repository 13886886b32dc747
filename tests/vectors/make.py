"""Write the vectors: `python -m tests.vectors.make` (from the top of the repository).

The files are the contract and are kept in git; this program is how they came to be. It makes the same files on every
machine, and a test runs it and compares.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.vectors import (
    chain_cases,
    fold_cases,
    jwe_cases,
    keys_cases,
    letter_cases,
    record_cases,
    statement_cases,
    text_cases,
)

FOLDER = Path(__file__).parent
Case = tuple[str, str, dict[str, Any], dict[str, Any]]


def vectors() -> Iterator[tuple[Path, str]]:
    """Yield every file of the vectors: path and text."""
    yield from _files("record", record_cases.cases(), {"keys": record_cases.keys()})
    yield from _files("statement", statement_cases.cases(), {"pinned": statement_cases.pinned()})
    yield from _files("keys", keys_cases.cases())
    yield from _files("chain", chain_cases.cases())
    yield from _files("fold", fold_cases.cases())
    yield from _files("jwe", jwe_cases.cases())
    yield from _files("letter", letter_cases.letter_cases())
    yield from _files("key_file", letter_cases.key_file_cases())
    yield from _files("ijson", text_cases.ijson_cases())
    yield from _files("grams", text_cases.grams_cases())
    yield from _files("place", text_cases.place_cases())


def _files(
    kind: str, cases: Iterable[Case], more: dict[str, Any] | None = None
) -> Iterator[tuple[Path, str]]:
    for name, about, given, expect in cases:
        vector = {"about": about, "kind": kind, **(more or {}), "input": given, "expect": expect}
        yield FOLDER / kind / f"{name}.json", json.dumps(vector, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write all files and remove those no case makes any more."""
    wanted = dict(vectors())
    for path, text in wanted.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for kind in {path.parent for path in wanted}:
        for path in set(kind.glob("*.json")) - set(wanted):
            path.unlink()


if __name__ == "__main__":
    main()
