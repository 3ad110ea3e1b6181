"""Mutations of the world: JSON in, events out."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.world import changes, regions
from sandbox.world.changes import Event, describe
from sandbox.world.characters import generate_character
from sandbox.world.gamedata import ALLIANCE
from sandbox.world.models import Character, Guild, Persona, Realm, RosterCut
from sandbox.world.personas import add_to_account
from sandbox.world.rng import SeededRandom
from sandbox.world.world import World

Mutation = Mapping[str, Any]


class MutationError(ValueError):
    """The mutation is invalid or impossible."""


def apply_mutation(world: World, mutation: Mutation) -> list[Event]:
    """Apply the mutation; raise MutationError if something does not exist or is impossible."""
    action = _ACTIONS.get(mutation.get("action", ""))
    if action is None:
        raise MutationError(f"action must be one of {', '.join(sorted(_ACTIONS))}")
    try:
        return [action(world, mutation)]
    except KeyError as missing:
        raise MutationError(f"{mutation['action']} needs {missing.args[0]}") from None
    except ValueError as error:
        raise MutationError(str(error)) from None


def _character(world: World, mutation: Mutation) -> Character:
    key = (mutation["region"], mutation["realm_slug"], str(mutation["name"]).lower())
    if key not in world.characters:
        raise MutationError(f"there is no character {'/'.join(key)}")
    return world.characters[key]


def _guild(world: World, mutation: Mutation) -> Guild:
    """Return the guild that ``guild`` addresses by region, realm_slug and slug."""
    address = mutation["guild"]
    key = (address["region"], address["realm_slug"], address["slug"])
    if key not in world.guilds:
        raise MutationError(f"there is no guild {'/'.join(key)}")
    return world.guilds[key]


def _realm(world: World, region: str, slug: str) -> Realm:
    if (region, slug) not in world.realms:
        raise MutationError(f"there is no realm {region}/{slug}")
    return world.realms[region, slug]


def _persona(world: World, mutation: Mutation) -> Persona:
    if mutation["persona"] not in world.personas:
        raise MutationError(f"there is no persona {mutation['persona']}")
    return world.personas[mutation["persona"]]


def _join(world: World, mutation: Mutation) -> Event:
    return changes.join(world, _character(world, mutation), _guild(world, mutation), mutation.get("rank", 9))


def _swap_names(world: World, mutation: Mutation) -> Event:
    return changes.swap_names(world, _character(world, mutation), _character(world, mutation["other"]))


def _move_realm(world: World, mutation: Mutation) -> Event:
    realm = _realm(world, mutation["region"], mutation["new_realm_slug"])
    return changes.move_realm(world, _character(world, mutation), realm, mutation.get("new_name"))


def _move_guild(world: World, mutation: Mutation) -> Event:
    guild = _guild(world, mutation)
    return changes.move_guild(world, guild, _realm(world, guild.region, mutation["new_realm_slug"]))


def _transfer(world: World, mutation: Mutation) -> Event:
    person = _persona(world, mutation) if mutation["persona"] is not None else None
    return changes.transfer(world, _character(world, mutation), person, mutation.get("wow_account"))


def _cut_roster(world: World, mutation: Mutation) -> Event:
    """List only ``members`` members; the guild's page keeps its ``member_count`` unless one is given."""
    guild, members = _guild(world, mutation), mutation["members"]
    if members is None:
        return changes.cut_roster(world, guild, None, later=mutation.get("later", True))
    count = mutation.get("member_count", len(guild.members))
    cut = RosterCut(int(members), int(count), bool(mutation.get("last_modified", True)))
    return changes.cut_roster(world, guild, cut, later=mutation.get("later", True))


def _play_in_region(world: World, mutation: Mutation) -> Event:
    count = mutation.get("characters", 4)
    return regions.start_playing(world, _persona(world, mutation), mutation["region"], int(count))


def _account_missing(world: World, mutation: Mutation) -> Event:
    person, is_missing = _persona(world, mutation), bool(mutation.get("missing", True))
    return regions.set_account_missing(world, person, mutation["region"], is_missing=is_missing)


def _gear(world: World, mutation: Mutation) -> Event:
    average = mutation["average_item_level"]
    return changes.set_gear(world, _character(world, mutation), average, mutation.get("equipped_item_level", average))


def _create(world: World, mutation: Mutation) -> Event:
    """Create a character, optionally on a persona's account."""
    realm = _realm(world, mutation["region"], mutation["realm_slug"])
    person = _persona(world, mutation) if "persona" in mutation else None
    rng = SeededRandom(world.seed, "create", realm.slug, mutation["name"])
    character = generate_character(
        world,
        rng,
        realm,
        mutation.get("faction", ALLIANCE),
        name=mutation["name"],
        level=mutation.get("level"),
        class_id=mutation.get("class_id"),
    )
    character.id = world.new_character_id()
    character.race_id = mutation.get("race_id", character.race_id)
    world.touch(character)
    if person is not None:
        add_to_account(person, character)
    return {"kind": "created", "day": world.clock.day, "guild": None, "character": describe(character)}


_ACTIONS: dict[str, Callable[[World, Mutation], Event]] = {
    "join": _join,
    "leave": lambda world, mutation: changes.leave(world, _character(world, mutation)),
    "rank": lambda world, mutation: changes.set_rank(world, _character(world, mutation), mutation["rank"]),
    "rename": lambda world, mutation: changes.rename(world, _character(world, mutation), mutation["new_name"]),
    "swap_names": _swap_names,
    "change_faction": lambda world, mutation: changes.change_faction(world, _character(world, mutation)),
    "move_realm": _move_realm,
    "delete_character": lambda world, mutation: changes.delete_character(world, _character(world, mutation)),
    "create_character": _create,
    "transfer_character": _transfer,
    "level": lambda world, mutation: changes.set_level(world, _character(world, mutation), int(mutation["level"])),
    "spec": lambda world, mutation: changes.set_spec(world, _character(world, mutation), mutation["spec_id"]),
    "gear": _gear,
    "login": lambda world, mutation: changes.log_in(world, _character(world, mutation)),
    "profile": lambda world, mutation: changes.set_profile_status(
        world, _character(world, mutation), mutation["profile"]
    ),
    "validity": lambda world, mutation: changes.set_validity(world, _character(world, mutation), mutation["is_valid"]),
    "rename_guild": lambda world, mutation: changes.rename_guild(world, _guild(world, mutation), mutation["new_name"]),
    "move_guild": _move_guild,
    "cut_roster": _cut_roster,
    "disband_guild": lambda world, mutation: changes.disband(world, _guild(world, mutation)),
    "play_in_region": _play_in_region,
    "account_missing": _account_missing,
    "battletag": lambda world, mutation: changes.change_battletag(
        world, _persona(world, mutation), mutation["battletag"]
    ),
    "collect": lambda world, mutation: changes.collect(world, _persona(world, mutation), mutation["mount_id"]),
}
