"""Plugs that many items share: barrels, magazines, traits, mods, shaders."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions
from sandbox.bungie.world.items import add_plug, add_socket_type
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.words import Names
from sandbox.world.rng import SeededRandom

_MOMENTS = (
    Text("defeating an enemy", "avoir éliminé un ennemi"),
    Text("a precision hit", "un tir de précision"),
    Text("reloading", "avoir rechargé"),
    Text("picking up an orb", "avoir ramassé un orbe"),
    Text("sliding", "une glissade"),
    Text("throwing a grenade", "avoir lancé une grenade"),
    Text("taking damage", "avoir subi des dégâts"),
)
BARRELS, MAGAZINES, TRAITS, ORIGINS, WEAPON_MODS, SHADERS, ARMOR_MODS = 30, 30, 130, 24, 24, 160, 32
GENERAL_MODS = 36
ARMOR_ENERGY = 10


@dataclass(slots=True)
class SharedPlugs:
    """Hashes of plugs and socket types by what they are."""

    barrels: list[int] = field(default_factory=list)
    magazines: list[int] = field(default_factory=list)
    traits: list[int] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)
    weapon_mods: list[int] = field(default_factory=list)
    masterworks: list[int] = field(default_factory=list)
    shaders: list[int] = field(default_factory=list)
    general_mods: list[int] = field(default_factory=list)
    armor_mods: dict[int, list[int]] = field(default_factory=dict)
    armor_stats: list[int] = field(default_factory=list)
    archetypes: list[int] = field(default_factory=list)
    socket_types: dict[str, int] = field(default_factory=dict)
    sets: dict[str, int] = field(default_factory=dict)


_SOCKET_TYPES = (
    ("frame", game.INTRINSIC, ("intrinsics",)),
    ("barrel", game.WEAPON_PERKS, ("barrels",)),
    ("magazine", game.WEAPON_PERKS, ("magazines",)),
    ("trait", game.WEAPON_PERKS, ("frames",)),
    ("origin", game.WEAPON_PERKS, ("origins",)),
    ("masterwork", game.WEAPON_MODS, ("v400.plugs.weapons.masterworks",)),
    ("weapon mod", game.WEAPON_MODS, ("v400.weapon.mod_guns",)),
    ("tracker", game.WEAPON_MODS, ("v400.plugs.weapons.masterworks.trackers",)),
    ("weapon shader", game.WEAPON_COSMETICS, ("shader",)),
    ("weapon ornament", game.WEAPON_COSMETICS, ("skins",)),
    ("general mod", game.ARMOR_MODS, ("enhancements.v2_general",)),
    ("armor mod", game.ARMOR_MODS, ("enhancements.v2_armor",)),
    ("armor shader", game.ARMOR_COSMETICS, ("shader",)),
    ("armor ornament", game.ARMOR_COSMETICS, ("armor_skins",)),
    ("archetype", game.ARMOR_PERKS, ("armor_archetypes",)),
    ("armor stat", game.ARMOR_PERKS, ("armor_stats",)),
    ("armor tier", game.ARMOR_TIER, ("v460.plugs.armor.masterworks",)),
    ("class ability", game.ABILITIES, ("class_abilities",)),
    ("movement", game.ABILITIES, ("movement",)),
    ("melee", game.ABILITIES, ("melee",)),
    ("grenade", game.ABILITIES, ("grenades",)),
    ("super", game.SUPER, ("supers",)),
    ("aspect", game.ASPECTS, ("aspects",)),
    ("fragment", game.FRAGMENTS, ("fragments",)),
)


def add_shared_plugs(definitions: Definitions, names: Names, seed: int) -> SharedPlugs:
    """Add the plugs, their sets and the types of sockets."""
    rng, plugs = SeededRandom(seed, "plugs"), SharedPlugs()
    for label, category, accepted in _SOCKET_TYPES:
        plugs.socket_types[label] = add_socket_type(definitions, label, category, accepted)
    _add_weapon_plugs(definitions, names, rng, plugs)
    _add_armor_plugs(definitions, names, rng, plugs)
    _add_cosmetics(definitions, names, plugs)
    for label, content in (
        ("barrels", plugs.barrels), ("magazines", plugs.magazines), ("weapon mods", plugs.weapon_mods),
        ("masterworks", plugs.masterworks), ("shaders", plugs.shaders), ("general mods", plugs.general_mods),
        ("archetypes", plugs.archetypes), ("armor stats", plugs.armor_stats),
    ):  # fmt: skip
        plugs.sets[label] = definitions.add_plug_set(label, content)
    for bucket, mods in plugs.armor_mods.items():
        plugs.sets[f"armor mods {bucket}"] = definitions.add_plug_set(f"armor mods {bucket}", mods)
    return plugs


def effect(rng: SeededRandom, stats: dict[int, Text]) -> tuple[Text, dict[int, int]]:
    """Return a description such as "Improves Range for 4 seconds after reloading.", and the stat that it is about."""
    stat, moment, seconds = rng.pick(list(stats)), rng.pick(_MOMENTS), rng.between(3, 12)
    name = stats[stat]
    text = Text(
        f"Improves {name.en} for {seconds} seconds after {moment.en}.",
        f"Améliore {name.fr} pendant {seconds} secondes après {moment.fr}.",
    )
    return text, {stat: 5 * rng.between(1, 3)}


def _add_weapon_plugs(definitions: Definitions, names: Names, rng: SeededRandom, plugs: SharedPlugs) -> None:
    kinds = (
        ("barrels", plugs.barrels, BARRELS, Text("Barrel", "Canon")),
        ("magazines", plugs.magazines, MAGAZINES, Text("Magazine", "Chargeur")),
        ("frames", plugs.traits, TRAITS, Text("Trait", "Trait")),
        ("origins", plugs.origins, ORIGINS, Text("Origin Trait", "Trait d'origine")),
        ("v400.weapon.mod_guns", plugs.weapon_mods, WEAPON_MODS, Text("Weapon Mod", "Mod d'arme")),
    )
    for category, into, count, type_name in kinds:
        for number in range(count):
            text, stats = effect(rng, game.WEAPON_STATS)
            name = names.next()
            plug = add_plug(
                definitions, f"{category} {number}", name, category, type_name, description=text, stats=stats
            )
            into.append(plug)
    masterwork = "v400.plugs.weapons.masterworks"
    for stat, stat_name in game.WEAPON_STATS.items():
        name = Text(f"Masterwork: {stat_name.en}", f"Pièce maîtresse : {stat_name.fr}")
        type_name = Text("Masterwork", "Pièce maîtresse")
        plug = add_plug(
            definitions, f"{masterwork} {stat}", name, masterwork, type_name, stats={stat: 10}, has_perk=False
        )
        plugs.masterworks.append(plug)
    add_plug(
        definitions,
        "tracker",
        Text("Kill Tracker", "Compteur d'éliminations"),
        f"{masterwork}.trackers",
        Text("Memento", "Souvenir"),
        has_perk=False,
        number=game.KILL_TRACKER,
    )


def _add_armor_plugs(definitions: Definitions, names: Names, rng: SeededRandom, plugs: SharedPlugs) -> None:
    plugs.general_mods.append(_empty_mod(definitions, "enhancements.v2_general"))
    for stat, stat_name in game.ARMOR_STATS.items():
        for value, cost in ((5, 1), (10, 3)):
            name = Text(f"{stat_name.en} Mod +{value}", f"Mod {stat_name.fr} +{value}")
            type_name = Text("General Armor Mod", "Mod d'armure général")
            category = "enhancements.v2_general"
            label = f"{category} {stat} {value}"
            plugs.general_mods.append(
                add_plug(definitions, label, name, category, type_name, stats={stat: value}, cost=cost, has_perk=False)
            )
        name = Text(f"{stat_name.en} Archetype", f"Archétype {stat_name.fr}")
        type_name = Text("Archetype", "Archétype")
        plugs.archetypes.append(add_plug(definitions, f"archetype {stat}", name, "armor_archetypes", type_name))
        for value in (2, 6, 10, 15, 20, 25, 30):
            label = f"armor stat {stat} {value}"
            plugs.armor_stats.append(
                add_plug(
                    definitions, label, Text("", ""), "armor_stats", Text("", ""), stats={stat: value}, has_perk=False
                )
            )
    empty = _empty_mod(definitions, "enhancements.v2_armor")
    for bucket in game.ARMOR_BUCKETS:
        slot = game.BUCKETS[bucket].name
        type_name = Text(f"{slot.en} Armor Mod", f"Mod d'armure : {slot.fr}")
        plugs.armor_mods[bucket] = [empty]
        for number in range(ARMOR_MODS):
            text, _ = effect(rng, game.ARMOR_STATS)
            plugs.armor_mods[bucket].append(
                add_plug(
                    definitions,
                    f"armor mod {bucket} {number}",
                    names.next(),
                    "enhancements.v2_armor",
                    type_name,
                    description=text,
                    cost=rng.between(1, 4),
                )
            )


def _empty_mod(definitions: Definitions, category: str) -> int:
    name = Text("Empty Mod Socket", "Emplacement de mod vide")
    return add_plug(definitions, f"{category} empty", name, category, Text("Armor Mod", "Mod d'armure"), has_perk=False)


def _add_cosmetics(definitions: Definitions, names: Names, plugs: SharedPlugs) -> None:
    shader, ornament = Text("Shader", "Revêtement"), Text("Weapon Ornament", "Ornement d'arme")
    defaults: dict[str, Any] = {"has_perk": False, "itemSubType": game.SHADER}
    first = add_plug(
        definitions,
        "default shader",
        Text("Default Shader", "Revêtement par défaut"),
        "shader",
        shader,
        number=game.DEFAULT_SHADER,
        **defaults,
    )
    plugs.shaders.append(first)
    for number in range(SHADERS):
        plugs.shaders.append(add_plug(definitions, f"shader {number}", names.next(), "shader", shader, **defaults))
    add_plug(
        definitions,
        "default ornament",
        Text("Default Ornament", "Ornement par défaut"),
        "skins",
        ornament,
        number=game.DEFAULT_ORNAMENT,
        has_perk=False,
        itemSubType=game.ORNAMENT,
    )
