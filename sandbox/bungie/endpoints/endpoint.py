"""Definition of an endpoint, and the request passed to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.bungie.errors import PlatformError
from sandbox.bungie.people import Membership, Person
from sandbox.bungie.state import Bungie


@dataclass(frozen=True, slots=True)
class PlatformRequest:
    """A request after its key and token were checked: variable parts of the path, query, body, and the token's owner.

    ``body`` is the parsed JSON of a write, or None.
    """

    bungie: Bungie
    parts: tuple[str, ...]
    query: Mapping[str, str]
    person: Person | None
    body: Any = field(default=None)

    @property
    def owner(self) -> Person:
        """Return the token's owner; raise PlatformError without a token."""
        if self.person is None:
            raise PlatformError(99)
        return self.person

    def number(self, place: int) -> int:
        """Return a variable part as a number; raise PlatformError if it is none."""
        try:
            return int(self.parts[place])
        except ValueError:
            raise PlatformError(7) from None

    def membership(self, kind: int = 0, number: int = 1) -> Membership:
        """Return the membership that the parts with its type and id address; raise PlatformError if there is none."""
        found = self.bungie.membership(self.number(number))
        if found is None:
            # A Bungie.net id where a platform's belongs is a wrong parameter, not a missing account.
            raise PlatformError(18 if self.bungie.person_by_id(self.number(number)) else 1601)
        if found.type != self.number(kind):
            raise PlatformError(18, details={"membershipInfo.membershipType": str(self.number(kind))})
        if not found.has_destiny:
            raise PlatformError(1601)
        return found


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint: path below /Platform/ in lower case with "*" for variable parts, and the function that answers.

    ``answer`` returns the value of ``Response`` or raises PlatformError. ``pause`` is for actions: the seconds that a
    person has to wait between two of the same.
    """

    name: str
    pattern: tuple[str, ...]
    answer: Callable[[PlatformRequest], Any]
    method: str = "GET"
    pause: float = 0.0


def endpoint(name: str, path: str, answer: Callable[[PlatformRequest], Any]) -> Endpoint:
    """Return an endpoint that only reads."""
    return Endpoint(name, tuple(path.lower().split("/")), answer)
