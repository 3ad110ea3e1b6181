"""Vendors, their groups, and what they can sell."""

from typing import NamedTuple

from sandbox.bungie.world import game
from sandbox.bungie.world.belongings import GLIMMER_ITEM
from sandbox.bungie.world.definitions import Definitions, Json, display, hash_of, icon, name_of
from sandbox.bungie.world.text import Text
from sandbox.bungie.world.words import Names
from sandbox.world.rng import SeededRandom

DAILY, WEEKLY, FRIDAYS, NEVER = "daily", "weekly", "fridays", "never"


class Vendor(NamedTuple):
    """A vendor: hash, role in both languages, group, when it restocks, and which buckets it sells from."""

    number: int
    role: Text
    group: int
    restocks: str
    buckets: tuple[int, ...]


LIMITED, TOWER, DESTINATION = 3227191227, 679769104, 2537374699
GROUPS = {
    LIMITED: Text("Limited Time", "Temps limité"),
    TOWER: Text("Tower", "Tour"),
    DESTINATION: Text("Destination", "Destination"),
}
XUR, GUNSMITH, TAILOR = 2190858386, 672118013, 350061650
_ARMOR = game.ARMOR_BUCKETS
VENDORS = (
    Vendor(
        XUR,
        Text("Agent of the Nine Kettles", "Agent des Neuf Bouilloires"),
        LIMITED,
        FRIDAYS,
        (*game.WEAPON_BUCKETS, *_ARMOR),
    ),
    Vendor(GUNSMITH, Text("Gunsmith", "Armurière"), TOWER, WEEKLY, (*game.WEAPON_BUCKETS, game.CONSUMABLES)),
    Vendor(TAILOR, Text("Tailor", "Tailleuse"), TOWER, DAILY, (*_ARMOR, game.CONSUMABLES)),
    Vendor(
        hash_of("vendor", "ships"), Text("Shipwright", "Charpentier naval"), TOWER, WEEKLY, (game.SHIP, game.VEHICLE)
    ),
    Vendor(hash_of("vendor", "emblems"), Text("Archivist", "Archiviste"), TOWER, NEVER, (game.EMBLEM, game.GHOST)),
    Vendor(
        hash_of("vendor", "quests"),
        Text("Quartermaster", "Intendant"),
        TOWER,
        WEEKLY,
        (game.QUESTS, *game.WEAPON_BUCKETS),
    ),
    Vendor(hash_of("vendor", "scout"), Text("Scout", "Éclaireuse"), DESTINATION, DAILY, (game.QUESTS, *_ARMOR)),
    Vendor(
        hash_of("vendor", "smuggler"),
        Text("Smuggler", "Contrebandier"),
        DESTINATION,
        DAILY,
        (game.CONSUMABLES, game.ENERGY),
    ),
    Vendor(
        hash_of("vendor", "hermit"),
        Text("Hermit", "Ermite"),
        DESTINATION,
        WEEKLY,
        (game.FINISHER, game.EMOTE, game.POWER),
    ),
)
_PER_BUCKET = 14


def add_vendors(definitions: Definitions, names: Names, seed: int) -> None:
    """Add vendors and groups. What is sold today is chosen from a vendor's item list."""
    for order, (number, name) in enumerate(GROUPS.items()):
        definitions.add("VendorGroup", number, {"order": order, "categoryName": name}, number)
    places = list(definitions.tables["Destination"])
    for position, vendor in enumerate(VENDORS):
        rng = SeededRandom(seed, "vendor", vendor.number)
        items = [_item for bucket in vendor.buckets for _item in _sample(definitions, rng, bucket)]
        _add(definitions, vendor, names.next(), items, places[position % len(places)])
    _add_hidden_vendors(definitions, names)


def _sample(definitions: Definitions, rng: SeededRandom, bucket: int) -> list[Json]:
    candidates = [row for row in definitions.items_in(bucket) if name_of(row).en]
    return rng.sample(candidates, _PER_BUCKET)


def cost_of(row: Json) -> list[Json]:
    """Return what an item costs: Glimmer, and a material for exotics."""
    tier = row["inventory"]["tierType"]
    costs = [{"itemHash": GLIMMER_ITEM, "quantity": 1500 * tier, "hasConditionalVisibility": False}]
    if tier == game.EXOTIC:
        material = hash_of("InventoryItem", "material 0")
        costs.append({"itemHash": material, "quantity": 17, "hasConditionalVisibility": False})
    return costs


def _add(definitions: Definitions, vendor: Vendor, name: Text, items: list[Json], destination: int) -> None:
    categories = list(dict.fromkeys(row["inventory"]["bucketTypeHash"] for row in items))
    list_ = [_sale(place, row, categories.index(row["inventory"]["bucketTypeHash"])) for place, row in enumerate(items)]
    shown = display(name, vendor.role, icon("vendor", vendor.number, kind="png"))
    row = {
        "displayProperties": {
            **shown, "subtitle": vendor.role, "largeIcon": icon("vendor", vendor.number, "large"),
            "originalIcon": "", "smallTransparentIcon": shown["icon"], "mapIcon": shown["icon"],
            "largeTransparentIcon": shown["icon"], "requirementsDisplay": [],
        },
        "vendorProgressionType": 0, "buyString": "", "sellString": "", "displayItemHash": 0, "inhibitBuying": False,
        "inhibitSelling": False, "factionHash": 0, "resetIntervalMinutes": 10080, "resetOffsetMinutes": 1020,
        "failureStrings": [Text("You cannot buy this yet.", "Vous ne pouvez pas encore acheter ceci.")],
        "unlockRanges": [], "vendorPortrait": "", "vendorBanner": "", "enabled": True, "visible": True,
        "vendorSubcategoryIdentifier": "", "consolidateCategories": False, "actions": [],
        "categories": [
            {"categoryIndex": place, "sortValue": place, "categoryHash": hash_of("category", bucket),
            "quantityAvailable": 0,
             "showUnavailableItems": False, "hideIfNoCurrency": False, "hideFromRegularPurchase": False,
             "buyStringOverride": "",
             "disabledDescription": "",
             "vendorItemIndexes": [one["vendorItemIndex"] for one in list_ if one["displayCategoryIndex"] == place],
             "isPreview": False, "isDisplayOnly": False}
            for place, bucket in enumerate(categories)
        ],
        "originalCategories": [],
        "displayCategories": [
            {"index": place, "identifier": f"category_{bucket}", "displayCategoryHash": hash_of("category", bucket),
             "displayProperties": display(game.BUCKETS[bucket].name), "displayInBanner": False, "sortOrder": place,
             "displayStyleHash": 0, "displayStyleIdentifier": ""}
            for place, bucket in enumerate(categories)
        ],
        "interactions": [], "inventoryFlyouts": [], "itemList": list_, "services": [], "acceptedItems": [],
        "returnWithVendorRequest": True,
        "locations": [{"destinationHash": destination, "backgroundImagePath": icon("vendor", vendor.number, "place")}],
        "groups": [{"vendorGroupHash": vendor.group}], "ignoreSaleItemHashes": [],
    }  # fmt: skip
    definitions.add("Vendor", vendor.number, row, vendor.number)


def _sale(place: int, row: Json, category: int) -> Json:
    return {
        "vendorItemIndex": place, "itemHash": row["hash"], "quantity": 1, "failureIndexes": [0],
        "currencies": [
            {"itemHash": one["itemHash"], "quantity": one["quantity"],
            "hasConditionalVisibility": False} for one in cost_of(row)
        ],
        "refundPolicy": 0, "refundTimeLimit": 0, "creationLevels": [{"level": 0}], "displayCategoryIndex": category,
        "categoryIndex": category, "originalCategoryIndex": category, "minimumLevel": 0, "maximumLevel": 0,
        "action": {"executeSeconds": 0, "isPositive": False}, "displayCategory": "",
        "inventoryBucketHash": row["inventory"]["bucketTypeHash"], "visibilityScope": 0, "purchasableScope": 0,
        "exclusivity": -1, "isOffer": False, "isCrm": False, "sortValue": 0, "expirationTooltip": "",
        "redirectToSaleIndexes": [], "socketOverrides": [],
    }  # fmt: skip


def _add_hidden_vendors(definitions: Definitions, names: Names) -> None:
    """Add some vendors without a group, which the game uses for previews: an answer lists them too."""
    for number in range(6):
        label = f"preview {number}"
        row = {
            "displayProperties": display(names.next()), "enabled": True, "visible": False, "itemList": [], "groups": [],
            "categories": [], "displayCategories": [], "locations": [], "failureStrings": [], "factionHash": 0,
        }  # fmt: skip
        definitions.add("Vendor", label, row)
