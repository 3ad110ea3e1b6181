"""After an outage: what its refusals were taken for is asked for again.

The first answers of an outage are believed, until the circuit breaker sees that there are too many of them. What they
wrote is corrected by the next good answer, so that is asked for as soon as the circuit is closed.
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

Kind, State = BlizzardJob.Kind, BlizzardJob.State

# The clocks of Redis and of the workers may differ by so much, and a transaction may take so long.
SLACK = timedelta(minutes=1)
REFUSED = [error.kind for error in (ApplicationRefused, Forbidden, NotFound, TokenExpired, Unavailable)]


def ask_again() -> int:
    """Mark due what was refused during outages that are over; returns how many rows. Nothing is lost if it fails."""
    count, breaker = 0, blizzard().circuit_breaker()
    try:
        for healed in breaker.ended_outages():
            count += _ask_again(healed)
            breaker.forget(healed)
    except RedisError as error:
        logger.warning("Redis does not tell which outages are over: %s", type(error).__name__)
    return count


@transaction.atomic
def _ask_again(healed: EndedOutage) -> int:
    doubtful = BlizzardJob.objects.filter(
        _rows_of(healed),
        state__in=(State.RESTING, State.FAILED),
        error_kind__in=REFUSED,
        attempted_at__gte=healed.began - SLACK,
    )
    free = doubtful.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    count = transitions.mark_due(BlizzardJob.objects.filter(pk__in=list(free)), BlizzardJob.Priority.NORMAL)
    logger.warning("%s %s is answered again: %d rows are asked for again.", healed.endpoint, healed.region, count)
    return count


def _rows_of(healed: EndedOutage) -> Q:
    """The rows whose sync sends requests of the kind; all of them for the application's token."""
    if not healed.endpoint:
        return Q()
    kind = KINDS[healed.endpoint]
    region = {Kind.PROFILE: "character__region", Kind.ROSTER: "guild__region"}.get(kind, "region")
    return Q(kind=kind, **{region: healed.region})
