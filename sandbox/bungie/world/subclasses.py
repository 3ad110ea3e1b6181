"""Subclasses with their abilities, and the seasonal artifact."""

from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, hash_of
from sandbox.bungie.world.items import add_item, add_plug, equipping, looks, socket, sockets
from sandbox.bungie.world.plugs import SharedPlugs, effect
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.words import Names
from sandbox.world.rng import SeededRandom

_ELEMENTS = (2, 3, 4, 6, 7)
# Sockets of a subclass: type, category of their plugs, how many plugs to choose from, how many sockets, what it is.
_PARTS = (
    ("super", "supers", 3, 1, Text("Super", "Super")),
    ("class ability", "class_abilities", 2, 1, Text("Class Ability", "Aptitude de classe")),
    ("movement", "movement", 3, 1, Text("Movement", "Mouvement")),
    ("melee", "melee", 2, 1, Text("Melee", "Mêlée")),
    ("grenade", "grenades", 4, 1, Text("Grenade", "Grenade")),
    ("aspect", "aspects", 4, 2, Text("Aspect", "Aspect")),
    ("fragment", "fragments", 8, 4, Text("Fragment", "Fragment")),
)


def add_subclasses(definitions: Definitions, names: Names, seed: int, plugs: SharedPlugs) -> None:
    """Add five subclasses for each class, and one artifact for all."""
    rng = SeededRandom(seed, "subclasses")
    for class_type, (_, class_name) in game.CLASSES.items():
        for element in _ELEMENTS:
            _add(definitions, names, rng, plugs, class_type, element, class_name)
    _add_artifact(definitions, names, rng)


def _add(
    definitions: Definitions,
    names: Names,
    rng: SeededRandom,
    plugs: SharedPlugs,
    class_type: int,
    element: int,
    class_name: Text,
) -> None:
    label = f"subclass {class_type} {element}"
    entries = []
    for kind, category, choices, count, type_name in _PARTS:
        options = []
        for number in range(choices):
            text, _ = effect(rng, game.ARMOR_STATS)
            plug_label = f"{label} {kind} {number}"
            options.append(
                add_plug(
                    definitions, plug_label, names.next(), category, type_name, description=text, bucket=game.SUBCLASS
                )
            )
        options_set = definitions.add_plug_set(f"{label} {kind}", options)
        kind_hash = plugs.socket_types[kind]
        entries += [socket(kind_hash, options[place], options=options_set) for place in range(count)]
    damage_hash, damage = game.DAMAGE_TYPES[element]
    add_item(
        definitions,
        label,
        Text(f"{damage.en} {class_name.en}", f"{class_name.fr} {damage.fr.lower()}"),
        item_type=game.SUBCLASS_TYPE,
        bucket=game.SUBCLASS,
        type_name=Text(f"{class_name.en} Subclass", f"Doctrine : {class_name.fr}"),
        tier=game.COMMON,
        transferable=False,
        classType=class_type,
        equippable=True,
        equippingBlock=equipping(game.SUBCLASS),
        itemCategoryHashes=[50],
        damageTypeHashes=[damage_hash],
        damageTypes=[element],
        defaultDamageType=element,
        defaultDamageTypeHash=damage_hash,
        talentGrid={"talentGridHash": hash_of(label), "itemDetailString": "", "buildName": damage.en.lower()},
        sockets=sockets(
            entries,
            {
                game.SUPER: [0],
                game.ABILITIES: [1, 2, 3, 4],
                game.ASPECTS: [5, 6],
                game.FRAGMENTS: [7, 8, 9, 10],
            },
        ),
        **looks(label),
    )


def _add_artifact(definitions: Definitions, names: Names, rng: SeededRandom) -> None:
    perks = []
    for number in range(25):
        text, _ = effect(rng, game.ARMOR_STATS)
        type_name = Text("Artifact Perk", "Attribut d'artéfact")
        perks.append(
            add_plug(definitions, f"artifact perk {number}", names.next(), "artifact", type_name, description=text)
        )
    name = names.next()
    artifact = add_item(
        definitions,
        "artifact",
        name,
        item_type=game.ARTIFACT_TYPE,
        bucket=game.ARTIFACT,
        type_name=Text("Seasonal Artifact", "Artéfact saisonnier"),
        transferable=False,
        equippable=True,
        equippingBlock=equipping(game.ARTIFACT),
        **looks("artifact"),
    )
    tiers = [
        {
            "tierHash": hash_of("artifact tier", tier),
            "displayTitle": Text(f"Tier {tier + 1}", f"Niveau {tier + 1}"),
            "items": [{"itemHash": perk, "activeUnlockHash": 0} for perk in perks[5 * tier : 5 * tier + 5]],
            "minimumUnlockPointsUsedRequirement": 2 * tier,
        }
        for tier in range(5)
    ]
    row = {"displayProperties": definitions.item(artifact)["displayProperties"], "tiers": tiers}
    definitions.add("Artifact", "artifact", row, artifact)
