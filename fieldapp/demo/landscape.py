"""Fields, slopes, water and what stands in them. Each is seen from its usual viewpoint, `share` (0 … 1) of
it done.
"""

import itertools

from fieldapp.demo.canvas import (
    CONCRETE,
    DARK,
    EARTH,
    GRASS,
    GRAVEL,
    HORIZON,
    STEEL,
    WATER,
    WIDTH,
    Canvas,
    mix,
)
from fieldapp.demo.earthwork import street
from fieldapp.demo.machine import excavator


def fields(canvas: Canvas, share: float) -> None:
    """Farmland: levelled plots, lined channels, farm tracks."""
    canvas.hills()
    canvas.ground(mix(EARTH, GRASS, 0.3))
    crop = mix(EARTH, (122, 150, 62), min(1.0, share + 0.1))
    for row in range(6):
        near = row * 0.15
        for column in range(4):
            left = -1.35 + column * 0.7
            canvas.strip(left, left + 0.62, (near, near + 0.13), canvas.near(crop, 14))
            for furrow in range(6):
                start = left + furrow * 0.1
                canvas.strip(start, start + 0.012, (near, near + 0.13), mix(crop, DARK, 0.25))
    canvas.strip(-0.02, 0.08, (0, 0.95 * max(0.2, share)), mix(CONCRETE, (255, 255, 255), 0.25))
    canvas.strip(0.01, 0.05, (0, 0.95 * max(0.2, share)), WATER if share > 0.6 else mix(CONCRETE, DARK, 0.4))
    if share < 0.7:
        excavator(canvas, 0.4, 0.5)


def quarry(canvas: Canvas, share: float) -> None:
    """A terraced quarry face that turns green from above."""
    canvas.hills(rows=2)
    for step in range(6):
        top = 90 + step * 52
        is_green = step < round(6 * share)
        tone = (96, 132, 74) if is_green else (176, 160, 138)
        left, right = 150 - step * 44, 640 + step * 44
        face = [(left, top), (right, top), (right + 40, top + 52), (left - 40, top + 52)]
        canvas.draw.polygon(face, fill=canvas.near(tone, 6))
        canvas.draw.line((left - 4, top + 6, right + 4, top + 6), fill=mix(tone, DARK, 0.35), width=5)
        if is_green:
            for _ in range(34):
                x, y = canvas.random.uniform(left, right), top + canvas.random.uniform(8, 48)
                canvas.draw.ellipse((x - 9, y - 6, x + 9, y + 5), fill=canvas.near((78, 116, 62), 16))
    canvas.draw.polygon([(0, 402), (WIDTH, 402), (WIDTH, 600), (0, 600)], fill=mix(EARTH, GRASS, share))
    canvas.tufts(round(150 * share), GRASS, (0.05, 0.55))
    if share < 0.8:
        excavator(canvas, 0.3, 0.35)


def wetland(canvas: Canvas, share: float) -> None:
    """Water and reed beds with a boardwalk."""
    canvas.hills()
    canvas.ground(mix(WATER, EARTH, max(0.0, 0.4 - share * 0.5)), mix(WATER, (255, 255, 255), 0.4), 0.1)
    for _ in range(round(30 + 150 * share)):
        depth = canvas.random.uniform(0.05, 0.9)
        x, y = canvas.ground_point(canvas.random.choice((-1, 1)) * canvas.random.uniform(0.35, 1.3), depth)
        size = 70 * (1 - depth)
        for _ in range(4):
            lean = canvas.random.uniform(-0.25, 0.25) * size
            canvas.draw.line((x, y, x + lean, y - size), fill=canvas.near((126, 142, 76), 22), width=2)
            x += 4
    canvas.strip(-0.14, 0.16, (0, 0.25 + 0.68 * share), (146, 112, 80))
    for step in range(12):
        if step / 12 < share:
            canvas.strip(-0.14, 0.16, (step * 0.075, step * 0.075 + 0.008), (92, 70, 52))


def trail(canvas: Canvas, share: float) -> None:
    """A path with steps up a wooded slope, and a shelter."""
    canvas.hills((74, 108, 80))
    canvas.ground((108, 118, 76))
    for _ in range(26):
        across = canvas.random.choice((-1, 1)) * canvas.random.uniform(0.45, 1.3)
        canvas.tree(across, canvas.random.uniform(0.3, 0.75))
    canvas.strip(-0.16, 0.16, (0, 0.2 + 0.7 * share), mix(EARTH, CONCRETE, 0.6))
    canvas.strip(-0.16, 0.16, (0.2 + 0.7 * share, 0.9), EARTH)
    for step in range(14):
        if step / 14 < share:
            canvas.strip(-0.17, 0.17, (step * 0.06, step * 0.06 + 0.012), mix(CONCRETE, DARK, 0.3))
    if share > 0.4:
        canvas.draw.polygon([(500, 226), (580, 176), (660, 226)], fill=(96, 62, 46))
        for x in (516, 578, 642):
            canvas.draw.line((x, 226, x, 296), fill=(110, 74, 54), width=6)


def hillside(canvas: Canvas, share: float) -> None:
    """Houses below a slope that is watched: drain, warning posts, gauge."""
    canvas.hills(rows=2)
    canvas.draw.polygon(
        [(0, 120), (300, 60), (620, 130), (WIDTH, 250), (WIDTH, 400), (0, 400)], fill=(110, 120, 84)
    )
    canvas.draw.polygon(
        [(210, 110), (330, 96), (420, 330), (180, 330)], fill=mix(EARTH, (190, 150, 110), 0.4)
    )
    canvas.ground(mix(GRASS, GRAVEL, 0.4))
    for x in (470, 610):
        canvas.block((x, 236, x + 108, 330), (226, 222, 212), 18)
        canvas.draw.polygon([(x - 10, 240), (x + 54, 198), (x + 136, 244)], fill=(70, 70, 74))
    for index in range(6):
        x = 160 + index * 52
        tone = (206, 62, 44) if index % 2 else (236, 232, 222)
        canvas.draw.line((x, 322, x, 362), fill=tone, width=5)
    canvas.draw.line((150, 336, 430, 336), fill=(226, 190, 40), width=3)
    if share > 0.2:
        canvas.draw.line((118, 220, 118, 352), fill=STEEL, width=6)
        canvas.draw.rectangle((96, 214, 142, 250), fill=(42, 62, 104))
    canvas.strip(-0.3, 0.7, (0, 0.55), GRAVEL)


def solar(canvas: Canvas, share: float) -> None:
    """Rows of panels on a slope, poles without panels where work goes on."""
    canvas.hills()
    canvas.ground(GRASS)
    for row in range(9, -1, -1):
        for column in range(7):
            depth = 0.02 + row * 0.085
            x, y = canvas.ground_point(-1.1 + column * 0.36, depth)
            size = 110 * (1 - depth)
            canvas.draw.line((x + size * 0.5, y, x + size * 0.5, y - size * 0.3), fill=STEEL, width=2)
            if (9 - row) * 7 + column < 70 * share:
                panel = [(x, y - size * 0.2), (x + size, y - size * 0.2), (x + size * 1.1, y - size * 0.55)]
                canvas.draw.polygon(
                    [*panel, (x + size * 0.1, y - size * 0.55)], fill=(38, 56, 92), outline=(150, 160, 172)
                )


def pylons(canvas: Canvas, share: float) -> None:
    """A line of towers over fields; wires once the towers stand."""
    canvas.hills()
    canvas.ground(GRASS)
    canvas.tufts(140, GRASS)
    tips: list[tuple[float, float, float]] = []
    for index, (x, height) in enumerate(((690.0, 440.0), (500.0, 270.0), (400.0, 180.0), (340.0, 120.0))):
        foot = HORIZON + height * 0.55
        if index < max(1, round(share * 4)) and share > 0.1:
            for side in (-1, 1):
                canvas.draw.line((x + side * height * 0.14, foot, x, foot - height), fill=STEEL, width=3)
            for arm in (0.6, 0.75, 0.9):
                y = foot - height * arm
                canvas.draw.line((x - height * 0.2, y, x + height * 0.2, y), fill=STEEL, width=3)
            tips.append((x, foot - height * 0.75, height))
        else:
            size = height * 0.2
            canvas.draw.ellipse((x - size, foot - size * 0.3, x + size, foot + size * 0.3), fill=EARTH)
            canvas.draw.rectangle((x - 5, foot - 12, x + 5, foot), fill=CONCRETE)
    for (left, top, near), (right, end, far) in itertools.pairwise(tips):
        for edge in (-0.2, 0.2):
            canvas.draw.line((left + edge * near, top, right + edge * far, end), fill=DARK, width=1)


def chargers(canvas: Canvas, share: float) -> None:
    """A row of charging points with parking bays; lamps show which have power."""
    street(canvas)
    canvas.strip(-1.2, 0.95, (0, 0.78), (96, 96, 98))
    for index in range(7):
        depth = 0.04 + index * 0.1
        canvas.strip(-0.9, 0.2, (depth, depth + 0.012), (222, 222, 216))
        x, y = canvas.ground_point(0.5, depth)
        size = 150 * (1 - depth)
        canvas.draw.rectangle((x, y - size, x + size * 0.36, y), fill=(226, 230, 232))
        canvas.draw.rectangle((x, y - size, x + size * 0.36, y - size * 0.86), fill=(40, 120, 96))
        canvas.draw.rectangle(
            (x + size * 0.08, y - size * 0.78, x + size * 0.28, y - size * 0.55), fill=(30, 40, 48)
        )
        lit = index / 7 < share
        lamp = (x + size * 0.14, y - size * 0.48, x + size * 0.22, y - size * 0.4)
        canvas.draw.ellipse(lamp, fill=(74, 220, 120) if lit else (66, 66, 66))
        canvas.draw.arc(
            (x - size * 0.22, y - size * 0.5, x + size * 0.1, y - size * 0.05), 20, 200, fill=DARK, width=3
        )
