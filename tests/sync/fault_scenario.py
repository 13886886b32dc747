"""What an archive goes through in its life, in steps that may be broken off anywhere and begun again: for tests that kill it."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fieldapp.lasting import Lasting
from sync.archive import Archive
from sync.photo import WrongOffset
from sync.quarantine import CannotAdmit
from sync.record import Record
from sync.rollback import open_epoch
from sync.ruling import rule
from sync.table import RecordRow
from sync.upload import Uploads
from tests.sync.factory import STREAM, Phone, StandingClock, archive, enrolled, sent

ROUNDS = 3
PIECES = 3


@dataclass(frozen=True)
class Round:
    """The records of one round, sealed beforehand, so that beginning again sends the same bytes."""

    notes: list[Record]
    correction: Record
    aside: Record
    kept_image: Record
    gone_image: Record
    kept: bytes
    gone: bytes


def prepare(folder: Path) -> list[Round]:
    home = archive(folder)
    rounds = [_round(enrolled(home, f"i{number:02}"), number) for number in range(ROUNDS)]
    home.database.close()
    return rounds


def _round(phone: Phone, number: int) -> Round:
    kept, gone = (word.encode() * 100_000 + bytes([number]) for word in ("kept", "gone"))
    notes = [phone.seal({"what": f"note {index} of {number}"}) for index in range(3)]
    first = notes[0]
    correction = phone.seal({"what": "corrected"}, entity=first.payload["id"], supersedes=[first.hash])
    return Round(
        notes,
        correction,
        phone.seal({"what": "from another author"}, author="i99"),
        _image(phone, kept),
        _image(phone, gone),
        kept,
        gone,
    )


def _image(phone: Phone, content: bytes) -> Record:
    named = {"sha256": sha256(content), "size_bytes": len(content), "required": True}
    return phone.seal({"bytes": [named]}, kind="image")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def opened(folder: Path) -> Archive:
    lasting = Lasting(folder / "lasting.ndjson")
    return archive(folder, StandingClock(), outlives=lasting.write, lasting=lasting.lines())


def live(folder: Path, rounds: list[Round], acknowledge: Callable[[str], object]) -> None:
    """Live through all rounds. What is acknowledged (a receipt, or the hash of a photo that is held) must outlast any crash."""
    home = opened(folder)
    for one in rounds:
        for token in home.push(sent(*one.notes, one.kept_image, one.gone_image)).receipts:
            acknowledge(f"receipt {token}")
        _upload(home, one.kept_image, one.kept)
        acknowledge(f"photo {sha256(one.kept)}")
        _upload(home, one.gone_image, one.gone)
        for token in home.push(sent(one.correction, one.aside)).receipts:
            acknowledge(f"receipt {token}")
        with suppress(CannotAdmit):
            rule(home, one.aside.hash, "admitted", "an honest colleague", "d04")
        if _has_bytes(home, one.notes[1]):
            home.erase([one.notes[1].hash, one.gone_image.hash], STREAM, "PIPL art. 47", "d04", "d05")
        home.destroy_erased()
        open_epoch(home, "restored")
        for token in home.receipts([note.hash for note in one.notes])[0]:
            acknowledge(f"receipt {token}")
    home.database.close()


def _upload(home: Archive, image: Record, content: bytes) -> None:
    if not _has_bytes(home, image):
        return
    uploads = Uploads(home)
    progress = uploads.create(image.hash, sha256(content), len(content))
    size = -(-len(content) // PIECES)
    while not progress.is_complete:
        piece = content[progress.offset : progress.offset + size]
        with suppress(WrongOffset):
            progress = uploads.add(progress.token, progress.offset, [piece])


def _has_bytes(home: Archive, one: Record) -> bool:
    with home.database.reading() as session:
        return session.get_one(RecordRow, one.hash).bytes is not None
