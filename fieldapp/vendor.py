"""The browser libraries in `static/vendor`: where they came from and whether they are current.

Imports nothing of the application: the build hook loads this file by its path, before anything is installed.
"""

import hashlib
from pathlib import Path

# What decides the folder's content. Both stand in a checkout and in an sdist, neither in an installed wheel.
SOURCES = ("package-lock.json", "hatch_build.py")
STAMP = "stamp"


class VendorStale(RuntimeError):
    """The folder of browser libraries is missing or was built from other sources; `folder` names it."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        self.reason = reason
        super().__init__(f"The browser libraries in {folder} are {reason}. Run: make setup")


def source_digest(root: Path) -> str:
    """Hash the sources of the folder under the checkout `root`: lowercase hex SHA-256."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update(hashlib.sha256((root / name).read_bytes()).digest())
    return digest.hexdigest()


def check(static: Path) -> None:
    """Raise `VendorStale` unless `static/vendor` is complete and, in a checkout, built from the present lock.

    The stamp is written last, so a folder that has one is whole.
    """
    folder = static / "vendor"
    try:
        stamp = (folder / STAMP).read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise VendorStale(folder, "missing") from error
    root = static.parent
    if all((root / name).is_file() for name in SOURCES) and stamp != source_digest(root):
        raise VendorStale(folder, "out of date")
