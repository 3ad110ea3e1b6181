"""Tables with the game's own rows: buckets, classes, damage types, stats, socket categories, loadout identifiers."""

from sandbox.bungie.world import game
from sandbox.bungie.world.definitions import Definitions, Json, display, hash_of, icon
from sandbox.bungie.world.text import EMPTY, Text

LOADOUT_NAMES = (
    Text("Evening", "Soirée"), Text("Raid", "Raid"), Text("Solo", "Solo"), Text("Team", "Équipe"), Text("Farming",
    "Récolte"),
    Text("Boss", "Boss"), Text("Sprint", "Sprint"), Text("Support", "Soutien"), Text("Duel", "Duel"), Text("Patrol",
    "Patrouille"),
    Text("Puzzle", "Énigme"), Text("Fashion", "Mode"),
)  # fmt: skip
LOADOUT_ICONS, LOADOUT_COLORS, LOADOUTS = 12, 12, 10
_SEASONS = 4
CATEGORIES = {
    1: Text("Weapon", "Arme"), 20: Text("Armor", "Armure"), 16: Text("Quests", "Quêtes"), 18: Text("Currencies",
    "Monnaies"),
    19: Text("Emblems", "Emblèmes"), 35: Text("Consumables", "Consommables"), 39: Text("Ghost", "Spectre"),
    42: Text("Ships", "Vaisseaux"),
    43: Text("Vehicles", "Véhicules"), 50: Text("Subclasses", "Doctrines"), 59: Text("Mods", "Mods"),
    1784235469: Text("Bounties", "Contrats"),
}  # fmt: skip


def add_constants(definitions: Definitions) -> None:
    """Add all tables that do not depend on the seed."""
    for number, (class_type, (hash_, name)) in enumerate(game.CLASSES.items()):
        genders = {str(gender): name for gender, _ in game.GENDERS.values()}
        row: Json = {
            "classType": class_type,
            "displayProperties": display(name),
            "genderedClassNamesByGenderHash": genders,
        }
        definitions.add("Class", number, row | {"genderedClassNames": {"Male": name, "Female": name}}, hash_)
    for race, (hash_, name) in game.RACES.items():
        genders = {str(gender): name for gender, _ in game.GENDERS.values()}
        row = {"raceType": race, "displayProperties": display(name), "genderedRaceNamesByGenderHash": genders}
        definitions.add("Race", race, row | {"genderedRaceNames": {"Male": name, "Female": name}}, hash_)
    for gender, (hash_, name) in game.GENDERS.items():
        definitions.add("Gender", gender, {"genderType": gender, "displayProperties": display(name)}, hash_)
    _add_buckets(definitions)
    _add_kinds(definitions)
    _add_stats(definitions)
    _add_loadout_tables(definitions)
    _add_seasons(definitions)


def _add_buckets(definitions: Definitions) -> None:
    for hash_, bucket in game.BUCKETS.items():
        row = {
            "displayProperties": display(bucket.name), "scope": bucket.scope, "category": bucket.category,
            "bucketOrder": bucket.order, "itemCount": bucket.size, "location": bucket.location,
            "hasTransferDestination": bucket.transfers, "enabled": bucket.enabled, "fifo": bucket.fifo,
        }  # fmt: skip
        definitions.add("InventoryBucket", hash_, row, hash_)
    for hash_ in game.EQUIPMENT:
        row = {
            "displayProperties": display(game.BUCKETS[hash_].name), "equipmentCategoryHash": hash_,
            "bucketTypeHash": hash_, "applyCustomArtDyes": True, "artDyeChannels": [],
        }  # fmt: skip
        definitions.add("EquipmentSlot", hash_, row, hash_)


def _add_kinds(definitions: Definitions) -> None:
    row: Json
    shown = display(Text("Any", "Tous"), "", icon("energy", kind="png"))
    row = {"displayProperties": shown, "transparentIconPath": shown["icon"], "showIcon": False, "enumValue": 0}
    definitions.add("EnergyType", "any", row, game.ANY_ENERGY)
    for tier, (hash_, name) in game.TIERS.items():
        row = {"displayProperties": display(name), "infusionProcess": {"baseQualityTransferRatio": 1}}
        definitions.add("ItemTierType", tier, row, hash_)
    for kind, (hash_, name) in game.DAMAGE_TYPES.items():
        path = icon("damage", kind, kind="png")
        row = {
            "displayProperties": display(name, "", path), "transparentIconPath": path, "showIcon": True,
            "enumValue": kind, "color": {"red": 40 * kind % 255, "green": 90, "blue": 160, "alpha": 255},
        }  # fmt: skip
        definitions.add("DamageType", kind, row, hash_)
    for kind, (hash_, name) in game.BREAKER_TYPES.items():
        row = {"displayProperties": display(name, "", icon("breaker", kind)), "enumValue": kind}
        definitions.add("BreakerType", kind, row | {"unlockHash": hash_of("breaker", kind)}, hash_)
    for hash_, name in CATEGORIES.items():
        row = {"displayProperties": display(name), "visible": True, "deprecated": False, "shortTitle": name}
        definitions.add("ItemCategory", hash_, row | {"groupedCategoryHashes": [], "parentCategoryHashes": []}, hash_)
    for hash_, (name, style) in game.SOCKET_CATEGORIES.items():
        row = {"displayProperties": display(name), "uiCategoryStyle": hash_of("style", style), "categoryStyle": style}
        definitions.add("SocketCategory", hash_, row, hash_)


def _add_stats(definitions: Definitions) -> None:
    groups = ((game.ARMOR_STATS, 2, 1), (game.WEAPON_STATS, 1, 2), (game.OTHER_STATS, 3, 0))
    for stats, category, aggregation in groups:
        for hash_, name in stats.items():
            row = {
                "displayProperties": display(name, "", icon("stat", hash_, kind="png")), "aggregationType": aggregation,
                "hasComputedBlock": False, "statCategory": category, "interpolate": False,
            }  # fmt: skip
            definitions.add("Stat", hash_, row, hash_)


def add_stat_group(definitions: Definitions, label: str, stats: list[int], most: int = 100) -> int:
    """Add a group: which stats an item shows, in this order, and how their values are scaled."""
    numeric = (game.RPM, game.MAGAZINE)
    scaled = [
        {
            "statHash": stat, "maximumValue": most, "displayAsNumeric": stat in numeric,
            "displayInterpolation": [{"value": 0, "weight": 0}, {"value": most, "weight": most}],
        }
        for stat in stats
    ]  # fmt: skip
    row: Json = {"maximumValue": most, "uiPosition": 0, "scaledStats": scaled, "overrides": {}}
    return definitions.add("StatGroup", label, row)


def _add_loadout_tables(definitions: Definitions) -> None:
    names = [definitions.add("LoadoutName", number, {"name": name}) for number, name in enumerate(LOADOUT_NAMES)]
    icons = [
        definitions.add("LoadoutIcon", number, {"iconImagePath": icon("loadout", number, kind="png")})
        for number in range(LOADOUT_ICONS)
    ]
    colors = [
        definitions.add("LoadoutColor", number, {"colorImagePath": icon("color", number)})
        for number in range(LOADOUT_COLORS)
    ]
    row = {
        "displayProperties": display(Text("Loadouts", "Équipements"), EMPTY, icon("loadouts", kind="png")),
        "whiteIconImagePath": icon("loadouts", "white", kind="png"),
        "blackIconImagePath": icon("loadouts", "black", kind="png"),
        "loadoutCountPerCharacter": LOADOUTS,
        "loadoutPreviewFilterOutSocketCategoryHashes": [game.ARMOR_COSMETICS, game.WEAPON_COSMETICS],
        "loadoutPreviewFilterOutSocketTypeHashes": [],
        "loadoutNameHashes": names,
        "loadoutIconHashes": icons,
        "loadoutColorHashes": colors,
    }
    definitions.add("LoadoutConstants", "constants", row, 1)


def _add_seasons(definitions: Definitions) -> None:
    definitions.add("PowerCap", "cap", {"powerCap": 999_990}, 2759499571)
    for number in range(1, _SEASONS + 1):
        name = Text(f"Season of the {number}. Kettle", f"Saison de la {number}e bouilloire")
        row = {
            "displayProperties": display(name, "", icon("season", number)), "seasonNumber": number,
            "startDate": f"20{23 + number}-06-01T17:00:00Z", "endDate": f"20{24 + number}-06-01T17:00:00Z",
            "backgroundImagePath": icon("season background", number),
            "seasonPassList": [],
        }  # fmt: skip
        definitions.add("Season", number, row)
