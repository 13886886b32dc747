"""Buildings and rooms. Each is seen from its usual viewpoint, `share` (0 … 1) of it done."""

from fieldapp.demo.canvas import CONCRETE, DARK, EARTH, GRASS, GRAVEL, STEEL, WIDTH, Canvas, Colour, mix
from fieldapp.demo.machine import excavator, heap, hoarding, scaffold, tower_crane


def frame(
    canvas: Canvas,
    box: tuple[int, int, int, int],
    floors: int,
    share: float,
    wall: Colour,
    bays: int = 8,
) -> None:
    """A building: floors of bare frame up to the first half of the work, then walls and windows from below."""
    left, top, right, bottom = box
    height = (bottom - top) / floors
    up = max(1, round(floors * min(1.0, share / 0.5)))
    clad = round(floors * max(0.0, (share - 0.45) / 0.45))
    for floor in range(up):
        y = bottom - height * (floor + 1)
        is_clad = floor < clad
        canvas.draw.rectangle((left, y, right, y + height), fill=wall if is_clad else (74, 72, 70))
        side = [(right, y), (right + 40, y + 14), (right + 40, y + height + 6), (right, y + height)]
        canvas.draw.polygon(side, fill=mix(wall if is_clad else (96, 94, 90), DARK, 0.35))
        width = (right - left) / bays
        for bay in range(bays):
            x = left + bay * width
            if is_clad:
                pane = canvas.near((96, 124, 144), 12)
                window = (x + width * 0.24, y + height * 0.25, x + width * 0.78, y + height * 0.74)
                canvas.draw.rectangle(window, fill=pane)
            else:
                canvas.draw.rectangle((x, y, x + 6, y + height), fill=CONCRETE)
        canvas.draw.rectangle((left, y - 3, right, y + 5), fill=mix(CONCRETE, wall, 0.4))
    roof = bottom - height * up
    if share < 0.5:
        for x in range(left, right, 14):
            canvas.draw.line((x, roof, x, roof - 16), fill=(122, 84, 60), width=2)
    elif share < 0.88:
        scaffold(canvas, (left - 6, roof, right + 4, bottom - height * max(0, clad - 1)))


def school(canvas: Canvas, share: float) -> None:
    """A long building with a playground in front."""
    canvas.hills(rows=2)
    canvas.ground(mix(EARTH, GRAVEL, 0.4) if share < 0.8 else (136, 142, 118))
    frame(canvas, (90, 150, 640, 366), 5, share, (206, 150, 116), 11)
    if share > 0.8:
        canvas.draw.ellipse((60, 410, 780, 590), fill=(162, 78, 62))
        canvas.draw.ellipse((150, 436, 690, 560), fill=(88, 130, 78))
    else:
        tower_crane(canvas, 0.75, 0.5, 300, -0.85)
        hoarding(canvas, 0.34, (48, 116, 92))
        heap(canvas, -0.6, 0.24, EARTH)


def hospital(canvas: Canvas, share: float) -> None:
    """A high block on a wide base."""
    canvas.hills(rows=2)
    canvas.ground(mix(GRAVEL, EARTH, 0.5))
    frame(canvas, (260, 60, 560, 330), 9, share, (218, 222, 222), 8)
    frame(canvas, (90, 262, 700, 376), 3, min(1.0, share + 0.12), (206, 212, 214), 13)
    if share > 0.85:
        canvas.draw.rectangle((392, 78, 428, 90), fill=(38, 128, 96))
        canvas.draw.rectangle((404, 66, 416, 102), fill=(38, 128, 96))
        canvas.tree(-1.0, 0.3)
    else:
        tower_crane(canvas, -0.6, 0.5, 330, 0.8)
        hoarding(canvas, 0.3, (62, 98, 152))


def flats(canvas: Canvas, share: float) -> None:
    """Three blocks of flats, the second behind the others in time."""
    canvas.hills(rows=2)
    canvas.ground(mix(EARTH, GRAVEL, 0.5))
    for index, (left, top) in enumerate(((70, 80), (310, 56), (560, 96))):
        done = min(1.0, share + (0.14, -0.06, 0.04)[index])
        frame(
            canvas,
            (left, top, left + 176, 366),
            11,
            max(0.05, done),
            ((214, 190, 158), (206, 182, 150), (210, 196, 172))[index],
            5,
        )
    if share < 0.9:
        tower_crane(canvas, 0.12, 0.56, 330, 0.75)
        hoarding(canvas, 0.36, (70, 120, 86))
    else:
        for across in (-0.9, -0.35, 0.4, 0.95):
            canvas.tree(across, 0.42)


def hall(canvas: Canvas, share: float) -> None:
    """A factory hall: portal frames, then sheeting, with lorry bays."""
    canvas.hills(rows=2)
    canvas.ground(GRAVEL, EARTH)
    for index in range(8):
        x = 70 + index * 84
        ridge = 156 + (index % 2) * 30
        canvas.draw.polygon([(x, 360), (x, 190), (x + 84, ridge), (x + 84, 360)], outline=STEEL)
        if index < 8 * max(0.0, (share - 0.2) / 0.6):
            panel = [(x, 360), (x, 190), (x + 84, 190), (x + 84, 360)]
            canvas.draw.polygon(panel, fill=canvas.near((172, 186, 196), 6))
            canvas.draw.polygon([(x, 190), (x + 84, 190), (x + 84, 156)], fill=(112, 136, 156))
            canvas.draw.rectangle((x + 18, 276, x + 64, 360), fill=(84, 98, 110))
        else:
            canvas.draw.line((x, 190, x, 360), fill=(150, 74, 52), width=6)
            canvas.draw.line((x, 190, x + 84, 160), fill=(150, 74, 52), width=5)
    if share < 0.85:
        excavator(canvas, 0.5, 0.3)
        heap(canvas, -0.6, 0.25, GRAVEL)
    else:
        canvas.block((520, 400, 690, 476), (216, 216, 212), 20)
        canvas.block((470, 424, 520, 476), (60, 96, 140))


def museum(canvas: Canvas, share: float) -> None:
    """A low wide building with a great sloping roof."""
    canvas.hills(rows=2)
    canvas.ground(mix(GRAVEL, EARTH, 1 - share))
    frame(canvas, (120, 236, 660, 366), 2, share, (196, 180, 156), 15)
    if share > 0.4:
        canvas.draw.polygon(
            [(70, 240), (220, 130), (590, 110), (740, 240)], fill=mix(STEEL, (110, 86, 66), share)
        )
        for step in range(1, 8):
            canvas.draw.line(
                (70 + step * 84, 240, 220 + step * 46, 130 - step * 2), fill=(92, 78, 66), width=2
            )
    if share < 0.85:
        tower_crane(canvas, 0.9, 0.5, 290, -0.9)
        hoarding(canvas, 0.32, (128, 90, 60))


def old_street(canvas: Canvas, share: float) -> None:
    """A lane of timber houses with curved roofs, scaffolded until restored."""
    canvas.hills(rows=1)
    canvas.ground((150, 144, 136))
    for side in (-1, 1):
        for index in range(4, -1, -1):
            depth = 0.18 + index * 0.15
            x, y = canvas.ground_point(side * 0.95, depth)
            size = 330 * (1 - depth)
            left, right = (x - size * 0.8, x) if side < 0 else (x, x + size * 0.8)
            restored = share > 0.3 + 0.12 * index
            canvas.draw.rectangle(
                (left, y - size * 0.8, right, y), fill=(118, 70, 46) if restored else (122, 106, 90)
            )
            for post in range(5):
                u = left + (right - left) * post / 4
                canvas.draw.line((u, y - size * 0.8, u, y), fill=(70, 40, 28), width=max(2, int(size * 0.02)))
            eaves = y - size * 0.78
            roof = [
                (left - 24, eaves),
                (left + 10, eaves - size * 0.3),
                (right - 10, eaves - size * 0.3),
                (right + 24, eaves),
            ]
            canvas.draw.polygon(roof, fill=(62, 64, 68))
            if restored:
                canvas.draw.ellipse(
                    (x - side * -10 - 8, eaves + 10, x - side * -10 + 8, eaves + 34), fill=(186, 48, 38)
                )
            else:
                scaffold(canvas, (left, eaves, right, y), max(12, int(size * 0.1)))


def village(canvas: Canvas, share: float) -> None:
    """White-walled houses under a hill, lane and planting growing with the work."""
    canvas.hills()
    canvas.ground(mix(GRASS, EARTH, max(0.0, 0.7 - share)))
    for index, across in enumerate((-1.15, -0.45, 0.35, 1.05)):
        x, y = canvas.ground_point(across, 0.52 + (index % 2) * 0.1)
        wall = mix((228, 224, 214), EARTH, max(0.0, 0.5 - share) if index % 2 else 0.0)
        canvas.block((x - 90, y - 96, x + 76, y), wall, 26)
        canvas.draw.polygon([(x - 106, y - 92), (x - 8, y - 142), (x + 96, y - 92)], fill=(66, 68, 72))
        canvas.draw.rectangle((x - 16, y - 50, x + 14, y), fill=(96, 64, 46))
        for window in (-66, 34):
            canvas.draw.rectangle((x + window, y - 66, x + window + 28, y - 40), fill=(78, 92, 100))
    canvas.strip(-0.2, 0.2, (0, 0.52), mix(GRAVEL, CONCRETE, share))
    if share > 0.5:
        canvas.tufts(60, (112, 148, 70), (0.05, 0.4))
        canvas.tree(-0.8, 0.3)
    else:
        heap(canvas, 0.7, 0.3, EARTH)


def reception(canvas: Canvas, share: float) -> None:
    """A reception room: counter, chairs, shelves of files that empty as matters are settled."""
    canvas.draw.rectangle((0, 0, WIDTH, 420), fill=(222, 218, 208))
    canvas.draw.polygon([(0, 420), (WIDTH, 420), (WIDTH, 600), (0, 600)], fill=(150, 138, 122))
    canvas.draw.rectangle((470, 60, 760, 330), fill=(128, 96, 70))
    for row in range(4):
        for column in range(12):
            if row * 12 + column < 48 * (1 - share * 0.7):
                x, y = 480 + column * 23, 76 + row * 64
                canvas.draw.rectangle((x, y, x + 17, y + 48), fill=canvas.near((70, 92, 132), 24))
    canvas.draw.rectangle((60, 70, 300, 220), fill=(186, 208, 222), outline=(120, 110, 96), width=8)
    canvas.block((90, 330, 560, 470), (160, 116, 78), 40)
    canvas.draw.rectangle((80, 318, 610, 336), fill=(190, 148, 104))
    for x in (140, 310, 480):
        canvas.draw.rounded_rectangle((x, 470, x + 90, 540), 10, fill=(62, 92, 86))
        canvas.draw.rounded_rectangle((x + 8, 400, x + 82, 476), 10, fill=(78, 112, 104))
    canvas.draw.rectangle((220, 276, 300, 320), fill=(44, 48, 54))


def clinic(canvas: Canvas, share: float) -> None:
    """A tent and a table set up before a clinic, with boxes of supplies."""
    canvas.hills(rows=1)
    canvas.block((300, 120, 740, 350), (216, 220, 218), 30)
    for x in range(330, 720, 70):
        canvas.draw.rectangle((x, 160, x + 40, 214), fill=(104, 128, 146))
    canvas.ground((160, 158, 152))
    canvas.draw.polygon([(40, 250), (190, 180), (340, 250)], fill=(52, 116, 150))
    for x in (52, 328):
        canvas.draw.line((x, 250, x, 420), fill=STEEL, width=6)
    canvas.draw.rectangle((90, 356, 320, 372), fill=(230, 230, 226))
    for x in (100, 308):
        canvas.draw.line((x, 372, x, 440), fill=STEEL, width=5)
    for index in range(round(3 + 9 * share)):
        x, y = 430 + (index % 4) * 74, 470 - (index // 4) * 56
        canvas.block((x, y, x + 68, y + 52), canvas.near((186, 148, 104), 10), 10)
    canvas.draw.rectangle((368, 300, 400, 350), fill=(38, 128, 96))
