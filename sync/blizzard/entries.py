"""Lists in an answer, read entry by entry: one that is malformed is left out and counted, and the others are used."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sync.blizzard.fields import LARGEST, LARGEST_GAME_DATA_ID, Json, as_object
from sync.engine.errors import PayloadError

T = TypeVar("T")
R = TypeVar("R")

# A document with a larger share of malformed entries is refused as a whole: it can't be trusted in anything.
LARGEST_MALFORMED_SHARE = 0.1


class Entries(tuple[T, ...]):
    """The readable entries of a list; `unreadable` counts those that were left out."""

    unreadable: int

    def __new__(cls, readable: Iterable[T] = (), unreadable: int = 0) -> "Entries[T]":
        """A tuple with a count."""
        entries = super().__new__(cls, readable)
        entries.unreadable = unreadable
        return entries

    @classmethod
    def read(cls, raw: Sequence[Any], parse: Callable[[Json], T], field: str) -> "Entries[T]":
        """Parse each element of a list of objects. Raises PayloadError when too many are malformed."""
        readable, malformed = read_entries(raw, parse, field)
        return cls(readable, len(malformed))


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """A character whose entry is malformed, with whatever of the entry still tells which one it is."""

    id: int | None = None
    realm_id: int | None = None
    name: str = ""

    @classmethod
    def of(cls, character: Any) -> "UnreadableEntry":
        """Read what can be read of a character object; nothing of it is required."""
        json: Json = character if isinstance(character, dict) else {}
        name = json.get("name")
        realm = json.get("realm")
        return cls(
            id=_id(json.get("id"), LARGEST),
            realm_id=_id(realm.get("id"), LARGEST_GAME_DATA_ID) if isinstance(realm, dict) else None,
            name=name.strip() if isinstance(name, str) else "",
        )

    @property
    def is_anonymous(self) -> bool:
        """Whether it could be anybody's."""
        return self.id is None and not self.name

    def can_be(self, *, id: int, realm_id: int, name: str) -> bool:
        """Whether it can be the entry of this character. The id or the name is enough: a wrong yes harms nobody."""
        if self.is_anonymous or self.id == id:
            return True
        return self.name.casefold() == name.casefold() and self.realm_id in {None, realm_id}


def read_entries(raw: Sequence[R], parse: Callable[[Json], T], field: str) -> tuple[list[T], list[R]]:
    """Parse each element; returns the parsed ones, and the malformed ones as they came.

    Raises PayloadError when more than LARGEST_MALFORMED_SHARE of them are malformed.
    """
    readable: list[T] = []
    malformed: list[R] = []
    first_error = ""
    for one in raw:
        try:
            readable.append(parse(as_object(one, f"{field}[]")))
        except PayloadError as error:
            first_error = first_error or str(error)
            malformed.append(one)
    if len(malformed) > LARGEST_MALFORMED_SHARE * len(raw):
        raise PayloadError(f"{len(malformed)} of {len(raw)} {field} are malformed, the first: {first_error}")
    return readable, malformed


def _id(value: Any, most: int) -> int | None:
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most
    return value if is_id else None
