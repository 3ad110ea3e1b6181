"""One field of an answer at a time: there, of the right type, and not larger than the column that it ends in."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from sync.engine.errors import PayloadError

T = TypeVar("T")
Json = Mapping[str, Any]

LARGEST = 2**63 - 1
LARGEST_SMALL = 2**15 - 1
LARGEST_GAME_DATA_ID = 2**31 - 1
LONGEST_NAME = 64
LONGEST_LOCALIZED = 100


def as_object(value: Any, field: str) -> Json:
    """The value, if it is an object."""
    if not isinstance(value, Mapping):
        raise PayloadError(f"{field} is not an object")
    return value


def required(kind: type[T], json: Json, field: str) -> T:
    """A field that must be there."""
    value = json.get(field)
    if not isinstance(value, kind):
        raise PayloadError(f"{field} is not {kind.__name__}")
    return value


def number(json: Json, field: str, most: int = LARGEST) -> int:
    """A whole number from 0 to `most`."""
    value = required(int, json, field)
    # bool is an int to Python, but never a level to us.
    if isinstance(value, bool) or not 0 <= value <= most:
        raise PayloadError(f"{field} is not a number from 0 to {most}")
    return value


def optional_number(json: Json, field: str, most: int = LARGEST) -> int | None:
    """A whole number that may be missing."""
    return None if json.get(field) is None else number(json, field, most)


def text(json: Json, field: str, longest: int = LONGEST_NAME) -> str:
    """A text that is the same in all languages, and that PostgreSQL can store."""
    value = required(str, json, field)
    if not _is_storable(value):
        raise PayloadError(f"{field} has characters that no text has")
    if len(value) > longest:
        raise PayloadError(f"{field} is longer than {longest} characters")
    return value


def optional_text(json: Json, field: str, longest: int) -> str:
    """Empty when it is missing."""
    return "" if json.get(field) is None else text(json, field, longest)


def localized(json: Json, field: str = "name") -> str:
    """A localized text: a string with `locale`, an object of locales without; null and {} occur."""
    value = json.get(field)
    if isinstance(value, Mapping):
        value = value.get("en_US") or next((one for one in value.values() if one), "")
    return value[:LONGEST_LOCALIZED] if isinstance(value, str) and _is_storable(value) else ""


def _is_storable(value: str) -> bool:
    """JSON can hold a NUL and halves of a surrogate pair, which PostgreSQL refuses."""
    return "\x00" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


def list_of(json: Json, field: str, *, optional: bool = False) -> list[Any]:
    """A list, which when optional may be missing or null."""
    return [] if optional and json.get(field) is None else required(list, json, field)


def part(json: Json, field: str) -> Json:
    """An object inside."""
    return as_object(json.get(field), field)


def id_of(json: Json, field: str) -> int:
    """The id of game data that the field refers to."""
    return number(part(json, field), "id", LARGEST_GAME_DATA_ID)


def optional_id(json: Json, field: str) -> int | None:
    """The same of a reference that may be missing, or be without id."""
    if json.get(field) is None:
        return None
    return optional_number(part(json, field), "id", LARGEST_GAME_DATA_ID)


def type_of(json: Json, field: str) -> str:
    """The `type` of a field `{type, name}`."""
    return text(part(json, field), "type")


def known_type(json: Json, field: str, known: Collection[str]) -> str:
    """The `type` if it is one that we know: a game that invents another is no reason to lose a character."""
    kind = "" if json.get(field) is None else type_of(json, field)
    return kind if kind in known else ""


def moment(json: Json, field: str) -> datetime | None:
    """A time in milliseconds."""
    milliseconds = optional_number(json, field)
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise PayloadError(f"{field} is out of range") from error
