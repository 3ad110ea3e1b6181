"""Signing in starts a sync; deleting a guild's data ends that of its roster, until it is brought back.

When the scheduler starts, the game data of every region is in the ledger.
"""

import logging
from functools import partial
from typing import Any

from celery.signals import beat_init
from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.signals import signed_in
from guilds.models import Guild
from sync import ledger, tasks
from sync.models import LedgerEntry

logger = logging.getLogger(__name__)


@receiver(signed_in, dispatch_uid="sync.start_onboarding")
def start_onboarding(sender: type[User], user: User, **kwargs: Any) -> None:
    """Ask for the person's characters at once. The ledger remembers it when Redis cannot be reached."""
    ledger.mark_due(LedgerEntry.objects.filter(pk=ledger.entry_of_user(user).pk))
    transaction.on_commit(partial(_send_onboarding, str(user.pk)))


def _send_onboarding(user_id: str) -> None:
    try:
        tasks.sync_account.apply_async((user_id,), queue="people")
    except OperationalError:
        logger.exception("The sync of a person who signed in could not be sent to the worker; it stays in the ledger.")


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
