"""Read the JSON fields of Battle.net's API: what it does its own way, above `sync.engine.fields`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sync.engine.errors import PayloadError
from sync.engine.fields import LARGEST, LATEST, LONGEST_NAME, Json, is_visible, number, optional_number, part, text

LARGEST_GAME_DATA_ID = 2**31 - 1
LONGEST_LOCALIZED = 100


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
    return visible if is_visible(visible) else ""


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


def _id(value: Any, most: int) -> int | None:
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most
    return value if is_id else None
