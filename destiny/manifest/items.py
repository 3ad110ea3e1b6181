"""Definitions of items as typed values: the parts that pages show, instead of kilobytes of JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

TABLE = "DestinyInventoryItemDefinition"
EXOTIC, ANY_CLASS = 6, 3
# Where the values are in the JSON, in the order of the fields below, without hash and name: texts, numbers, flags.
TEXTS = (
    "displayProperties,icon",
    "iconWatermark",
    "displayProperties,description",
    "itemTypeDisplayName",
    "inventory,tierTypeName",
    "equippingBlock,uniqueLabel",
)
NUMBERS = (
    "itemType",
    "itemSubType",
    "classType",
    "defaultDamageType",
    "equippingBlock,ammoType",
    "inventory,bucketTypeHash",
    "inventory,tierType",
    "inventory,maxStackSize",
    "equippingBlock,equipableItemSetHash",
    "seasonHash",
    "plug,energyCost,energyCost",
)
FLAGS = ("inventory,isInstanceItem", "equippable", "nonTransferrable")
PATHS = (*TEXTS, *NUMBERS, *FLAGS)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """An item, or a plug. `icon` and `watermark` are paths on Bungie's site, or empty.

    Numbers are those of Bungie's enumerations; 0 for a hash that the item does not have. Of items with the same
    `unique_label`, a guardian can equip only one. `energy_cost` is what a plug needs.
    """

    hash: int
    name: str
    icon: str
    watermark: str
    description: str
    type_name: str
    tier_name: str
    unique_label: str
    item_type: int
    sub_type: int
    class_type: int
    damage_type: int
    ammo_type: int
    bucket_hash: int
    tier_type: int
    max_stack_size: int
    set_hash: int
    season_hash: int
    energy_cost: int
    is_instance: bool
    is_equippable: bool
    is_transferrable: bool

    @property
    def is_exotic(self) -> bool:
        return self.tier_type == EXOTIC


def item_of(found: int, name: str, values: Sequence[str | None]) -> ItemDefinition:
    """Return the item with these values of the PATHS, as the texts that PostgreSQL makes of them."""
    ends = len(TEXTS), len(TEXTS) + len(NUMBERS)
    texts = (one or "" for one in values[: ends[0]])
    *flags, is_bound = (one == "true" for one in values[ends[1] :])
    columns: list[Any] = [*texts, *map(_number, values[ends[0] : ends[1]]), *flags, not is_bound]
    return ItemDefinition(found, name, *columns)


def _number(text: str | None) -> int:
    """Without one, Bungie means 0."""
    return int(text) if text is not None and text.removeprefix("-").isdecimal() and len(text) < 20 else 0


def unknown_item(found: int) -> ItemDefinition:
    """Return what stands for an item that the edition does not have: its number, and nothing else."""
    empty = item_of(found, f"#{found}", [None] * len(PATHS))
    return replace(empty, class_type=ANY_CLASS, is_transferrable=False)
