"""A page's text, and its forms as a browser would send them."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


def text_of(response: Any) -> str:
    """Return the page's text without tags, scripts and styles."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(text).split())


def fields(response: Any) -> dict[str, Any]:
    """Return the fields that a browser would send, as they are filled in."""
    parser = _FormParser()
    parser.feed(response.content.decode())
    return {name: value for name, value in parser.found.items() if name != "csrfmiddlewaretoken"}


def offered(response: Any) -> dict[str, list[str]]:
    """Return the choices of each list and of each group of checkboxes."""
    parser = _FormParser()
    parser.feed(response.content.decode())
    return parser.offered


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self.offered: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name, value = known.get("name") or "", known.get("value") or ""
        if tag == "select":
            self._select = name
            self.found.setdefault(name, "")
        if tag == "option":
            if "disabled" not in known:
                self.offered.setdefault(self._select, []).append(value)
            if "selected" in known:
                self.found[self._select] = value
        if tag != "input" or not name or "disabled" in known:
            return
        if known.get("type") == "checkbox":
            self.offered.setdefault(name, []).append(value)
            if "checked" in known:
                self.found.setdefault(name, []).append(value)
        elif name == "initial-rights":
            self.found.setdefault(name, []).append(value)
        else:
            self.found[name] = value
