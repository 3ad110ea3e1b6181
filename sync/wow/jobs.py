"""The jobs of rosters, profiles and game data: found by their subject, created, requested."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from characters.models import Character
from guilds.models import Guild
from sync.engine.transitions import mark_due
from sync.wow.blizzard_job import BlizzardJob, BlizzardJobQuerySet

# A new job is due after this time, so that the code that found its subject can fetch it first.
HEAD_START = timedelta(minutes=1)


def roster_job(guild: Guild) -> BlizzardJob:
    """Return the guild's roster job; a missing one is created."""
    return BlizzardJob.objects.get_or_create(guild=guild, kind=BlizzardJob.Kind.ROSTER)[0]


def game_data_job(region: str) -> BlizzardJob:
    """Return the job of the region's game data; a missing one is created."""
    return BlizzardJob.objects.get_or_create(region=region, kind=BlizzardJob.Kind.GAME_DATA)[0]


def profile_jobs(character_ids: Collection[Any]) -> BlizzardJobQuerySet:
    """Return the jobs of the characters' profiles, as far as they exist."""
    return BlizzardJob.objects.filter(character__in=character_ids, kind=BlizzardJob.Kind.PROFILE)


def create_profile_jobs(characters: Iterable[Character]) -> None:
    """Create the jobs of new characters."""
    due_at, kind = timezone.now() + HEAD_START, BlizzardJob.Kind.PROFILE
    BlizzardJob.objects.bulk_create([BlizzardJob(kind=kind, character=one, next_due_at=due_at) for one in characters])


def create_game_data_jobs(regions: Iterable[str]) -> None:
    """Create the jobs of the regions that have none."""
    due_at, kind = timezone.now() + HEAD_START, BlizzardJob.Kind.GAME_DATA
    rows = [BlizzardJob(kind=kind, region=region, next_due_at=due_at) for region in regions]
    BlizzardJob.objects.bulk_create(rows, ignore_conflicts=True)


def request_roster(guild: Guild, people: Collection[Any]) -> None:
    """Request a guild's roster interactively, unless it is already in flight."""
    job = roster_job(guild)
    if not job.is_busy:
        mark_due(BlizzardJob.objects.filter(pk=job.pk), BlizzardJob.Priority.INTERACTIVE)
    elif job.priority != BlizzardJob.Priority.INTERACTIVE:
        BlizzardJob.objects.filter(pk=job.pk).update(priority=BlizzardJob.Priority.INTERACTIVE)
    job.awaited_by.add(*people)


def clear_waiters(jobs: "QuerySet[BlizzardJob]") -> None:
    """Record that waiters have the roster."""
    BlizzardJob.awaited_by.through.objects.filter(blizzardjob__in=jobs).delete()
