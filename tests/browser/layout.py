"""Pages fit the window, however narrow it is."""

from collections.abc import Iterable
from typing import Any

PHONE = 390
WIDTHS = (320, PHONE, 768, 840, 1024, 1280)
OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return null;
  const guilty = [...document.querySelectorAll("body *")].filter(
    (one) => one.getBoundingClientRect().right > root.clientWidth + 1).slice(0, 5);
  return root.scrollWidth + " px: " + guilty.map((one) => one.tagName + "." + one.className).join(", ");
}"""


def assert_fits(page: Any, widths: Iterable[int] = WIDTHS) -> None:
    """Assert that the open page scrolls sideways at none of these widths of the window."""
    too_wide = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if (overflow := page.evaluate(OVERFLOW)) is not None:
            too_wide[width] = overflow
    assert too_wide == {}, f"{page.url}: {too_wide}"
