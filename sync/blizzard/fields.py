"""Read JSON field by field and entry by entry.

A field has to be present, of the right type, and no larger than its column. A text contains nothing that can't be seen
(decision 46). A malformed entry of a list is left out and counted.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sync.engine.errors import PayloadError

T = TypeVar("T")
R = TypeVar("R")
Json = Mapping[str, Any]

LARGEST = 2**63 - 1
LARGEST_SMALL = 2**15 - 1
LARGEST_GAME_DATA_ID = 2**31 - 1
LONGEST_NAME = 64
LONGEST_LOCALIZED = 100
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
    if not isinstance(value, Mapping):
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
    if not _is_visible(value):
        raise PayloadError(f"{field} has invalid characters")
    return value


def name(json: Json, field: str = "name") -> str:
    """Return a name without spaces around it, which can be empty. It is part of addresses, so it has no slash."""
    value = text(json, field).strip()
    if "/" in value or (not value.strip(".") and value):
        raise PayloadError(f"{field} can't be part of an address")
    return value


def nonblank_name(json: Json, field: str = "name") -> str:
    """Return a name. A blank one, of an incomplete record, raises PayloadError."""
    value = name(json, field)
    if not value:
        raise PayloadError(f"{field} is blank")
    return value


def optional_text(json: Json, field: str, longest: int) -> str:
    """Return a text, empty if it is missing."""
    return "" if json.get(field) is None else text(json, field, longest)


def localized(json: Json, field: str = "name") -> str:
    """Return a localized text: a string with `locale`, an object of locales without it; null and {} occur.

    A text that can't be shown is empty: where it is shown, there is also a slug or an id.
    """
    value = json.get(field)
    if isinstance(value, Mapping):
        value = value.get("en_US") or next((one for one in value.values() if one), "")
    if not isinstance(value, str) or len(value) > LONGEST_LOCALIZED:
        return ""
    # Translations contain spaces of several kinds.
    visible = " ".join(value.split())
    return visible if _is_visible(visible) else ""


def list_of(json: Json, field: str, *, optional: bool = False) -> list[Any]:
    """Return a list; an optional one can be missing or null."""
    return [] if optional and json.get(field) is None else required(list, json, field)


def part(json: Json, field: str) -> Json:
    """Return a nested object."""
    return as_object(json.get(field), field)


def id_of(json: Json, field: str) -> int:
    """Return the id of the game data that the field refers to."""
    return number(part(json, field), "id", LARGEST_GAME_DATA_ID)


def optional_id(json: Json, field: str) -> int | None:
    """Return the id of game data, or None if the reference or its id is missing."""
    if json.get(field) is None:
        return None
    return optional_number(part(json, field), "id", LARGEST_GAME_DATA_ID)


def type_of(json: Json, field: str) -> str:
    """Return the `type` of a field `{type, name}`."""
    return text(part(json, field), "type")


def known_type(json: Json, field: str, known: Collection[str]) -> str:
    """Return the `type`, or an empty text if it is missing or none of the known ones: new ones can come any day."""
    kind = "" if json.get(field) is None else type_of(json, field)
    return kind if kind in known else ""


def moment(json: Json, field: str) -> datetime | None:
    """Return a time that is given in milliseconds."""
    milliseconds = optional_number(json, field, int(LATEST.timestamp()) * 1000)
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


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


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """A malformed entry, with the parts that still identify its character."""

    id: int | None = None
    realm_id: int | None = None
    name: str = ""

    @classmethod
    def of(cls, character: Any) -> "UnreadableEntry":
        """Read what is readable of a character object; nothing is required."""
        json: Json = character if isinstance(character, dict) else {}
        name = json.get("name")
        realm = json.get("realm")
        return cls(
            id=_id(json.get("id"), LARGEST),
            realm_id=_id(realm.get("id"), LARGEST_GAME_DATA_ID) if isinstance(realm, dict) else None,
            name=name.strip() if isinstance(name, str) and len(name) <= LONGEST_NAME else "",
        )

    @property
    def is_anonymous(self) -> bool:
        return self.id is None and not self.name

    def can_be(self, *, id: int, realm_id: int, name: str) -> bool:
        """Return whether it can be about this character. The id or the name is enough, as a wrong yes is harmless."""
        if self.is_anonymous or self.id == id:
            return True
        return self.name.casefold() == name.casefold() and self.realm_id in {None, realm_id}


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


def _is_visible(value: str) -> bool:
    """Return whether each character can be seen: no control, direction or zero-width character, no half of a pair."""
    return value.isprintable() and (value.isascii() or not _STACKED_MARKS.search(value))


def _id(value: Any, most: int) -> int | None:
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most
    return value if is_id else None
