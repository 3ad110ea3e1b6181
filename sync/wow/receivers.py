"""Signals: a sign-in, the deletion of a guild's data, and the start of the scheduler.

A sign-in starts a sync, or unlinks the characters of a player who does not share them any more. A guild whose data is
deleted is not synced until it is restored. When the scheduler starts, missing game data jobs are added.
"""

from typing import Any

from celery.signals import beat_init
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import BattlenetToken, User
from accounts.signals import signed_in
from guilds.models import Guild
from sync.engine import transitions
from sync.engine.dispatch import send_now
from sync.models import BlizzardJob
from sync.wow.account_links import UnlinkedAccount, unlink_account
from sync.wow.jobs import create_game_data_jobs, open_account_jobs, request_roster, without_fresh


@receiver(signed_in, dispatch_uid="sync.start_onboarding")
def start_onboarding(sender: type[User], user: User, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Fetch the player's characters now, except in regions that have just been read.

    The jobs stay due when Redis cannot be reached. A player who stops sharing characters is unlinked from all of them.
    """
    jobs = open_account_jobs(user)
    token = BattlenetToken.objects.filter(user=user).first()
    if token is not None and not token.shares_characters:
        unlinked = unlink_account(user=user)
        if request is not None and unlinked.characters:
            messages.warning(request, _message_of(unlinked))
    elif token is not None:
        jobs = BlizzardJob.objects.filter(pk__in=list(without_fresh(jobs).values_list("pk", flat=True)))
    transitions.mark_due(jobs, BlizzardJob.Priority.INTERACTIVE)
    # A sync that is running is due again when it finishes.
    transaction.on_commit(lambda: send_now(jobs))


def _message_of(unlinked: UnlinkedAccount) -> str:
    """Return what the player has lost, and how to get it back."""
    count = {"count": unlinked.characters, "guilds": ", ".join(unlinked.guilds)}
    parts = [
        ngettext(
            "Battle.net no longer shares your characters: %(count)d character is unlinked.",
            "Battle.net no longer shares your characters: %(count)d characters are unlinked.",
            unlinked.characters,
        )
        % count
    ]
    if unlinked.guilds:
        parts.append(_("You no longer have permissions in: %(guilds)s.") % count)
    parts.append(_("To get them back, sign in again and keep the box for World of Warcraft checked."))
    return " ".join(parts)


@receiver(post_save, sender=Guild, dispatch_uid="sync.follow_deletion")
def follow_deletion(sender: type[Guild], instance: Guild, created: bool, **kwargs: Any) -> None:
    """Stop the sync of a guild whose data is deleted, and sync a restored one now."""
    if created or "deleted_at" not in (kwargs.get("update_fields") or ()):
        return
    if instance.deleted_at is None:
        request_roster(instance, ())
    else:
        transitions.park(BlizzardJob.objects.filter(guild=instance), claim=None)


@beat_init.connect(dispatch_uid="sync.open_regions")
def open_regions(**kwargs: Any) -> None:
    """Add jobs for the game data of regions that have none, such as a region that is new in the settings."""
    create_game_data_jobs(settings.BLIZZARD_REGIONS)
