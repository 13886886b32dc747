"""The phone's files as they travel: scripts without comments and blanks, all compressed, and the text ones in one pack for a first visit.

`hatch_build.py` writes them into `static/lean`. What was changed in a checkout since is sent as it stands.
Imports nothing of the application: the build hook loads this file by its path, before anything is installed.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

FOLDER = "lean"
# {name below static: SHA-256 of the file it was made of}, written last.
STAMP = f"{FOLDER}/stamp.json"
# {name below static: text}
PACK = f"{FOLDER}/pack.json"
TEXT_ENDS = (".js", ".mjs", ".css", ".svg")
SCRIPT_ENDS = (".js", ".mjs", ".wasm")


def names(static: Path) -> list[str]:
    """List the files below `static` that a phone keeps, in a fixed order."""
    found = (path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file())
    return sorted(name for name in found if _is_kept(name))


def lean_name(static: Path, name: str) -> str:
    """Return the name below `static` of the file to send for `name`: the lean one, where there is one made of the present source."""
    path, lean = static / name, f"{FOLDER}/{name}"
    if not (static / lean).is_file() or not path.is_file():
        return name
    return lean if _stamp(static).get(name) == digest_of(path) else name


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file as lowercase hex, read once for each of its states."""
    state = path.stat()
    return _digest_at(path, state.st_mtime_ns, state.st_size)


def _stamp(static: Path) -> dict[str, str]:
    path = static / STAMP
    return _read_at(path, path.stat().st_mtime_ns) if path.is_file() else {}


def _is_kept(name: str) -> bool:
    folder, _, rest = name.partition("/")
    match folder:
        case "js":
            return name.endswith(".js") and not rest.startswith("desk/") and rest != "recover.js"
        case "vendor":
            return name.endswith(SCRIPT_ENDS)
        case "css":
            return name.endswith(".css") and rest.startswith(("phone", "component"))
        case "img":
            return name.endswith((".png", ".svg")) and not rest.startswith("desk")
    return False


@lru_cache(maxsize=1024)
def _digest_at(path: Path, changed_ns: int, size_bytes: int) -> str:
    del changed_ns, size_bytes
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def _read_at(path: Path, changed_ns: int) -> dict[str, str]:
    del changed_ns
    stamp: dict[str, str] = json.loads(path.read_bytes())
    return stamp
