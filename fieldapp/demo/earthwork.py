"""Roads, bridges, water and pipes: what is dug, poured and laid. Each is seen from its usual viewpoint,
`share` (0 … 1) of it done.
"""

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
    YELLOW,
    Canvas,
    mix,
)
from fieldapp.demo.machine import cones, excavator, heap, roller, tower_crane


def street(canvas: Canvas) -> None:
    """Houses on both sides of a street."""
    canvas.ground((150, 148, 142))
    for side in (-1, 1):
        for index in range(6, 0, -1):
            depth = 0.3 + index * 0.1
            x, y = canvas.ground_point(side * 1.15, depth)
            width, height = 260 * (1 - depth), 470 * (1 - depth)
            tone = mix(canvas.near((196, 184, 164), 18), canvas.weather.haze, depth * 0.4)
            left, right = (x - width, x) if side < 0 else (x, x + width)
            canvas.draw.rectangle((left, y - height, right, y), fill=tone)
            for row in range(3):
                for column in range(3):
                    u = left + width * (0.15 + column * 0.28)
                    v = y - height * (0.88 - row * 0.25)
                    canvas.draw.rectangle((u, v, u + width * 0.16, v + height * 0.13), fill=(86, 98, 108))


def road(canvas: Canvas, share: float) -> None:
    """A road that runs to the hills: earth, base course, asphalt, markings."""
    canvas.hills()
    canvas.ground(GRASS)
    canvas.tufts(120, GRASS)
    canvas.strip(-0.78, 0.78, (0, 0.97), mix(EARTH, (190, 168, 138), 0.3))
    laid = min(0.96, max(0.05, (share - 0.25) / 0.65))
    surface = (66, 67, 70) if share > 0.6 else GRAVEL
    if share > 0.25:
        canvas.strip(-0.6, 0.6, (0, 0.97), GRAVEL)
        canvas.strip(-0.56, 0.56, (0, laid), surface)
    if share > 0.85:
        for mark in (-0.54, 0.5):
            canvas.strip(mark, mark + 0.03, (0, 0.96), (226, 224, 216))
        for step in range(9):
            canvas.strip(-0.015, 0.015, (step * 0.1, step * 0.1 + 0.05), (226, 224, 216))
    for index in range(6):
        canvas.tree(-1.25 if index % 2 else 1.25, 0.35 + index * 0.08)
    if share < 0.9:
        heap(canvas, canvas.random.choice((-0.95, 0.95)), 0.45, EARTH)
        (roller if share > 0.4 else excavator)(canvas, canvas.random.uniform(-0.25, 0.25), 0.5)
        cones(canvas, 0.66)


def bridge(canvas: Canvas, share: float) -> None:
    """A bridge across a river: piers first, then the deck from both banks."""
    canvas.hills()
    canvas.ground(WATER, mix(WATER, (255, 255, 255), 0.35), 0.2)
    canvas.draw.polygon([(0, 430), (150, 452), (240, 600), (0, 600)], fill=mix(EARTH, GRASS, 0.4))
    canvas.draw.polygon([(WIDTH, 420), (690, 446), (620, 600), (WIDTH, 600)], fill=mix(EARTH, GRASS, 0.3))
    level, piers = 236, 6
    stand = max(1, round(piers * min(1.0, share / 0.5)))
    for index in range(stand):
        x = 90 + index * 125
        canvas.draw.rectangle((x - 13, level, x + 13, 468), fill=canvas.near(CONCRETE, 6))
        canvas.draw.rectangle((x + 5, level, x + 13, 468), fill=mix(CONCRETE, DARK, 0.3))
        canvas.draw.rectangle((x - 30, level - 8, x + 30, level + 6), fill=CONCRETE)
        canvas.draw.ellipse((x - 40, 456, x + 40, 478), fill=mix(CONCRETE, DARK, 0.2))
    reach = max(0.0, (share - 0.35) / 0.45)
    for start, end in ((-20.0, 400 * reach), (WIDTH + 20 - 420 * reach, WIDTH + 20.0)):
        if end - start > 30:
            canvas.block((start, level - 34, end, level - 8), mix(CONCRETE, (255, 255, 255), 0.15))
            canvas.draw.line((start, level - 46, end, level - 46), fill=STEEL, width=3)
    if share < 0.92:
        tower_crane(canvas, 0.15, 0.42, 300, 0.6)
        excavator(canvas, -0.95, 0.2)


def tunnel(canvas: Canvas, share: float) -> None:
    """A tunnel portal in a cut hillside, lining and road growing with the work."""
    canvas.ground(GRAVEL, EARTH)
    slope = [(0, 150), (170, 70), (400, 30), (640, 80), (WIDTH, 140), (WIDTH, 400), (0, 400)]
    canvas.draw.polygon(slope, fill=mix((92, 112, 78), canvas.weather.haze, 0.15))
    for _ in range(120):
        x, y = canvas.random.randint(0, WIDTH), canvas.random.randint(70, 300)
        canvas.draw.ellipse((x - 12, y - 7, x + 12, y + 7), fill=canvas.near((80, 104, 70), 16))
    for left in (110, 450):
        canvas.block((left - 30, 170, left + 270, 412), mix(CONCRETE, (120, 120, 118), 0.3))
        done = share if left == 450 else 1.0
        canvas.draw.pieslice((left + 20, 210, left + 220, 600), 180, 360, fill=(34, 34, 38))
        if done > 0.5:
            canvas.draw.arc((left + 20, 210, left + 220, 600), 180, 360, fill=(214, 210, 200), width=14)
        for lamp in range(6 if done > 0.8 else 2):
            canvas.draw.ellipse(
                (left + 100 + lamp * 7, 262 + lamp * 14, left + 106 + lamp * 7, 268 + lamp * 14), "#ffe9b0"
            )
    canvas.strip(-0.85, -0.08, (0, 0.53), mix(GRAVEL, DARK, 0.45))
    canvas.strip(0.1, 0.95, (0, 0.53), mix(GRAVEL, DARK, 0.15 + 0.35 * share))
    cones(canvas, 0.02, 4)
    if share < 0.9:
        excavator(canvas, 0.6, 0.35)


def dam(canvas: Canvas, share: float) -> None:
    """An embankment along water: the slope is lined with slabs from the near end to the far."""
    canvas.hills()
    canvas.ground(WATER, mix(WATER, canvas.weather.haze, 0.5), 0.1)
    crest = [(WIDTH, 300), (330, HORIZON + 8), (300, HORIZON + 8), (-160, 600), (420, 600)]
    canvas.draw.polygon(
        [(330, HORIZON + 10), (WIDTH, 330), (WIDTH, 600), (60, 600)], fill=mix(EARTH, GRASS, 0.35)
    )
    canvas.draw.polygon(crest[1:], fill=mix(EARTH, CONCRETE, 0.2))
    for step in range(13):
        if step / 13 > share:
            break
        part, nxt = step / 13, (step + 0.92) / 13
        tone = canvas.near(mix(CONCRETE, (140, 150, 150), 0.3), 8)
        edge = [(-160 + 460 * part, 600 - 322 * part), (-160 + 460 * nxt, 600 - 322 * nxt)]
        foot = [(420 - 90 * nxt, 600 - 322 * nxt), (420 - 90 * part, 600 - 322 * part)]
        canvas.draw.polygon([*edge, *foot], fill=tone)
    canvas.strip(0.62, 0.9, (0, 0.92), mix(GRAVEL, EARTH, 0.4))
    canvas.block((560, 300, 640, 372), (196, 190, 178), 14)
    canvas.draw.polygon([(552, 300), (600, 276), (662, 302)], fill=(126, 70, 58))
    if share < 0.95:
        excavator(canvas, 0.7, 0.42)
        heap(canvas, 1.0, 0.3, EARTH)


def pumping_station(canvas: Canvas, share: float) -> None:
    """A pumping station at its pond: house, gates, delivery pipes."""
    canvas.hills(rows=2)
    canvas.ground(mix(GRASS, GRAVEL, 0.5))
    canvas.block((150, 150, 560, 372), (188, 172, 150), 46)
    for x in range(180, 540, 72):
        canvas.draw.rectangle((x, 196, x + 40, 262), fill=(72, 92, 104))
    canvas.draw.rectangle((310, 284, 372, 372), fill=(70, 84, 96))
    canvas.draw.rectangle((140, 136, 572, 152), fill=(120, 82, 70))
    canvas.draw.polygon([(0, 470), (WIDTH, 430), (WIDTH, 600), (0, 600)], fill=WATER)
    canvas.draw.polygon([(0, 440), (WIDTH, 402), (WIDTH, 432), (0, 472)], fill=CONCRETE)
    for index in range(5):
        x = 120 + index * 118
        done = index < round(5 * share + 0.4)
        canvas.draw.line((x + 60, 340, x, 470), fill=(58, 108, 126) if done else STEEL, width=22)
        canvas.draw.rectangle((x - 34, 418, x + 20, 476), fill=(64, 72, 78) if done else EARTH)
    if share < 0.9:
        heap(canvas, 0.9, 0.4, EARTH)
    canvas.tree(1.25, 0.42)


def trench(canvas: Canvas, share: float) -> None:
    """A street opened for pipes: laid pipe, covered trench, new surface."""
    street(canvas)
    canvas.strip(-0.75, 0.75, (0, 0.95), (112, 110, 108))
    covered = share * 0.8
    canvas.strip(-0.3, 0.22, (0, 0.9), mix(EARTH, DARK, 0.55))
    canvas.strip(-0.12, 0.08, (0.02, 0.88), (52, 110, 132) if share > 0.3 else mix(EARTH, DARK, 0.7))
    canvas.strip(-0.3, 0.22, (0.9 - covered, 0.92), (92, 92, 94) if share > 0.7 else GRAVEL)
    for step in range(3):
        x, y = canvas.ground_point(0.55, 0.16 + step * 0.12)
        size = 36 * (1 - step * 0.18)
        canvas.draw.ellipse((x - size, y - size * 1.2, x + size, y + size * 0.2), fill=(46, 92, 112))
        canvas.draw.ellipse(
            (x - size * 0.7, y - size * 0.95, x + size * 0.7, y - size * 0.05), fill=(30, 34, 38)
        )
    heap(canvas, -0.62, 0.34, EARTH)
    cones(canvas, 0.34)
    if share < 0.85:
        excavator(canvas, -0.35, 0.55)


def tank_yard(canvas: Canvas, share: float) -> None:
    """Round basins and a hall of a treatment plant."""
    canvas.hills(rows=2)
    canvas.ground(mix(GRASS, GRAVEL, 0.6))
    canvas.block((520, 190, 760, 330), (198, 200, 200), 20)
    canvas.draw.rectangle((520, 176, 764, 192), fill=(62, 104, 138))
    for index in range(4):
        done = index < round(share * 4 + 0.3)
        x, y = (
            (190, 350)
            if index == 0
            else (430, 372)
            if index == 1
            else (170, 500)
            if index == 2
            else (500, 520)
        )
        radius = 96 if index < 2 else 150
        rim = mix(CONCRETE, (255, 255, 255), 0.2) if done else EARTH
        canvas.draw.ellipse(
            (x - radius, y - radius * 0.36, x + radius, y + radius * 0.5), fill=mix(rim, DARK, 0.25)
        )
        canvas.draw.ellipse((x - radius, y - radius * 0.42, x + radius, y + radius * 0.34), fill=rim)
        inner = radius * 0.9
        fill = WATER if done else mix(EARTH, DARK, 0.4)
        canvas.draw.ellipse((x - inner, y - inner * 0.37, x + inner, y + inner * 0.3), fill=fill)
        if done:
            canvas.draw.line((x - inner, y, x + inner, y - 8), fill=STEEL, width=6)
    if share < 0.9:
        excavator(canvas, 0.75, 0.4)


def pond_gauge(canvas: Canvas, share: float) -> None:
    """A stream in the hills with a gauging mast and a siren."""
    canvas.hills()
    canvas.ground(mix(GRASS, GRAVEL, 0.3))
    canvas.strip(-0.5, 0.25, (0, 0.95), mix(WATER, (255, 255, 255), 0.15))
    for _ in range(40):
        x, y = canvas.ground_point(canvas.random.uniform(-0.6, 0.35), canvas.random.uniform(0.02, 0.8))
        canvas.draw.ellipse((x - 16, y - 8, x + 16, y + 6), fill=canvas.near((146, 144, 138), 18))
    canvas.draw.line((590, 90, 590, 460), fill=STEEL, width=9)
    canvas.draw.rectangle((566, 456, 614, 474), fill=CONCRETE)
    if share > 0.3:
        canvas.draw.polygon([(600, 150), (680, 130), (690, 190), (606, 200)], fill=(38, 56, 92))
        canvas.draw.rectangle((560, 220, 620, 290), fill=(214, 216, 214))
    if share > 0.6:
        canvas.draw.polygon([(540, 96), (580, 106), (580, 126), (540, 138)], fill=YELLOW)
