"""Makes the screenshots of the manifest (`fieldapp/view/phone.py`) from the pictures: what browsers show before they install the app."""

from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent
SCREENSHOTS = FOLDER.parents[1] / "static" / "screenshot"
OFFERED = {
    "home-zh-CN": "phone-home",
    "visit-zh-CN": "phone-visit",
    "home-en": "phone-home-en-dark",
    "visit-en": "phone-visit-en",
}
# Fewer than the pictures have: who installs the app may pay for each byte.
COLOURS = 32


def offer() -> None:
    """Replace the screenshots."""
    SCREENSHOTS.mkdir(exist_ok=True)
    for name, picture in OFFERED.items():
        with Image.open(FOLDER / f"{picture}.png") as image:
            small = image.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(SCREENSHOTS / f"{name}.png", optimize=True)
