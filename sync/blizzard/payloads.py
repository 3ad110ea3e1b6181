"""The answers of the API as frozen dataclasses.

Fields that we do not know are ignored, required ones that are missing raise PayloadError, optional ones are really
optional: Battle.net leaves keys out, it does not send null. The oldest recorded answers (2019) and today's differ in
what they leave out, and all of them parse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.blizzard.entries import Entries, UnreadableEntry, read_entries
from sync.blizzard.fields import (
    LARGEST_GAME_DATA_ID,
    LARGEST_SMALL,
    Json,
    as_object,
    id_of,
    known_type,
    list_of,
    localized,
    moment,
    number,
    optional_id,
    optional_number,
    part,
    required,
    text,
)
from sync.engine.errors import PayloadError

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
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), slug=text(json, "slug"), name=localized(json))


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
    """One line of an account's index of characters. It has no guild, no item level and no specialization."""

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
    """`/profile/user/wow`: all characters of all WoW accounts in one region."""

    characters: tuple[AccountCharacter, ...]
    unreadable: tuple[UnreadableEntry, ...] = ()

    @classmethod
    def from_json(cls, json: Json) -> "AccountProfile":
        """`wow_accounts` is absent for a Battle.net account without World of Warcraft.

        Blank names are left out as unreadable. They occur, so they are no reason to refuse the document.
        """
        wow_accounts = [as_object(one, "wow_accounts[]") for one in list_of(json, "wow_accounts", optional=True)]
        lines = [
            {"wow_account": wow_account, "character": one}
            for wow_account in wow_accounts
            for one in list_of(wow_account, "characters", optional=True)
        ]
        characters, malformed = read_entries(lines, _account_character, "characters")
        blank = [UnreadableEntry(id=one.id or None, realm_id=one.realm.id) for one in characters if not one.name]
        return cls(
            characters=tuple(one for one in characters if one.name),
            unreadable=(*(UnreadableEntry.of(line["character"]) for line in malformed), *blank),
        )


def _account_character(line: Json) -> AccountCharacter:
    return AccountCharacter.from_json(number(line["wow_account"], "id"), part(line, "character"))


@dataclass(frozen=True, slots=True)
class Collection:
    """The ids of an account's mounts or toys."""

    ids: frozenset[int]

    @classmethod
    def parser(cls, plural: str, singular: str) -> "Callable[[Json], Collection]":
        """A parser for `{plural: [{singular: {id}}]}`; the list may be missing or null."""

        def from_json(json: Json) -> "Collection":
            entries = list_of(json, plural, optional=True)
            return cls(ids=frozenset(Entries.read(entries, lambda one: id_of(one, singular), plural)))

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
            spec_name=localized(as_object(spec, "active_spec")) if spec else "",
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
            crest=_crest_colors(as_object(crest, "crest")) if crest else {},
        )


def _crest_colors(json: Json) -> Json:
    """Ids and colors only: the hrefs inside change with every patch of the game."""

    def color(piece: Json) -> dict[str, Any]:
        rgba = part(part(piece, "color"), "rgba")
        return {channel: rgba.get(channel) for channel in "rgba"}

    crest: dict[str, Any] = {}
    for name in ("emblem", "border", "background"):
        if isinstance(json.get(name), Mapping):
            piece = part(json, name)
            crest[name] = {"id": piece.get("id"), "color": color(piece)}
    return crest


@dataclass(frozen=True, slots=True)
class RosterMember:
    """One member. The roster gives no gender, specialization, item level or last login."""

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
    unreadable: tuple[UnreadableEntry, ...] = ()

    @classmethod
    def from_json(cls, json: Json) -> "GuildRoster":
        """The list of members is required, though it may be empty."""
        members, malformed = read_entries(list_of(json, "members"), RosterMember.from_json, "members")
        characters = (one.get("character") if isinstance(one, dict) else None for one in malformed)
        return cls(
            guild=GuildRef.from_json(part(json, "guild")),
            members=tuple(members),
            unreadable=tuple(UnreadableEntry.of(one) for one in characters),
        )

    @property
    def entries(self) -> int:
        """How many members the document lists, readable or not."""
        return len(self.members) + len(self.unreadable)
