"""Machines and fittings of a building site, each painted at a place of the ground."""

from fieldapp.demo.canvas import DARK, STEEL, YELLOW, Canvas, Colour, mix


def tower_crane(canvas: Canvas, across: float, depth: float, height: float, jib: float = 1.0) -> None:
    """Put up a tower crane; `jib` is the length of its arm against its height, negative to the left."""
    x, y = canvas.ground_point(across, depth)
    top, pen = y - height, canvas.draw
    colour = mix((206, 150, 40), canvas.weather.haze, depth * 0.4)
    for edge in (-4, 4):
        pen.line((x + edge, y, x + edge, top), fill=colour, width=2)
    for step in range(0, int(height), 14):
        pen.line((x - 4, y - step, x + 4, y - step - 14), fill=colour, width=1)
    reach = height * jib
    pen.line((x - reach * 0.3, top, x + reach, top), fill=colour, width=4)
    pen.line((x, top - 26, x + reach * 0.75, top), fill=colour, width=1)
    pen.line((x, top - 26, x - reach * 0.28, top), fill=colour, width=1)
    pen.line((x, top, x, top - 26), fill=colour, width=3)
    pen.rectangle((x - reach * 0.3 - 8, top, x - reach * 0.3 + 8, top + 14), fill=(110, 110, 112))
    hook = x + reach * canvas.random.uniform(0.45, 0.85)
    pen.line((hook, top, hook, top + height * 0.3), fill=DARK, width=1)
    pen.rectangle((x - 7, top + 4, x + 7, top + 20), fill=mix(colour, (250, 250, 250), 0.4))


def excavator(canvas: Canvas, across: float, depth: float) -> None:
    """Park an excavator."""
    x, y = canvas.ground_point(across, depth)
    size, pen = 150 * (1 - depth), canvas.draw
    side = canvas.random.choice((-1, 1))
    pen.rounded_rectangle((x - size * 0.5, y - size * 0.22, x + size * 0.5, y), size * 0.1, fill=DARK)
    pen.rectangle((x - size * 0.42, y - size * 0.52, x + size * 0.38, y - size * 0.22), fill=YELLOW)
    cab = sorted((x + side * size * 0.02, x + side * size * 0.34))
    pen.rectangle((cab[0], y - size * 0.8, cab[1], y - size * 0.5), fill=(86, 110, 122))
    elbow = (x + side * size * 0.85, y - size * 1.15)
    wrist = (x + side * size * 1.3, y - size * 0.5)
    width = max(2, int(size * 0.09))
    pen.line((x + side * size * 0.3, y - size * 0.5, *elbow), fill=YELLOW, width=width)
    pen.line((*elbow, *wrist), fill=mix(YELLOW, DARK, 0.2), width=max(2, width - 2))
    left, right = sorted((wrist[0] - side * size * 0.16, wrist[0] + side * size * 0.12))
    pen.pieslice((left, wrist[1] - size * 0.1, right, wrist[1] + size * 0.24), 0, 180, fill=DARK)


def roller(canvas: Canvas, across: float, depth: float) -> None:
    """Park a road roller."""
    x, y = canvas.ground_point(across, depth)
    size, pen = 120 * (1 - depth), canvas.draw
    pen.rectangle((x - size * 0.5, y - size * 0.55, x + size * 0.35, y - size * 0.25), fill=YELLOW)
    pen.rectangle((x - size * 0.3, y - size * 0.95, x + size * 0.1, y - size * 0.5), outline=DARK, width=3)
    pen.rectangle((x - size * 0.35, y - size * 1.0, x + size * 0.15, y - size * 0.93), fill=YELLOW)
    pen.ellipse((x + size * 0.1, y - size * 0.5, x + size * 0.6, y), fill=(92, 94, 98))
    pen.ellipse((x - size * 0.65, y - size * 0.46, x - size * 0.2, y), fill=DARK)


def cones(canvas: Canvas, across: float, number: int = 6) -> None:
    """Set a row of cones that runs into the distance."""
    for index in range(number):
        x, y = canvas.ground_point(across, 0.12 + index * 0.13)
        size = 34 * (1 - (0.12 + index * 0.13))
        box = [
            (x - size * 0.45, y),
            (x + size * 0.45, y),
            (x + size * 0.08, y - size),
            (x - size * 0.08, y - size),
        ]
        canvas.draw.polygon(box, fill=(216, 86, 40))
        canvas.draw.rectangle(
            (x - size * 0.26, y - size * 0.55, x + size * 0.26, y - size * 0.35), fill="white"
        )


def heap(canvas: Canvas, across: float, depth: float, colour: Colour) -> None:
    """Tip a heap of earth or gravel."""
    x, y = canvas.ground_point(across, depth)
    size = 170 * (1 - depth)
    outline = [(x - size, y)]
    for step in range(1, 8):
        rise = (1 - abs(step - 4) / 4) * size * 0.5
        outline.append((x - size + step * size / 4, y - rise - canvas.random.uniform(0, size * 0.06)))
    canvas.draw.polygon([*outline, (x + size, y)], fill=colour)
    lit = [outline[1], outline[3], outline[4], (x - size * 0.1, y - size * 0.1)]
    canvas.draw.polygon(lit, fill=mix(colour, (255, 250, 235), 0.14))


def hoarding(canvas: Canvas, depth: float, colour: Colour = (58, 108, 150), gap: float = 0.3) -> None:
    """Fence the site off, leaving a gate in the middle."""
    for left, right in ((-1.6, -gap), (gap, 1.6)):
        x, y = canvas.ground_point(left, depth)
        u, _ = canvas.ground_point(right, depth)
        height = 95 * (1 - depth)
        canvas.draw.rectangle((x, y - height, u, y), fill=colour)
        canvas.draw.rectangle((x, y - height, u, y - height * 0.9), fill=(230, 230, 228))
        panel = 60 * (1 - depth)
        for step in range(1, int((u - x) / panel) + 1):
            place = x + step * panel
            canvas.draw.line((place, y - height, place, y), fill=mix(colour, (20, 20, 20), 0.25))


def scaffold(canvas: Canvas, box: tuple[float, float, float, float], pitch: int = 26) -> None:
    """Put scaffolding before a front (pixels)."""
    left, top, right, bottom = (int(edge) for edge in box)
    for x in range(left, right + 1, pitch):
        canvas.draw.line((x, top - 8, x, bottom), fill=STEEL, width=2)
    for y in range(top, bottom, pitch):
        canvas.draw.line((left, y, right, y), fill=mix(STEEL, (170, 140, 90), 0.5), width=2)
    for x in range(left, right - pitch, pitch * 4):
        canvas.draw.line((x, bottom, x + pitch * 3, top), fill=STEEL, width=1)
