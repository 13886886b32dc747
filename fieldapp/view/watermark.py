"""What stands in a photo's watermark at the desk; `static/js/parts/visit/watermark.js` writes the same on the phone."""

from typing import Any

from fieldapp.dossier import Dossier
from fieldapp.message import t
from fieldapp.view.page import named

HASH_CHARS = 8


def lines(whole: Dossier, photo: Any) -> list[str]:
    """Return the lines: where, what, when, at which position, who, and the bytes' hash. Covert visits: without the manner."""
    visit = whole.line.visit
    place = "" if photo.place in photo.caption else photo.place
    people = t("mark.comma").join(named(whole.people.get(person)) or person for person in visit.team)
    manner = [] if visit.manner == "covert" else [t(f"manner_short.{visit.manner}")]
    image = photo.view or photo.original
    found = [
        named(whole.line.project or whole.line.unit),
        " · ".join(filter(None, (place, photo.caption))),
        _time(photo),
        _position(photo.fix),
        " · ".join((people, t(f"purpose.{visit.purpose}"), *manner)),
        f"SHA-256 {image['sha256'][:HASH_CHARS]}",
    ]
    return [line for line in found if line]


def _time(photo: Any) -> str:
    """To the second, with the phone's offset."""
    at = f"{photo.taken_at[:10]} {photo.taken_at[11:19]} {photo.taken_at[-6:]}"
    return at if photo.origin == "camera" else t("photo.file_time_is", at=at)


def _position(fix: Any) -> str:
    if not fix:
        return t("watermark.no_position")
    return f"{fix['lat_e7'] / 1e7:.5f}, {fix['lon_e7'] / 1e7:.5f} ±{fix['accuracy_m']} m (WGS-84)"
