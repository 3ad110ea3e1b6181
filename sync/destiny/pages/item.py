"""The page of one item, and up to four items side by side."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.inventory.comparison import compared, compared_sockets
from destiny.inventory.details import details_of, where
from destiny.inventory.grid import MOST_COMPARED, buckets_of
from destiny.inventory.owned import owned_items
from destiny.manifest.readers import Manifest, manifest_of
from destiny.models import Item
from sync.destiny.pages.inventory import element_names
from sync.destiny.pages.own import head_of, own_page


@own_page
def item(request: SignedInRequest, own: OwnDestiny, item_id: UUID) -> HttpResponse:
    """Show one of the player's items, and others like it."""
    manifest = manifest_of(request)
    shown = own.item(item_id)
    (details,) = details_of([shown], manifest)
    definition = details.definition
    context = {
        **head_of(own),
        "manifest": manifest,
        "details": details,
        "item": shown,
        "element": element_names(manifest).get(shown.damage_type or definition.damage_type, ""),
        "slot": buckets_of([definition.bucket_hash], manifest)[definition.bucket_hash].name,
        "others": _others(own, shown),
    }
    return render(request, "destiny/item.html", context)


@own_page
def compare(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Show up to four of the player's items side by side, with a list of those that can be added."""
    manifest = manifest_of(request)
    items = _chosen(request, own)
    details = details_of(items, manifest)
    slots = {one.definition.bucket_hash for one in details}
    keys = [one.pk for one in items]
    context = {
        **head_of(own),
        "items": [
            (one, where(one.item), urlencode([("item", str(key)) for key in keys if key != one.item.pk]))
            for one in details
        ],
        "keys": keys,
        "rows": compared(details),
        "groups": compared_sockets(details),
        "addable": _addable(own, manifest, slots, set(keys)) if len(items) < MOST_COMPARED else "",
        "most": MOST_COMPARED,
    }
    return render(request, "destiny/compare.html", context)


def _chosen(request: SignedInRequest, own: OwnDestiny) -> list[Item]:
    """Return the items that the address names, in its order. Raises Http404 if one is not the player's."""
    try:
        keys = list(dict.fromkeys(map(UUID, request.GET.getlist("item")[:MOST_COMPARED])))
    except ValueError:
        raise Http404 from None
    found = {one.pk: one for one in own.items.filter(pk__in=keys).select_related("guardian")}
    if len(found) < len(keys):
        raise Http404
    return [found[key] for key in keys]


def _others(own: OwnDestiny, shown: Item) -> dict[str, Any]:
    """Return the other items of the same kind, and the query of the page that compares them."""
    if shown.instance_id is None:
        return {}
    like = own.items.filter(item_hash=shown.item_hash, instance_id__isnull=False).exclude(pk=shown.pk)
    others = list(like.select_related("guardian").order_by("-power", "pk"))
    keys = [shown.pk, *(one.pk for one in others)][:MOST_COMPARED]
    return {"items": [(one, where(one)) for one in others], "compare": urlencode([("item", str(key)) for key in keys])}


def _addable(own: OwnDestiny, manifest: Manifest | None, slots: set[int], keys: set[UUID]) -> SafeString:
    """Return the options for items that are worn in the same slots, by name; all that are worn if none is chosen."""
    worn = (one for one in owned_items(own.items, manifest) if one.is_instance and one.power)
    found = [one for one in worn if one.key not in keys and (not slots or one.slot in slots)]
    ordered = sorted(found, key=lambda one: (one.name, -one.power))
    rows = ((one.key, one.name, one.power) for one in ordered)
    return format_html_join("", '<option value="{}">{} {}</option>', rows)
