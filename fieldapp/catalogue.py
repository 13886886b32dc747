"""The wording of screens: one catalogue per language, msgid = key, read by Python, Jinja and JavaScript.

Imports nothing of the application: the build hook loads this file by its path. Keys and wording stand in
`translations/<locale>/LC_MESSAGES/messages.po`; a wheel carries only the compiled `.mo`.
"""

import functools
import os
from pathlib import Path

from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

# Language tag as in URLs and `lang=…` → locale as gettext and Babel name it. The first is the default.
LANGUAGES = {"zh-CN": "zh_Hans_CN", "en": "en"}
DEFAULT_LANGUAGE = "zh-CN"
FOLDER = Path(__file__).resolve().parent / "translations"


def compile_stale(folder: Path = FOLDER) -> list[Path]:
    """Compile every `.po` whose `.mo` is missing or of another time; return the `.mo` files written.

    A `.mo` gets the time of the `.po` it was read from, so an edit during compilation is seen the next time.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        target = source.with_suffix(".mo")
        edited_ns = source.stat().st_mtime_ns
        if not target.exists() or target.stat().st_mtime_ns != edited_ns:
            _compile(source, target, edited_ns)
            written.append(target)
    return written


def _compile(source: Path, target: Path, edited_ns: int) -> None:
    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    # Several processes may start at once: each writes its own file and the rename is atomic.
    own = target.with_name(f"{target.name}.{os.getpid()}")
    with own.open("wb") as file:
        write_mo(file, catalog)
    os.utime(own, ns=(edited_ns, edited_ns))
    own.replace(target)


@functools.cache
def load(language: str) -> dict[str, str]:
    """Return the wording of a language tag by key, read once per process; `KeyError` for an unknown tag."""
    compile_stale()
    path = FOLDER / LANGUAGES[language] / "LC_MESSAGES" / "messages.mo"
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_mo(file) if message.id}
