"""Vendors as pages and the API show them: names, sales, costs, and how much of each the player has."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from destiny.door import OwnDestiny
from destiny.manifest.readers import Manifest
from destiny.models import Collection as Collected
from destiny.models import Guardian, VendorStock
from destiny.vendors.wishes import wished_by

VENDORS, GROUPS, ITEMS = "DestinyVendorDefinition", "DestinyVendorGroupDefinition", "DestinyInventoryItemDefinition"
# The flags of a sale, with Bungie's numbers.
NO_SPACE, NO_FUNDS, NO_PROGRESSION, NO_UNLOCK, NO_QUANTITY, OUTSIDE_WINDOW, NOT_AVAILABLE, ALREADY_HELD = (
    1, 2, 4, 8, 16, 32, 64, 128,
)  # fmt: skip
ALREADY_OWNED = 4096
# Of its augments.
OWNED = 128
# Parts of a profile that have what a player can pay with.
PURSES = {"vault", "currencies", "carried"}


@dataclass(frozen=True, slots=True)
class Means:
    """The data about a player that changes how a sale is shown; the defaults are for somebody unknown.

    `owned` is what they have by hash, or None if it is not known. `missing` are collectibles that they lack.
    """

    owned: Mapping[int, int] | None = None
    missing: frozenset[int] = frozenset()
    wished: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Cost:
    """A part of a price, and how much of it the player has; None if that is not known."""

    name: str
    item_hash: int
    quantity: int
    owned: int | None

    @property
    def is_short(self) -> bool:
        return self.owned is not None and self.owned < self.quantity


@dataclass(frozen=True, slots=True)
class SaleLine:
    """One thing that is sold. `until` is None if it ends with the vendor's stock."""

    index: int
    item_hash: int
    name: str
    type_name: str
    quantity: int
    costs: list[Cost]
    reasons: list[str]
    until: datetime | None
    is_owned: bool
    is_missing: bool
    is_wished: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category of a vendor's sales; without a name if Bungie names none."""

    name: str
    sales: list[SaleLine]


@dataclass(frozen=True, slots=True)
class VendorLine:
    """A vendor in a list. `wished` is how many wished items it sells; `rank` its [level, progress, needed], if any."""

    vendor_hash: int
    name: str
    subtitle: str
    refreshes_at: datetime | None
    is_enabled: bool
    sales: int
    wished: int
    rank: list[int]


@dataclass(frozen=True, slots=True)
class Group:
    """Vendors that belong together. Those without a group of Bungie's are previews and parts of other vendors."""

    group_hash: int | None
    name: str
    vendors: list[VendorLine]


def vendors_of(guardian: Guardian | None) -> "QuerySet[VendorStock]":
    """Return the vendors of a guardian, or those of everybody."""
    return VendorStock.objects.filter(guardian=guardian)


def listed_vendors_of(guardian: Guardian | None) -> "QuerySet[VendorStock]":
    """Return them without their sales, which are long and a list doesn't show."""
    return vendors_of(guardian).defer("sales", "categories")


def means_of(own: OwnDestiny, items: Collection[int]) -> Means:
    """Return what the player has of these items, lacks in the collections and wishes for; four statements."""
    profile = own.profile
    is_known = profile is not None and not PURSES & profile.hidden.keys()
    sums = own.items.filter(item_hash__in=items).values_list("item_hash").annotate(total=Sum("quantity"))
    collection = Collected.objects.filter(membership=own.membership).first()
    return Means(
        owned=dict(sums) if is_known else None,
        missing=frozenset(collection.missing if collection else ()),
        wished=wished_by(own.account),
    )


def groups_of(rows: Iterable[VendorStock], manifest: Manifest, wished: frozenset[int]) -> list[Group]:
    """Return the vendors by group, in Bungie's order, without those that have no name, or neither group nor stock."""
    found = [one for one in rows if one.group_hash is not None or one.sold]
    hashes = [one.vendor_hash for one in found]
    names, subtitles = manifest.names(VENDORS, hashes), manifest.texts(VENDORS, "displayProperties,subtitle", hashes)
    by_group: dict[int | None, list[VendorLine]] = {}
    for one in found:
        if name := names.get(one.vendor_hash):
            line = _vendor_line(one, name, subtitles.get(one.vendor_hash, ""), wished)
            by_group.setdefault(one.group_hash, []).append(line)
    keys = [key for key in by_group if key is not None]
    titles = manifest.texts(GROUPS, "categoryName", keys)
    groups = [Group(key, titles.get(key, "") or str(key), by_group[key]) for key in keys]
    others = by_group.get(None)
    return groups + ([Group(None, _("Parts of other vendors, and previews"), others)] if others else [])


def _vendor_line(row: VendorStock, name: str, subtitle: str, wished: frozenset[int]) -> VendorLine:
    return VendorLine(
        vendor_hash=row.vendor_hash,
        name=name,
        subtitle=subtitle,
        refreshes_at=row.refreshes_at,
        is_enabled=row.is_enabled,
        sales=len(row.sold),
        wished=len(wished.intersection(row.sold)),
        rank=row.rank,
    )


def vendor_line(row: VendorStock, manifest: Manifest, wished: frozenset[int]) -> VendorLine:
    """Return one vendor, by its hash if it has no name."""
    names = manifest.names(VENDORS, [row.vendor_hash])
    subtitles = manifest.texts(VENDORS, "displayProperties,subtitle", [row.vendor_hash])
    name = names.get(row.vendor_hash, str(row.vendor_hash))
    return _vendor_line(row, name, subtitles.get(row.vendor_hash, ""), wished)


def costs_in(rows: Iterable[VendorStock]) -> set[int]:
    """Return the hashes of everything that something costs."""
    return {cost[0] for row in rows for sale in row.sales for cost in sale["costs"]}


def shelves_of(row: VendorStock, manifest: Manifest, means: Means) -> list[Shelf]:
    """Return what a vendor sells, by category in the vendor's order; sales without one come last."""
    lines = sales_of([row], manifest, means)[row.vendor_hash]
    by_index = {one.index: one for one in lines}
    titles = _categories(row.vendor_hash, manifest) if row.categories else {}
    shelves = []
    for index, places in row.categories:
        if some := [by_index.pop(place) for place in places if place in by_index]:
            shelves.append(Shelf(titles.get(index, ""), some))
    if by_index:
        shelves.append(Shelf(_("More") if shelves else "", list(by_index.values())))
    return shelves


def sales_of(rows: Sequence[VendorStock], manifest: Manifest, means: Means) -> dict[int, list[SaleLine]]:
    """Return the sales of vendors by their hashes; names, reasons and collectibles are each read in one statement."""
    hashes = {sale["item"] for row in rows for sale in row.sales}
    items = manifest.items(hashes | costs_in(rows))
    collectibles = manifest.texts(ITEMS, "collectibleHash", hashes) if means.missing else {}
    failures = _failures([row.vendor_hash for row in rows if any(sale["failures"] for sale in row.sales)], manifest)

    def line(sale: Mapping[str, Any], texts: Sequence[str]) -> SaleLine:
        item = items.get(sale["item"])
        collectible = collectibles.get(sale["item"], "")
        is_owned = bool(sale["augments"] & OWNED or sale["status"] & ALREADY_OWNED)
        return SaleLine(
            index=sale["index"],
            item_hash=sale["item"],
            name=(item.name if item else "") or str(sale["item"]),
            type_name=item.type_name if item else "",
            quantity=sale["quantity"],
            costs=[_cost(hash_, count, items, means.owned) for hash_, count in sale["costs"]],
            reasons=_reasons(sale["status"], [texts[one] for one in sale["failures"] if 0 <= one < len(texts)]),
            until=datetime.fromisoformat(sale["until"]) if sale["until"] else None,
            is_owned=is_owned,
            is_missing=not is_owned and collectible.isdecimal() and int(collectible) in means.missing,
            is_wished=sale["item"] in means.wished,
        )

    return {row.vendor_hash: [line(sale, failures.get(row.vendor_hash, ())) for sale in row.sales] for row in rows}


def _cost(hash_: int, quantity: int, items: Mapping[int, Any], owned: Mapping[int, int] | None) -> Cost:
    name = items[hash_].name if hash_ in items else ""
    return Cost(name or str(hash_), hash_, quantity, None if owned is None else owned.get(hash_, 0))


def _reasons(status: int, texts: Sequence[str]) -> list[str]:
    """Return why something can't be bought: in the vendor's own words where it has some.

    That the player has too little is left out: the price shows it.
    """
    locked = [text for text in texts if text]
    if status & (NO_PROGRESSION | NO_UNLOCK) and not locked:
        locked = [_("Locked: something else has to be done first.")]
    known = (
        (NO_SPACE, _("There is no room for it.")),
        (NO_QUANTITY, _("Sold out.")),
        (OUTSIDE_WINDOW | NOT_AVAILABLE, _("Not for sale at the moment.")),
        (ALREADY_HELD, _("You hold one already.")),
    )
    reasons = locked if status & ~NO_FUNDS else []
    return list(dict.fromkeys([*reasons, *(text for flag, text in known if status & flag)]))


def _failures(hashes: Collection[int], manifest: Manifest) -> dict[int, list[str]]:
    texts = manifest.texts(VENDORS, "failureStrings", hashes)
    found = {key: json.loads(text) for key, text in texts.items()}
    return {key: [str(one) for one in some] for key, some in found.items() if isinstance(some, list)}


def _categories(vendor_hash: int, manifest: Manifest) -> dict[int, str]:
    text = manifest.texts(VENDORS, "displayCategories", [vendor_hash]).get(vendor_hash, "[]")
    listed = [one for one in json.loads(text) if isinstance(one, dict)]
    return {
        one.get("index", place): str((one.get("displayProperties") or {}).get("name", ""))
        for place, one in enumerate(listed)
    }
