"""Read the JSON fields of Bungie's API: 64-bit numbers are texts, hashes are unsigned, dates are ISO 8601.

New members of enumerations appear without notice, so an unknown number is kept; nulls are omitted.
"""

import re
from datetime import UTC, datetime
from typing import Any

from sync.engine.errors import PayloadError
from sync.engine.fields import LARGEST, LATEST, LONGEST_NAME, Json, is_visible, required

LARGEST_HASH = 2**32 - 1
LARGEST_ENUM = 2**31 - 1
# How Bungie writes "never": 0001-01-01 for the past, 9999-12-31 for the future.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile("[0-9]{1,19}")


def as_id(value: Any, field: str) -> int:
    """Return a 64-bit number that is given as a text (in a few old answers as a number)."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise PayloadError(f"{field} is not a 64-bit number")
    return value


def id_of(json: Json, field: str) -> int:
    """Return a required 64-bit number."""
    return as_id(json.get(field), field)


def optional_id(json: Json, field: str) -> int | None:
    """Return a 64-bit number, or None if it is missing."""
    return None if json.get(field) is None else id_of(json, field)


def hash_of(json: Json, field: str) -> int:
    """Return a required hash, unsigned."""
    value = required(int, json, field)
    if isinstance(value, bool) or not 0 <= value <= LARGEST_HASH:
        raise PayloadError(f"{field} is not a hash")
    return value


def enum_of(json: Json, field: str) -> int:
    """Return a required member of an enumeration, known or not. It can be negative, such as -1 for all."""
    value = required(int, json, field)
    if isinstance(value, bool) or abs(value) > LARGEST_ENUM:
        raise PayloadError(f"{field} is not a member of an enumeration")
    return value


def optional_enum(json: Json, field: str, default: int = 0) -> int:
    """Return a member of an enumeration, or the default if it is missing."""
    return default if json.get(field) is None else enum_of(json, field)


def flag(json: Json, field: str) -> bool:
    """Return a truth value, False if it is missing."""
    return False if json.get(field) is None else required(bool, json, field)


def shown(json: Json, field: str, longest: int = LONGEST_NAME) -> str:
    """Return a text that is only shown; empty if it is missing, too long or can't be seen: an id is beside it."""
    value = json.get(field)
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= longest and is_visible(text) else ""


def moment(json: Json, field: str) -> datetime | None:
    """Return a time; None if it is missing or stands for never."""
    if json.get(field) is None:
        return None
    try:
        found = datetime.fromisoformat(required(str, json, field))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if EARLIEST <= found < LATEST else None
    except (ValueError, OverflowError):
        raise PayloadError(f"{field} is not a time") from None
