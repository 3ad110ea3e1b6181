"""GetVendors and GetPublicVendors as frozen dataclasses: who sells what, for how much, until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.bungie.components import Component, by_id, component, entries_by_id
from sync.bungie.fields import enum_of, flag, hash_of, moment, optional_enum
from sync.engine.errors import PayloadError
from sync.engine.fields import Entries, Json, list_of, number, optional_number, part

# Vendors, VendorCategories, VendorSales.
COMPONENTS = (400, 401, 402)
LARGEST_QUANTITY = 2**31 - 1
# 231 vendors with at most 537 sales each were recorded.
MOST_VENDORS, MOST_SALES, MOST_COSTS = 2_000, 5_000, 50


@dataclass(frozen=True, slots=True)
class Group:
    """Vendors that belong together. Only those in a group are shown on the game's map."""

    hash: int
    vendors: tuple[int, ...]

    @classmethod
    def from_json(cls, json: Json) -> "Group":
        return cls(hash_of(json, "vendorGroupHash"), _hashes(list_of(json, "vendorHashes", optional=True)))


@dataclass(frozen=True, slots=True)
class Rank:
    """A character's progress with a vendor."""

    level: int
    progress: int
    next_at: int

    @classmethod
    def from_json(cls, json: Json) -> "Rank":
        progress = optional_enum(json, "progressToNextLevel")
        return cls(optional_enum(json, "level"), progress, optional_enum(json, "nextLevelAt"))


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor. One without `refreshes_at` never restocks, or Bungie does not say when."""

    hash: int
    is_enabled: bool
    can_purchase: bool
    refreshes_at: datetime | None
    rank: Rank | None

    @classmethod
    def from_json(cls, json: Json) -> "Vendor":
        return cls(
            hash=hash_of(json, "vendorHash"),
            is_enabled=True if json.get("enabled") is None else flag(json, "enabled"),
            # The public answer does not say.
            can_purchase=True if json.get("canPurchase") is None else flag(json, "canPurchase"),
            refreshes_at=moment(json, "nextRefreshDate"),
            rank=Rank.from_json(part(json, "progression")) if json.get("progression") is not None else None,
        )

    @classmethod
    def unlisted(cls, hash_: int) -> "Vendor":
        """Return a vendor of which nothing but its sales is known."""
        return cls(hash_, is_enabled=True, can_purchase=True, refreshes_at=None, rank=None)


@dataclass(frozen=True, slots=True)
class Sale:
    """One thing that is sold; `index` is its place in the vendor's definition. Status and augments are flags.

    `failures` are indexes of the vendor's texts that say why it can't be bought. `refreshes_at` is only for a sale that
    ends at another time than the others.
    """

    index: int
    item_hash: int
    quantity: int
    costs: tuple[tuple[int, int], ...]
    status: int
    augments: int
    failures: tuple[int, ...]
    refreshes_at: datetime | None

    @classmethod
    def from_json(cls, json: Json) -> "Sale":
        quantity = optional_number(json, "quantity", LARGEST_QUANTITY)
        return cls(
            index=number(json, "vendorItemIndex", LARGEST_QUANTITY),
            item_hash=hash_of(json, "itemHash"),
            quantity=1 if quantity is None else quantity,
            costs=tuple(map(_cost, _few(list_of(json, "costs", optional=True)))),
            # The public answer has none of these.
            status=optional_enum(json, "saleStatus"),
            augments=optional_enum(json, "augments"),
            failures=_numbers(list_of(json, "failureIndexes", optional=True)),
            refreshes_at=moment(json, "overrideNextRefreshDate"),
        )


@dataclass(frozen=True, slots=True)
class Category:
    """Sales that are shown together; `index` is its place among the categories of the vendor's definition."""

    index: int
    items: tuple[int, ...]

    @classmethod
    def from_json(cls, json: Json) -> "Category":
        index = number(json, "displayCategoryIndex", LARGEST_QUANTITY)
        return cls(index, _numbers(list_of(json, "itemIndexes", optional=True), MOST_SALES))


@dataclass(frozen=True, slots=True)
class Vendors:
    """The vendors of a character, or those that are the same for everybody; all but groups are by vendor."""

    groups: Component[Entries[Group]]
    vendors: Component[Mapping[int, Vendor]]
    categories: Component[Mapping[int, Entries[Category]]]
    sales: Component[Mapping[int, tuple[Sale, ...]]]

    @classmethod
    def from_json(cls, json: Json) -> "Vendors":
        return cls(
            groups=component(json, "vendorGroups", _groups, Entries()),
            vendors=by_id(json, "vendors", Vendor.from_json, most=MOST_VENDORS),
            categories=by_id(json, "categories", _categories, most=MOST_VENDORS),
            sales=by_id(json, "sales", _sales, most=MOST_VENDORS),
        )


def _groups(data: Json) -> Entries[Group]:
    return Entries.read(list_of(data, "groups"), Group.from_json, "vendor groups")


def _categories(data: Json) -> Entries[Category]:
    return Entries.read(list_of(data, "categories"), Category.from_json, "vendor categories")


def _sales(data: Json) -> tuple[Sale, ...]:
    found = entries_by_id(part(data, "saleItems"), "saleItems", Sale.from_json, MOST_SALES)
    return tuple(sorted(found.values(), key=lambda one: one.index))


def _cost(json: Any) -> tuple[int, int]:
    found = part({"cost": json}, "cost")
    return hash_of(found, "itemHash"), number(found, "quantity", LARGEST_QUANTITY)


def _hashes(values: list[Any]) -> tuple[int, ...]:
    return tuple(hash_of({"hash": one}, "hash") for one in _few(values, MOST_VENDORS))


def _numbers(values: list[Any], most: int = MOST_COSTS) -> tuple[int, ...]:
    return tuple(enum_of({"number": one}, "number") for one in _few(values, most))


def _few(values: list[Any], most: int = MOST_COSTS) -> list[Any]:
    if len(values) > most:
        raise PayloadError(f"{len(values)} entries, more than {most}")
    return values
