"""Photos as phones deliver them: real ones where the samples lie beside the checkout, painted ones everywhere else."""

from pathlib import Path

from PIL import Image, ImageDraw

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "photos"
NAMES = ("landscape_1.jpg", "portrait_5.jpg", "DSCN0010.jpg", "jolla.jpg")


def photos(folder: Path) -> list[Path]:
    """Return four photos; painted into `folder` when there are no real ones."""
    real = [SAMPLES / name for name in NAMES]
    if all(path.is_file() for path in real):
        return real
    return [_painted(folder / f"photo-{number}.jpg", number) for number in range(len(NAMES))]


def _painted(path: Path, number: int) -> Path:
    """Paint sky, ground and a wall with a mark, and say it was taken on its side, as phones do."""
    image = Image.new("RGB", (2400, 1800), (150, 190, 220))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 1100, 2400, 1800), fill=(120, 100, 70))
    draw.rectangle(
        (400 + 200 * number, 500, 1400 + 200 * number, 1300), fill=(170, 165, 160), outline=(60, 60, 60)
    )
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(path, "JPEG", quality=90, exif=exif)
    return path
