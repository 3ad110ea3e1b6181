"""The reader's wish list: read with a token or a session, changed with a session."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from api.authentication import Session
from api.errors import ERRORS, BadParameter
from api.problem import Problem
from destiny.manifest.readers import manifest_of
from destiny.vendors import wishes
from destiny.vendors.wish_page import WishLine, wish_lines
from sync.destiny.api.own import own_or_404, own_or_none

router = Router(tags=["wish list"])


class Seller(BaseModel):
    """A vendor that sells the item now."""

    vendor: int
    name: str
    until: datetime | None
    is_public: bool = Field(description="Whether it sells it to everybody.")


class Wished(BaseModel):
    """An item of the wish list."""

    item: int
    name: str
    type_name: str
    added_at: datetime
    sellers: list[Seller]


@router.get("", response={200: list[Wished], 304: None, ERRORS: Problem}, url_name="wishlist")
def wishlist(request: HttpRequest) -> list[Wished]:
    """Return your wish list by name, and who sells what of it now; empty without a Bungie account."""
    own, manifest = own_or_none(request), manifest_of(request)
    return [_wished(one) for one in wish_lines(own.account, manifest)] if own and manifest else []


# With a session only: a token can change nothing.
@router.post("/{item}", response={204: None, ERRORS: Problem}, auth=Session(), url_name="add_wish")
def add(request: HttpRequest, item: int) -> Status[None]:
    """Add an item, by its unsigned hash."""
    own, manifest = own_or_404(request), manifest_of(request)
    if manifest is None or item not in manifest.items([item]):
        raise BadParameter("item", "no such item")
    try:
        wishes.add_wish(account=own.account, item_hash=item)
    except wishes.TooManyWishes:
        raise BadParameter("item", f"the list has {wishes.MOST_WISHES} items; remove one first") from None
    return Status(204, None)


@router.delete("/{item}", response={204: None, ERRORS: Problem}, auth=Session(), url_name="wish")
def remove(request: HttpRequest, item: int) -> Status[None]:
    """Remove an item."""
    own = own_or_404(request)
    if not wishes.remove_wish(account=own.account, item_hash=item):
        raise Http404
    return Status(204, None)


def _wished(line: WishLine) -> Wished:
    return Wished(
        item=line.item_hash,
        name=line.name,
        type_name=line.type_name,
        added_at=line.added_at,
        sellers=[
            Seller(
                vendor=one.notice.vendor_hash,
                name=one.name,
                until=one.notice.refreshes_at,
                is_public=one.notice.is_public,
            )
            for one in line.sellers
        ],
    )
