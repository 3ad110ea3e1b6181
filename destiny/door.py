"""The one way to a player's Destiny data. Pages, API and actions get it here, so nobody reaches what is not theirs."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from destiny.accounts import candidates, current_membership
from destiny.models import BungieAccount, DestinyMembership, DestinyProfile, Guardian, Item, Loadout


@dataclass(frozen=True, slots=True)
class OwnDestiny:
    """A player's Bungie account, the memberships they can look at, and the one they look at now."""

    account: BungieAccount
    memberships: list[DestinyMembership]
    membership: DestinyMembership

    @property
    def profile(self) -> DestinyProfile | None:
        """The membership's profile, as Bungie last returned it; None before the first response."""
        return DestinyProfile.objects.filter(membership=self.membership).first()

    @property
    def all_memberships(self) -> list[DestinyMembership]:
        """All that Bungie lists, with their profiles and guardians: first the one that counts, last those replaced."""
        listed = self.account.memberships.filter(unlinked_at=None)
        found = listed.select_related("profile").prefetch_related("guardians")
        return sorted(found, key=lambda one: (one != self.membership, one not in self.memberships))

    @property
    def guardians(self) -> "QuerySet[Guardian]":
        return Guardian.objects.filter(membership=self.membership)

    @property
    def items(self) -> "QuerySet[Item]":
        return Item.objects.filter(membership=self.membership)

    @property
    def loadouts(self) -> "QuerySet[Loadout]":
        return Loadout.objects.filter(membership=self.membership)

    def guardian(self, character_id: int) -> Guardian:
        """Return one of the player's guardians. Raises Http404."""
        found = self.guardians.filter(character_id=character_id).first()
        if found is None:
            raise Http404
        return found

    def item(self, key: UUID) -> Item:
        """Return one of the player's items, with its guardian. Raises Http404."""
        found = self.items.select_related("guardian").filter(pk=key).first()
        if found is None:
            raise Http404
        return found

    def loadout(self, key: UUID) -> Loadout:
        """Return one of the player's loadouts, with its link. Raises Http404."""
        found = self.loadouts.select_related("share").filter(pk=key).first()
        if found is None:
            raise Http404
        return found


def own_destiny(user: User, membership_id: str = "") -> OwnDestiny | None:
    """Return what the player owns, of the membership with this number, or of the one that counts.

    None without a Bungie account, or before its memberships are known. Raises Http404 for somebody else's membership.
    """
    account = BungieAccount.objects.defer("access_token", "refresh_token").filter(user=user).first()
    if account is None:
        return None
    listed = list(account.memberships.filter(unlinked_at=None))
    if membership_id:
        wanted = next((one for one in listed if str(one.membership_id) == membership_id), None)
        if wanted is None:
            raise Http404
    else:
        wanted = current_membership(account, listed)
    return OwnDestiny(account, candidates(listed), wanted) if wanted is not None else None
