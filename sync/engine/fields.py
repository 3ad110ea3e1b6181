"""Read JSON field by field and entry by entry, whatever the game.

A field has to be present, of the right type, and no larger than its column. A text contains nothing that can't be seen
(decision 46). A malformed entry of a list is left out and counted.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sync.engine.errors import PayloadError

T = TypeVar("T")
R = TypeVar("R")
Json = Mapping[str, Any]

LARGEST = 2**63 - 1
LARGEST_SMALL = 2**15 - 1
LONGEST_NAME = 64
# The largest lists that we know have about 2,000 entries.
MOST_ENTRIES = 10_000
# Later times can't be shown in every time zone and by every library.
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
# Three marks on one letter begin to cover the lines above and below.
_STACKED_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3}")
# A document with a larger share of malformed entries is refused: it can't be trusted in anything.
LARGEST_MALFORMED_SHARE = 0.1


def as_object(value: Any, field: str) -> Json:
    """Return the value if it is an object."""
    # A dict is the usual answer; to ask for a Mapping takes ten times as long.
    if not isinstance(value, dict) and not isinstance(value, Mapping):
        raise PayloadError(f"{field} is not an object")
    return value


def required(kind: type[T], json: Json, field: str) -> T:
    """Return a required field of this type."""
    value = json.get(field)
    if not isinstance(value, kind):
        raise PayloadError(f"{field} is not {kind.__name__}")
    return value


def number(json: Json, field: str, most: int = LARGEST) -> int:
    """Return a whole number from 0 to `most`."""
    value = required(int, json, field)
    # To Python, a bool is an int.
    if isinstance(value, bool) or not 0 <= value <= most:
        raise PayloadError(f"{field} is not a number from 0 to {most}")
    return value


def optional_number(json: Json, field: str, most: int = LARGEST) -> int | None:
    """Return a whole number, or None if it is missing."""
    return None if json.get(field) is None else number(json, field, most)


def text(json: Json, field: str, longest: int = LONGEST_NAME) -> str:
    """Return a text that is the same in all languages, and that pages can show and PostgreSQL can store."""
    value = required(str, json, field)
    # Lower case, as in addresses, can be longer.
    if max(len(value), len(value.lower())) > longest:
        raise PayloadError(f"{field} is longer than {longest} characters")
    if not is_visible(value):
        raise PayloadError(f"{field} has invalid characters")
    return value


def optional_text(json: Json, field: str, longest: int) -> str:
    """Return a text, empty if it is missing."""
    return "" if json.get(field) is None else text(json, field, longest)


def list_of(json: Json, field: str, *, optional: bool = False) -> list[Any]:
    """Return a list; an optional one can be missing or null."""
    return [] if optional and json.get(field) is None else required(list, json, field)


def part(json: Json, field: str) -> Json:
    """Return a nested object."""
    return as_object(json.get(field), field)


class Entries(tuple[T, ...]):
    """The readable entries of a list; `unreadable` counts the malformed ones."""

    unreadable: int

    def __new__(cls, readable: Iterable[T] = (), unreadable: int = 0) -> "Entries[T]":
        entries = super().__new__(cls, readable)
        entries.unreadable = unreadable
        return entries

    @classmethod
    def read(cls, raw: Sequence[Any], parse: Callable[[Json], T], field: str) -> "Entries[T]":
        """Parse each element of a list of objects. Raises PayloadError when too many are malformed."""
        readable, malformed = read_entries(raw, parse, field)
        return cls(readable, len(malformed))


def read_entries(
    raw: Sequence[R], parse: Callable[[Json], T], field: str, most: int = MOST_ENTRIES
) -> tuple[list[T], list[R]]:
    """Parse each element; returns the parsed ones, and the malformed ones as they are.

    Raises PayloadError when there are more than `most`, or more than LARGEST_MALFORMED_SHARE of them are malformed.
    """
    if len(raw) > most:
        raise PayloadError(f"{field} has {len(raw)} entries, more than {most}")
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


def is_visible(value: str) -> bool:
    """Return whether each character can be seen: no control, direction or zero-width character, no half of a pair."""
    return value.isprintable() and (value.isascii() or not _STACKED_MARKS.search(value))
