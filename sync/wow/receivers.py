"""What follows a sign-in and the deletion of a guild's data.

Signing in starts a sync, or releases the characters of whoever no longer shares them. Deleting a guild's data ends the
sync of its roster, until it is restored. When the scheduler starts, missing jobs of game data are created.
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
from sync.engine import claims, transitions
from sync.engine.dispatch import send
from sync.models import BlizzardJob
from sync.wow import account_jobs
from sync.wow.jobs import create_game_data_jobs, request_roster
from sync.wow.release import Released, release_account


@receiver(signed_in, dispatch_uid="sync.start_onboarding")
def start_onboarding(sender: type[User], user: User, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Request the person's characters at once. The jobs stay due when Redis cannot be reached.

    Not for those of a region that was read a moment ago, unless the new permission does not cover them. Whoever shares
    their characters no longer keeps none of them here.
    """
    jobs = account_jobs.open_jobs(user)
    token = BattlenetToken.objects.filter(user=user).first()
    if token is not None and not token.shares_characters:
        released = release_account(user=user)
        if request is not None and released.characters:
            messages.warning(request, _words_of(released))
    elif token is not None:
        jobs = BlizzardJob.objects.filter(pk__in=list(account_jobs.without_fresh(jobs).values_list("pk", flat=True)))
    transitions.mark_due(jobs, BlizzardJob.Priority.INTERACTIVE)
    # A sync that runs already is due again when it is done.
    transaction.on_commit(lambda: send(claims.claim(jobs)))


def _words_of(released: Released) -> str:
    """What the person has lost, and how they get it back."""
    count = {"count": released.characters, "guilds": ", ".join(released.guilds)}
    parts = [
        ngettext(
            "Battle.net no longer shares your characters: %(count)d character is unlinked.",
            "Battle.net no longer shares your characters: %(count)d characters are unlinked.",
            released.characters,
        )
        % count
    ]
    if released.guilds:
        parts.append(_("You have no permissions any more in: %(guilds)s.") % count)
    parts.append(_("To get them back, sign in again and leave the box for World of Warcraft ticked."))
    return " ".join(parts)


@receiver(post_save, sender=Guild, dispatch_uid="sync.follow_deletion")
def follow_deletion(sender: type[Guild], instance: Guild, created: bool, **kwargs: Any) -> None:
    """Nothing is asked of Battle.net for a guild whose data was deleted; one that is back missed what happened."""
    if created or "deleted_at" not in (kwargs.get("update_fields") or ()):
        return
    if instance.deleted_at is None:
        request_roster(instance, ())
    else:
        transitions.park(BlizzardJob.objects.filter(guild=instance))


@beat_init.connect(dispatch_uid="sync.open_regions")
def open_regions(**kwargs: Any) -> None:
    """From the first start on, and for a region that was added to the settings since the last one."""
    create_game_data_jobs(settings.BLIZZARD_REGIONS)
