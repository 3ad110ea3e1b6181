"""The stock of vendors, for the reader's characters and for everybody, and the milestones of the week."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from accounts.client_ip import client_ip_of
from api.errors import ERRORS
from api.limits import count_request
from api.problem import Problem
from destiny.manifest.readers import Manifest, manifest_of
from destiny.models import Guardian, VendorStock
from destiny.vendors.stock import Group, Means, SaleLine, costs_in, groups_of, means_of, sales_of, vendors_of
from destiny.vendors.weekly import MilestoneLine, milestone_lines
from sync.destiny.api.own import MembershipId, own_or_404, own_or_none
from sync.destiny.jobs import BungieJob
from sync.destiny.refresh import refresh

router = Router(tags=["vendors"])
CharacterId = Annotated[
    str, Query(max_length=20, description="The id of one of your characters; by default the one played last.")
]


class Cost(BaseModel):
    """A part of a price."""

    item: int
    name: str
    quantity: int
    owned: int | None = Field(description="How many you have; null if that is not known.")


class Sale(BaseModel):
    """One thing that is sold."""

    index: int = Field(description="Its place in the vendor's definition.")
    item: int
    name: str
    type_name: str
    quantity: int
    costs: list[Cost]
    reasons: list[str] = Field(description="Why you can't buy it, besides the price.")
    until: datetime | None = Field(description="null if it ends with the vendor's stock.")
    is_owned: bool
    is_not_collected: bool
    is_wished: bool


class Vendor(BaseModel):
    """A vendor with what it sells."""

    hash: int
    name: str
    subtitle: str
    group: str
    restocks_at: datetime | None = Field(description="null if it never does.")
    is_here: bool
    sales: list[Sale]


class Vendors(BaseModel):
    """The vendors of a character, or those of everybody. Those without a name are left out."""

    character: str | None
    as_of: datetime | None
    vendors: list[Vendor]


class Progress(BaseModel):
    """How far a character is with a milestone; `needed` is 0 if that is not known this week."""

    character: str
    done: int
    needed: int


class Milestone(BaseModel):
    """A milestone of the week."""

    hash: int
    name: str
    description: str
    activities: list[str]
    rewards: list[str]
    vendors: list[int]
    starts_at: datetime | None
    ends_at: datetime | None
    characters: list[Progress]


@router.get("/vendors", response={200: Vendors, 304: None, ERRORS: Problem}, url_name="vendors")
def vendors(request: HttpRequest, membership: MembershipId = "", character: CharacterId = "") -> Vendors:
    """Return what vendors sell to one of your characters, and have it fetched if it is older than a minute."""
    own = own_or_404(request, membership)
    guardian = _chosen(list(own.guardians), character)
    job = refresh(BungieJob.Kind.VENDORS, own.membership)
    refresh(BungieJob.Kind.PROGRESS, own.membership)
    rows = list(vendors_of(guardian))
    found = _vendors(_opened(request), rows, means_of(own, costs_in(rows)))
    return Vendors(character=str(guardian.character_id), as_of=job.succeeded_at, vendors=found)


# For everybody, also without a token: counted by address instead.
@router.get(
    "/vendors/public", response={200: Vendors, 304: None, ERRORS: Problem}, auth=None, url_name="public_vendors"
)
def public_vendors(request: HttpRequest) -> Vendors:
    """Return what vendors sell to everybody. Needs no token."""
    count_request(request, f"address {client_ip_of(request)}")
    job = BungieJob.objects.filter(kind=BungieJob.Kind.PUBLIC_VENDORS, membership=None).first()
    found = _vendors(_opened(request), list(vendors_of(None)), Means())
    return Vendors(character=None, as_of=job.succeeded_at if job else None, vendors=found)


@router.get("/milestones", response={200: list[Milestone], 304: None, ERRORS: Problem}, url_name="milestones")
def milestones(request: HttpRequest, membership: MembershipId = "") -> list[Milestone]:
    """Return the milestones of the week, with what your characters have done."""
    own = own_or_none(request, membership)
    guardians = list(own.guardians) if own else []
    if own and guardians:
        refresh(BungieJob.Kind.PROGRESS, own.membership)
    return [_milestone(one) for one in milestone_lines(_opened(request), guardians)]


def _opened(request: HttpRequest) -> Manifest:
    opened = manifest_of(request)
    if opened is None:
        raise Http404
    return opened


def _chosen(guardians: Sequence[Guardian], character: str) -> Guardian:
    wanted = [one for one in guardians if not character or str(one.character_id) == character]
    if not wanted:
        raise Http404
    return wanted[0]


def _vendors(manifest: Manifest, rows: Sequence[VendorStock], means: Means) -> list[Vendor]:
    groups = groups_of(rows, manifest, means.wished)
    sales = sales_of(rows, manifest, means)
    return [vendor for group in groups for vendor in _of_group(group, sales)]


def _of_group(group: Group, sales: dict[int, list[SaleLine]]) -> list[Vendor]:
    return [
        Vendor(
            hash=one.vendor_hash,
            name=one.name,
            subtitle=one.subtitle,
            group=group.name if group.group_hash else "",
            restocks_at=one.refreshes_at,
            is_here=one.is_enabled,
            sales=[_sale(sale) for sale in sales[one.vendor_hash]],
        )
        for one in group.vendors
    ]


def _sale(sale: SaleLine) -> Sale:
    return Sale(
        index=sale.index,
        item=sale.item_hash,
        name=sale.name,
        type_name=sale.type_name,
        quantity=sale.quantity,
        costs=[Cost(item=one.item_hash, name=one.name, quantity=one.quantity, owned=one.owned) for one in sale.costs],
        reasons=sale.reasons,
        until=sale.until,
        is_owned=sale.is_owned,
        is_not_collected=sale.is_missing,
        is_wished=sale.is_wished,
    )


def _milestone(line: MilestoneLine) -> Milestone:
    return Milestone(
        hash=line.milestone_hash,
        name=line.name,
        description=line.description,
        activities=line.activities,
        rewards=line.rewards,
        vendors=[found for found, _, _ in line.vendors],
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        characters=[
            Progress(character=str(one.guardian.character_id), done=one.done, needed=one.needed)
            for one in line.guardians
        ],
    )
