"""Changes of the world on order: JSON in, events out."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.world import changes as moves
from sandbox.world import regions
from sandbox.world.changes import Event, describe
from sandbox.world.gamedata import ALLIANCE
from sandbox.world.models import Character, Guild, Persona, Realm, RosterCut
from sandbox.world.people import draw_character
from sandbox.world.personas import give_to
from sandbox.world.rng import Dice
from sandbox.world.world import World

Details = Mapping[str, Any]


class OrderError(ValueError):
    """An order that cannot be carried out, with the reason."""


def carry_out(world: World, order: Details) -> list[Event]:
    """Do what the order's action says; OrderError when it names what does not exist or what cannot be."""
    action = _ACTIONS.get(order.get("action", ""))
    if action is None:
        raise OrderError(f"action must be one of {', '.join(sorted(_ACTIONS))}")
    try:
        return [action(world, order)]
    except KeyError as missing:
        raise OrderError(f"{order['action']} needs {missing.args[0]}") from None
    except ValueError as error:
        raise OrderError(str(error)) from None


def _character(world: World, order: Details) -> Character:
    key = (order["region"], order["realm_slug"], str(order["name"]).lower())
    if key not in world.characters:
        raise OrderError(f"there is no character {'/'.join(key)}")
    return world.characters[key]


def _guild(world: World, order: Details) -> Guild:
    """The guild addressed by region, realm_slug and slug in "guild"."""
    address = order["guild"]
    key = (address["region"], address["realm_slug"], address["slug"])
    if key not in world.guilds:
        raise OrderError(f"there is no guild {'/'.join(key)}")
    return world.guilds[key]


def _realm(world: World, region: str, slug: str) -> Realm:
    if (region, slug) not in world.realms:
        raise OrderError(f"there is no realm {region}/{slug}")
    return world.realms[region, slug]


def _persona(world: World, order: Details) -> Persona:
    if order["persona"] not in world.personas:
        raise OrderError(f"there is no persona {order['persona']}")
    return world.personas[order["persona"]]


def _join(world: World, order: Details) -> Event:
    return moves.join(world, _character(world, order), _guild(world, order), order.get("rank", 9))


def _swap_names(world: World, order: Details) -> Event:
    return moves.swap_names(world, _character(world, order), _character(world, order["other"]))


def _move_realm(world: World, order: Details) -> Event:
    realm = _realm(world, order["region"], order["new_realm_slug"])
    return moves.move_realm(world, _character(world, order), realm, order.get("new_name"))


def _move_guild(world: World, order: Details) -> Event:
    guild = _guild(world, order)
    return moves.move_guild(world, guild, _realm(world, guild.region, order["new_realm_slug"]))


def _transfer(world: World, order: Details) -> Event:
    person = _persona(world, order) if order["persona"] is not None else None
    return moves.transfer(world, _character(world, order), person, order.get("wow_account"))


def _cut_roster(world: World, order: Details) -> Event:
    """The roster names ``members``; the guild's page keeps its ``member_count`` unless another is given."""
    guild, members = _guild(world, order), order["members"]
    if members is None:
        return moves.cut_roster(world, guild, None, later=order.get("later", True))
    count = order.get("member_count", len(guild.members))
    cut = RosterCut(int(members), int(count), bool(order.get("last_modified", True)))
    return moves.cut_roster(world, guild, cut, later=order.get("later", True))


def _play_in_region(world: World, order: Details) -> Event:
    count = order.get("characters", 4)
    return regions.begin_to_play(world, _persona(world, order), order["region"], int(count))


def _account_missing(world: World, order: Details) -> Event:
    person, is_missing = _persona(world, order), bool(order.get("missing", True))
    return regions.set_account_missing(world, person, order["region"], is_missing=is_missing)


def _gear(world: World, order: Details) -> Event:
    average = order["average_item_level"]
    return moves.set_gear(world, _character(world, order), average, order.get("equipped_item_level", average))


def _create(world: World, order: Details) -> Event:
    """A new character, which may at once belong to a persona."""
    realm = _realm(world, order["region"], order["realm_slug"])
    person = _persona(world, order) if "persona" in order else None
    dice = Dice(world.seed, "create", realm.slug, order["name"])
    character = draw_character(
        world,
        dice,
        realm,
        order.get("faction", ALLIANCE),
        name=order["name"],
        level=order.get("level"),
        class_id=order.get("class_id"),
    )
    character.id = world.new_character_id()
    character.race_id = order.get("race_id", character.race_id)
    world.touch(character)
    if person is not None:
        give_to(person, character)
    return {"kind": "created", "day": world.clock.day, "guild": None, "character": describe(character)}


_ACTIONS: dict[str, Callable[[World, Details], Event]] = {
    "join": _join,
    "leave": lambda world, order: moves.leave(world, _character(world, order)),
    "rank": lambda world, order: moves.set_rank(world, _character(world, order), order["rank"]),
    "rename": lambda world, order: moves.rename(world, _character(world, order), order["new_name"]),
    "swap_names": _swap_names,
    "change_faction": lambda world, order: moves.change_faction(world, _character(world, order)),
    "move_realm": _move_realm,
    "delete_character": lambda world, order: moves.delete_character(world, _character(world, order)),
    "create_character": _create,
    "transfer_character": _transfer,
    "level": lambda world, order: moves.set_level(world, _character(world, order), int(order["level"])),
    "spec": lambda world, order: moves.set_spec(world, _character(world, order), order["spec_id"]),
    "gear": _gear,
    "login": lambda world, order: moves.log_in(world, _character(world, order)),
    "profile": lambda world, order: moves.set_answer(world, _character(world, order), order["profile"]),
    "validity": lambda world, order: moves.set_validity(world, _character(world, order), order["is_valid"]),
    "rename_guild": lambda world, order: moves.rename_guild(world, _guild(world, order), order["new_name"]),
    "move_guild": _move_guild,
    "cut_roster": _cut_roster,
    "disband_guild": lambda world, order: moves.disband(world, _guild(world, order)),
    "play_in_region": _play_in_region,
    "account_missing": _account_missing,
    "battletag": lambda world, order: moves.change_battletag(world, _persona(world, order), order["battletag"]),
    "collect": lambda world, order: moves.collect(world, _persona(world, order), order["mount_id"]),
}
