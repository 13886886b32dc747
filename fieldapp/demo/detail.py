"""Close-ups: one thing that fills the picture, as found (`is_good` false) or put right, from the same spot."""

from collections.abc import Callable

from fieldapp.demo.canvas import CONCRETE, DARK, EARTH, GRAVEL, HEIGHT, STEEL, WIDTH, Canvas, mix


def wall(canvas: Canvas, is_good: bool) -> None:
    """A plastered wall: chalk rings round hollow spots, or new plaster with pull-test marks."""
    tone = (196, 184, 160) if not is_good else (214, 206, 188)
    canvas.draw.rectangle((0, 0, WIDTH, HEIGHT), fill=tone)
    canvas.draw.rectangle((0, 500, WIDTH, HEIGHT), fill=mix(GRAVEL, DARK, 0.2))
    canvas.draw.rectangle((540, 120, 730, 380), fill=(84, 100, 112), outline=(224, 222, 216), width=12)
    if is_good:
        for x, y in ((140, 160), (330, 130), (250, 330), (440, 400), (120, 430), (400, 260)):
            canvas.draw.ellipse((x - 16, y - 16, x + 16, y + 16), fill=STEEL, outline=DARK, width=3)
        return
    for x, y, size in ((170, 190, 88), (390, 330, 66), (230, 420, 50)):
        canvas.draw.ellipse(
            (x - size, y - size * 0.7, x + size, y + size * 0.7), outline=(226, 60, 46), width=7
        )
        crack = [
            (x - size * 0.6, y - 12),
            (x - 10, y + 6),
            (x + size * 0.2, y - 16),
            (x + size * 0.7, y + 14),
        ]
        canvas.draw.line(crack, fill=mix(tone, DARK, 0.6), width=4)
    canvas.draw.polygon([(360, 300), (430, 306), (418, 362), (372, 350)], fill=(150, 138, 122))


def rebar(canvas: Canvas, is_good: bool) -> None:
    """Reinforcement before the pour: with or without spacers, one bar bare in the concrete."""
    canvas.draw.rectangle((0, 0, WIDTH, HEIGHT), fill=mix(EARTH, DARK, 0.35))
    canvas.draw.polygon([(0, 430), (WIDTH, 380), (WIDTH, HEIGHT), (0, HEIGHT)], fill=CONCRETE)
    for index in range(12):
        x = 30 + index * 70
        canvas.draw.line((x, 20, x - 26, 470), fill=canvas.near((142, 84, 54), 10), width=11)
    for index in range(7):
        y = 60 + index * 62
        canvas.draw.line((0, y, WIDTH, y - 20), fill=canvas.near((128, 74, 48), 10), width=8)
        if is_good:
            for column in range(5):
                x = 70 + column * 160
                canvas.draw.ellipse((x - 16, y - 20, x + 16, y + 12), fill=(206, 202, 192), outline=DARK)
    if not is_good:
        canvas.draw.line((60, 500, 420, 478), fill=(156, 78, 44), width=12)


def paper(canvas: Canvas, is_good: bool) -> None:
    """A log or minutes on a table; gaps where lines are missing. Lines stand for writing."""
    canvas.draw.rectangle((0, 0, WIDTH, HEIGHT), fill=(136, 98, 68))
    for x in range(0, WIDTH, 90):
        canvas.draw.line((x, 0, x + 30, HEIGHT), fill=(124, 88, 60), width=3)
    canvas.draw.polygon([(110, 60), (690, 40), (720, 580), (90, 590)], fill=(238, 234, 222))
    canvas.draw.line((402, 50, 404, 586), fill=(196, 190, 176), width=5)
    for page, left in enumerate((140, 430)):
        for row in range(13):
            y = 110 + row * 34
            canvas.draw.line((left, y + 14, left + 230, y + 12), fill=(206, 200, 188), width=2)
            if is_good or page == 0 or row < 3 or row > 8:
                length = canvas.random.randint(90, 215)
                ink = (52, 62, 120) if page == 0 or is_good else (46, 46, 52)
                for step in range(0, length, 15):
                    canvas.draw.rectangle(
                        (left + step, y, left + step + 10, y + 10), fill=canvas.near(ink, 12)
                    )
    canvas.draw.line((560, 300, 690, 470), fill=(30, 60, 120), width=14)


def board(canvas: Canvas, is_good: bool) -> None:
    """A notice board at a gate: filled in, or with an old sheet and an empty field."""
    canvas.sky()
    canvas.hills(rows=2)
    canvas.ground(GRAVEL)
    canvas.draw.rectangle((120, 90, 680, 400), fill=(34, 92, 140))
    canvas.draw.rectangle((138, 132, 662, 384), fill=(232, 236, 238))
    for column in range(4):
        left = 154 + column * 128
        blank = column == 2 and not is_good
        canvas.draw.rectangle(
            (left, 150, left + 108, 372), fill=(196, 182, 150) if blank else (246, 246, 242)
        )
        for row in range(0 if blank else 8):
            length = canvas.random.randint(50, 96)
            canvas.draw.rectangle(
                (left + 6, 164 + row * 24, left + length, 172 + row * 24), fill=(96, 104, 116)
            )
    for x in (170, 620):
        canvas.draw.rectangle((x, 400, x + 14, 500), fill=STEEL)


def manhole(canvas: Canvas, is_good: bool) -> None:
    """A cover in the road: cracked and sunk, or new and level."""
    canvas.draw.rectangle((0, 0, WIDTH, HEIGHT), fill=(104, 104, 104))
    for _ in range(900):
        x, y = canvas.random.randint(0, WIDTH), canvas.random.randint(0, HEIGHT)
        canvas.draw.ellipse((x, y, x + 6, y + 4), fill=canvas.near((108, 107, 104), 26))
    canvas.draw.ellipse((190, 110, 620, 500), fill=(66, 66, 68) if is_good else (84, 70, 56))
    rim, plate = ((92, 94, 98), (74, 76, 80)) if is_good else ((112, 84, 62), (96, 74, 58))
    canvas.draw.ellipse((210, 128, 600, 482), fill=rim)
    canvas.draw.ellipse((232, 148, 578, 462), fill=plate)
    for row in range(9):
        for column in range(9):
            x, y = 276 + column * 32, 190 + row * 29
            if (x - 405) ** 2 / 150**2 + (y - 305) ** 2 / 136**2 < 1:
                canvas.draw.rectangle((x - 9, y - 6, x + 9, y + 6), fill=mix(plate, (230, 230, 230), 0.18))
    if not is_good:
        canvas.draw.line(
            [(250, 250), (340, 300), (390, 286), (480, 370), (560, 372)], fill=(24, 22, 22), width=9
        )
        canvas.draw.line([(390, 286), (420, 180)], fill=(24, 22, 22), width=7)


def charger(canvas: Canvas, is_good: bool) -> None:
    """One charging point: dark, or with its lamp and screen on."""
    canvas.sky()
    canvas.ground((140, 140, 138))
    canvas.block((290, 70, 520, 520), (224, 228, 230), 40)
    canvas.draw.rectangle((290, 70, 520, 116), fill=(36, 116, 92))
    canvas.draw.rectangle((330, 150, 480, 250), fill=(44, 128, 150) if is_good else (22, 24, 28))
    if is_good:
        canvas.draw.rectangle((346, 176, 440, 188), fill=(206, 236, 240))
        canvas.draw.rectangle((346, 204, 410, 216), fill=(206, 236, 240))
    canvas.draw.ellipse((386, 278, 426, 318), fill=(80, 228, 126) if is_good else (58, 58, 60))
    canvas.draw.arc((180, 250, 400, 560), 40, 190, fill=DARK, width=12)
    canvas.draw.rounded_rectangle((350, 350, 400, 440), 12, fill=(40, 42, 46))


def generator(canvas: Canvas, is_good: bool) -> None:
    """A standby set in its room: panel dark with a red lamp and oil on the floor, or running."""
    canvas.draw.rectangle((0, 0, WIDTH, 430), fill=(206, 208, 202))
    canvas.draw.polygon([(0, 430), (WIDTH, 430), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(120, 128, 124))
    canvas.block((110, 220, 560, 470), (206, 164, 48), 50)
    for x in range(140, 420, 24):
        canvas.draw.line((x, 260, x, 430), fill=(96, 78, 34), width=8)
    canvas.draw.rectangle((448, 250, 540, 360), fill=(60, 64, 70))
    for index in range(3):
        tone = (84, 224, 120) if is_good else (216, 58, 46) if index == 0 else (52, 54, 58)
        canvas.draw.ellipse((458 + index * 26, 262, 476 + index * 26, 280), fill=tone)
    canvas.draw.arc((466, 292, 522, 348), 150, 390, fill=(230, 230, 226), width=5)
    canvas.draw.line((494, 324, 510 if is_good else 476, 306), fill=(230, 120, 60), width=4)
    canvas.draw.line((600, 80, 600, 300, 540, 300), fill=STEEL, width=22)
    if not is_good:
        canvas.draw.ellipse((250, 486, 470, 540), fill=(58, 52, 44))


def plot(canvas: Canvas, is_good: bool) -> None:
    """A sample plot staked out with string: saplings green or dry."""
    canvas.sky()
    canvas.hills(rows=2)
    canvas.ground(EARTH)
    for row in range(7):
        for column in range(8):
            x, y = canvas.ground_point(-0.8 + column * 0.23, 0.08 + row * 0.11)
            size = 64 * (1 - (0.08 + row * 0.11))
            alive = is_good or canvas.random.random() < 0.55
            tone = (82, 124, 60) if alive else (158, 130, 84)
            canvas.draw.line((x, y, x, y - size), fill=(96, 74, 52), width=3)
            for _ in range(6 if alive else 2):
                dx, dy = canvas.random.uniform(-0.3, 0.3) * size, canvas.random.uniform(0.4, 1.1) * size
                box = (x + dx - size * 0.14, y - dy - 5, x + dx + size * 0.14, y - dy + 6)
                canvas.draw.ellipse(box, fill=canvas.near(tone, 14))
    for across in (-0.95, 0.95):
        x, y = canvas.ground_point(across, 0.03)
        u, v = canvas.ground_point(across, 0.85)
        canvas.draw.line((x, y - 40, u, v - 10), fill=(230, 226, 210), width=2)
        canvas.draw.rectangle((x - 6, y - 60, x + 6, y), fill=(206, 60, 44))


def duty_post(canvas: Canvas, is_good: bool) -> None:
    """A duty post: chair, lamp and open hand-over book, or an empty table in the dark."""
    canvas.draw.rectangle((0, 0, WIDTH, 440), fill=(186, 184, 172))
    canvas.draw.polygon([(0, 440), (WIDTH, 440), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(118, 110, 98))
    canvas.draw.rectangle((90, 60, 300, 250), fill=(36, 46, 66), outline=(150, 140, 122), width=10)
    canvas.draw.rectangle((470, 80, 720, 230), fill=(226, 226, 220), outline=(110, 110, 104), width=6)
    for row in range(5):
        for column in range(6):
            x, y = 486 + column * 38, 98 + row * 26
            canvas.draw.rectangle((x, y, x + 28, y + 14), fill=canvas.near((150, 166, 180), 20))
    canvas.block((220, 350, 620, 380), (142, 100, 66), 30)
    for x in (240, 590):
        canvas.draw.rectangle((x, 380, x + 14, 540), fill=(104, 74, 50))
    canvas.draw.rounded_rectangle((360, 300, 470, 350), 14, fill=(54, 74, 96))
    if is_good:
        canvas.draw.polygon([(270, 344), (360, 340), (366, 354), (266, 358)], fill=(240, 236, 224))
        canvas.draw.polygon([(540, 350), (560, 350), (556, 290), (544, 290)], fill=DARK)
        canvas.draw.polygon([(516, 300), (584, 300), (566, 262), (534, 262)], fill=(244, 214, 130))
        canvas.draw.rounded_rectangle((372, 236, 458, 306), 18, fill=(196, 98, 42))


def weir(canvas: Canvas, is_good: bool) -> None:
    """A measuring weir below a dam: clear water over the notch, or a muddy trickle."""
    canvas.draw.rectangle((0, 0, WIDTH, HEIGHT), fill=mix(CONCRETE, DARK, 0.15))
    water = (112, 148, 154) if is_good else (150, 128, 92)
    canvas.draw.rectangle((0, 120, WIDTH, 300), fill=water)
    canvas.draw.rectangle((0, 250, WIDTH, 360), fill=CONCRETE)
    canvas.draw.polygon([(310, 250), (490, 250), (400, 350)], fill=water)
    canvas.draw.polygon(
        [(372, 340), (428, 340), (470, 600), (330, 600)], fill=mix(water, (255, 255, 255), 0.35)
    )
    canvas.draw.rectangle((560, 90, 590, 340), fill=(236, 236, 230))
    for step in range(12):
        canvas.draw.line((560, 100 + step * 20, 578, 100 + step * 20), fill=(190, 40, 36), width=5)


Paint = Callable[[Canvas, bool], None]

# By caption of the demo's pool; captions not named here show the site itself.
BY_CAPTION: dict[str, Paint] = {
    "cp02": rebar,
    "cp04": paper,
    "cp05": board,
    "cp06": manhole,
    "cp07": weir,
    "cp08": wall,
    "cp09": charger,
    "cp11": plot,
    "cp12": duty_post,
    "cp13": board,
    "cp14": manhole,
    "cp15": paper,
    "cp17": rebar,
    "cp18": paper,
}
