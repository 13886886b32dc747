"""Pictures to look at, made from bytes of unknown origin: untrusted images are decoded here and nowhere else.

Decoding happens in a process of its own (`python -m fieldapp.picture`) with little memory, little time, no
secrets in its environment, no way to write files, and only the formats named here. What cannot be decoded has
no picture; the original is never touched. This file imports nothing of the application: the process is small.
"""

import io
import os
import queue
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from PIL import Image as pillow

MAX_MEMORY_BYTES = 1024 * 1024 * 1024
MAX_CPU_S = 10
MAX_PIXELS = 80_000_000
MAX_INPUT_BYTES = 64 * 1024 * 1024
MAX_OUTPUT_BYTES = 4 * 1024 * 1024
MAX_WAITING = 2_000
TRY_AGAIN_S = 24 * 3600
QUALITY = 82
# Longest side of what is made: a tile of a list, and a page-filling view.
TILE_PX, PAGE_PX = 480, 2048
PLACEHOLDER = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 36"><path fill="#8884" d="M0 0h48v36H0z"/>'
    b'<path fill="none" stroke="#888" stroke-width="2" d="M10 27l9-11 7 8 4-4 8 7"/>'
    b'<circle cx="33" cy="11" r="3" fill="#888"/></svg>'
)

State = Literal["ready", "coming", "none"]
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})


def derive(original: IO[bytes], longest_px: int) -> bytes | None:
    """Return a JPEG of at most `longest_px` on its longer side, upright, without metadata; None when there
    is none. `original` is read where it has a descriptor, else copied to a file that has no name.

    Takes up to a minute: never to be called while a request waits.
    """
    # Only here: as a program this file knows nothing of the application.
    from fieldapp import limited_process

    try:
        with _with_descriptor(original) as source:
            made = limited_process.run(__file__, str(longest_px), stdin=source) or b""
    except subprocess.TimeoutExpired:
        return None
    return made if made.startswith(b"\xff\xd8\xff") and len(made) <= MAX_OUTPUT_BYTES else None


@contextmanager
def _with_descriptor(original: IO[bytes]) -> Iterator[IO[bytes]]:
    try:
        original.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(original, copy)
            copy.seek(0)
            yield copy
    else:
        yield original


class Originals(Protocol):
    """What `Pictures` needs of a photo store."""

    def open(self, sha256: str) -> IO[bytes]:
        """Open the bytes of that hash; raise `FileNotFoundError` when they are not here."""


@dataclass(frozen=True)
class Display:
    """What a page shows: the picture, or the placeholder; `is_pending` while the picture is still being
    made.
    """

    content: bytes
    media_type: str
    is_pending: bool


class Pictures:
    """Derivatives on disk, named by the SHA-256 of their original and their size, made by one thread in the
    background.

    `originals` are the photo store's bytes by SHA-256. Several processes may share the folder: a picture is
    written whole and then named. A page that is told *coming* shows a placeholder and asks again; *none* is
    final for a day.
    """

    def __init__(self, folder: Path, originals: Originals) -> None:
        self._folder = folder
        self._originals = originals
        self._queue: queue.Queue[tuple[str, int]] = queue.Queue(MAX_WAITING)
        self._waiting: set[tuple[str, int]] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._followed: object = None
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, sha256: str, longest_px: int) -> tuple[State, Path | None]:
        """Return whether the picture is ready, and where; one that is missing is put in the queue."""
        target = self._target(sha256, longest_px)
        if target.exists():
            return "ready", target
        if self._is_hopeless(target):
            return "none", None
        self._enqueue(sha256, longest_px)
        return "coming", None

    def display(self, sha256: str, longest_px: int) -> Display:
        """Return the picture, or the placeholder while or because there is none. Never decodes."""
        state, path = self.find(sha256, longest_px)
        if path is not None:
            return Display(path.read_bytes(), "image/jpeg", is_pending=False)
        return Display(PLACEHOLDER, "image/svg+xml", is_pending=state == "coming")

    def make(self, sha256: str, longest_px: int) -> State:
        """Make one picture now, in this thread."""
        target = self._target(sha256, longest_px)
        try:
            with self._originals.open(sha256) as original:
                picture = derive(original, longest_px)
        except FileNotFoundError:
            return "none"  # perhaps it comes: no mark is left
        target.parent.mkdir(exist_ok=True)
        own = target.with_name(f"{target.name}.{os.getpid()}-{threading.get_ident()}")
        own.write_bytes(picture or b"")
        own.replace(target if picture else _mark(target))
        return "ready" if picture and self._is_still_there(sha256) else "none"

    def _is_still_there(self, sha256: str) -> bool:
        """Tell whether an original outlived the making of its picture; erased meanwhile, the picture goes too."""
        try:
            self._originals.open(sha256).close()
        except FileNotFoundError:
            self.forget(sha256)
            return False
        return True

    def forget(self, sha256: str) -> None:
        """Remove what was made of an original that is erased."""
        for longest_px in (TILE_PX, PAGE_PX):
            target = self._target(sha256, longest_px)
            target.unlink(missing_ok=True)
            _mark(target).unlink(missing_ok=True)

    def follow(self, erasures: object, kept: Callable[[set[str]], set[str]]) -> None:
        """Sweep unless nothing was erased since the last time: `erasures` is any value that every erasure changes."""
        if erasures != self._followed:
            self.sweep(kept)
            self._followed = erasures

    def sweep(self, kept: Callable[[set[str]], set[str]]) -> int:
        """Remove what was made of originals that are not kept any more; return of how many.

        `kept` returns those of the hashes whose originals are. Another machine may have erased them, or a picture may have been half made.
        """
        count = 0
        for folder in self._folder.iterdir():
            files: dict[str, list[Path]] = {}
            for path in folder.iterdir() if folder.is_dir() else ():
                files.setdefault(path.name.partition("-")[0], []).append(path)
            for sha256 in set(files) - kept(set(files)):
                count += 1
                for path in files[sha256]:
                    path.unlink(missing_ok=True)
        return count

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is in the queue; tell whether that came about."""
        until = time.monotonic() + timeout_s
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._queue.all_tasks_done.wait(left)
        return True

    def _target(self, sha256: str, longest_px: int) -> Path:
        if longest_px not in (TILE_PX, PAGE_PX):
            raise ValueError("not a size that is made")
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self._folder / sha256[:2] / f"{sha256}-{longest_px}.jpg"

    def _is_hopeless(self, target: Path) -> bool:
        try:
            age_s = time.time() - _mark(target).stat().st_mtime
        except FileNotFoundError:
            return False
        return age_s < TRY_AGAIN_S

    def _enqueue(self, sha256: str, longest_px: int) -> None:
        job = (sha256, longest_px)
        with self._lock:
            if job in self._waiting:
                return
            try:
                self._queue.put_nowait(job)
            except queue.Full:
                return  # the page asks again
            self._waiting.add(job)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="pictures", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            try:
                self.make(*job)
            except (
                Exception
            ) as error:  # a full disk, a store that is away: the thread goes on, the page asks again
                print(f"picture {job[0]}: {error}", file=sys.stderr)
            finally:
                with self._lock:
                    self._waiting.discard(job)
                self._queue.task_done()


def _mark(target: Path) -> Path:
    return target.with_suffix(".none")


# -- the process
# --------------------------------------------------------------------------------------------------------------


def main() -> int:
    """Read an image from standard input, write its picture to standard output; the exit code says whether
    there is one.
    """
    confine()
    picture = reduced(sys.stdin.buffer, int(sys.argv[1]))
    sys.stdout.buffer.write(picture)
    return 0


def confine() -> None:
    """Give up what decoding does not need: memory beyond the limit, time beyond it, files of any size, core
    dumps.
    """
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def format_of(head: bytes) -> str | None:
    """Return the decoder for the first 12 bytes; what a file is called or was sent as counts for nothing."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return "HEIF" if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS else None


def reduced(source: IO[bytes], longest_px: int) -> bytes:
    """Decode, turn upright, reduce and encode an image; raise whatever the decoder raises."""
    from PIL import Image, ImageOps

    content = source.read(MAX_INPUT_BYTES + 1)
    name = format_of(content[:12])
    if name is None or len(content) > MAX_INPUT_BYTES:
        raise ValueError("not an image of a known format")
    if name == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked below, before anything is decoded
    with Image.open(io.BytesIO(content), formats=(name,)) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (longest_px, longest_px))
        image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
        upright = _opaque(ImageOps.exif_transpose(image))
    output = io.BytesIO()
    upright.save(output, "JPEG", quality=QUALITY, optimize=True)
    return output.getvalue()


def _opaque(image: "pillow.Image") -> "pillow.Image":
    """Return the image in RGB with nothing attached; what is transparent becomes white."""
    from PIL import Image

    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, "white")
        image.alpha_composite(layer)
    plain = image.convert("RGB")
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    return clean


if __name__ == "__main__":
    sys.exit(main())
