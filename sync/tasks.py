"""Glue between Celery and the services: ids in, one service call. Jobs note what fails, and are retried."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from celery import Task, shared_task
from django.conf import settings
from django.db.models import QuerySet

from characters.models import Character
from guilds.deletion.services import purge_deleted
from guilds.former_members.services import forget_former_members
from guilds.models import Guild
from sync.engine import claims, liveness, schedules, transitions
from sync.engine import dispatch as dispatching
from sync.engine.errors import ApiError
from sync.engine.rate_limiter import Lane
from sync.models import BlizzardJob
from sync.wow import accounts, characters, game_data, guilds, retention, revalidation
from sync.wow.jobs import game_data_job, profile_jobs, roster_job
from sync.wow.provider import client_for

T = TypeVar("T")

logger = logging.getLogger(__name__)


@shared_task
def dispatch() -> None:
    """Send what is due to the workers."""
    dispatching.dispatch()
    liveness.record_dispatch()


@shared_task
def mark_due(tier: str) -> None:
    """Make a tier's jobs due."""
    count = schedules.mark_due(schedules.Tier(tier))
    logger.info("%s: %d due", tier, count)


@shared_task
def purge_guilds() -> None:
    """Remove for good what was deleted a week ago."""
    count = purge_deleted()
    logger.info("deleted guilds: %d purged", count)


@shared_task
def prune_characters() -> None:
    """Remove characters that have been without owner and guild for too long, and what was kept of former members."""
    logger.info("abandoned characters: %d removed", len(retention.delete_expired()))
    logger.info("former members: %d forgotten", forget_former_members())


@shared_task
def sync_account(job_id: str, claim: str | None = None) -> None:
    """Onboarding in one region: the account's characters, then the details of each, then the rosters of their guilds.

    A region that the site does not ask any more is set aside.
    """
    jobs = BlizzardJob.objects.filter(pk=job_id, kind=BlizzardJob.Kind.ACCOUNT)
    job = jobs.select_related("user__battlenet_token").first()
    if job is None or job.user is None or job.region is None:
        return
    if job.region not in settings.BLIZZARD_REGIONS:
        transitions.park(jobs)
        return
    client, user = client_for(Lane.INTERACTIVE), job.user
    result = _carry_out(jobs, claim, lambda: accounts.sync_region(client=client, user=user, job=job))
    if result is not None:
        dispatching.send(claims.claim(profile_jobs(result.due_ids)))


@shared_task(bind=True)
def sync_characters(task: Task[Any, Any], character_ids: list[str], claim: str | None = None) -> None:
    """The details of some characters; what Battle.net hides is noted and is no error."""
    lane = _lane_of(task)
    applied = _carry_out(profile_jobs(character_ids), claim, lambda: _sync_held_characters(lane))
    if applied is not None:
        dispatching.send(claims.claim(BlizzardJob.objects.filter(guild__in=applied.guild_ids)))


@shared_task(bind=True)
def sync_guild(task: Task[Any, Any], guild_id: str, claim: str | None = None) -> None:
    """One guild's roster."""
    guild = Guild.objects.select_related("realm").filter(pk=guild_id).first()
    if guild is None:
        return
    client, entries = client_for(_lane_of(task)), BlizzardJob.objects.filter(pk=roster_job(guild).pk)
    _carry_out(entries, claim, lambda: guilds.sync_guild(client=client, guild=guild))


@shared_task(bind=True)
def sync_game_data(task: Task[Any, Any], region: str, claim: str | None = None) -> None:
    """One region's game data."""
    client, entries = client_for(_lane_of(task)), BlizzardJob.objects.filter(pk=game_data_job(region).pk)
    _carry_out(entries, claim, lambda: game_data.sync_game_data(client=client, region=region))


def _sync_held_characters(lane: Lane) -> characters.Applied:
    """The characters whose rows this worker has in hand. Nobody waits for a confirmation, so it is background work."""
    client = client_for(lane)
    wanted = list(
        Character.objects.select_related("realm", "membership").filter(pk__in=claims.held_jobs().values("character"))
    )
    if lane is Lane.BACKGROUND:
        wanted = revalidation.revalidate(client=client, characters=wanted)
    return characters.apply_batch(characters.fetch_one_by_one(client, wanted))


def _carry_out(entries: "QuerySet[BlizzardJob]", claim: str | None, work: Callable[[], T]) -> T | None:
    """Do the work unless somebody else has the rows by now. What nobody has noted yet is noted in the end."""
    try:
        with claims.hold(entries, UUID(claim) if claim else None), transitions.noting_our_errors(claims.held_jobs()):
            return work()
    except claims.ClaimLost:
        logger.info("claim %s: others have it now", claim)
    except ApiError as error:
        logger.info("%s", error)
    return None


def _lane_of(task: Task[Any, Any]) -> Lane:
    """What came through the queue of people may use the whole budget."""
    queue = (task.request.delivery_info or {}).get("routing_key")
    return Lane.INTERACTIVE if queue == "interactive" else Lane.BACKGROUND
