"""Keeping what is on a screen as a picture of the docs, small and once everything in sight is there."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.wait import until_true

FOLDER = Path(__file__).parent
COLOURS = 128
# What is shown while the archive makes a display image is 320 wide.
SEEN = """async () => {
    const images = [...document.images].filter((image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return bottom >= 0 && top <= innerHeight;
    });
    await Promise.allSettled(images.map((image) => image.decode()));
    return images.every((image) => image.complete && image.naturalWidth > 0 && image.naturalWidth !== 320);
}"""


def keep(page: Page, name: str) -> None:
    """Take what is on screen, once every image in sight is there, with as many colours as a screen needs."""
    until_true(page, SEEN)
    page.evaluate("document.fonts.ready")
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.name}  {path.stat().st_size // 1024} KB", flush=True)


def keep_top(page: Page, name: str) -> None:
    """Take a screen from its top."""
    page.evaluate("scrollTo(0, 0)")
    keep(page, name)


def go(page: Page, *path: str) -> None:
    """Open a screen of the phone."""
    page.evaluate("(hash) => { location.hash = hash; }", "#/" + "/".join(path))


def show(page: Page, selector: str) -> None:
    """Bring something to the upper part of the screen."""
    page.locator(selector).first.evaluate("(one) => { one.scrollIntoView(); scrollBy(0, -90); }")
