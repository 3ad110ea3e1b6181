"""The ground truth about the world, for tests and benchmarks to compare with a site's tables."""

from typing import Any

from sandbox.world.changes import describe_guild
from sandbox.world.gamedata import role_of
from sandbox.world.models import REGIONS, Character, Guild, Persona
from sandbox.world.world import World

Json = dict[str, Any]


def character_truth(character: Character) -> Json:
    """Return everything about a character."""
    return {
        "id": character.id,
        "name": character.name,
        "realm_slug": character.realm.slug,
        "realm_id": character.realm.id,
        "region": character.region,
        "rank": character.rank if character.guild else None,
        "guild": describe_guild(character.guild) if character.guild else None,
        "level": character.level,
        "class_id": character.class_id,
        "race_id": character.race_id,
        "faction": character.faction,
        "gender": character.gender,
        "spec_id": character.spec_id,
        "role": role_of(character.spec_id),
        "average_item_level": character.average_item_level,
        "equipped_item_level": character.equipped_item_level,
        "last_login_timestamp": character.snapshot * 1000,
        "profile": character.profile,
        "is_valid": character.is_valid,
        "persona": character.owner.name if character.owner else None,
        "wow_account": character.wow_account or None,
    }


def guild_truth(guild: Guild) -> Json:
    """Return a guild with all members, ordered by id."""
    members = sorted(guild.members, key=lambda member: (member.id, member.realm.id))
    return {
        **describe_guild(guild),
        "faction": guild.faction,
        "member_count": len(members),
        "last_modified": guild.snapshot,
        "members": [character_truth(member) for member in members],
    }


def account_truth(person: Persona) -> Json:
    """Return a persona's account with the characters of all regions."""
    return {
        "name": person.name,
        "battlenet_id": person.battlenet_id,
        "battletag": person.battletag,
        "description": person.description,
        "grants_wow_profile": person.grants_wow_profile,
        "regions": {region: _region_state(person, region) for region in REGIONS},
        "characters": [character_truth(character) for character in person.characters],
        "mounts": person.mounts,
        "toys": person.toys,
    }


def _region_state(person: Persona, region: str) -> str:
    """Return the account endpoint's answer: "404", "absent" (no list of WoW accounts) or "present"."""
    if region in person.missing_regions:
        return "404"
    return "present" if person.characters_in(region) else "absent"


def world_summary(world: World) -> Json:
    """Return an overview: guilds, personas, and where they are."""
    return {
        "seed": world.seed,
        "day": world.clock.day,
        "build": world.clock.build,
        "characters": len(world.characters),
        "demo_guild": {**describe_guild(world.demo_guild), "member_count": len(world.demo_guild.members)},
        "guilds": [
            {**describe_guild(guild), "faction": guild.faction, "member_count": len(guild.members)}
            for guild in world.guilds.values()
        ],
        "personas": [_persona_summary(person) for person in world.personas.values()],
    }


def _persona_summary(person: Persona) -> Json:
    keys = ("id", "name", "realm_slug", "region", "level", "rank", "guild", "profile")
    characters = [character_truth(character) for character in person.characters]
    return {
        "name": person.name,
        "battlenet_id": person.battlenet_id,
        "battletag": person.battletag,
        "description": person.description,
        "characters": [{key: character[key] for key in keys} for character in characters],
    }
