"""Definition of an endpoint, and the request passed to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.documents.context import DocumentContext, Json
from sandbox.world.models import Persona
from sandbox.world.world import World


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A request for a document: region, variable parts of the path, and the token's owner."""

    world: World
    region: str
    parts: tuple[str, ...]
    person: Persona | None

    def number(self, place: int = 0) -> int:
        """Return a variable part as a number, or -1 if it is not numeric."""
        part = self.parts[place]
        return int(part) if part.isascii() and part.isdecimal() else -1


Finder = Callable[[DocumentRequest], Any]
Renderer = Callable[[DocumentContext, Any], Json]
Modified = Callable[[World, Any], int | None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of the API.

    ``find`` returns the subject, None if there is none, or 403 if access is forbidden. ``modified`` returns the
    subject's Last-Modified, or is None for documents without one.
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
        """Return whether the endpoint needs a user token."""
        return self.pattern[:2] == ("profile", "user")
