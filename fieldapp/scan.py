"""A signed paper brought to the desk as a picture: kept as every photo is, by hash, and about what was signed."""

import hashlib
from typing import TYPE_CHECKING

from fieldapp.domain.photo import MAX_PHOTO_BYTES, PhotoBody
from sync.archive import Draft

if TYPE_CHECKING:
    from fieldapp.services import Services
    from sync.record import Record

HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1"})


class NoPicture(ValueError):
    """Bytes that are no picture this archive keeps, or too many of them."""


def draft(services: "Services", stream: str, about: str, who: str, picture: bytes, caption: str) -> Draft:
    """Return the photo record of a scanned paper, to be sealed; raise `NoPicture`."""
    zone = services.settings.zone
    body = {
        "about": about,
        "caption": caption,
        "origin": "gallery",
        "taken_at": services.clock().astimezone(zone).isoformat(timespec="milliseconds"),
        "no_fix": "imported",
        "original": {
            "sha256": hashlib.sha256(picture).hexdigest(),
            "size_bytes": len(picture),
            "media_type": media_type(picture),
            "width": None,
            "height": None,
            "required": True,
        },
    }
    whole = PhotoBody.model_validate(body).model_dump(mode="json")
    return Draft(PhotoBody.kind, stream, whole, who, v=PhotoBody.version)


def keep(services: "Services", record: "Record", picture: bytes) -> None:
    """Give the archive the bytes a sealed photo record names."""
    image = record.body["original"]
    services.uploads.receive(record.hash, image["sha256"], image["size_bytes"], [picture])


def media_type(picture: bytes) -> str:
    """Return what kind of picture the bytes say they are; raise `NoPicture`. What they really are, the jail finds out."""
    if not 0 < len(picture) <= MAX_PHOTO_BYTES:
        raise NoPicture(f"{len(picture)} bytes")
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    if picture[4:8] == b"ftyp" and picture[8:12] in HEIF_BRANDS:
        return "image/heic"
    raise NoPicture(picture[:12].hex())
