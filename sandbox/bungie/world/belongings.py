"""Everything that is neither weapon nor armor: ghosts, ships, emblems, currencies, materials, quests, bounties."""

from typing import Any, NamedTuple

from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, display, hash_of, icon
from sandbox.bungie.world.items import add_collectible, add_item, equipping, looks
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.words import Names

GLIMMER_ITEM, BRIGHT_DUST_ITEM, SILVER_ITEM = 3159615086, 2817410917, 3147280338


class _Kind(NamedTuple):
    """A kind of equipment without stats: label, how many, item type, bucket, name, category, whether it transfers."""

    label: str
    amount: int
    item_type: int
    bucket: int
    name: Text
    category: int
    transfers: bool = True


_KINDS = (
    _Kind("ghost", 30, game.GHOST_TYPE, game.GHOST, Text("Ghost Shell", "Coque de Spectre"), 39),
    _Kind("ship", 40, game.SHIP_TYPE, game.SHIP, Text("Ship", "Vaisseau"), 42),
    _Kind("vehicle", 40, game.VEHICLE_TYPE, game.VEHICLE, Text("Vehicle", "Véhicule"), 43),
    _Kind("emblem", 120, game.EMBLEM_TYPE, game.EMBLEM, Text("Emblem", "Emblème"), 19, False),
    _Kind("finisher", 24, game.FINISHER_TYPE, game.FINISHER, Text("Finisher", "Coup de grâce"), 20, False),
    _Kind("emote", 40, game.EMOTE_TYPE, game.EMOTE, Text("Emote", "Interaction"), 20, False),
    _Kind("banner", 4, game.BANNER_TYPE, game.CLAN_BANNER, Text("Clan Banner", "Étendard de clan"), 20, False),
)
_CURRENCIES = (
    (GLIMMER_ITEM, game.GLIMMER, Text("Glimmer", "Lumen"), 500_000),
    (BRIGHT_DUST_ITEM, game.BRIGHT_DUST, Text("Bright Dust", "Poussière brillante"), 1_000_000),
    (SILVER_ITEM, game.SILVER, Text("Silver", "Argentum"), 1_000_000),
)
MATERIALS, CONSUMABLES, QUESTS, BOUNTIES, ENGRAMS, PACKAGES, DUMMIES = 30, 60, 90, 150, 16, 24, 40
STACK = 9999


def add_belongings(definitions: Definitions, names: Names) -> None:
    """Add all of them."""
    for kind in _KINDS:
        for number in range(kind.amount):
            _add_equipment(definitions, names, kind, number)
    for hash_, bucket, name, most in _CURRENCIES:
        add_item(
            definitions, f"currency {hash_}", name, item_type=game.CURRENCY, bucket=bucket,
            type_name=Text("Currency", "Monnaie"), tier=1, instanced=False, stack=most, transferable=False,
            itemCategoryHashes=[18], number=hash_,
        )  # fmt: skip
    for number in range(MATERIALS):
        _add_stack(definitions, names, f"material {number}", game.MATERIAL, Text("Material", "Matériau"))
    for number in range(CONSUMABLES):
        _add_stack(definitions, names, f"consumable {number}", game.CONSUMABLE, Text("Consumable", "Consommable"))
    for number in range(PACKAGES):
        _add_stack(definitions, names, f"package {number}", game.PACKAGE, Text("Package", "Paquet"))
    for number in range(ENGRAMS):
        add_item(
            definitions, f"engram {number}", names.next(), item_type=game.ENGRAM, bucket=game.ENGRAMS,
            type_name=Text("Engram", "Engramme"), transferable=False,
        )  # fmt: skip
    for number in range(QUESTS):
        _add_pursuit(definitions, names, f"quest {number}", game.QUEST_STEP, Text("Quest Step", "Étape de quête"), 16)
    for number in range(BOUNTIES):
        _add_pursuit(
            definitions,
            names,
            f"bounty {number}",
            game.BOUNTY,
            Text("Weekly Bounty", "Contrat hebdomadaire"),
            1784235469,
        )
    for number in range(DUMMIES):
        # Rows without a name exist; a search must not stumble over them.
        add_item(
            definitions, f"dummy {number}", Text("", ""), item_type=game.DUMMY, bucket=game.CONSUMABLES,
            type_name=Text("", ""), instanced=False, transferable=False,
        )  # fmt: skip


def _add_equipment(definitions: Definitions, names: Names, kind: _Kind, number: int) -> None:
    label, name = f"{kind.label} {number}", names.next()
    more: dict[str, Any] = looks(label)
    if kind.label == "emblem":
        more["secondaryIcon"] = icon(label, "wide")
        more["secondarySpecial"] = icon(label, "special")
        more["secondaryOverlay"] = icon(label, "overlay", kind="png")
    item = add_item(
        definitions,
        label,
        name,
        item_type=kind.item_type,
        bucket=kind.bucket,
        type_name=kind.name,
        tier=game.EXOTIC if number % 9 == 8 else game.LEGENDARY,
        transferable=kind.transfers,
        equippable=True,
        equippingBlock=equipping(kind.bucket),
        itemCategoryHashes=[kind.category],
        **more,
    )
    add_collectible(definitions, label, name, item)


def _add_stack(definitions: Definitions, names: Names, label: str, item_type: int, type_name: Text) -> None:
    add_item(
        definitions, label, names.next(), item_type=item_type, bucket=game.CONSUMABLES, type_name=type_name,
        tier=game.RARE, instanced=False, stack=STACK, itemCategoryHashes=[35],
    )  # fmt: skip


def _add_pursuit(
    definitions: Definitions, names: Names, label: str, item_type: int, type_name: Text, category: int
) -> None:
    name, text = names.next(), Text("Complete the task.", "Accomplissez la tâche.")
    objective = definitions.add("Objective", label, objective_row(Text("Tasks", "Tâches"), 5 + hash_of(label) % 20))
    add_item(
        definitions, label, name, item_type=item_type, bucket=game.QUESTS, type_name=type_name, description=text,
        transferable=False, itemCategoryHashes=[category],
        objectives={
            "objectiveHashes": [objective], "displayActivityHashes": [0], "requireFullObjectiveCompletion": True,
            "questlineItemHash": 0, "narrative": "", "objectiveVerbName": "", "questTypeIdentifier": "",
            "questTypeHash": 0, "perObjectiveDisplayProperties": [{"displayOnItemPreviewScreen": False}],
            "displayAsStatTracker": False,
        },
    )  # fmt: skip


def objective_row(name: Text, goal: int) -> dict[str, Any]:
    """Return the row of an objective that is done when a counter reaches the goal."""
    return {
        "displayProperties": display(name), "unlockValueHash": 0, "completionValue": goal, "scope": 0,
        "locationHash": 0,
        "allowNegativeValue": False, "allowValueChangeWhenCompleted": False, "isCountingDownward": False,
        "valueStyle": 0, "progressDescription": name, "minimumVisibilityThreshold": 0, "allowOvercompletion": False,
        "showValueOnComplete": False, "isDisplayOnlyObjective": False, "completedValueStyle": 0,
        "inProgressValueStyle": 0,
    }  # fmt: skip
