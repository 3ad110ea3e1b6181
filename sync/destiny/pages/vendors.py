"""What vendors sell: to the player's guardians, and to everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny, own_destiny
from destiny.manifest.hashes import read_hash
from destiny.manifest.readers import manifest_of
from destiny.models import Guardian, VendorStock
from destiny.vendors.stock import (
    Means,
    costs_in,
    groups_of,
    listed_vendors_of,
    means_of,
    shelves_of,
    vendor_line,
    vendors_of,
)
from destiny.vendors.wishes import wished_by
from sync.destiny.jobs import BungieJob
from sync.destiny.pages.own import head_of, own_page
from sync.destiny.refresh import refresh
from sync.destiny.vendor_kinds import of_the_game

Kind = BungieJob.Kind


@own_page
def vendors(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """List the vendors of one of the player's guardians."""
    guardians, guardian = _guardians(request, own)
    _refresh(own, guardian)
    manifest, rows = manifest_of(request), listed_vendors_of(guardian)
    context = {
        **head_of(own, Kind.VENDORS),
        "manifest": manifest,
        "guardians": guardians,
        "guardian": guardian,
        "groups": groups_of(rows, manifest, wished_by(own.account)) if guardian and manifest else [],
    }
    return render(request, "destiny/vendors.html", context)


@own_page
def vendor(request: SignedInRequest, own: OwnDestiny, vendor: int) -> HttpResponse:
    """Show what a vendor sells to one of the player's guardians, and what they have of the price."""
    guardians, guardian = _guardians(request, own)
    if guardian is None:
        raise Http404
    _refresh(own, guardian)
    row = _row(guardian, vendor)
    context = {"guardians": guardians, "guardian": guardian, **head_of(own, Kind.VENDORS)}
    return render(request, "destiny/vendor.html", {**context, **_stock(request, row, means_of(own, costs_in([row])))})


@require_safe
def public_vendors(request: HttpRequest) -> HttpResponse:
    """List the vendors that are the same for everybody, also for visitors."""
    manifest, own = manifest_of(request), _own(request)
    wished = wished_by(own.account) if own else frozenset()
    context = {
        "manifest": manifest,
        "own": own,
        "groups": groups_of(listed_vendors_of(None), manifest, wished) if manifest else [],
        "job": of_the_game(Kind.PUBLIC_VENDORS).first(),
    }
    return render(request, "destiny/public_vendors.html", context)


@require_safe
def public_vendor(request: HttpRequest, vendor: int) -> HttpResponse:
    """Show what a vendor sells to everybody."""
    row, own = _row(None, vendor), _own(request)
    means = means_of(own, costs_in([row])) if own else Means()
    context = {"own": own, "job": of_the_game(Kind.PUBLIC_VENDORS).first()}
    return render(request, "destiny/vendor.html", {**context, **_stock(request, row, means)})


def _own(request: HttpRequest) -> OwnDestiny | None:
    return own_destiny(request.user) if request.user.is_authenticated else None


def _guardians(request: HttpRequest, own: OwnDestiny) -> tuple[list[Guardian], Guardian | None]:
    """Return the player's guardians, and the chosen one: the one played last by default. Raises Http404."""
    guardians, wanted = list(own.guardians), request.GET.get("guardian", "")
    if not wanted:
        return guardians, next(iter(guardians), None)
    chosen = next((one for one in guardians if str(one.character_id) == wanted), None)
    if chosen is None:
        raise Http404
    return guardians, chosen


def _refresh(own: OwnDestiny, guardian: Guardian | None) -> None:
    """Have the vendors read if the last answer is old. Without guardians there is nobody to ask for."""
    if guardian is not None:
        refresh(Kind.VENDORS, own.membership)
        refresh(Kind.PROGRESS, own.membership)


def _row(guardian: Guardian | None, vendor: int) -> VendorStock:
    row = vendors_of(guardian).filter(vendor_hash=vendor).first() if read_hash(str(vendor)) == vendor else None
    if row is None:
        raise Http404
    return row


def _stock(request: HttpRequest, row: VendorStock, means: Means) -> dict[str, object]:
    manifest = manifest_of(request)
    if manifest is None:
        raise Http404
    return {
        "vendor": vendor_line(row, manifest, means.wished),
        "shelves": shelves_of(row, manifest, means),
        "is_priced": means.owned is not None,
    }
