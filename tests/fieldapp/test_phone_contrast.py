"""Text on the phone can be read in sunlight: at least 7:1 in both themes, measured on the tokens themselves."""

import re
from pathlib import Path

import pytest

SOURCE = (Path(__file__).parents[2] / "static" / "css" / "phone-token.css").read_text("utf-8")
LIGHT, DARK = SOURCE.split("@media (prefers-color-scheme: dark)")
CHOSEN = (Path(__file__).parents[2] / "static" / "css" / "phone-theme.css").read_text("utf-8")
SUN = CHOSEN.rpartition(':root[data-theme="sun"] {')[2]
CHOSEN_DARK = CHOSEN.removesuffix(SUN)
PAIRS = [
    ("ink", "ground"), ("ink", "surface"), ("ink", "sunk"), ("ink-soft", "ground"), ("ink-soft", "surface"),
    ("ink-soft", "sunk"), ("on-accent", "accent"), ("accent", "surface"), ("accent", "ground"), ("on-accent-soft", "accent-soft"),
    ("on-good", "good"), ("on-warn", "warn"), ("on-bad", "bad"), ("on-bad", "surface"), ("on-bad", "ground"),
    ("on-warn", "surface"), ("surface", "on-bad"), ("surface", "ink"),
]  # fmt: skip


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--raw-([a-z-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "sun"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_sunlight_contrast(theme: str, text: str, ground: str) -> None:
    tokens = {"light": colours(LIGHT), "dark": colours(DARK), "sun": colours(SUN)}[theme]
    assert contrast(tokens[text], tokens[ground]) >= (12 if theme == "sun" and "ink" in text else 7)


def test_dark_theme_redefines_every_colour() -> None:
    assert set(colours(DARK)) == set(colours(LIGHT)) == set(colours(SUN))


def test_dark_is_the_same_whoever_chose_it() -> None:
    assert re.findall(r"--raw-[a-z-]+: .*;", CHOSEN_DARK) == re.findall(r"--raw-[a-z-]+: .*;", DARK)
