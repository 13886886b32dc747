"""Photos: the only kind that names bytes. Position and time belong to the photo, never to a person."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import StringConstraints, model_validator
from sqlalchemy import Index
from sqlmodel import Field

from fieldapp.domain.body import Folded, Hash, Instant, Line, Part, Permille, Point, Ref, choice, nested
from fieldapp.domain.visit import OnVisit
from sync.rule import Media

MAX_PHOTO_BYTES = 64 * 1024 * 1024
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")

MediaType = Literal["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]
PartName = Literal["view", "original"]


class Image(Part):
    """Bytes of a photo. Width and height are after rotation; null where the phone could not decode them."""

    sha256: Hash
    size_bytes: Annotated[int, Field(ge=1, le=MAX_PHOTO_BYTES)]
    media_type: MediaType
    width: Annotated[int, Field(ge=1, le=100_000)] | None
    height: Annotated[int, Field(ge=1, le=100_000)] | None
    required: bool


class Fix(Point):
    """Our own position sample, WGS-84: accuracy as the phone claims it, age when the photo was taken."""

    accuracy_m: Annotated[int, Field(ge=0, le=100_000)]
    age_ms: Annotated[int, Field(ge=0)]


class Mark(Part):
    """A mark over a photo, drawn and never in its bytes: an arrow from one place to the other, an ellipse between two corners, or
    words that begin at one. Places are in thousandths of the picture's width and height, upright.
    """

    shape: Literal["text", "arrow", "circle"]
    x: Permille
    y: Permille
    to_x: Permille | None = None
    to_y: Permille | None = None
    text: Annotated[str, StringConstraints(max_length=40)] = ""

    @model_validator(mode="after")
    def _whole(self) -> "Mark":
        is_text = self.shape == "text"
        if (
            bool(self.text.strip()) != is_text
            or (self.to_x is None) != is_text
            or (self.to_y is None) != is_text
        ):
            raise ValueError("words have a text and one place, anything else no text and two")
        return self


class FirstPhotoBody(OnVisit):
    """Version 1. A photo. `view` is what everybody looks at (at most 2,048 px, metadata stripped), `original` the bytes as delivered.

    At least one of the two is required. `about` is what it shows (an entry, a milestone, a claim …) or null for the visit as a
    whole; `item` names a checklist item. Without a fix, `no_fix` says why.
    """

    kind: ClassVar[str] = "photo"

    visit: Ref | None = Field(default=None, index=True)
    about: Ref | None = Field(default=None, index=True)
    item: Line = ""
    caption: Line = ""
    place: Line = ""
    origin: Literal["camera", "gallery"] = choice()
    taken_at: Instant
    fix: Fix | None = nested(default=None)
    no_fix: Literal["denied", "unavailable", "timeout", "too_old", "imported"] | None = choice(default=None)
    view: Image | None = nested(default=None)
    original: Image | None = nested(default=None)

    @model_validator(mode="after")
    def _names_bytes(self) -> "FirstPhotoBody":
        images = [image for image in (self.view, self.original) if image]
        if not any(image.required for image in images):
            raise ValueError("a photo needs a required view or original")
        return self

    @classmethod
    def media(cls, _body: Mapping[str, Any]) -> list[Media]:
        """Return view and original, as far as the body names them."""
        return [
            Media(part, image["sha256"], image["size_bytes"], image["media_type"], image["required"])
            for part in ("view", "original")
            if (image := _body.get(part))
        ]


class PhotoBody(FirstPhotoBody):
    """Version 2: `pair_of` is the earlier photo, by its entity, that this one was taken to be compared with, from the same spot;
    `marks` are drawn over every copy that is shown; `is_blurred`: faces were covered on the phone before sealing, and nothing uncovered
    was kept.
    """

    version: ClassVar[int] = 2

    pair_of: Ref | None = Field(default=None, index=True)
    marks: list[Mark] = nested(default_factory=list, max_length=20)
    is_blurred: bool = False

    @model_validator(mode="after")
    def _nothing_uncovered(self) -> "PhotoBody":
        if self.is_blurred and (self.view is None or self.original is not None):
            raise ValueError("a photo with covered faces has a view and no original")
        return self


class Photo(PhotoBody, Folded, table=True):
    """Photos as they stand, of either version; the bytes are the photo store's."""

    # From a record that is not complete to the visit it is of.
    __table_args__ = (Index("ix_photo_record", "record"),)
