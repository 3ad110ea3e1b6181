"""The end of all links between a person and their characters, when they no longer share them."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from characters.models import Character
from guilds.mains.recompute import recompute_mains
from guilds.models import Guild
from sync.models import BlizzardJob
from sync.wow.account_links import release_characters
from sync.wow.locks import lock_account, lock_identities


@dataclass(frozen=True, slots=True)
class Released:
    """How many characters are the person's no more, and the guilds in which they had one."""

    characters: int
    guilds: tuple[str, ...]


@transaction.atomic
def release_account(*, user: User) -> Released:
    """Take all characters of all regions from the person, as an account's index does that no longer lists them."""
    lock_account(user)
    theirs = Character.objects.of(user)
    for region in sorted(set(theirs.order_by().values_list("region", flat=True))):
        lock_identities(region)
    released = list(theirs.order_by("region", "pk").select_for_update(of=("self",), no_key=True))
    guilds = Guild.objects.open().filter(memberships__character__in=released).distinct().order_by("name")
    names = tuple(guilds.values_list("name", flat=True))
    release_characters(released)
    recompute_mains(user_ids=[user.pk])
    # What was fetched is not here any more: when they are shared again, they are fetched again, however soon.
    BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ACCOUNT, user=user).update(succeeded_at=None)
    return Released(len(released), names)
