"""The inventory as a grid: a section for each slot, in it a cell for each guardian and one for the vault."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from destiny import game
from destiny.inventory.owned import OwnedItem, Place
from destiny.inventory.tiles import TileMaker, in_order
from destiny.manifest.readers import Manifest
from destiny.models import Guardian

BUCKETS = "DestinyInventoryBucketDefinition"
MOST_COMPARED = 4
# Sections that are no bucket.
LOST, MONEY = -1, -2
Holder = UUID | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one guardian, the vault or the account has of a section. `size` is 0 where there is no limit of its own."""

    label: str
    kind: str
    count: int
    size: int
    tiles: SafeString
    # The query of the page that compares them.
    compare: str = ""

    @property
    def is_nearly_full(self) -> bool:
        return self.kind == "lost" and self.count >= game.WARN_FROM


@dataclass(frozen=True, slots=True)
class Section:
    """A slot, the postmaster, or what else items lie in. `anchor` is its id on the page."""

    anchor: str
    title: str
    count: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Bucket:
    """What a bucket is called, and how many items fit."""

    name: str
    size: int


def buckets_of(hashes: Iterable[int], manifest: Manifest | None) -> dict[int, Bucket]:
    """Return the buckets; those that the manifest does not have are called by their number."""
    wanted = sorted(set(hashes))
    known: Mapping[int, Any] = manifest.definitions(BUCKETS, wanted) if manifest is not None else {}
    return {one: _bucket(one, known.get(one, {})) for one in wanted}


def _bucket(found: int, definition: Mapping[str, Any]) -> Bucket:
    name = definition.get("displayProperties", {}).get("name") or f"#{found}"
    return Bucket(name, definition.get("itemCount") or 0)


def sections(
    items: Iterable[OwnedItem],
    guardians: Sequence[Guardian],
    buckets: Mapping[int, Bucket],
    tiles: TileMaker,
    *,
    is_all: bool,
) -> Iterator[Section]:
    """Yield the sections that have items, in the order of the page. Only if these are all, cells say how many fit."""
    found: defaultdict[int, defaultdict[Holder, list[OwnedItem]]] = defaultdict(lambda: defaultdict(list))
    for one in items:
        found[_section_of(one)][one.holder].append(one)
    order = [*game.SLOTS, LOST, *sorted(found.keys() - {*game.SLOTS, LOST, MONEY}), MONEY]
    for key in order:
        if key in found:
            size = (game.LOST_ITEMS_SIZE if key == LOST else buckets[key].size if key in buckets else 0) * is_all
            yield _section(key, found[key], guardians, buckets, tiles, size=size)


def copies(items: Iterable[OwnedItem], buckets: Mapping[int, Bucket], tiles: TileMaker) -> Iterator[Section]:
    """Yield a section for each slot, in it a cell for each item of which there are several."""
    found: defaultdict[int, defaultdict[int, list[OwnedItem]]] = defaultdict(lambda: defaultdict(list))
    for one in items:
        found[one.slot][one.hash].append(one)
    for slot in game.SLOTS:
        if slot in found:
            cells = sorted(map(partial(_copies_of, tiles=tiles), found[slot].values()), key=lambda one: one.label)
            yield Section(f"slot-{slot}", buckets[slot].name, sum(one.count for one in cells), cells)


def _copies_of(items: list[OwnedItem], tiles: TileMaker) -> Cell:
    ordered = in_order(items)
    first = urlencode([("item", str(one.key)) for one in ordered[:MOST_COMPARED]])
    return Cell(items[0].name, "copies", len(items), 0, tiles(ordered), first if len(items) > 1 else "")


def _section_of(one: OwnedItem) -> int:
    if one.is_in_postmaster:
        return LOST
    return MONEY if one.place == Place.CURRENCY else one.slot


def _section(
    key: int,
    by_holder: Mapping[Holder, list[OwnedItem]],
    guardians: Sequence[Guardian],
    buckets: Mapping[int, Bucket],
    tiles: TileMaker,
    *,
    size: int,
) -> Section:
    kind = "lost" if key == LOST else "guardian"
    cells = [
        Cell(str(one), kind, len(own), size, tiles(in_order(own)))
        for one in guardians
        if (own := by_holder.get(one.pk))
    ]
    if shared := by_holder.get(None):
        is_vault = any(one.bucket == game.VAULT for one in shared)
        cells.append(Cell(_("Vault") if is_vault else _("Account"), "vault", len(shared), 0, tiles(in_order(shared))))
    title = {LOST: _("Postmaster"), MONEY: _("Currencies")}.get(key) or buckets[key].name
    anchor = {LOST: "postmaster", MONEY: "currencies"}.get(key, f"slot-{key}")
    return Section(anchor, title, sum(one.count for one in cells), cells)
