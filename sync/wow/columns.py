"""The columns that each payload fills, declared once.

Every function returns the columns as the payload has them; those that need the row itself keep what the payload leaves
out. `sync.engine.bulk.diff` finds what differs.
"""

from typing import Any

from characters.models import UNLINKED, Character, ProfileState, Role
from guilds.models import Guild
from sync.blizzard import game_data
from sync.blizzard.payloads import (
    AccountCharacter,
    CharacterSummary,
    GuildProfile,
    ListedCharacter,
    RealmRef,
    RosterMember,
)
from sync.engine.bulk import Columns

# The link and the profile: all but what the guild's roster says.
WITHOUT_PROFILE: Columns = {
    **UNLINKED,
    "gender": "",
    "active_spec_id": None,
    "role": Role.UNKNOWN,
    "average_item_level": None,
    "equipped_item_level": None,
    "last_login_at": None,
    "last_modified": None,
    "profile_state": ProfileState.NOT_FOUND,
}


def of_roster_member(row: Character, member: RosterMember) -> Columns:
    """Return what a roster says of the character."""
    return {
        **_of_listed(row, member),
        "blizzard_id": member.id,
        # The time of a profile that was fetched under another id says nothing about this one's.
        "last_modified": row.last_modified if row.blizzard_id == member.id else None,
    }


def of_membership(member: RosterMember) -> Columns:
    """Return what a roster says of the character's membership."""
    return {"rank": member.rank, "roster_blizzard_id": member.id}


def of_account_character(
    row: Character, listed: AccountCharacter, *, user_id: Any, blizzard_id: int, mounts_hash: str, toys_hash: str
) -> Columns:
    """Return what its owner's account says of the character. `blizzard_id` is the newer of the listed and our id."""
    is_same = (row.user_id, row.blizzard_id) == (user_id, blizzard_id)
    return {
        "user_id": user_id,
        "wow_account_id": listed.wow_account_id,
        "account_blizzard_id": listed.id,
        "blizzard_id": blizzard_id,
        **_of_listed(row, listed),
        "gender": listed.gender or row.gender,
        "mounts_hash": mounts_hash,
        "toys_hash": toys_hash,
        # A new owner's profile is fetched even if it has not changed: its guild was of no interest before.
        "last_modified": row.last_modified if is_same else None,
    }


def of_summary(row: Character, summary: CharacterSummary, spec_role: str | None) -> Columns:
    """Return what its own page says of the character. Not the name, which some realms write in another case there."""
    return {
        "level": summary.level,
        "playable_class_id": summary.class_id,
        "playable_race_id": summary.race_id,
        "gender": summary.gender,
        "faction": summary.faction or row.faction,
        "active_spec_id": summary.spec_id,
        "role": role_of(spec_role),
        "average_item_level": summary.average_item_level,
        "equipped_item_level": summary.equipped_item_level,
        "last_login_at": summary.last_login_at,
        "profile_state": ProfileState.VISIBLE,
    }


def of_guild_identity(row: Guild, profile: GuildProfile, *, realm_id: int, slug: str) -> Columns:
    """Return what its page and the page's address say of who the guild is."""
    return {
        "blizzard_id": profile.id,
        "name": profile.name,
        "faction": profile.faction or row.faction,
        "realm_id": realm_id,
        "slug": slug,
        "disbanded_at": None,
    }


def of_guild_profile(profile: GuildProfile) -> Columns:
    """Return what else the guild's page says."""
    return {
        "member_count": profile.member_count,
        "achievement_points": profile.achievement_points,
        "founded_at": profile.founded_at,
        "crest": dict(profile.crest),
    }


def of_class(playable_class: game_data.NamedId) -> Columns:
    """Return what the index says of a class."""
    return {"name": playable_class.name}


def of_race(race: game_data.Race) -> Columns:
    """Return what its own document says of a race."""
    return {"name": race.name, "faction": race.faction}


def of_specialization(spec: game_data.Spec) -> Columns:
    """Return what its own document says of a specialization."""
    return {"name": spec.name, "playable_class_id": spec.class_id, "role": role_of(spec.role)}


def of_realm(region: str, realm: RealmRef | game_data.RealmDetail) -> Columns:
    """Return what the index, or any other answer, says of a realm."""
    return {"region": region, "slug": realm.slug, "name": realm.name}


def of_realm_detail(connected_realm: game_data.ConnectedRealm, realm: game_data.RealmDetail) -> Columns:
    """Return what only its connected realm says of a realm."""
    return {
        "connected_realm_id": connected_realm.id,
        "category": realm.category,
        "locale": realm.locale,
        "timezone": realm.timezone,
    }


def role_of(spec_role: str | None) -> Role:
    """Return the role for Battle.net's role type; UNKNOWN without a specialization or its game data."""
    return Role(spec_role) if spec_role in {Role.TANK, Role.HEALER, Role.DAMAGE} else Role.UNKNOWN


def _of_listed(row: Character, listed: ListedCharacter) -> Columns:
    return {
        "name": listed.name,
        "realm_id": listed.realm.id,
        "level": listed.level,
        "playable_class_id": listed.class_id,
        "playable_race_id": listed.race_id,
        "faction": listed.faction or row.faction,
    }
