"""The answers of the API as frozen dataclasses.

Fields that we do not know are ignored, required ones that are missing raise PayloadError, optional ones are really
optional: Battle.net leaves keys out, it does not send null. The oldest recorded answers (2019) and today's differ in
what they leave out, and all of them parse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

T = TypeVar("T")
Json = Mapping[str, Any]


class PayloadError(ValueError):
    """The JSON is not of the documented shape; the message names the field, never its content."""


def _object(value: Any, field: str) -> Json:
    if not isinstance(value, Mapping):
        raise PayloadError(f"{field} is not an object")
    return value


def _of(kind: type[T], json: Json, field: str) -> T:
    value = json.get(field)
    # bool is an int to Python, but never a level to us.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise PayloadError(f"{field} is not {kind.__name__}")
    return value


def _optional(kind: type[T], json: Json, field: str) -> T | None:
    return None if json.get(field) is None else _of(kind, json, field)


def _list(json: Json, field: str, *, optional: bool = False) -> list[Any]:
    if optional and json.get(field) is None:
        return []
    return _of(list, json, field)


def _part(json: Json, field: str) -> Json:
    return _object(json.get(field), field)


def _id(json: Json, field: str) -> int:
    return _of(int, _part(json, field), "id")


def _optional_id(json: Json, field: str) -> int | None:
    return None if json.get(field) is None else _optional(int, _part(json, field), "id")


def _type(json: Json, field: str) -> str:
    return _of(str, _part(json, field), "type")


def _optional_type(json: Json, field: str) -> str:
    return "" if json.get(field) is None else _type(json, field)


def _name(json: Json, field: str = "name") -> str:
    """A localised name: a string with `locale`, an object of locales without; null and {} occur."""
    value = json.get(field)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return str(value.get("en_US") or next((text for text in value.values() if text), ""))
    return ""


def _time(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise PayloadError("a timestamp is out of range") from error


@dataclass(frozen=True, slots=True)
class RealmRef:
    """A realm as other answers name it. Rosters leave the name out."""

    id: int
    slug: str
    name: str

    @classmethod
    def from_json(cls, json: Json) -> "RealmRef":
        """From a `realm` object."""
        return cls(id=_of(int, json, "id"), slug=_of(str, json, "slug"), name=_name(json))


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
            id=_of(int, json, "id"),
            name=_of(str, json, "name"),
            realm=RealmRef.from_json(_part(json, "realm")),
            faction=_optional_type(json, "faction"),
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
            id=_of(int, json, "id"),
            name=_of(str, json, "name").strip(),
            realm=RealmRef.from_json(_part(json, "realm")),
            level=_of(int, json, "level"),
            class_id=_id(json, "playable_class"),
            race_id=_id(json, "playable_race"),
            gender=_optional_type(json, "gender"),
            faction=_optional_type(json, "faction"),
        )


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """`/profile/user/wow`: all characters of all WoW licences in one region."""

    characters: tuple[AccountCharacter, ...]

    @classmethod
    def from_json(cls, json: Json) -> "AccountProfile":
        """`wow_accounts` is absent for a Battle.net account without World of Warcraft; blank names are left out."""
        licences = [_object(one, "wow_accounts[]") for one in _list(json, "wow_accounts", optional=True)]
        characters = (
            AccountCharacter.from_json(_of(int, licence, "id"), _object(one, "characters[]"))
            for licence in licences
            for one in _list(licence, "characters", optional=True)
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
            entries = [_object(one, plural) for one in _list(json, plural, optional=True)]
            return cls(ids=frozenset(_id(one, singular) for one in entries))

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
        name = _of(str, json, "name").strip()
        if not name:
            raise PayloadError("name is blank")
        spec = json.get("active_spec")
        return cls(
            id=_of(int, json, "id"),
            name=name,
            realm=RealmRef.from_json(_part(json, "realm")),
            level=_of(int, json, "level"),
            class_id=_id(json, "character_class"),
            race_id=_id(json, "race"),
            gender=_optional_type(json, "gender"),
            faction=_optional_type(json, "faction"),
            # Classic sends the id 0 for a character without one.
            spec_id=_optional_id(json, "active_spec") or None,
            spec_name=_name(_object(spec, "active_spec")) if spec else "",
            guild=None if json.get("guild") is None else GuildRef.from_json(_part(json, "guild")),
            average_item_level=_optional(int, json, "average_item_level"),
            equipped_item_level=_optional(int, json, "equipped_item_level"),
            last_login_at=_time(_optional(int, json, "last_login_timestamp")),
        )


@dataclass(frozen=True, slots=True)
class CharacterStatus:
    """`…/status`: whether stored data of the character may be kept."""

    id: int
    is_valid: bool

    @classmethod
    def from_json(cls, json: Json) -> "CharacterStatus":
        """Both fields are required."""
        return cls(id=_of(int, json, "id"), is_valid=_of(bool, json, "is_valid"))


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
            id=_of(int, json, "id"),
            name=_of(str, json, "name"),
            realm=RealmRef.from_json(_part(json, "realm")),
            faction=_optional_type(json, "faction"),
            member_count=_of(int, json, "member_count"),
            achievement_points=_of(int, json, "achievement_points"),
            founded_at=_time(_optional(int, json, "created_timestamp")),
            crest=_crest_colours(_object(crest, "crest")) if crest else {},
        )


def _crest_colours(json: Json) -> Json:
    """Ids and colours only: the hrefs inside change with every patch of the game."""

    def colour(part: Json) -> dict[str, Any]:
        rgba = _part(_part(part, "color"), "rgba")
        return {channel: rgba.get(channel) for channel in "rgba"}

    crest: dict[str, Any] = {}
    for name in ("emblem", "border", "background"):
        if isinstance(json.get(name), Mapping):
            part = _part(json, name)
            crest[name] = {"id": part.get("id"), "color": colour(part)}
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
        character = _part(json, "character")
        name = _of(str, character, "name").strip()
        if not name:
            raise PayloadError("a member's name is blank")
        return cls(
            id=_of(int, character, "id"),
            name=name,
            realm=RealmRef.from_json(_part(character, "realm")),
            level=_of(int, character, "level"),
            class_id=_id(character, "playable_class"),
            race_id=_id(character, "playable_race"),
            faction=_optional_type(character, "faction"),
            rank=_of(int, json, "rank"),
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
            guild=GuildRef.from_json(_part(json, "guild")),
            members=tuple(RosterMember.from_json(_object(one, "members[]")) for one in _list(json, "members")),
        )


@dataclass(frozen=True, slots=True)
class NamedId:
    """An id with a name, as the indexes list them."""

    id: int
    name: str

    @classmethod
    def from_json(cls, json: Json) -> "NamedId":
        """From `{key, name, id}`."""
        return cls(id=_of(int, json, "id"), name=_name(json))


@dataclass(frozen=True, slots=True)
class Race:
    """`/data/wow/playable-race/{id}`. Only the detail tells the faction."""

    id: int
    name: str
    faction: str

    @classmethod
    def from_json(cls, json: Json) -> "Race":
        """The faction is required here."""
        return cls(id=_of(int, json, "id"), name=_name(json), faction=_type(json, "faction"))


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
            id=_of(int, json, "id"), name=_name(json), class_id=_id(json, "playable_class"), role=_type(json, "role")
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
            id=_of(int, json, "id"),
            slug=_of(str, json, "slug"),
            name=_name(json),
            category=_name(json, "category"),
            locale=_optional(str, json, "locale") or "",
            timezone=_optional(str, json, "timezone") or "",
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
            id=_of(int, json, "id"),
            realms=tuple(RealmDetail.from_json(_object(one, "realms[]")) for one in _list(json, "realms")),
        )


def index_parser(plural: str) -> Callable[[Json], tuple[NamedId, ...]]:
    """A parser for an index `{plural: [{key, name, id}]}`."""

    def from_json(json: Json) -> tuple[NamedId, ...]:
        return tuple(NamedId.from_json(_object(one, plural)) for one in _list(json, plural))

    return from_json


def realm_index(json: Json) -> tuple[RealmRef, ...]:
    """From `/data/wow/realm/index`."""
    return tuple(RealmRef.from_json(_object(one, "realms[]")) for one in _list(json, "realms"))


def connected_realm_ids(json: Json) -> tuple[int, ...]:
    """From `/data/wow/connected-realm/index`, which lists addresses only: `…/connected-realm/1080?namespace=…`."""
    hrefs = [_of(str, _object(one, "connected_realms[]"), "href") for one in _list(json, "connected_realms")]
    try:
        return tuple(int(href.partition("?")[0].rstrip("/").rpartition("/")[2]) for href in hrefs)
    except ValueError as error:
        raise PayloadError("a connected realm's address has no id") from error
