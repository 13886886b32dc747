"""The files of the archive's own key: `key/archive.pem`, while it is replaced `key/next.pem`, and `key/retired/`. Never in a backup."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sync.key import SealingKey

if TYPE_CHECKING:
    from fieldapp.services import Services

FOLDER, PRESENT, NEXT, RETIRED = "key", "archive.pem", "next.pem", "retired"


def rotate(services: "Services", by: str) -> str:
    """Make a new key, have the present one seal it, and put it in its place; return its name.

    The new key is durable before it is sealed, so that a crash in between leaves a key that `find` finds.
    """
    folder = services.settings.data / FOLDER
    (folder / NEXT).unlink(missing_ok=True)
    fresh = SealingKey.kept_at(folder / NEXT)
    services.archive.rotate(fresh, services.settings.department, by)
    adopt(services.settings.data)
    return fresh.kid


def find(data: Path, kid: str) -> SealingKey | None:
    """Return the key of that name, wherever it lies: a rotation may be between sealing it and putting it in place."""
    # The present one again: `adopt` may have moved the next into its place between the two looks.
    for name in (PRESENT, NEXT, PRESENT):
        with contextlib.suppress(FileNotFoundError):
            found = SealingKey.from_pem((data / FOLDER / name).read_bytes())
            if found.kid == kid:
                return found
    return None


def settle(data: Path, kid: str) -> bool:
    """Put the next key in place when it is the archive's key; tell whether a rotation was finished so that had been broken off."""
    present = SealingKey.from_pem((data / FOLDER / PRESENT).read_bytes())
    if present.kid == kid:
        return False
    adopt(data)
    return True


def adopt(data: Path) -> None:
    """Put the next key in the place of the present one, which is kept as retired."""
    folder = data / FOLDER
    retired = folder / RETIRED
    retired.mkdir(mode=0o700, exist_ok=True)
    present = SealingKey.from_pem((folder / PRESENT).read_bytes())
    with contextlib.suppress(FileExistsError):
        os.link(folder / PRESENT, retired / f"{present.kid}.pem")
    # At no moment is there no key: a missing one would be made anew, of another archive.
    (folder / NEXT).replace(folder / PRESENT)
