"""The phone's scripts and styles as they travel: put together into a few files, without comments, compressed.

`hatch_build.py` writes them into `static/lean`. While something was changed in a checkout since, the sources are sent as they stand.
Imports nothing of the application: the build hook loads this file by its path, before anything is installed.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

FOLDER = "lean"
# {name of a source below static: SHA-256}, written last.
STAMP = f"{FOLDER}/stamp.json"
SCRIPT_ENDS = (".js", ".mjs", ".wasm")
# Browser libraries that only pages of the desk load.
DESK_ONLY = ("leaflet/",)


def sources(static: Path) -> list[str]:
    """List the files below `static` the phone's app consists of, in a fixed order."""
    return [name for name in _names(static) if _is_kept(name)]


def files(static: Path) -> dict[str, Path]:
    """Map the names a phone asks for to their files: lean ones while they are made of the present sources, else the sources."""
    names = sources(static)
    if not _is_current(static, names):
        return {name: static / name for name in names}
    lean = static / FOLDER
    made = {name: lean / name for name in _names(lean) if name.endswith((".js", ".css"))}
    return made | {name: static / name for name in names if not is_bundled(name)}


def is_bundled(name: str) -> bool:
    """Tell whether a source goes into a lean file, or travels as it is."""
    return name.endswith((".js", ".mjs", ".css")) and "sqlite-wasm" not in name


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file as lowercase hex, read once for each of its states."""
    state = path.stat()
    return _digest_at(path, state.st_mtime_ns, state.st_size)


def stamp_of(static: Path) -> dict[str, str]:
    """Return what the stamp of lean files made now says of their sources."""
    return {name: digest_of(static / name) for name in sources(static) if is_bundled(name)}


def _is_current(static: Path, names: list[str]) -> bool:
    path = static / STAMP
    if not path.is_file():
        return False
    stamp = _read_at(path, path.stat().st_mtime_ns)
    bundled = [name for name in names if is_bundled(name)]
    return bundled == sorted(stamp) and all(stamp[name] == digest_of(static / name) for name in bundled)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _is_kept(name: str) -> bool:
    folder, _, rest = name.partition("/")
    match folder:
        case "js":
            return name.endswith(".js") and not rest.startswith("desk/") and rest != "recover.js"
        case "vendor":
            return name.endswith(SCRIPT_ENDS) and not rest.startswith(DESK_ONLY)
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
