"""Battle.net's game data as frozen dataclasses: indexes, and the details that only single documents have."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sync.blizzard.fields import LARGEST_GAME_DATA_ID, id_of, localized, nonblank_name, type_of
from sync.blizzard.payloads import FACTIONS, RealmRef
from sync.engine.errors import PayloadError
from sync.engine.fields import LONGEST_NAME, Entries, Json, list_of, number, optional_text, required

_ID = re.compile("[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class NamedId:
    """An id and a name in an index."""

    id: int
    name: str

    @classmethod
    def from_json(cls, json: Json) -> "NamedId":
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), name=localized(json))


@dataclass(frozen=True, slots=True)
class Race:
    """`/data/wow/playable-race/{id}`, which has the faction."""

    id: int
    name: str
    faction: str

    @classmethod
    def from_json(cls, json: Json) -> "Race":
        faction = type_of(json, "faction")
        known = faction if faction in FACTIONS else ""
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), name=localized(json), faction=known)


@dataclass(frozen=True, slots=True)
class Spec:
    """`/data/wow/playable-specialization/{id}`, which has the role."""

    id: int
    name: str
    class_id: int
    role: str

    @classmethod
    def from_json(cls, json: Json) -> "Spec":
        """Parse the document; `role` is TANK, HEALER or DAMAGE."""
        return cls(
            id=number(json, "id", LARGEST_GAME_DATA_ID),
            name=localized(json),
            class_id=id_of(json, "playable_class"),
            role=type_of(json, "role"),
        )


@dataclass(frozen=True, slots=True)
class RealmDetail:
    """A realm of a connected realm."""

    id: int
    slug: str
    name: str
    category: str
    locale: str
    timezone: str

    @classmethod
    def from_json(cls, json: Json) -> "RealmDetail":
        """Parse an element of `realms`; category, locale and time zone can be missing."""
        return cls(
            id=number(json, "id", LARGEST_GAME_DATA_ID),
            slug=nonblank_name(json, "slug"),
            name=localized(json),
            category=localized(json, "category"),
            locale=optional_text(json, "locale", 8),
            timezone=optional_text(json, "timezone", LONGEST_NAME),
        )


@dataclass(frozen=True, slots=True)
class ConnectedRealm:
    """`/data/wow/connected-realm/{id}`: realms whose players share guilds and auctions."""

    id: int
    realms: Entries[RealmDetail]

    @classmethod
    def from_json(cls, json: Json) -> "ConnectedRealm":
        """Parse the document; its id is not always the id of one of its realms."""
        return cls(
            id=number(json, "id", LARGEST_GAME_DATA_ID),
            realms=Entries.read(list_of(json, "realms"), RealmDetail.from_json, "realms"),
        )


def index_parser(plural: str) -> Callable[[Json], Entries[NamedId]]:
    """Return a parser for an index `{plural: [{key, name, id}]}`."""

    def from_json(json: Json) -> Entries[NamedId]:
        return Entries.read(list_of(json, plural), NamedId.from_json, plural)

    return from_json


def realm_index(json: Json) -> Entries[RealmRef]:
    """Parse `/data/wow/realm/index`."""
    return Entries.read(list_of(json, "realms"), RealmRef.from_json, "realms")


def connected_realm_ids(json: Json) -> Entries[int]:
    """Parse `/data/wow/connected-realm/index`, which lists links only: `…/connected-realm/1080?namespace=…`."""
    return Entries.read(list_of(json, "connected_realms"), _id_in_address, "connected_realms")


def _id_in_address(json: Json) -> int:
    digits = required(str, json, "href").partition("?")[0].rstrip("/").rpartition("/")[2]
    if not _ID.fullmatch(digits):
        raise PayloadError("the link in href has no id")
    return number({"id": int(digits)}, "id", LARGEST_GAME_DATA_ID)
