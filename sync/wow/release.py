"""Unlink all characters of a player who does not share them any more."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from characters.models import Character
from guilds.mains.recompute import recompute_mains
from guilds.models import Guild
from sync.models import BlizzardJob
from sync.wow.account_links import unlink_characters
from sync.wow.locks import lock_account, lock_identities


@dataclass(frozen=True, slots=True)
class Released:
    """The number of unlinked characters, and the names of their guilds."""

    characters: int
    guilds: tuple[str, ...]


@transaction.atomic
def release_account(*, user: User) -> Released:
    """Unlink the player's characters of all regions, as if the account did not list them any more."""
    lock_account(user)
    theirs = Character.objects.of(user)
    for region in sorted(set(theirs.order_by().values_list("region", flat=True))):
        lock_identities(region)
    released = list(theirs.order_by("region", "pk").select_for_update(of=("self",), no_key=True))
    guilds = Guild.objects.open().filter(memberships__character__in=released).distinct().order_by("name")
    names = tuple(guilds.values_list("name", flat=True))
    unlink_characters(released)
    recompute_mains(user_ids=[user.pk])
    # When they are shared again, they are fetched again, however soon that is.
    BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ACCOUNT, user=user).update(succeeded_at=None)
    return Released(len(released), names)
