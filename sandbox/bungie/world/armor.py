"""Armor: sets of five for each class, with bonuses, and exotics."""

from sandbox.bungie.world import game
from sandbox.bungie.world.constants import add_stat_group
from sandbox.bungie.world.definitions import Definitions, Json, display, icon
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
from sandbox.bungie.world.words import Names, of
from sandbox.world.rng import SeededRandom

SETS, EXOTICS_PER_SLOT = 18, 6
_SUBTYPES = dict(zip(game.ARMOR_BUCKETS, (26, 27, 28, 29, 30), strict=True))
_TRAITS = dict(zip(game.ARMOR_BUCKETS, ("head", "arms", "chest", "legs", "class"), strict=True))
_CATEGORIES = dict(zip(game.ARMOR_BUCKETS, (45, 46, 47, 48, 49), strict=True))
_CLASS_CATEGORIES = {game.TITAN: 22, game.HUNTER: 23, game.WARLOCK: 21}
_PIECES = dict(
    zip(
        game.ARMOR_BUCKETS,
        (Text("Helm", "Casque"), Text("Grips", "Gantelets"), Text("Vest", "Plastron"), Text("Strides", "Jambières"),
        Text("Cloak", "Cape")),
        strict=True,
    )
)  # fmt: skip
# The sockets of a piece whose plugs are its stats.
STAT_SOCKETS = (7, 8, 9)
ARCHETYPE_SOCKET, TIER_SOCKET = 6, 10


def add_armor(definitions: Definitions, names: Names, seed: int, plugs: SharedPlugs) -> None:
    """Add all armor."""
    rng = SeededRandom(seed, "armor")
    group = add_stat_group(definitions, "armor", list(game.ARMOR_STATS), 45)
    tiers = [_tier(definitions, energy) for energy in range(1, 12)]
    tier_set = definitions.add_plug_set("armor tiers", tiers)
    for number in range(SETS):
        _add_set(definitions, names, rng, plugs, number, group, (tiers[0], tier_set))
    for class_type in game.CLASSES:
        for bucket in game.ARMOR_BUCKETS[:4]:
            for number in range(EXOTICS_PER_SLOT):
                label = f"exotic {class_type} {bucket} {number}"
                perk = _intrinsic(definitions, rng, names, label)
                _add(
                    definitions,
                    rng,
                    plugs,
                    label,
                    names.next(),
                    class_type,
                    bucket,
                    game.EXOTIC,
                    group,
                    (tiers[0], tier_set),
                    perk,
                )


def _tier(definitions: Definitions, energy: int) -> int:
    name = Text(f"Tier {energy} Armor", f"Armure de niveau {energy}")
    capacity: Json = {"capacityValue": energy, "energyTypeHash": game.ANY_ENERGY, "energyType": 0}
    number = add_plug(
        definitions,
        f"armor tier {energy}",
        name,
        "v460.plugs.armor.masterworks",
        Text("Armor", "Armure"),
        has_perk=False,
    )
    definitions.item(number)["plug"]["energyCapacity"] = capacity
    return number


def _add_set(
    definitions: Definitions,
    names: Names,
    rng: SeededRandom,
    plugs: SharedPlugs,
    number: int,
    group: int,
    tier: tuple[int, int],
) -> None:
    name = names.next()
    pieces = []
    for class_type in game.CLASSES:
        for bucket, piece in _PIECES.items():
            full = Text(f"{name.en} {piece.en}", f"{piece.fr} {of(name.fr)}")
            label = f"set {number} {class_type} {bucket}"
            pieces.append(
                _add(definitions, rng, plugs, label, full, class_type, bucket, game.LEGENDARY, group, tier, None)
            )
    text, _ = effect(rng, game.ARMOR_STATS)
    perks = []
    for count in (2, 4):
        row = {"displayProperties": display(name, text, icon("set", number)), "isDisplayable": True, "damageType": 0}
        perk = definitions.add("SandboxPerk", f"set {number} {count}", row)
        perks.append({"requiredSetCount": count, "sandboxPerkHash": perk})
    set_hash = definitions.add(
        "EquipableItemSet", number, {"displayProperties": display(name), "setItems": pieces, "setPerks": perks}
    )
    for one in pieces:
        definitions.item(one)["equippingBlock"]["equipableItemSetHash"] = set_hash


def _intrinsic(definitions: Definitions, rng: SeededRandom, names: Names, label: str) -> int:
    text, _ = effect(rng, game.ARMOR_STATS)
    return add_plug(
        definitions,
        f"{label} intrinsic",
        names.next(),
        "intrinsics",
        Text("Intrinsic", "Intrinsèque"),
        description=text,
    )


def _add(
    definitions: Definitions,
    rng: SeededRandom,
    plugs: SharedPlugs,
    label: str,
    name: Text,
    class_type: int,
    bucket: int,
    tier: int,
    group: int,
    armor_tier: tuple[int, int],
    intrinsic: int | None,
) -> int:
    exotic = "exotic_armor" if tier == game.EXOTIC else ""
    values = {game.DEFENSE: 0, game.POWER_STAT: 0, 3578062600: 0}
    number = add_item(
        definitions,
        label,
        name,
        item_type=game.ARMOR,
        bucket=bucket,
        type_name=game.BUCKETS[bucket].name,
        tier=tier,
        itemSubType=_SUBTYPES[bucket],
        classType=class_type,
        equippable=True,
        equippingBlock=equipping(bucket, 0, exotic),
        stats=stats_block(group, values, game.DEFENSE),
        investmentStats=investment(values),
        itemCategoryHashes=[20, _CLASS_CATEGORIES[class_type], _CATEGORIES[bucket]],
        sockets=_sockets(rng, plugs, bucket, armor_tier, intrinsic),
        **lore_and_trait(definitions, label, name, f"item.armor.{_TRAITS[bucket]}"),
        **looks(label, season=1 + rng.below(4)),
    )
    add_collectible(definitions, label, name, number)
    return number


def _sockets(rng: SeededRandom, plugs: SharedPlugs, bucket: int, tier: tuple[int, int], intrinsic: int | None) -> Json:
    types, sets = plugs.socket_types, plugs.sets
    mods, mod_set = plugs.armor_mods[bucket], sets[f"armor mods {bucket}"]
    archetype = intrinsic or rng.pick(plugs.archetypes)
    entries = [
        socket(types["general mod"], plugs.general_mods[0], options=sets["general mods"]),
        *(socket(types["armor mod"], mods[0], options=mod_set) for _ in range(3)),
        socket(types["armor shader"], game.DEFAULT_SHADER, options=sets["shaders"]),
        socket(types["armor ornament"], game.DEFAULT_ORNAMENT),
        socket(types["archetype"], archetype, random=0 if intrinsic else sets["archetypes"]),
        *(
            socket(types["armor stat"], plugs.armor_stats[0], random=sets["armor stats"], visible=False)
            for _ in STAT_SOCKETS
        ),
        socket(types["armor tier"], tier[0], options=tier[1]),
    ]
    return sockets(
        entries,
        {
            game.ARMOR_MODS: [0, 1, 2, 3],
            game.ARMOR_COSMETICS: [4, 5],
            game.ARMOR_PERKS: [6],
            game.ARMOR_TIER: [TIER_SOCKET],
        },
    )
