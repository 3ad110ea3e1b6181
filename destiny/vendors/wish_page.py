"""A wish list as its page and the API show it."""

from dataclasses import dataclass
from datetime import datetime

from destiny.manifest.readers import Manifest
from destiny.models import BungieAccount, Wish
from destiny.vendors.stock import VENDORS
from destiny.vendors.wishes import Notice, sellers_of


@dataclass(frozen=True, slots=True)
class Seller:
    """A vendor that sells a wished item now."""

    notice: Notice
    name: str


@dataclass(frozen=True, slots=True)
class WishLine:
    """A wished item, and who sells it now."""

    item_hash: int
    name: str
    type_name: str
    added_at: datetime
    sellers: list[Seller]


def wish_lines(account: BungieAccount, manifest: Manifest) -> list[WishLine]:
    """Return the wish list by name; a constant number of statements."""
    wished = dict(Wish.objects.filter(account=account).values_list("item_hash", "created_at"))
    sold = sellers_of(account.user, wished) if wished else []
    items, names = manifest.items(wished), manifest.names(VENDORS, {one.vendor_hash for one in sold})
    lines = [
        WishLine(
            item_hash=found,
            name=items[found].name if found in items else str(found),
            type_name=items[found].type_name if found in items else "",
            added_at=added_at,
            sellers=[
                Seller(one, names.get(one.vendor_hash, str(one.vendor_hash))) for one in sold if one.item_hash == found
            ],
        )
        for found, added_at in wished.items()
    ]
    return sorted(lines, key=lambda one: one.name)
