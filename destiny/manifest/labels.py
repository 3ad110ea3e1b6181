"""Readable labels for the names of Bungie's tables and fields, which are English in every language."""

import re
from functools import cache

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
PREFIX, SUFFIX = "Destiny", "Definition"
# The table to which a field leads, by the end of the field's name, in lower case.
_TABLES = {
    "activityhash": "Activity",
    "activitymodehash": "ActivityMode",
    "activitytypehash": "ActivityType",
    "basestathash": "Stat",
    "breakertypehash": "BreakerType",
    "buckethash": "InventoryBucket",
    "buckettypehash": "InventoryBucket",
    "classhash": "Class",
    "collectiblehash": "Collectible",
    "damagetypehash": "DamageType",
    "destinationhash": "Destination",
    "factionhash": "Faction",
    "genderhash": "Gender",
    "itemcategoryhash": "ItemCategory",
    "itemhash": "InventoryItem",
    "lorehash": "Lore",
    "milestonehash": "Milestone",
    "objectivehash": "Objective",
    "perkhash": "SandboxPerk",
    "placehash": "Place",
    "plugsethash": "PlugSet",
    "powercaphash": "PowerCap",
    "racehash": "Race",
    "recordhash": "Record",
    "seasonhash": "Season",
    "slottypehash": "EquipmentSlot",
    "socketcategoryhash": "SocketCategory",
    "sockettypehash": "SocketType",
    "statgrouphash": "StatGroup",
    "stathash": "Stat",
    "stattypehash": "Stat",
    "tiertypehash": "ItemTierType",
    "traithash": "Trait",
    "vendorgrouphash": "VendorGroup",
    "vendorhash": "Vendor",
}


@cache
def table_label(table: str) -> str:
    """Return "Inventory item" for DestinyInventoryItemDefinition."""
    return field_label(table.removeprefix(PREFIX).removesuffix(SUFFIX))


@cache
def field_label(name: str) -> str:
    """Return "Tier type" for tierType, and also for tierTypeHash, which pages show as a name."""
    words = _BOUNDARY.sub(" ", name.removesuffix("Hashes").removesuffix("Hash") or name).replace("_", " ")
    return words[:1].upper() + words[1:].lower()


@cache
def table_of(field: str) -> str | None:
    """Return the table to which a field such as rewardItemHash or traitHashes leads, if that is known."""
    name = field.lower()
    name = name.removesuffix("es") if name.endswith("hashes") else name
    ends = (end for end in sorted(_TABLES, key=len, reverse=True) if name.endswith(end))
    found = next(ends, None)
    return f"{PREFIX}{_TABLES[found]}{SUFFIX}" if found else None
