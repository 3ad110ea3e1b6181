"""The wish list of a player: what they want to buy, and notices that a vendor sells it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from destiny.models import BungieAccount, DismissedNotice, VendorStock, Wish

MOST_WISHES = 200


class TooManyWishes(Exception):
    """The list is full; something has to be removed first."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A vendor sells a wished item. `is_public` if everybody sees this stock, also without an account."""

    item_hash: int
    vendor_hash: int
    refreshes_at: datetime | None
    is_public: bool

    @property
    def key(self) -> tuple[int, int, datetime | None]:
        return self.item_hash, self.vendor_hash, self.refreshes_at


@transaction.atomic
def add_wish(*, account: BungieAccount, item_hash: int) -> bool:
    """Put an item on the list; returns whether it was not there yet. Raises TooManyWishes."""
    BungieAccount.objects.select_for_update(of=("self",)).filter(pk=account.pk).values_list("pk").first()
    wished = wished_by(account)
    if item_hash in wished:
        return False
    if len(wished) >= MOST_WISHES:
        raise TooManyWishes
    Wish.objects.create(account=account, item_hash=item_hash)
    return True


@transaction.atomic
def remove_wish(*, account: BungieAccount, item_hash: int) -> bool:
    """Take an item off the list; returns whether it was there."""
    DismissedNotice.objects.filter(account=account, item_hash=item_hash).delete()
    count, _ = Wish.objects.filter(account=account, item_hash=item_hash).delete()
    return bool(count)


def dismiss(*, account: BungieAccount, item_hash: int, vendor_hash: int) -> int:
    """Never show these notices again, until the vendor restocks; returns how many there were."""
    shown = [one for one in notices(account.user) if (one.item_hash, one.vendor_hash) == (item_hash, vendor_hash)]
    rows = [
        DismissedNotice(account=account, item_hash=item, vendor_hash=vendor, refreshes_at=until)
        for item, vendor, until in (one.key for one in shown)
    ]
    DismissedNotice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def wished_by(account: BungieAccount) -> frozenset[int]:
    """Return the hashes of the items on the list."""
    return frozenset(Wish.objects.filter(account=account).values_list("item_hash", flat=True))


def notices(user: User) -> list[Notice]:
    """Return the notices that the player has not dismissed: one statement without wishes, three otherwise."""
    wished = set(Wish.objects.filter(account__user=user).values_list("item_hash", flat=True))
    if not wished:
        return []
    dismissed = set(
        DismissedNotice.objects.filter(account__user=user).values_list("item_hash", "vendor_hash", "refreshes_at")
    )
    return [one for one in sellers_of(user, wished) if one.key not in dismissed]


def sellers_of(user: User, item_hashes: Collection[int]) -> list[Notice]:
    """Return which vendors sell these items now, to the player's guardians or to everybody, each once.

    Without vendors outside of groups: Bungie also lists what engrams can contain as the stock of such a vendor. Stock
    whose time is over is no longer known.
    """
    now = timezone.now()
    mine = Q(guardian__membership__account__user=user, guardian__membership__unlinked_at=None)
    sellers = VendorStock.objects.filter(mine | Q(guardian=None), is_enabled=True, group_hash__isnull=False)
    rows = sellers.filter(
        Q(refreshes_at=None) | Q(refreshes_at__gt=now), sold__overlap=sorted(item_hashes)
    ).values_list("guardian", "vendor_hash", "refreshes_at", "sold")
    found = _once(rows, frozenset(item_hashes))
    return sorted(found, key=lambda one: (one.refreshes_at is None, one.refreshes_at or now, one.item_hash))


def _once(
    rows: Iterable[tuple[UUID | None, int, datetime | None, list[int]]], wanted: frozenset[int]
) -> Iterable[Notice]:
    """Return a notice for each item and vendor: of a guardian, whose page says more, before that of everybody."""
    ordered = sorted(rows, key=lambda row: row[0] is None)
    listed = [
        Notice(item, vendor, refreshes_at, guardian is None)
        for guardian, vendor, refreshes_at, sold in ordered
        for item in sorted(wanted.intersection(sold))
    ]
    return {one.key: one for one in reversed(listed)}.values()
