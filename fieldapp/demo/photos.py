"""The demo's photos as JPEG bytes: the same subject, day and share of the work give the same bytes.

Before and after are one viewpoint: the viewpoint is drawn from the project, only light and state from the
day.
"""

import io
from dataclasses import dataclass
from random import Random

from PIL import Image

from fieldapp.demo import detail, structure
from fieldapp.demo.canvas import HEIGHT, SIZE, WEATHERS, WIDTH, Canvas, Dot, at_night

QUALITY = 78
# Light of the days of a month: mostly fair; the same day has the same weather all over the city.
_DAYS = "fair clear cloud fair rain fair clear mist cloud fair clear fair cloud rain".split()
_BY_NAME = {weather.name: weather for weather in WEATHERS}
LAMPS: tuple[Dot, ...] = ((170, 250), (470, 210), (690, 300))


@dataclass(frozen=True)
class Shot:
    """What one photo shows: the site, or a thing close up (`CLOSE_UPS`) as found or put right.

    `turn` looks at another part of the site; `number` tells the photos of one visit apart.
    """

    project: str
    type: str
    day_on: str
    share: float
    close_up: str = ""
    is_good: bool = True
    is_night: bool = False
    turn: int = 0
    number: int = 0


def jpeg(shot: Shot) -> bytes:
    """Return the photo's bytes, 800 × 600, without metadata."""
    picture = _paint(shot)
    buffer = io.BytesIO()
    _framed(picture, shot).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def weather_on(day_on: str) -> str:
    """Return the name of the weather on a day."""
    return Random(f"weather {day_on}").choice(_DAYS)


def _paint(shot: Shot) -> Image.Image:
    # What stands where is the project's; only the light is the day's.
    canvas = Canvas(Random(f"{shot.project} {shot.close_up}"), _BY_NAME[weather_on(shot.day_on)])
    if shot.close_up:
        CLOSE_UPS[shot.close_up](canvas, shot.is_good)
    else:
        paint = structure.BY_PROJECT.get(shot.project) or structure.BY_TYPE[shot.type]
        if paint not in structure.INDOORS:
            canvas.sky()
        paint(canvas, shot.share)
    picture = canvas.finish()
    return at_night(picture, list(LAMPS)) if shot.is_night else picture


def _framed(picture: Image.Image, shot: Shot) -> Image.Image:
    """Hold the camera a little differently each day, as a hand does; `turn` looks at another part of the
    site.
    """
    hand = Random(f"{shot.project} {shot.day_on} {shot.number} {shot.close_up}")
    zoom = 0.72 if shot.turn else hand.uniform(0.94, 0.98)
    width, height = WIDTH * zoom, HEIGHT * zoom
    sway = 1.0 if shot.turn else 0.35
    left = (WIDTH - width) * (0.5 + sway * hand.uniform(-0.5, 0.5))
    top = (HEIGHT - height) * (0.5 + sway * hand.uniform(-0.3, 0.5))
    box = (left, top, left + width, top + height)
    return picture.resize(SIZE, Image.Resampling.BILINEAR, box)


CLOSE_UPS = {**detail.BY_CAPTION, "generator": detail.generator, "charger": detail.charger}
