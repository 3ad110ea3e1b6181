"""All routes of the URL configuration, with the admin, as texts and places to fill in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
REGEX_PLACE = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
REGEX_MARKS = re.compile(r"\\Z|[$^?]")


@dataclass(frozen=True)
class Route:
    """A route: its name, the texts around its places, and the names of the places."""

    name: str
    texts: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def model(self) -> str:
        """Return `app_label_model` for the admin's pages about rows, and "" for all others."""
        found = re.match(r"admin:(\w+)_(?:changelist|add|history|delete|change)$", self.name)
        return found[1] if found else ""


def routes() -> list[Route]:
    """Return all routes, in the order of the URL configuration."""
    return list(_walk(get_resolver(), "/", ""))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        address = prefix + _text(one)
        if isinstance(one, URLResolver):
            yield from _walk(one, address, f"{namespace}{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern):
            yield Route(
                f"{namespace}{one.name}", tuple(PLACE.sub("\n", address).split("\n")), tuple(PLACE.findall(address))
            )


def _text(one: URLPattern | URLResolver) -> str:
    pattern = one.pattern
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    assert isinstance(pattern, RegexPattern)
    return REGEX_MARKS.sub("", REGEX_PLACE.sub(r"<\1>", str(pattern)))
