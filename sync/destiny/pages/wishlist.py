"""The player's wish list: shown, changed from any page, and its notices dismissed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from destiny.manifest.hashes import read_hash
from destiny.manifest.readers import manifest_of
from destiny.vendors import wishes
from destiny.vendors.wish_page import wish_lines
from sync.destiny.jobs import BungieJob
from sync.destiny.pages.own import head_of, own_action, own_page


@own_page
def wishlist(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Show what the player wishes for, and who sells it now."""
    manifest = manifest_of(request)
    context = {
        **head_of(own, BungieJob.Kind.VENDORS),
        "lines": wish_lines(own.account, manifest) if manifest else [],
        "most": wishes.MOST_WISHES,
    }
    return render(request, "destiny/wishlist.html", context)


@own_action
def change(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Add an item to the list (`add`) or remove it (`remove`), and go back to the page (`next`)."""
    added, removed = (read_hash(request.POST.get(name, "")) for name in ("add", "remove"))
    if removed is not None:
        if wishes.remove_wish(account=own.account, item_hash=removed):
            messages.success(request, _("Removed from your wish list."))
    elif added is None or not _is_item(request, added):
        messages.error(request, _("Choose an item."))
    else:
        _add(request, own, added)
    return redirect(_back(request))


@own_action
def dismiss(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Dismiss the notice that a vendor sells an item: `notice` is "item vendor"."""
    item, _space, vendor = request.POST.get("notice", "").partition(" ")
    hashes = read_hash(item), read_hash(vendor)
    if hashes[0] is not None and hashes[1] is not None:
        wishes.dismiss(account=own.account, item_hash=hashes[0], vendor_hash=hashes[1])
    return redirect(_back(request))


def _is_item(request: HttpRequest, found: int) -> bool:
    manifest = manifest_of(request)
    return manifest is not None and found in manifest.items([found])


def _add(request: HttpRequest, own: OwnDestiny, found: int) -> None:
    try:
        if wishes.add_wish(account=own.account, item_hash=found):
            messages.success(request, _("Added to your wish list. We tell you here when a vendor sells it."))
    except wishes.TooManyWishes:
        text = _("Your wish list is full. Remove something first.")
        messages.error(request, text)


def _back(request: HttpRequest) -> str:
    """Return the page of ours that the form was on."""
    address = request.POST.get("next", "")
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else "destiny:wishlist"
