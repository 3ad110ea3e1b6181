"""Signing in starts a sync; deleting a guild's data ends that of its roster, until it is brought back.

When the scheduler starts, the game data of every region is in the ledger.
"""

from typing import Any

from celery.signals import beat_init
from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import BattlenetToken, User
from accounts.signals import signed_in
from guilds.models import Guild
from sync import account_jobs, ledger
from sync.dispatch import send
from sync.models import LedgerEntry


@receiver(signed_in, dispatch_uid="sync.start_onboarding")
def start_onboarding(sender: type[User], user: User, **kwargs: Any) -> None:
    """Ask for the person's characters at once. The ledger remembers it when Redis cannot be reached.

    Not for those of a region that was read a moment ago, unless the new permission does not cover them.
    """
    jobs = account_jobs.open_jobs(user)
    token = BattlenetToken.objects.filter(user=user).first()
    if token is not None and token.shares_characters:
        jobs = LedgerEntry.objects.filter(pk__in=list(account_jobs.without_fresh(jobs).values_list("pk", flat=True)))
    ledger.mark_due(jobs)
    # A sync that runs already is due again when it is done.
    transaction.on_commit(lambda: send(ledger.claim(jobs)))


@receiver(post_save, sender=Guild, dispatch_uid="sync.follow_deletion")
def follow_deletion(sender: type[Guild], instance: Guild, created: bool, **kwargs: Any) -> None:
    """Nothing is asked of Battle.net for a guild whose data was deleted; one that is back missed what happened."""
    if created or "deleted_at" not in (kwargs.get("update_fields") or ()):
        return
    if instance.deleted_at is None:
        ledger.ask_for_roster(instance, ())
    else:
        ledger.set_aside(LedgerEntry.objects.filter(guild=instance))


@beat_init.connect(dispatch_uid="sync.open_regions")
def open_regions(**kwargs: Any) -> None:
    """From the first start on, and for a region that was added to the settings since the last one."""
    ledger.open_regions(settings.BLIZZARD_REGIONS)
