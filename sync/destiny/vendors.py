"""Vendors: those of each guardian of a membership and those of everybody, fetched from Bungie, and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destiny.models import BungieAccount, DestinyMembership, DismissedNotice, Guardian, VendorStock
from sync.bungie.client import PUBLIC_VENDORS, VENDORS, BungieClient
from sync.bungie.vendors import Category, Sale, Vendor, Vendors
from sync.destiny.tokens import with_token
from sync.engine import transitions
from sync.engine.bulk import Columns, diff
from sync.engine.claims import Claim
from sync.engine.errors import BadPayload, NotFound
from sync.engine.fields import Entries

COLUMNS = (
    "group_hash", "position", "is_enabled", "can_purchase", "refreshes_at", "rank", "sales", "categories", "sold",
)  # fmt: skip


def fetch(membership: DestinyMembership, client: BungieClient) -> dict[UUID, Vendors]:
    """Return the vendors by guardian; a request for each. Raises ApiError.

    A guardian that Bungie does not know is left out: it was deleted, and will be with the next profile.
    """
    found = {}
    for guardian in Guardian.objects.filter(membership=membership):
        try:
            found[guardian.pk] = _fetch_one(membership, guardian, client)
        except NotFound:
            continue
    return found


def _fetch_one(membership: DestinyMembership, guardian: Guardian, client: BungieClient) -> Vendors:
    where = (membership.membership_type, membership.membership_id, guardian.character_id)
    person = str(membership.account_id)
    answer = with_token(membership.account_id, client, lambda token: client.vendors(*where, token=token, person=person))
    return _complete(answer, VENDORS)


def fetch_public(client: BungieClient) -> Vendors:
    """Return the vendors that are the same for everybody. Raises ApiError."""
    return _complete(client.public_vendors(), PUBLIC_VENDORS)


def _complete(answer: Vendors, where: str) -> Vendors:
    """Return the answer. Raises BadPayload if it lacks vendors or sales: there always are some, so it is a mistake."""
    if not answer.vendors.data or not answer.sales.data:
        raise BadPayload(where, detail="vendors or sales came without data")
    return answer


@transaction.atomic
def apply(membership_id: UUID, fetched: Mapping[UUID, Vendors], claim: Claim) -> None:
    """Write what the vendors sell to each guardian, and that the job is done."""
    # Before the job: disconnecting the account locks it first, and then deletes its jobs.
    list(BungieAccount.objects.select_for_update(of=("self",)).filter(memberships=membership_id).values_list("pk"))
    claim.ensure_held()
    # A guardian may have been deleted since.
    guardians = set(Guardian.objects.filter(membership=membership_id).values_list("pk", flat=True))
    stored = list(VendorStock.objects.filter(guardian__in=guardians))
    differences = [
        compare([one for one in stored if one.guardian_id == key], answer, key)
        for key, answer in fetched.items()
        if key in guardians
    ]
    transitions.succeed(claim.jobs, claim=claim, changed=_write(differences))


@transaction.atomic
def apply_public(answer: Vendors, claim: Claim) -> None:
    """Write what everybody can see, and that the job is done. Forgets what was dismissed of earlier stock."""
    claim.ensure_held()
    is_changed = _write([compare(list(VendorStock.objects.filter(guardian=None)), answer, None)])
    DismissedNotice.objects.filter(refreshes_at__lt=timezone.now()).delete()
    transitions.succeed(claim.jobs, claim=claim, changed=is_changed)


@dataclass(frozen=True, slots=True)
class StockDiff:
    """Rows to write, new ones among them, and rows to delete."""

    written: list[VendorStock]
    gone: list[UUID]


def compare(stored: Sequence[VendorStock], answer: Vendors, guardian_id: UUID | None) -> StockDiff:
    """Compare the rows of one guardian, or of everybody, with a complete answer. A vendor that it lacks has left."""
    known = {one.vendor_hash: one for one in stored}
    places = _places(answer)
    written = []
    listed = _listed(answer)
    for vendor in listed.values():
        row = known.get(vendor.hash)
        columns = _columns(vendor, answer, places)
        if row is None or diff(row, columns):
            written.append(VendorStock(guardian_id=guardian_id, vendor_hash=vendor.hash, **columns))
    return StockDiff(written, [one.pk for one in stored if one.vendor_hash not in listed])


def _listed(answer: Vendors) -> dict[int, Vendor]:
    """Return all vendors. Of a few that only others lead to, Bungie lists the sales but not the vendor."""
    unlisted = {key: Vendor.unlisted(key) for key in answer.sales.data}
    return unlisted | {one.hash: one for one in answer.vendors.data.values()}


def _places(answer: Vendors) -> dict[int, tuple[int, int]]:
    """Return the group of each vendor and its place among all of them. A vendor is shown in its first group."""
    listed = [(vendor, group.hash) for group in answer.groups.data for vendor in group.vendors]
    places: dict[int, tuple[int, int]] = {}
    for position, (vendor, group) in enumerate(listed):
        places.setdefault(vendor, (group, position))
    return places


def _columns(vendor: Vendor, answer: Vendors, places: Mapping[int, tuple[int, int]]) -> Columns:
    sales = answer.sales.data.get(vendor.hash, ())
    group, position = places.get(vendor.hash, (None, len(places)))
    nothing: Entries[Category] = Entries()
    return {
        "group_hash": group,
        "position": position,
        "is_enabled": vendor.is_enabled,
        "can_purchase": vendor.can_purchase,
        "refreshes_at": vendor.refreshes_at,
        "rank": [vendor.rank.level, vendor.rank.progress, vendor.rank.next_at] if vendor.rank else [],
        "sales": [_sale(one) for one in sales],
        "categories": [[one.index, list(one.items)] for one in answer.categories.data.get(vendor.hash, nothing)],
        "sold": sorted({one.item_hash for one in sales}),
    }


def _sale(sale: Sale) -> dict[str, Any]:
    return {
        "index": sale.index,
        "item": sale.item_hash,
        "quantity": sale.quantity,
        "costs": [list(one) for one in sale.costs],
        "status": sale.status,
        "augments": sale.augments,
        "failures": list(sale.failures),
        "until": sale.refreshes_at.isoformat() if sale.refreshes_at else None,
    }


def _write(differences: Sequence[StockDiff]) -> bool:
    """Write the rows and delete those of vendors that have left, in two statements; returns whether there were any."""
    written = [one for difference in differences for one in difference.written]
    gone = [one for difference in differences for one in difference.gone]
    VendorStock.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=("guardian", "vendor_hash"),
        update_fields=(*COLUMNS, "updated_at"),
    )
    VendorStock.objects.filter(pk__in=gone).delete()
    return bool(written or gone)
