"""Weapons: 17 types in three slots, with random perks, and exotics with their own."""

from typing import NamedTuple

from sandbox.bungie.world import game
from sandbox.bungie.world.constants import add_stat_group
from sandbox.bungie.world.definitions import Definitions, Json, hash_of
from sandbox.bungie.world.items import (
    add_collectible,
    add_item,
    add_plug,
    equipping,
    investment,
    looks,
    lore_and_trait,
    socket,
    sockets,
    stats_block,
)
from sandbox.bungie.world.plugs import SharedPlugs, effect
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.words import Names
from sandbox.world.rng import SeededRandom

LEGENDARY_PER_TYPE, EXOTIC_PER_TYPE, RARE_PER_TYPE = 28, 4, 2
_TRAITS_PER_COLUMN = 7


class WeaponType(NamedTuple):
    """A type of weapon: number, name, trait id and ammunition."""

    number: int
    name: Text
    trait: str
    ammo: int


TYPES = (
    WeaponType(6, Text("Auto Rifle", "Fusil automatique"), "auto_rifle", game.PRIMARY_AMMO),
    WeaponType(7, Text("Shotgun", "Fusil à pompe"), "shotgun", game.SPECIAL_AMMO),
    WeaponType(8, Text("Machine Gun", "Mitrailleuse"), "machinegun", game.HEAVY_AMMO),
    WeaponType(9, Text("Hand Cannon", "Revolver"), "hand_cannon", game.PRIMARY_AMMO),
    WeaponType(10, Text("Rocket Launcher", "Lance-roquettes"), "rocket_launcher", game.HEAVY_AMMO),
    WeaponType(11, Text("Fusion Rifle", "Fusil à fusion"), "fusion_rifle", game.SPECIAL_AMMO),
    WeaponType(12, Text("Sniper Rifle", "Fusil de précision"), "sniper_rifle", game.SPECIAL_AMMO),
    WeaponType(13, Text("Pulse Rifle", "Fusil à impulsion"), "pulse_rifle", game.PRIMARY_AMMO),
    WeaponType(14, Text("Scout Rifle", "Fusil d'éclaireur"), "scout_rifle", game.PRIMARY_AMMO),
    WeaponType(17, Text("Sidearm", "Pistolet"), "sidearm", game.PRIMARY_AMMO),
    WeaponType(18, Text("Sword", "Épée"), "sword", game.HEAVY_AMMO),
    WeaponType(22, Text("Linear Fusion Rifle", "Fusil à fusion linéaire"), "linear_fusion_rifle", game.HEAVY_AMMO),
    WeaponType(23, Text("Grenade Launcher", "Lance-grenades"), "grenade_launcher", game.SPECIAL_AMMO),
    WeaponType(24, Text("Submachine Gun", "Pistolet-mitrailleur"), "submachinegun", game.PRIMARY_AMMO),
    WeaponType(25, Text("Trace Rifle", "Fusil à rayon"), "beam_rifle", game.SPECIAL_AMMO),
    WeaponType(31, Text("Combat Bow", "Arc de combat"), "bow", game.PRIMARY_AMMO),
    WeaponType(33, Text("Glaive", "Glaive"), "glaive", game.SPECIAL_AMMO),
)
# Damage types by slot.
_DAMAGE = {game.KINETIC: (1, 1, 6, 7), game.ENERGY: (2, 3, 4), game.POWER: (2, 3, 4, 1)}
_FRAMES = (
    Text("Adaptive Frame", "Cadre adaptatif"),
    Text("Precision Frame", "Cadre de précision"),
    Text("Rapid Frame", "Cadre rapide"),
)


def add_weapons(definitions: Definitions, names: Names, seed: int, plugs: SharedPlugs) -> None:
    """Add all weapons of the first edition."""
    for kind in TYPES:
        rng = SeededRandom(seed, "weapons", kind.number)
        group = add_stat_group(definitions, f"weapon {kind.number}", list(game.WEAPON_STATS))
        frames = [_frame(definitions, rng, kind, number) for number in range(len(_FRAMES))]
        tiers = [game.LEGENDARY] * LEGENDARY_PER_TYPE + [game.EXOTIC] * EXOTIC_PER_TYPE + [game.RARE] * RARE_PER_TYPE
        for number, tier in enumerate(tiers):
            _add(definitions, names, rng, plugs, kind, number, tier, group, rng.pick(frames))


def add_later_weapons(definitions: Definitions, names: Names, seed: int, plugs: SharedPlugs, count: int) -> None:
    """Add legendary hand cannons, which come with later editions."""
    rng, kind = SeededRandom(seed, "later weapons"), TYPES[3]
    for number in range(count):
        frame = _frame(definitions, rng, kind, 100 + number)
        group = hash_of("StatGroup", f"weapon {kind.number}")
        _add(definitions, names, rng, plugs, kind, 1000 + number, game.LEGENDARY, group, frame)


def _frame(definitions: Definitions, rng: SeededRandom, kind: WeaponType, number: int) -> int:
    text, _ = effect(rng, game.WEAPON_STATS)
    name = _FRAMES[number % len(_FRAMES)]
    return add_plug(
        definitions,
        f"frame {kind.number} {number}",
        name,
        "intrinsics",
        Text("Intrinsic", "Intrinsèque"),
        description=text,
    )


def _add(
    definitions: Definitions,
    names: Names,
    rng: SeededRandom,
    plugs: SharedPlugs,
    kind: WeaponType,
    number: int,
    tier: int,
    group: int,
    frame: int,
) -> int:
    label, name = f"weapon {kind.number} {number}", names.next()
    slot = game.POWER if kind.ammo == game.HEAVY_AMMO else rng.pick((game.KINETIC, game.ENERGY))
    damage = rng.pick(_DAMAGE[slot])
    values = _stats(rng)
    exotic = "exotic_weapon" if tier == game.EXOTIC else ""
    weapon = add_item(
        definitions,
        label,
        name,
        item_type=game.WEAPON,
        bucket=slot,
        type_name=kind.name,
        tier=tier,
        itemSubType=kind.number,
        equippable=True,
        equippingBlock=equipping(slot, kind.ammo, exotic),
        damageTypeHashes=[game.DAMAGE_TYPES[damage][0]],
        damageTypes=[damage],
        defaultDamageType=damage,
        defaultDamageTypeHash=game.DAMAGE_TYPES[damage][0],
        stats=stats_block(group, {game.ATTACK: 0, **values}, game.ATTACK),
        investmentStats=investment({game.ATTACK: 0, game.POWER_STAT: 0, **values}),
        itemCategoryHashes=[1, {game.KINETIC: 2, game.ENERGY: 3, game.POWER: 4}[slot]],
        sockets=_exotic_sockets(definitions, rng, plugs, label)
        if exotic
        else _sockets(definitions, rng, plugs, label, frame),
        **_breaker(bool(exotic) and number % 2 == 1),
        **lore_and_trait(definitions, label, name, f"item.weapon.{kind.trait}"),
        **looks(label, season=1 + number % 4),
    )
    add_collectible(definitions, label, name, weapon)
    return weapon


def _breaker(breaks: bool) -> Json:
    return {"breakerType": 1, "breakerTypeHash": game.BREAKER_TYPES[1][0]} if breaks else {}


def _stats(rng: SeededRandom) -> dict[int, int]:
    values = {stat: rng.between(15, 85) for stat in game.WEAPON_STATS}
    return values | {game.RPM: rng.pick((120, 140, 180, 260, 340, 450, 600, 900)), game.MAGAZINE: rng.between(1, 60)}


def _sockets(definitions: Definitions, rng: SeededRandom, plugs: SharedPlugs, label: str, frame: int) -> Json:
    types, sets = plugs.socket_types, plugs.sets
    columns = [rng.sample(plugs.traits, _TRAITS_PER_COLUMN) for _ in range(2)]
    random = [definitions.add_plug_set(f"{label} column {place}", column) for place, column in enumerate(columns)]
    entries = [
        socket(types["frame"], frame),
        socket(types["barrel"], plugs.barrels[0], random=sets["barrels"]),
        socket(types["magazine"], plugs.magazines[0], random=sets["magazines"]),
        socket(types["trait"], columns[0][0], random=random[0]),
        socket(types["trait"], columns[1][0], random=random[1]),
        socket(types["weapon shader"], game.DEFAULT_SHADER, options=sets["shaders"]),
        socket(types["weapon mod"], plugs.weapon_mods[0], options=sets["weapon mods"]),
        socket(types["masterwork"], plugs.masterworks[0], options=sets["masterworks"]),
        socket(types["origin"], rng.pick(plugs.origins)),
        socket(types["tracker"], game.KILL_TRACKER, visible=False),
    ]
    return sockets(
        entries,
        {
            game.INTRINSIC: [0],
            game.WEAPON_PERKS: [1, 2, 3, 4, 8],
            game.WEAPON_MODS: [6, 7, 9],
            game.WEAPON_COSMETICS: [5],
        },
    )


def _exotic_sockets(definitions: Definitions, rng: SeededRandom, plugs: SharedPlugs, label: str) -> Json:
    types, sets = plugs.socket_types, plugs.sets
    text, _ = effect(rng, game.WEAPON_STATS)
    name = Text("Heart of the Matter", "Cœur du sujet")
    intrinsic = add_plug(
        definitions, f"{label} intrinsic", name, "intrinsics", Text("Intrinsic", "Intrinsèque"), description=text
    )
    ornament = add_plug(
        definitions,
        f"{label} ornament",
        Text("Sunday Coat", "Manteau du dimanche"),
        "skins",
        Text("Weapon Ornament", "Ornement d'arme"),
        has_perk=False,
        itemSubType=game.ORNAMENT,
    )
    ornaments = definitions.add_plug_set(f"{label} ornaments", [game.DEFAULT_ORNAMENT, ornament])
    entries = [
        socket(types["frame"], intrinsic),
        socket(types["barrel"], rng.pick(plugs.barrels)),
        socket(types["magazine"], rng.pick(plugs.magazines)),
        socket(types["trait"], rng.pick(plugs.traits)),
        socket(types["weapon shader"], game.DEFAULT_SHADER, options=sets["shaders"]),
        socket(types["weapon ornament"], game.DEFAULT_ORNAMENT, options=ornaments),
        socket(types["masterwork"], rng.pick(plugs.masterworks)),
        socket(types["tracker"], game.KILL_TRACKER, visible=False),
    ]
    return sockets(
        entries,
        {game.INTRINSIC: [0], game.WEAPON_PERKS: [1, 2, 3], game.WEAPON_MODS: [6, 7], game.WEAPON_COSMETICS: [4, 5]},
    )
