"""What is kept in step how often. The times stand in django-celery-beat's tables and can be changed in the admin."""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from guilds.models import Membership
from sync.engine import transitions
from sync.models import BlizzardJob
from sync.wow import revalidation

State = BlizzardJob.State
Kind = BlizzardJob.Kind
Priority = BlizzardJob.Priority

# A person who signed in so lately uses the site: their session still lasts.
USES_THE_SITE = timedelta(seconds=settings.SESSION_COOKIE_AGE)
# A character that was played so lately is active, whether its owner is known or not.
PLAYS = timedelta(days=14)


class Tier(StrEnum):
    """Jobs that become due together."""

    ACTIVE_CHARACTERS = "active characters"
    OTHER_CHARACTERS = "other characters"
    ROSTERS_IN_USE = "rosters in use"
    ALL_ROSTERS = "all rosters"
    GAME_DATA = "game data"
    UNCONFIRMED = "unconfirmed"


PRIORITY_OF = {
    Tier.ACTIVE_CHARACTERS: Priority.NORMAL,
    Tier.OTHER_CHARACTERS: Priority.LOW,
    Tier.ROSTERS_IN_USE: Priority.HIGH,
    Tier.ALL_ROSTERS: Priority.HIGH,
    Tier.GAME_DATA: Priority.LOW,
    Tier.UNCONFIRMED: Priority.LOW,
}


def mark_due(tier: Tier) -> int:
    """Mark the tier's rows due, also those that failed: whatever was wrong may have passed. Returns how many.

    Rows that wait or run already keep their place and their tries.
    """
    idle = rows_of(tier).filter(state__in=(State.RESTING, State.FAILED))
    with transaction.atomic():
        # A row that somebody writes to right now is being synced: waiting for it could only end in a circle of locks.
        free = idle.select_for_update(skip_locked=True, of=("self",)).values("pk")
        return transitions.mark_due(BlizzardJob.objects.filter(pk__in=free), PRIORITY_OF[tier])


def rows_of(tier: Tier) -> "QuerySet[BlizzardJob]":
    """The rows of a tier, whatever their state. Accounts have none: only a sign-in brings a token for them."""
    if tier == Tier.UNCONFIRMED:
        return revalidation.due_jobs()
    now = timezone.now()
    owner_is_here = Q(character__user__last_login__gte=now - USES_THE_SITE)
    active = owner_is_here | Q(character__last_login_at__gte=now - PLAYS)
    members = Membership.objects.filter(guild=OuterRef("guild"))
    rosters = Q(kind=Kind.ROSTER, guild__deleted_at=None)
    of_kind = {
        Tier.ACTIVE_CHARACTERS: BlizzardJob.objects.filter(active, kind=Kind.PROFILE),
        Tier.OTHER_CHARACTERS: BlizzardJob.objects.filter(kind=Kind.PROFILE).exclude(active),
        Tier.ROSTERS_IN_USE: BlizzardJob.objects.filter(
            Exists(members.filter(character__user__last_login__gte=now - USES_THE_SITE)), rosters
        ),
        Tier.ALL_ROSTERS: BlizzardJob.objects.filter(rosters),
        Tier.GAME_DATA: BlizzardJob.objects.filter(kind=Kind.GAME_DATA),
    }[tier]
    # Blizzard took the name of a character that awaits a rename; no endpoint knows it.
    return of_kind.exclude(character__name__regex=r"\d")
