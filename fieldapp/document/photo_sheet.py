"""The photos of a document: reduced, with a band that needs no language, numbered, two in a row."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fieldapp.document.filling import Picture

LONGEST_PX, QUALITY = 1_000, 80
WIDE_MM, HIGH_MM = 74.0, 72.0
BAND_SHARE, SMALLEST_PX = 36, 14
EMPTY = {"image": "", "caption": ""}


@dataclass(frozen=True)
class Shot:
    """One photo as a document shows it. `band` is drawn over its lower edge, digits and Latin letters only; `caption` stands below.

    Without `content` there is no picture, and the caption says why.
    """

    content: bytes | None
    band: str
    caption: str


def rows(shots: Sequence[Shot]) -> list[dict[str, Any]]:
    """Return the rows of the sheet, two photos each."""
    cells: list[dict[str, Any]] = [
        {"image": _picture(shot) if shot.content else "", "caption": shot.caption} for shot in shots
    ]
    cells += [EMPTY] * (len(cells) % 2)
    return [{"left": cells[at], "right": cells[at + 1]} for at in range(0, len(cells), 2)]


def _picture(shot: Shot) -> Picture:
    """Return a picture with its band. The bytes were made by `fieldapp.picture`, not by strangers."""
    from PIL import Image, ImageDraw, ImageFont  # only where a document is made

    assert shot.content is not None
    with Image.open(io.BytesIO(shot.content), formats=("JPEG",)) as image:
        image.draft("RGB", (LONGEST_PX, LONGEST_PX))
        image.thumbnail((LONGEST_PX, LONGEST_PX))
        picture = image.convert("RGB")
    high = max(SMALLEST_PX, picture.height // BAND_SHARE)
    font = ImageFont.load_default(high)
    draw = ImageDraw.Draw(picture, "RGBA")
    while draw.textlength(shot.band, font) > picture.width - high and high > 8:
        high -= 1
        font = ImageFont.load_default(high)
    top = picture.height - high * 1.6
    draw.rectangle((0, top, picture.width, picture.height), fill=(0, 0, 0, 150))
    draw.text((high / 2, top + high * 0.2), shot.band, fill="white", font=font)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=QUALITY)
    return Picture(target.getvalue(), min(WIDE_MM, HIGH_MM * picture.width / picture.height))
