"""Make jobs due again that were refused during an outage that is over.

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
from sync.engine.jobs import Job
from sync.engine.kinds import JobKind, kinds_of
from sync.engine.providers import Provider

logger = logging.getLogger(__name__)

# How far the clocks of Redis and the workers can differ, plus the length of a transaction.
SLACK = timedelta(minutes=1)
REFUSED = [error.kind for error in (ApplicationRefused, Forbidden, NotFound, TokenExpired, Unavailable)]


def retry_refused(provider: Provider[object]) -> int:
    """Make due what was refused during outages that are over; returns how many jobs. It is repeated if it fails."""
    count, breaker = 0, provider.circuit_breaker()
    try:
        for outage in breaker.ended_outages():
            count += sum(_retry_refused(kind, outage) for kind in kinds_of(provider.name))
            breaker.forget(outage)
    except RedisError as error:
        logger.warning("Redis does not tell which outages are over: %s", type(error).__name__)
    return count


@transaction.atomic
def _retry_refused(kind: JobKind, outage: EndedOutage) -> int:
    """Make due what was refused of one kind; of every kind if the application itself was refused."""
    if outage.endpoint and outage.endpoint not in kind.endpoints:
        return 0
    region = Q(**{kind.region: outage.region}) if outage.endpoint else Q()
    refused = kind.jobs.idle().filter(region, error_kind__in=REFUSED, attempted_at__gte=outage.began - SLACK)
    free = refused.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    count = transitions.mark_due(kind.jobs.filter(pk__in=list(free)), Job.Priority.NORMAL)
    logger.warning("%s %s is answered again: %d %s jobs are due.", outage.endpoint, outage.region, count, kind.name)
    return count
