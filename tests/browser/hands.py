"""Hands on a page: a mouse, a keyboard, or a finger on a phone, each of which counts its clicks."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from tests.browser.layout import PHONE

# More presses of Tab than any page needs.
MOST_TABS = 400
# The key that leads on to an element. Among the options of one question Tab reaches only the first, arrows the others.
NEXT_KEY = """one => {
  const here = document.activeElement;
  if (one === here) return "";
  return one.type === "radio" && one.name === here.name ? "ArrowDown" : "Tab";
}"""


@dataclass
class Mouse:
    """A mouse. A click into a field counts, typing does not; a list to choose from takes two clicks."""

    page: Any
    clicks: int = 0
    width = 1280

    def press(self, target: Any) -> None:
        """Click a link, a button or a box."""
        target.click()
        self.clicks += 1

    def tick_range(self, boxes: Any, count: int) -> None:
        """Tick the first boxes of a list."""
        self.press(boxes.nth(0))
        boxes.nth(count - 1).click(modifiers=["Shift"])
        self.clicks += 1

    def type(self, target: Any, text: str) -> None:
        """Type into a field, over what is in it."""
        self.press(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, target: Any, label: str) -> None:
        """Choose from a list."""
        target.select_option(label=label)
        self.clicks += 2


class Finger(Mouse):
    """A finger on a phone: without Shift, each box takes a tap."""

    width = PHONE

    def press(self, target: Any) -> None:
        """Tap a link, a button or a box."""
        target.tap()
        self.clicks += 1

    def tick_range(self, boxes: Any, count: int) -> None:
        """Tick the first boxes of a list."""
        for place in range(count):
            self.press(boxes.nth(place))


class Keyboard(Mouse):
    """A keyboard: Tab leads to a target, Enter or Space acts. Only Enter and Space count."""

    def press(self, target: Any) -> None:
        """Reach a link, a button or a box, and use it."""
        self._reach(target)
        self._act("Space" if target.get_attribute("type") in {"checkbox", "radio"} else "Enter")

    def tick_range(self, boxes: Any, count: int) -> None:
        """Tick the first boxes of a list."""
        self.press(boxes.nth(0))
        self._reach(boxes.nth(count - 1))
        self._act("Shift+Space")

    def type(self, target: Any, text: str) -> None:
        """Type into a field."""
        self._reach(target)
        self.page.keyboard.type(text)

    def _act(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.clicks += 1

    def _reach(self, target: Any) -> None:
        expect(target).to_be_visible()
        element = target.element_handle()
        for _ in range(MOST_TABS):
            key = element.evaluate(NEXT_KEY)
            if not key:
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"Tab does not lead to {target}")
