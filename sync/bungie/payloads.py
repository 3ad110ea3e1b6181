"""Bungie's answers about people as frozen dataclasses: tokens, memberships, linked profiles.

Unknown fields are ignored, missing required ones raise PayloadError, and optional ones can be missing.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.bungie.fields import as_id, enum_of, flag, id_of, moment, optional_enum, optional_id, shown
from sync.engine.errors import PayloadError
from sync.engine.fields import Entries, Json, as_object, list_of, number, part, required

# Bungie's tokens have 360 characters and more.
LONGEST_TOKEN = 4_096
LARGEST_LIFETIME = 10 * 365 * 24 * 3600
LARGEST_CODE = 99_999
MOST_PLATFORMS = 20
_TOKEN = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The token endpoint's response; lifetimes are in seconds. A public client gets no refresh token."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    bungie_id: int

    def __repr__(self) -> str:
        return f"<tokens of {self.bungie_id}>"

    @classmethod
    def from_json(cls, json: Json) -> "Tokens":
        return cls(
            access_token=_token(json, "access_token"),
            refresh_token=_token(json, "refresh_token") if json.get("refresh_token") else "",
            expires_in=number(json, "expires_in", LARGEST_LIFETIME),
            refresh_expires_in=number(json, "refresh_expires_in", LARGEST_LIFETIME) if json.get("refresh_token") else 0,
            # Of Bungie.net, not of Destiny.
            bungie_id=id_of(json, "membership_id"),
        )


def _token(json: Json, field: str) -> str:
    value = required(str, json, field)
    if len(value) > LONGEST_TOKEN or not _TOKEN.fullmatch(value):
        raise PayloadError(f"{field} can't be sent in a header")
    return value


def bungie_name(name: str, code: int | None) -> str:
    """Return a name with its number of at least four digits; the number can be missing."""
    return f"{name}#{code:04d}" if name and code is not None else name


@dataclass(frozen=True, slots=True)
class Card:
    """A membership: an account of one platform with Destiny data. `name` is the Bungie name, if there is one."""

    membership_type: int
    membership_id: int
    platform_name: str
    name: str
    cross_save_override: int
    is_public: bool

    @classmethod
    def from_json(cls, json: Json) -> "Card":
        return cls(
            membership_type=enum_of(json, "membershipType"),
            membership_id=id_of(json, "membershipId"),
            platform_name=shown(json, "displayName") or shown(json, "LastSeenDisplayName"),
            name=bungie_name(shown(json, "bungieGlobalDisplayName"), _code(json, "bungieGlobalDisplayNameCode")),
            cross_save_override=optional_enum(json, "crossSaveOverride"),
            is_public=flag(json, "isPublic"),
        )


def _code(json: Json, field: str) -> int | None:
    # Missing and "" occur, and numbers without leading zeros.
    return None if json.get(field) in (None, "") else number(json, field, LARGEST_CODE)


@dataclass(frozen=True, slots=True)
class Memberships:
    """A Bungie.net account with its memberships. `primary_id` is the one that cross save chose, if it is on."""

    bungie_id: int
    name: str
    primary_id: int | None
    cards: Entries[Card]

    @classmethod
    def from_json(cls, document: Any) -> "Memberships":
        json = as_object(document, "Response")
        person = part(json, "bungieNetUser")
        return cls(
            bungie_id=id_of(person, "membershipId"),
            name=_name_of(person),
            primary_id=optional_id(json, "primaryMembershipId"),
            cards=Entries.read(_few(list_of(json, "destinyMemberships", optional=True)), Card.from_json, "memberships"),
        )


def _name_of(person: Json) -> str:
    """Return the name of a Bungie.net account. Old accounts have no Bungie name but a display name."""
    name = shown(person, "cachedBungieGlobalDisplayName")
    return bungie_name(name, _code(person, "cachedBungieGlobalDisplayNameCode")) or shown(person, "displayName")


@dataclass(frozen=True, slots=True)
class LinkedProfile:
    """A membership that was played. Cross save has replaced one that `is_overridden`."""

    card: Card
    last_played_at: datetime | None
    is_overridden: bool

    @classmethod
    def from_json(cls, json: Json) -> "LinkedProfile":
        return cls(Card.from_json(json), moment(json, "dateLastPlayed"), flag(json, "isOverridden"))


@dataclass(frozen=True, slots=True)
class LinkedProfiles:
    """The played memberships of a person, and the ids of those that Bungie could not read.

    The latter never played Destiny 2, or there is an outage: it says nothing about whether they exist.
    """

    profiles: Entries[LinkedProfile]
    unread_ids: frozenset[int]

    @classmethod
    def from_json(cls, document: Any) -> "LinkedProfiles":
        json = as_object(document, "Response")
        profiles = _few(list_of(json, "profiles", optional=True))
        unread = _few(list_of(json, "profilesWithErrors", optional=True))
        return cls(
            profiles=Entries.read(profiles, LinkedProfile.from_json, "profiles"),
            unread_ids=frozenset(_id_of_unread(one) for one in unread),
        )


def _id_of_unread(entry: Any) -> int:
    return as_id(part(as_object(entry, "profilesWithErrors[]"), "infoCard").get("membershipId"), "membershipId")


def _few(entries: list[Any]) -> list[Any]:
    """Return a list of memberships. Raises PayloadError for more than all platforms together."""
    if len(entries) > MOST_PLATFORMS:
        raise PayloadError(f"{len(entries)} memberships, more than {MOST_PLATFORMS}")
    return entries
