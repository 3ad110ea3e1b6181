"""Fetch again what was refused during an outage.

The first refusals of an outage count as answers, until the circuit breaker sees that there are too many. As soon as the
circuit is closed, everything that was refused is due again.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from redis.exceptions import RedisError

from sync.engine import transitions
from sync.engine.circuit_breaker import EndedOutage
from sync.engine.errors import ApplicationRefused, Forbidden, NotFound, TokenExpired, Unavailable
from sync.models import BlizzardJob
from sync.wow.provider import KINDS, blizzard

logger = logging.getLogger(__name__)

# How far the clocks of Redis and the workers can differ, plus the length of a transaction.
SLACK = timedelta(minutes=1)
REFUSED = [error.kind for error in (ApplicationRefused, Forbidden, NotFound, TokenExpired, Unavailable)]


def mark_refused_due() -> int:
    """Mark due what was refused during outages that are over; returns how many jobs. Nothing is lost if it fails."""
    count, breaker = 0, blizzard().circuit_breaker()
    try:
        for outage in breaker.ended_outages():
            count += _mark_due(outage)
            breaker.forget(outage)
    except RedisError as error:
        logger.warning("Ended outages could not be read from Redis: %s", type(error).__name__)
    return count


@transaction.atomic
def _mark_due(outage: EndedOutage) -> int:
    refused = BlizzardJob.objects.filter(
        _jobs_of(outage),
        state__in=(BlizzardJob.State.RESTING, BlizzardJob.State.FAILED),
        error_kind__in=REFUSED,
        attempted_at__gte=outage.began - SLACK,
    )
    free = refused.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    count = transitions.mark_due(BlizzardJob.objects.filter(pk__in=list(free)), BlizzardJob.Priority.NORMAL)
    logger.warning("%s %s works again: %d jobs are due again.", outage.endpoint, outage.region, count)
    return count


def _jobs_of(outage: EndedOutage) -> Q:
    """Return a filter for the jobs that send requests of this kind; the application's token concerns all."""
    if not outage.endpoint:
        return Q()
    kind = KINDS[outage.endpoint]
    subjects = {BlizzardJob.Kind.PROFILE: "character__", BlizzardJob.Kind.ROSTER: "guild__"}
    return Q(kind=kind, **{f"{subjects.get(kind, '')}region": outage.region})
