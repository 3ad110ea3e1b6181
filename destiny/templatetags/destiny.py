"""The tabs of Destiny's pages, and the notices of the player's wish list."""

from dataclasses import dataclass

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from destiny.manifest.readers import manifest_of
from destiny.models import Wish
from destiny.vendors.wishes import Notice, notices

register = template.Library()


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab; the pages `below` belong to it, too."""

    view: str
    label: str | Promise
    below: tuple[str, ...] = ()


_LOADOUTS = tuple(f"destiny:{one}" for one in ("loadout", "new_loadout", "edit_loadout", "import_", "game_loadout"))
TABS = (
    Tab("destiny:home", _("Guardians")),
    Tab("destiny:inventory", _("Inventory"), ("destiny:item", "destiny:compare")),
    Tab("destiny:loadouts", _("Loadouts"), _LOADOUTS),
    Tab("destiny:moves", _("Moves"), ("destiny:plan", "destiny:move")),
    Tab("destiny:vendors", _("Vendors"), ("destiny:vendor", "destiny:public_vendor", "destiny:wishlist")),
    Tab("destiny:milestones", _("Milestones")),
    Tab("destiny:manifest", _("Manifest"), ("destiny:definition",)),
)


@register.simple_tag(takes_context=True)
def destiny_tabs(context: Context) -> list[tuple[Tab, str, str]]:
    """Return the tabs whose pages exist, each with its address and its value of aria-current."""
    view: str = context["request"].resolver_match.view_name
    return [(tab, address, _current(tab, view)) for tab in TABS if (address := _address(tab.view))]


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice with its names, and the address of the vendor."""

    notice: Notice
    item: str
    vendor: str
    address: str


@register.simple_tag(takes_context=True)
def wish_notices(context: Context) -> list[ShownNotice]:
    """Return the notices of the player's wish list that are not dismissed."""
    request = context["request"]
    if not (request.user.is_authenticated and request.user.has_bungie):
        return []
    found, manifest = notices(request.user), manifest_of(request)
    if not found or manifest is None:
        return []
    items = manifest.items({one.item_hash for one in found})
    vendors = manifest.names("DestinyVendorDefinition", {one.vendor_hash for one in found})
    return [
        ShownNotice(
            one,
            items[one.item_hash].name if one.item_hash in items else str(one.item_hash),
            vendors.get(one.vendor_hash, str(one.vendor_hash)),
            reverse("destiny:public_vendor" if one.is_public else "destiny:vendor", args=(one.vendor_hash,)),
        )
        for one in found
    ]


@register.simple_tag(takes_context=True)
def is_wished(context: Context, key: str) -> bool | None:
    """Return whether the item with this hash is on the player's wish list; None for somebody who can't have one."""
    user = context["request"].user
    if not (user.is_authenticated and user.has_bungie):
        return None
    return Wish.objects.filter(account__user=user, item_hash=int(key)).exists()


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def _current(tab: Tab, view: str) -> str:
    return "page" if view == tab.view else "true" if tab.below and view.startswith(tab.below) else ""
