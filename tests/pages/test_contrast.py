"""Contrast of both themes: at least 4.5, as WCAG AA requires."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
GROUNDS = ("ground", "surface", "shade")
TEXTS = ("ink", "muted", "accent", "good", "bad", "alliance", "horde", *(f"class-{number}" for number in range(14)))


def colors(theme: str) -> dict[str, str]:
    light, _, dark = TOKENS.read_text().partition("@media (prefers-color-scheme: dark)")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if theme == "light" else dark))


def luminance(color: str) -> float:
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable_on_every_background(theme: str, text: str) -> None:
    known = colors(theme)
    assert min(contrast(known[text], known[ground]) for ground in GROUNDS) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_buttons_can_be_read(theme: str) -> None:
    known = colors(theme)
    assert contrast(known["on-accent"], known["accent"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_borders_of_fields_are_visible(theme: str) -> None:
    known = colors(theme)
    assert min(contrast(known["edge"], known[ground]) for ground in ("ground", "surface")) >= 3


def test_both_themes_define_the_same_colors() -> None:
    assert colors("light").keys() == colors("dark").keys()
