"""The inventory of a membership: everything that it has, with filters."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.signed_in import SignedInRequest
from destiny import game
from destiny.door import OwnDestiny
from destiny.inventory import grid
from destiny.inventory.filters import Filters, perks_named
from destiny.inventory.owned import OwnedItem, duplicates, owned_items
from destiny.inventory.tiles import Words, tile_maker
from destiny.manifest.items import TABLE
from destiny.manifest.readers import Manifest, manifest_of
from destiny.models import Guardian
from sync.destiny.pages.own import head_of, own_page

# Value, text, and whether it is chosen.
Option: TypeAlias = tuple[str, str, bool]
DAMAGE_TYPES = "DestinyDamageTypeDefinition"


@own_page
def inventory(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Show all items, or those that match the filters. Takes as many statements for 1,500 items as for ten."""
    manifest = manifest_of(request)
    filters = Filters.from_query(request.GET)
    guardians = list(own.guardians)
    items = owned_items(own.items, manifest)
    counts = duplicates(items)
    chosen = filters.chosen(items, counts, with_perk(own, filters.perk, manifest))
    buckets = grid.buckets_of({one.slot for one in items} | {game.VAULT}, manifest)
    words = Words(element_names(manifest), class_names())
    tiles = tile_maker(words)
    if filters.duplicates_only:
        sections = grid.copies(chosen, buckets, tiles)
    else:
        sections = grid.sections(chosen, guardians, buckets, tiles, is_all=not filters.is_active)
    context = {
        **head_of(own),
        "manifest": manifest,
        "filters": filters,
        "selects": list(_selects(filters, items, buckets, words)),
        "sections": list(sections),
        "item_count": len(chosen),
        "total": len(items),
        "in_vault": sum(one.bucket == game.VAULT for one in items),
        "vault_size": buckets[game.VAULT].size,
    }
    return render(request, "destiny/inventory.html", context)


def with_perk(own: OwnDestiny, text: str, manifest: Manifest | None) -> Collection[UUID]:
    """Return the ids of the items with a perk of this name; nothing is read without a text."""
    if not text or manifest is None:
        return ()
    rows = list(own.items.filter(details__has_key="plugs").order_by().values_list("pk", "details__plugs"))
    plugs = {plug for _key, own_plugs in rows for plug in own_plugs if plug}
    wanted = perks_named(text, manifest.names(TABLE, plugs))
    return {key for key, own_plugs in rows if not wanted.isdisjoint(own_plugs)}


def _selects(
    filters: Filters, items: Iterable[OwnedItem], buckets: Mapping[int, grid.Bucket], words: Words
) -> Iterator[tuple[str, str, list[Option]]]:
    """Yield the filters with a list: key, label and options. The words are the game's."""
    tiers = {one.definition.tier_type: one.definition.tier_name for one in items if one.slot in game.SLOTS}
    slots = {slot: buckets[slot].name for slot in game.SLOTS if slot in buckets}
    lock = {True: "yes", False: "no", None: ""}[filters.is_locked]
    yield "slot", _("Slot"), _options(slots, filters.slot)
    yield "element", _("Element"), _options(words.elements, filters.element)
    yield "tier", _("Rarity"), _options({tier: tiers[tier] for tier in sorted(tiers, reverse=True)}, filters.tier)
    yield "class", _("Class"), _options(words.classes, filters.class_type)
    yield "locked", _("Lock"), _options({"yes": _("locked"), "no": _("not locked")}, lock)


def _options(choices: Mapping[Any, str], chosen: object) -> list[Option]:
    return [(str(value), text, value == chosen) for value, text in choices.items() if text]


def element_names(manifest: Manifest | None) -> dict[int, str]:
    """Return the names of the damage types by their numbers."""
    known = manifest.names(DAMAGE_TYPES, list(game.ELEMENTS.values())) if manifest is not None else {}
    return {number: known[found] for number, found in game.ELEMENTS.items() if found in known}


def class_names() -> dict[int, str]:
    """Return the names of the classes by their numbers."""
    return {value: str(label) for value, label in Guardian.ClassType.choices if value != game.ANY_CLASS}
