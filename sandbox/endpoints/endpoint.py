"""What an endpoint is, and what a request asks of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.documents.context import DocumentContext, Json
from sandbox.world.models import Persona
from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """What a request asks about: the region, the variable parts of the path, the person whose token it came with."""

    world: World
    region: str
    parts: tuple[str, ...]
    person: Persona | None

    def number(self, place: int = 0) -> int:
        """A variable part as a number, -1 when it is none."""
        part = self.parts[place]
        return int(part) if part.isascii() and part.isdecimal() else -1


Finder = Callable[[DocumentRequest], Any]
Renderer = Callable[[DocumentContext, Any], Json]
Modified = Callable[[World, Any], int | None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``find`` gives the subject, None when the world knows none, or 403 for one that may not be seen.

    ``modified`` gives the subject's Last-Modified; None for documents that carry none.
    """

    name: str
    pattern: tuple[str, ...]
    namespace: str
    find: Finder
    render: Renderer
    modified: Modified | None = None
    cache_control: str | None = None

    @property
    def is_personal(self) -> bool:
        """Whether it needs a person's own token."""
        return self.pattern[:2] == ("profile", "user")
