"""The answers of the API as frozen dataclasses.

Fields that we do not know are ignored, required ones that are missing raise PayloadError, optional ones are really
optional: Battle.net leaves keys out, it does not send null. The oldest recorded answers (2019) and today's differ in
what they leave out, and all of them parse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.blizzard.fields import (
    LARGEST_GAME_DATA_ID,
    LARGEST_SMALL,
    LONGEST_NAME,
    Json,
    PayloadError,
    as_object,
    id_of,
    known_type,
    list_of,
    localised,
    moment,
    number,
    optional_id,
    optional_number,
    optional_text,
    part,
    required,
    text,
    type_of,
)

FACTIONS = ("ALLIANCE", "HORDE", "NEUTRAL")
GENDERS = ("MALE", "FEMALE")


@dataclass(frozen=True, slots=True)
class RealmRef:
    """A realm as other answers name it. Rosters leave the name out."""

    id: int
    slug: str
    name: str

    @classmethod
    def from_json(cls, json: Json) -> "RealmRef":
        """From a `realm` object."""
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), slug=text(json, "slug"), name=localised(json))


@dataclass(frozen=True, slots=True)
class GuildRef:
    """A guild as a character's summary names it."""

    id: int
    name: str
    realm: RealmRef
    faction: str

    @classmethod
    def from_json(cls, json: Json) -> "GuildRef":
        """From a `guild` object; the oldest have no faction."""
        return cls(
            id=number(json, "id"),
            name=text(json, "name"),
            realm=RealmRef.from_json(part(json, "realm")),
            faction=known_type(json, "faction", FACTIONS),
        )


@dataclass(frozen=True, slots=True)
class AccountCharacter:
    """One line of an account's index of characters. It has no guild, no item level and no specialisation."""

    wow_account_id: int
    id: int
    name: str
    realm: RealmRef
    level: int
    class_id: int
    race_id: int
    gender: str
    faction: str

    @classmethod
    def from_json(cls, wow_account_id: int, json: Json) -> "AccountCharacter":
        """From an element of `wow_accounts[].characters`."""
        return cls(
            wow_account_id=wow_account_id,
            id=number(json, "id"),
            name=text(json, "name").strip(),
            realm=RealmRef.from_json(part(json, "realm")),
            level=number(json, "level", LARGEST_SMALL),
            class_id=id_of(json, "playable_class"),
            race_id=id_of(json, "playable_race"),
            gender=known_type(json, "gender", GENDERS),
            faction=known_type(json, "faction", FACTIONS),
        )


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """`/profile/user/wow`: all characters of all WoW licences in one region."""

    characters: tuple[AccountCharacter, ...]

    @classmethod
    def from_json(cls, json: Json) -> "AccountProfile":
        """`wow_accounts` is absent for a Battle.net account without World of Warcraft; blank names are left out."""
        licences = [as_object(one, "wow_accounts[]") for one in list_of(json, "wow_accounts", optional=True)]
        characters = (
            AccountCharacter.from_json(number(licence, "id"), as_object(one, "characters[]"))
            for licence in licences
            for one in list_of(licence, "characters", optional=True)
        )
        return cls(characters=tuple(one for one in characters if one.name))


@dataclass(frozen=True, slots=True)
class Collection:
    """The ids of an account's mounts or toys."""

    ids: frozenset[int]

    @classmethod
    def parser(cls, plural: str, singular: str) -> "Callable[[Json], Collection]":
        """A parser for `{plural: [{singular: {id}}]}`; the list may be missing or null."""

        def from_json(json: Json) -> "Collection":
            entries = [as_object(one, plural) for one in list_of(json, plural, optional=True)]
            return cls(ids=frozenset(id_of(one, singular) for one in entries))

        return from_json


@dataclass(frozen=True, slots=True)
class CharacterSummary:
    """`/profile/wow/character/{realm}/{name}`."""

    id: int
    name: str
    realm: RealmRef
    level: int
    class_id: int
    race_id: int
    gender: str
    faction: str
    spec_id: int | None
    spec_name: str
    guild: GuildRef | None
    average_item_level: int | None
    equipped_item_level: int | None
    last_login_at: datetime | None

    @classmethod
    def from_json(cls, json: Json) -> "CharacterSummary":
        """A blank name means that Battle.net's record is incomplete: PayloadError."""
        name = text(json, "name").strip()
        if not name:
            raise PayloadError("name is blank")
        spec = json.get("active_spec")
        return cls(
            id=number(json, "id"),
            name=name,
            realm=RealmRef.from_json(part(json, "realm")),
            level=number(json, "level", LARGEST_SMALL),
            class_id=id_of(json, "character_class"),
            race_id=id_of(json, "race"),
            gender=known_type(json, "gender", GENDERS),
            faction=known_type(json, "faction", FACTIONS),
            # Classic sends the id 0 for a character without one.
            spec_id=optional_id(json, "active_spec") or None,
            spec_name=localised(as_object(spec, "active_spec")) if spec else "",
            guild=None if json.get("guild") is None else GuildRef.from_json(part(json, "guild")),
            average_item_level=optional_number(json, "average_item_level", LARGEST_SMALL),
            equipped_item_level=optional_number(json, "equipped_item_level", LARGEST_SMALL),
            last_login_at=moment(json, "last_login_timestamp"),
        )


@dataclass(frozen=True, slots=True)
class CharacterStatus:
    """`…/status`: whether stored data of the character may be kept."""

    id: int
    is_valid: bool

    @classmethod
    def from_json(cls, json: Json) -> "CharacterStatus":
        """Both fields are required."""
        return cls(id=number(json, "id"), is_valid=required(bool, json, "is_valid"))


@dataclass(frozen=True, slots=True)
class GuildProfile:
    """`/data/wow/guild/{realm}/{slug}`."""

    id: int
    name: str
    realm: RealmRef
    faction: str
    member_count: int
    achievement_points: int
    founded_at: datetime | None
    crest: Json

    @classmethod
    def from_json(cls, json: Json) -> "GuildProfile":
        """The crest is optional."""
        crest = json.get("crest")
        return cls(
            id=number(json, "id"),
            name=text(json, "name"),
            realm=RealmRef.from_json(part(json, "realm")),
            faction=known_type(json, "faction", FACTIONS),
            member_count=number(json, "member_count", LARGEST_GAME_DATA_ID),
            achievement_points=number(json, "achievement_points", LARGEST_GAME_DATA_ID),
            founded_at=moment(json, "created_timestamp"),
            crest=_crest_colours(as_object(crest, "crest")) if crest else {},
        )


def _crest_colours(json: Json) -> Json:
    """Ids and colours only: the hrefs inside change with every patch of the game."""

    def colour(piece: Json) -> dict[str, Any]:
        rgba = part(part(piece, "color"), "rgba")
        return {channel: rgba.get(channel) for channel in "rgba"}

    crest: dict[str, Any] = {}
    for name in ("emblem", "border", "background"):
        if isinstance(json.get(name), Mapping):
            piece = part(json, name)
            crest[name] = {"id": piece.get("id"), "color": colour(piece)}
    return crest


@dataclass(frozen=True, slots=True)
class RosterMember:
    """One member. The roster gives no gender, specialisation, item level or last login."""

    id: int
    name: str
    realm: RealmRef
    level: int
    class_id: int
    race_id: int
    faction: str
    rank: int

    @classmethod
    def from_json(cls, json: Json) -> "RosterMember":
        """From an element of `members`; answers before 2025 have no faction."""
        character = part(json, "character")
        name = text(character, "name").strip()
        if not name:
            raise PayloadError("a member's name is blank")
        return cls(
            id=number(character, "id"),
            name=name,
            realm=RealmRef.from_json(part(character, "realm")),
            level=number(character, "level", LARGEST_SMALL),
            class_id=id_of(character, "playable_class"),
            race_id=id_of(character, "playable_race"),
            faction=known_type(character, "faction", FACTIONS),
            rank=number(json, "rank", LARGEST_SMALL),
        )


@dataclass(frozen=True, slots=True)
class GuildRoster:
    """`/data/wow/guild/{realm}/{slug}/roster`, in Battle.net's order: by character id."""

    guild: GuildRef
    members: tuple[RosterMember, ...]

    @classmethod
    def from_json(cls, json: Json) -> "GuildRoster":
        """The list of members is required, though it may be empty."""
        return cls(
            guild=GuildRef.from_json(part(json, "guild")),
            members=tuple(RosterMember.from_json(as_object(one, "members[]")) for one in list_of(json, "members")),
        )


@dataclass(frozen=True, slots=True)
class NamedId:
    """An id with a name, as the indexes list them."""

    id: int
    name: str

    @classmethod
    def from_json(cls, json: Json) -> "NamedId":
        """From `{key, name, id}`."""
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), name=localised(json))


@dataclass(frozen=True, slots=True)
class Race:
    """`/data/wow/playable-race/{id}`. Only the detail tells the faction."""

    id: int
    name: str
    faction: str

    @classmethod
    def from_json(cls, json: Json) -> "Race":
        """The faction is required here."""
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), name=localised(json), faction=type_of(json, "faction"))


@dataclass(frozen=True, slots=True)
class Spec:
    """`/data/wow/playable-specialization/{id}`. Only the detail tells the role."""

    id: int
    name: str
    class_id: int
    role: str

    @classmethod
    def from_json(cls, json: Json) -> "Spec":
        """`role` is Battle.net's role type: TANK, HEALER or DAMAGE."""
        return cls(
            id=number(json, "id", LARGEST_GAME_DATA_ID),
            name=localised(json),
            class_id=id_of(json, "playable_class"),
            role=type_of(json, "role"),
        )


@dataclass(frozen=True, slots=True)
class RealmDetail:
    """One realm of a connected realm."""

    id: int
    slug: str
    name: str
    category: str
    locale: str
    timezone: str

    @classmethod
    def from_json(cls, json: Json) -> "RealmDetail":
        """Category, locale and timezone may be missing."""
        return cls(
            id=number(json, "id", LARGEST_GAME_DATA_ID),
            slug=text(json, "slug"),
            name=localised(json),
            category=localised(json, "category"),
            locale=optional_text(json, "locale", 8),
            timezone=optional_text(json, "timezone", LONGEST_NAME),
        )


@dataclass(frozen=True, slots=True)
class ConnectedRealm:
    """`/data/wow/connected-realm/{id}`: realms whose players share guilds and auctions."""

    id: int
    realms: tuple[RealmDetail, ...]

    @classmethod
    def from_json(cls, json: Json) -> "ConnectedRealm":
        """Its id need not be the id of any realm."""
        return cls(
            id=number(json, "id", LARGEST_GAME_DATA_ID),
            realms=tuple(RealmDetail.from_json(as_object(one, "realms[]")) for one in list_of(json, "realms")),
        )


def index_parser(plural: str) -> Callable[[Json], tuple[NamedId, ...]]:
    """A parser for an index `{plural: [{key, name, id}]}`."""

    def from_json(json: Json) -> tuple[NamedId, ...]:
        return tuple(NamedId.from_json(as_object(one, plural)) for one in list_of(json, plural))

    return from_json


def realm_index(json: Json) -> tuple[RealmRef, ...]:
    """From `/data/wow/realm/index`."""
    return tuple(RealmRef.from_json(as_object(one, "realms[]")) for one in list_of(json, "realms"))


def connected_realm_ids(json: Json) -> tuple[int, ...]:
    """From `/data/wow/connected-realm/index`, which lists addresses only: `…/connected-realm/1080?namespace=…`."""
    hrefs = [required(str, as_object(one, "connected_realms[]"), "href") for one in list_of(json, "connected_realms")]
    try:
        return tuple(int(href.partition("?")[0].rstrip("/").rpartition("/")[2]) for href in hrefs)
    except ValueError as error:
        raise PayloadError("a connected realm's address has no id") from error
