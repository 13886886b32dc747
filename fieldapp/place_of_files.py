"""Where pages and static files lie: inside an installed package, or one level up in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def place_of(name: str) -> Path:
    """Return the folder `templates` or `static`; raises `FileNotFoundError` when the installation has neither place."""
    for folder in (PACKAGE / name, PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"{name} lies neither in {PACKAGE} nor beside it")
