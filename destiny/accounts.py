"""Writes of Bungie accounts: connected, disconnected, and which membership counts."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils import timezone

from accounts import security_log
from accounts.models import User
from destiny.models import BungieAccount, DestinyMembership


class OnlyWayIn(Exception):
    """The player signs in with this Bungie account alone, and could not come back without it."""


@transaction.atomic
def connect(
    *,
    user: User,
    bungie_id: int,
    name: str,
    access_token: str,
    refresh_token: str,
    expires_at: datetime,
    refresh_expires_at: datetime | None,
) -> BungieAccount:
    """Store the tokens of an authorization that was just given. A refresh that is under way saves nothing then."""
    account = BungieAccount.objects.select_for_update(of=("self",)).filter(user=user).first()
    if account is None:
        # Its user may have been deleted, and the Bungie account connected by another one.
        account = BungieAccount(user=user)
    account.bungie_id, account.name = bungie_id, name or account.name
    account.access_token, account.refresh_token = access_token, refresh_token or None
    account.expires_at, account.refresh_expires_at = expires_at, refresh_expires_at
    account.authorized_at = account.refreshed_at = timezone.now()
    account.lost_tokens_at = account.refresh_claim = account.refresh_claimed_until = None
    account.save()
    return account


@transaction.atomic
def disconnect(*, user: User) -> bool:
    """Delete the player's Bungie account with its tokens and all data of Destiny; returns whether there was one.

    Raises OnlyWayIn.
    """
    if not user.has_warcraft:
        raise OnlyWayIn
    locked = list(BungieAccount.objects.select_for_update(of=("self",)).filter(user=user).values_list("pk", flat=True))
    BungieAccount.objects.filter(pk__in=locked).delete()
    count, _ = SocialAccount.objects.filter(user=user, provider="bungie").delete()
    if locked or count:
        security_log.record(security_log.Event.BUNGIE_DISCONNECTED, user=user, actor=user)
    return bool(locked or count)


@transaction.atomic
def choose_membership(*, user: User, membership_id: UUID) -> bool:
    """Let one of the player's memberships count; returns whether it can."""
    account = BungieAccount.objects.select_for_update(of=("self",)).filter(user=user).first()
    if account is None:
        return False
    chosen = next((one for one in candidates(account.memberships.all()) if one.pk == membership_id), None)
    if chosen is not None:
        account.chosen_membership = chosen
        account.save(update_fields=("chosen_membership", "updated_at"))
    return chosen is not None


def candidates(memberships: Iterable[DestinyMembership]) -> list[DestinyMembership]:
    """Return the memberships that can count: the one that cross save chose, or all that it did not replace."""
    linked = [one for one in memberships if one.unlinked_at is None]
    primary = [one for one in linked if one.is_primary]
    return primary or [one for one in linked if one.cross_save_override in (0, one.membership_type)]


def current_membership(account: BungieAccount, memberships: Iterable[DestinyMembership]) -> DestinyMembership | None:
    """Return the membership that counts: by cross save, by the player's choice, or the one played last."""
    possible = candidates(memberships)
    chosen = next((one for one in possible if one.pk == account.chosen_membership_id), None)
    return chosen or max(possible, key=_played, default=None)


def _played(membership: DestinyMembership) -> tuple[float, int]:
    played_at = membership.last_played_at
    return (played_at.timestamp() if played_at else 0.0, -membership.membership_type)
