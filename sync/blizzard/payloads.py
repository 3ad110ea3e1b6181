"""Battle.net's answers as frozen dataclasses.

Unknown fields are ignored, missing required ones raise PayloadError, and optional ones can be missing. The oldest
recorded answers (2019) and today's leave out different fields; all of them parse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.blizzard.fields import (
    LARGEST_GAME_DATA_ID,
    UnreadableEntry,
    id_of,
    known_type,
    localized,
    moment,
    name,
    nonblank_name,
    optional_id,
)
from sync.engine.errors import PayloadError
from sync.engine.fields import (
    LARGEST_SMALL,
    Entries,
    Json,
    as_object,
    list_of,
    number,
    optional_number,
    part,
    read_entries,
    required,
)

FACTIONS = ("ALLIANCE", "HORDE", "NEUTRAL")
GENDERS = ("MALE", "FEMALE")
# The game allows 1,000. Each new member costs requests for its profile.
MOST_MEMBERS = 5_000


@dataclass(frozen=True, slots=True)
class RealmRef:
    """A realm in another answer. Rosters leave its name out."""

    id: int
    slug: str
    name: str

    @classmethod
    def from_json(cls, json: Json) -> "RealmRef":
        return cls(id=number(json, "id", LARGEST_GAME_DATA_ID), slug=nonblank_name(json, "slug"), name=localized(json))


@dataclass(frozen=True, slots=True)
class GuildRef:
    """A guild in a character's summary."""

    id: int
    name: str
    realm: RealmRef
    faction: str

    @classmethod
    def from_json(cls, json: Json) -> "GuildRef":
        """Parse a `guild` object; the oldest have no faction."""
        return cls(
            id=number(json, "id"),
            name=nonblank_name(json),
            realm=RealmRef.from_json(part(json, "realm")),
            faction=known_type(json, "faction", FACTIONS),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCharacter:
    """A character in a guild's roster or in an account's index, which have no item level or specialization."""

    id: int
    name: str
    realm: RealmRef
    level: int
    class_id: int
    race_id: int
    faction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCharacter(ListedCharacter):
    """A character in an account's index, which does not tell its guild."""

    wow_account_id: int
    gender: str

    @classmethod
    def from_json(cls, wow_account_id: int, json: Json) -> "AccountCharacter":
        return cls(**_listed(json), wow_account_id=wow_account_id, gender=known_type(json, "gender", GENDERS))


def _listed(json: Json) -> dict[str, Any]:
    """Read the fields of a listed character; answers before 2025 have no faction."""
    return {
        "id": number(json, "id"),
        "name": name(json),
        "realm": RealmRef.from_json(part(json, "realm")),
        "level": number(json, "level", LARGEST_SMALL),
        "class_id": id_of(json, "playable_class"),
        "race_id": id_of(json, "playable_race"),
        "faction": known_type(json, "faction", FACTIONS),
    }


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """`/profile/user/wow`: all characters of all WoW accounts in one region."""

    characters: tuple[AccountCharacter, ...]
    unreadable: tuple[UnreadableEntry, ...] = ()

    @classmethod
    def from_json(cls, json: Json) -> "AccountProfile":
        """Parse the document; without World of Warcraft it has no `wow_accounts`.

        Blank names occur, so they count as unreadable entries without being a reason to refuse the document.
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


def collection_parser(plural: str, singular: str) -> Callable[[Json], frozenset[int]]:
    """Return a parser for the ids in `{plural: [{singular: {id}}]}`; the list can be missing or null."""

    def from_json(json: Json) -> frozenset[int]:
        entries = list_of(json, plural, optional=True)
        return frozenset(Entries.read(entries, lambda one: id_of(one, singular), plural))

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
        """Parse the document. A blank name, of an incomplete record, raises PayloadError."""
        spec = json.get("active_spec")
        return cls(
            id=number(json, "id"),
            name=nonblank_name(json),
            realm=RealmRef.from_json(part(json, "realm")),
            level=number(json, "level", LARGEST_SMALL),
            class_id=id_of(json, "character_class"),
            race_id=id_of(json, "race"),
            gender=known_type(json, "gender", GENDERS),
            faction=known_type(json, "faction", FACTIONS),
            # Classic sends the id 0 for a character without a specialization.
            spec_id=optional_id(json, "active_spec") or None,
            spec_name=localized(as_object(spec, "active_spec")) if spec else "",
            guild=None if json.get("guild") is None else GuildRef.from_json(part(json, "guild")),
            average_item_level=optional_number(json, "average_item_level", LARGEST_SMALL),
            equipped_item_level=optional_number(json, "equipped_item_level", LARGEST_SMALL),
            last_login_at=moment(json, "last_login_timestamp"),
        )


@dataclass(frozen=True, slots=True)
class CharacterStatus:
    """`…/status`: whether the stored data of a character may be kept."""

    id: int
    is_valid: bool

    @classmethod
    def from_json(cls, json: Json) -> "CharacterStatus":
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
        crest = json.get("crest")
        return cls(
            id=number(json, "id"),
            name=nonblank_name(json),
            realm=RealmRef.from_json(part(json, "realm")),
            faction=known_type(json, "faction", FACTIONS),
            member_count=number(json, "member_count", LARGEST_GAME_DATA_ID),
            achievement_points=number(json, "achievement_points", LARGEST_GAME_DATA_ID),
            founded_at=moment(json, "created_timestamp"),
            crest=_crest_colors(as_object(crest, "crest")) if crest else {},
        )


def _crest_colors(json: Json) -> Json:
    """Return ids and colors only: the links change with every patch of the game."""

    def color(piece: Json) -> dict[str, Any]:
        rgba = part(part(piece, "color"), "rgba")
        alpha = rgba.get("a")
        is_share = isinstance(alpha, int | float) and 0 <= alpha <= 1
        return {**{one: optional_number(rgba, one, 255) for one in "rgb"}, "a": alpha if is_share else 1}

    crest: dict[str, Any] = {}
    for field in ("emblem", "border", "background"):
        if isinstance(json.get(field), Mapping):
            piece = part(json, field)
            crest[field] = {"id": optional_number(piece, "id", LARGEST_GAME_DATA_ID), "color": color(piece)}
    return crest


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterMember(ListedCharacter):
    """A member in a roster, which has no gender or last login."""

    rank: int

    @classmethod
    def from_json(cls, json: Json) -> "RosterMember":
        """Parse an element of `members`. A blank name, of an incomplete record, raises PayloadError."""
        member = cls(**_listed(part(json, "character")), rank=number(json, "rank", LARGEST_SMALL))
        if not member.name:
            raise PayloadError("name is blank")
        return member


@dataclass(frozen=True, slots=True)
class GuildRoster:
    """`/data/wow/guild/{realm}/{slug}/roster`, ordered by character id."""

    guild: GuildRef
    members: tuple[RosterMember, ...]
    unreadable: tuple[UnreadableEntry, ...] = ()

    @classmethod
    def from_json(cls, json: Json) -> "GuildRoster":
        """Parse the document; the list of members can be empty."""
        members, malformed = read_entries(list_of(json, "members"), RosterMember.from_json, "members", MOST_MEMBERS)
        characters = (one.get("character") if isinstance(one, dict) else None for one in malformed)
        return cls(
            guild=GuildRef.from_json(part(json, "guild")),
            members=tuple(members),
            unreadable=tuple(UnreadableEntry.of(one) for one in characters),
        )

    @property
    def entries(self) -> int:
        """The number of members in the document, readable or not."""
        return len(self.members) + len(self.unreadable)
