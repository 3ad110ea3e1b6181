"""Let the sync resume after a restore: all data is out of date, and no worker holds the jobs that were claimed."""

import time

from django.db.models.functions import Now

from sync.engine import transitions
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.kinds import all_kinds, mark_tier_due
from sync.engine.providers import Provider, providers
from sync.engine.rate_limiter import SECOND, Lane
from sync.engine.request_log import PostgresRequestLog


def mark_everything_due() -> int:
    """Make due all jobs that have a schedule, and those that workers had claimed; returns how many jobs."""
    released = sum(_release_claims(one) for one in providers())
    return released + sum(mark_tier_due(tier.name) for kind in all_kinds() for tier in kind.tiers)


def count_recent_requests() -> bool:
    """Write to the restored request log what the rate limiter in Redis knows, for when Redis is lost soon after.

    Returns False if Redis does not answer: then nothing is known about requests since the backup.
    """
    for provider in providers():
        try:
            left = provider.rate_limiter(Lane.INTERACTIVE).budget().left
        except ConnectionError:
            return False
        used = max(window.requests - rest for window, rest in zip(provider.windows, left, strict=True))
        PostgresRequestLog(provider.name).record(int(time.time() * SECOND), used, settled=None)
    return True


def _release_claims(provider: Provider[object]) -> int:
    jobs: JobQuerySet[Job] = JobQuerySet(provider.jobs)
    claimed = jobs.filter(Job.CLAIMED)
    claimed.update(claimed_until=Now())
    return transitions.mark_due(claimed, Job.Priority.HIGH)
