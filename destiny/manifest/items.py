"""Definitions of items as typed values: the parts that pages show, instead of kilobytes of JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

TABLE = "DestinyInventoryItemDefinition"
EXOTIC = 6
# Where the values are in the JSON, in the order of the fields below, without hash and name.
PATHS = (
    "displayProperties,icon",
    "itemTypeDisplayName",
    "inventory,tierTypeName",
    "itemType",
    "itemSubType",
    "classType",
    "defaultDamageType",
    "inventory,bucketTypeHash",
    "inventory,tierType",
    "inventory,maxStackSize",
    "inventory,isInstanceItem",
    "equippable",
    "nonTransferrable",
    "equippingBlock,uniqueLabel",
    "plug,energyCost,energyCost",
)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """An item. `icon` is a path on Bungie's site, or empty; numbers are those of Bungie's enumerations.

    Of items with the same `unique_label`, a guardian can equip only one. `energy_cost` is what a plug needs.
    """

    hash: int
    name: str
    icon: str
    type_name: str
    tier_name: str
    item_type: int
    sub_type: int
    class_type: int
    damage_type: int
    bucket_hash: int
    tier_type: int
    max_stack_size: int
    is_instance: bool
    is_equippable: bool
    is_transferrable: bool
    unique_label: str
    energy_cost: int

    @property
    def is_exotic(self) -> bool:
        return self.tier_type == EXOTIC


def item_of(found: int, name: str, values: Sequence[str | None]) -> ItemDefinition:
    """Return the item with these values of the PATHS, as the texts that PostgreSQL makes of them."""
    icon, type_name, tier_name = (one or "" for one in values[:3])
    item_type, sub_type, class_type, damage_type, bucket_hash, tier_type, most = map(_number, values[3:10])
    is_instance, is_equippable, is_bound = (one == "true" for one in values[10:13])
    return ItemDefinition(
        hash=found,
        name=name,
        icon=icon,
        type_name=type_name,
        tier_name=tier_name,
        item_type=item_type,
        sub_type=sub_type,
        class_type=class_type,
        damage_type=damage_type,
        bucket_hash=bucket_hash,
        tier_type=tier_type,
        max_stack_size=most,
        is_instance=is_instance,
        is_equippable=is_equippable,
        is_transferrable=not is_bound,
        unique_label=values[13] or "",
        energy_cost=_number(values[14]),
    )


def _number(text: str | None) -> int:
    """Without one, Bungie means 0."""
    return int(text) if text is not None and text.removeprefix("-").isdecimal() and len(text) < 20 else 0
