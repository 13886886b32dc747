"""Program of a test: hand a store the largest photo and read it back; print how much memory that took, and the photo's size."""

import hashlib
import os
import resource
import sys
from pathlib import Path

from sync.object_store import ObjectStore
from sync.photo import CHUNK_BYTES, FolderStore, PhotoStore
from tests.store import REGION

BLOCK = os.urandom(CHUNK_BYTES)
COUNT = 256
TOKEN = "t" * 32


def peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(address: str, endpoint: str = "") -> None:
    photos: PhotoStore = ObjectStore(address, endpoint, REGION) if endpoint else FolderStore(Path(address))
    size, whole = COUNT * len(BLOCK), hashlib.sha256()
    for _ in range(COUNT):
        whole.update(BLOCK)
    before = peak_bytes()
    for quarter in range(4):
        photos.append(TOKEN, quarter * size // 4, (BLOCK for _ in range(COUNT // 4)), size)
    photos.finish(TOKEN, whole.hexdigest())
    with photos.open(whole.hexdigest()) as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == whole.hexdigest()
    print(peak_bytes() - before, size)


if __name__ == "__main__":
    main(*sys.argv[1:])
