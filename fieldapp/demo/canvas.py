"""What the demo's pictures are painted on: a ground plane in perspective, a sky, hills, light and grain.

Pictures show no people and no writing: nothing in them can be taken for a real place or person.
"""

import functools
import itertools
from dataclasses import dataclass, field
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT = 800, 600
SIZE = (WIDTH, HEIGHT)
HORIZON = 270

Colour = tuple[int, int, int]
Dot = tuple[float, float]

EARTH: Colour = (150, 116, 82)
GRASS: Colour = (104, 124, 74)
GRAVEL: Colour = (146, 142, 136)
CONCRETE: Colour = (176, 174, 168)
WATER: Colour = (98, 126, 132)
STEEL: Colour = (128, 132, 138)
DARK: Colour = (48, 48, 52)
YELLOW: Colour = (214, 160, 42)


@dataclass(frozen=True)
class Weather:
    """The light of a day: sky above and at the horizon, how bright and how coloured the ground is."""

    name: str
    zenith: Colour
    haze: Colour
    brightness: float
    colour: float


WEATHERS = (
    Weather("clear", (108, 156, 206), (218, 229, 238), 1.05, 1.02),
    Weather("fair", (120, 162, 205), (226, 231, 234), 1.0, 1.0),
    Weather("cloud", (168, 178, 188), (216, 218, 220), 0.93, 0.82),
    Weather("rain", (140, 148, 156), (184, 190, 194), 0.88, 0.72),
    Weather("mist", (194, 199, 202), (220, 222, 222), 0.94, 0.6),
)


def mix(left: Colour, right: Colour, share: float) -> Colour:
    """Return the colour `share` of the way from left to right."""
    part = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(left, right, strict=True))
    return red, green, blue


@functools.cache
def _ramp(top: Colour, bottom: Colour, height: int) -> Image.Image:
    """Return a sheet that goes from one colour to another; a column stretched, because that is quick."""
    column = Image.new("RGB", (1, height))
    column.putdata([mix(top, bottom, row / height) for row in range(height)])
    return column.resize((WIDTH, height), Image.Resampling.NEAREST)


@functools.cache
def _grain(seed: int) -> Image.Image:
    """Return a sheet of faint noise around grey, the same for the same seed, twice as large as a picture."""
    raw = Random(seed).randbytes(400 * 300)
    fine = Image.frombytes("L", (400, 300), raw).filter(ImageFilter.GaussianBlur(0.7))
    faint = fine.resize((WIDTH * 2, HEIGHT * 2), Image.Resampling.BILINEAR).point(
        lambda v: 128 + (v - 128) // 7
    )
    return faint.convert("RGB")


@functools.cache
def _clods(seed: int, roughness: float) -> Image.Image:
    """Return a sheet of coarse noise that flattens towards its top, as ground does towards the horizon."""
    far = Image.frombytes("L", (160, 60), Random(seed).randbytes(160 * 60))
    near = far.resize((WIDTH * 2, HEIGHT - HORIZON), Image.Resampling.BICUBIC)
    soft = near.filter(ImageFilter.GaussianBlur(1.2))
    return soft.point(lambda value: round(128 + (value - 128) * roughness)).convert("RGB")


@dataclass
class Canvas:
    """One picture in the making; `random` decides everything that may differ between two of the same
    subject.
    """

    random: Random
    weather: Weather
    image: Image.Image = field(default_factory=lambda: Image.new("RGB", SIZE))

    def __post_init__(self) -> None:
        self.draw = ImageDraw.Draw(self.image)

    def near(self, colour: Colour, spread: int = 10) -> Colour:
        """Return a colour a little off the given one."""
        off = self.random.randint(-spread, spread)
        red, green, blue = (min(255, max(0, part + off)) for part in colour)
        return red, green, blue

    def ground_point(self, across: float, depth: float) -> Dot:
        """Return where a point of the ground lies in the picture.

        `across` is -1 … 1 at the lower edge, `depth` 0 at the viewer … 1 at the horizon.
        """
        share = 1 - depth
        return WIDTH / 2 + across * WIDTH / 2 * share * 1.25, HORIZON + (HEIGHT - HORIZON) * share

    def strip(self, left: float, right: float, depth: tuple[float, float], colour: Colour) -> None:
        """Paint a strip of ground between two lines that run towards the horizon."""
        near, far = depth
        corners = [(left, near), (right, near), (right, far), (left, far)]
        self.draw.polygon([self.ground_point(*corner) for corner in corners], fill=colour)

    def sky(self) -> None:
        """Paint the sky, with clouds where the weather has any."""
        self.image.paste(_ramp(self.weather.zenith, self.weather.haze, HORIZON + 40), (0, 0))
        if self.weather.name in ("fair", "cloud", "rain"):
            self._clouds(9 if self.weather.name == "fair" else 18)

    def _clouds(self, number: int) -> None:
        small = Image.new("L", (WIDTH // 4, HORIZON // 4), 0)
        pen = ImageDraw.Draw(small)
        for _ in range(number):
            x, y = self.random.randint(-20, WIDTH // 4), self.random.randint(-8, HORIZON // 5)
            for puff in range(5):
                size = self.random.randint(6, 16)
                pen.ellipse((x + puff * 8, y - size // 2, x + puff * 8 + size * 2, y + size // 2), fill=110)
        mask = small.filter(ImageFilter.GaussianBlur(4)).resize((WIDTH, HORIZON), Image.Resampling.BILINEAR)
        tone = mix(self.weather.haze, (255, 255, 255), 0.5 if self.weather.name == "fair" else 0.1)
        self.image.paste(Image.new("RGB", (WIDTH, HORIZON), tone), (0, 0), mask)

    def hills(self, colour: Colour = (86, 112, 92), rows: int = 3) -> None:
        """Paint rows of hills, paler the farther they are."""
        for row in range(rows):
            distance = 1 - row / rows
            shade = mix(colour, self.weather.haze, 0.25 + 0.55 * distance)
            base, swing = HORIZON + 6, 26 + 34 * distance
            knots: list[Dot] = []
            height = base - swing
            for x in range(-40, WIDTH + 80, 80):
                height += self.random.uniform(-1, 1) * swing / 2
                height = min(base - 8, max(base - swing * 2.4, height))
                knots.append((x, height))
            self.draw.polygon([(-40, base), *_rounded(knots), (WIDTH + 80, base)], fill=shade)

    def ground(self, colour: Colour, far: Colour | None = None, roughness: float = 0.3) -> None:
        """Paint the ground from the horizon to the viewer."""
        height = HEIGHT - HORIZON
        back = mix(far or colour, self.weather.haze, 0.35)
        sheet = _ramp(back, colour, height)
        shift = self.random.randint(0, WIDTH - 1)
        clods = _clods(self.random.randint(0, 2), roughness).crop((shift, 0, shift + WIDTH, height))
        self.image.paste(ImageChops.overlay(sheet, clods), (0, HORIZON))

    def tufts(self, number: int, colour: Colour, depth: tuple[float, float] = (0.05, 0.8)) -> None:
        """Scatter low growth over the ground."""
        for _ in range(number):
            where = self.random.uniform(*depth)
            x, y = self.ground_point(self.random.uniform(-1.3, 1.3), where)
            size = 3 + 16 * (1 - where)
            box = (x - size, y - size * 0.5, x + size, y + size * 0.3)
            self.draw.ellipse(box, fill=self.near(colour, 14))

    def tree(self, across: float, depth: float, colour: Colour = (62, 96, 60)) -> None:
        """Plant a tree."""
        x, y = self.ground_point(across, depth)
        size = 150 * (1 - depth)
        self.draw.rectangle((x - size * 0.04, y - size * 0.5, x + size * 0.04, y), fill=(78, 62, 50))
        for _ in range(9):
            dx, dy = self.random.uniform(-0.28, 0.28) * size, self.random.uniform(-0.95, -0.4) * size
            radius = self.random.uniform(0.14, 0.26) * size
            box = (x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius)
            self.draw.ellipse(box, fill=self.near(mix(colour, self.weather.haze, depth * 0.5), 12))

    def block(self, box: tuple[float, float, float, float], front: Colour, side: float = 0.0) -> None:
        """Put up a box seen from the front; `side` is how far its right flank shows, in pixels."""
        _, top, right, bottom = box
        if side:
            flank = [(right, top), (right + side, top + side * 0.3), (right + side, bottom - side * 0.2)]
            self.draw.polygon([*flank, (right, bottom)], fill=mix(front, (20, 20, 30), 0.35))
        self.draw.rectangle(box, fill=front)

    def finish(self) -> Image.Image:
        """Return the picture with its weather, grain and lens."""
        picture = ImageEnhance.Brightness(self.image).enhance(self.weather.brightness)
        picture = ImageEnhance.Color(picture).enhance(self.weather.colour)
        if self.weather.name == "mist":
            picture = Image.blend(picture, Image.new("RGB", SIZE, self.weather.haze), 0.26)
        if self.weather.name == "rain":
            picture = self._rain(picture)
        x, y = self.random.randint(0, WIDTH - 1), self.random.randint(0, HEIGHT - 1)
        grain = _grain(self.random.randint(0, 2)).crop((x, y, x + WIDTH, y + HEIGHT))
        return ImageChops.overlay(picture, grain)

    def _rain(self, picture: Image.Image) -> Image.Image:
        pen = ImageDraw.Draw(picture)
        for _ in range(140):
            x, y = self.random.randint(0, WIDTH), self.random.randint(-20, HEIGHT)
            length = self.random.randint(8, 22)
            tone = mix(self.weather.haze, (230, 232, 235), 0.6)
            pen.line((x, y, x - length * 0.25, y + length), fill=tone)
        return picture


def at_night(picture: Image.Image, lamps: list[Dot]) -> Image.Image:
    """Return a picture as it looks at night under a few lamps (pixels)."""
    light = Image.new("L", (WIDTH // 4, HEIGHT // 4), 26)
    pen = ImageDraw.Draw(light)
    for x, y in lamps:
        for radius, level in ((78, 70), (52, 120), (30, 190), (12, 255)):
            box = (x / 4 - radius, y / 4 - radius * 0.6, x / 4 + radius, y / 4 + radius * 1.1)
            pen.ellipse(box, fill=level)
    mask = light.filter(ImageFilter.GaussianBlur(9)).resize(SIZE, Image.Resampling.BILINEAR)
    dark = Image.eval(picture, lambda value: value // 9 + 4)
    warm = ImageChops.multiply(picture, Image.new("RGB", SIZE, (255, 226, 168)))
    lit = Image.composite(warm, dark, mask)
    pen = ImageDraw.Draw(lit)
    for x, y in lamps:
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=(255, 246, 220))
    return lit


def _rounded(knots: list[Dot]) -> list[Dot]:
    """Cut the corners of a line twice (Chaikin)."""
    for _ in range(2):
        cut = [knots[0]]
        for (x, y), (u, v) in itertools.pairwise(knots):
            cut += [(x * 0.75 + u * 0.25, y * 0.75 + v * 0.25), (x * 0.25 + u * 0.75, y * 0.25 + v * 0.75)]
        knots = [*cut, knots[-1]]
    return knots
