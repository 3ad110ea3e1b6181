"""Repair what was planned before the clock was set back: it would wait until the clock is there again."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from sync.engine.jobs import Job, JobQuerySet
from sync.engine.liveness import CLOCK_TOLERANCE, DISPATCH, Heartbeat
from sync.engine.providers import providers

logger = logging.getLogger(__name__)

# The last dispatch was some seconds ago. When it is in the future, the clock was set back since.
SET_BACK = "SELECT seen_at - clock_timestamp() FROM sync_heartbeat WHERE name = %s"


@transaction.atomic
def repair_after_set_back() -> timedelta | None:
    """Move plans, leases and heartbeats by as much as PostgreSQL's clock was set back; returns how much that is."""
    with connection.cursor() as cursor:
        cursor.execute(SET_BACK, [DISPATCH])
        row = cursor.fetchone()
    if row is None or row[0] <= CLOCK_TOLERANCE:
        return None
    back: timedelta = row[0]
    now = timezone.now()
    for provider in providers():
        jobs: JobQuerySet[Job] = JobQuerySet(provider.jobs)
        # What runs is locked by its worker, which renews its lease by the new clock.
        free = jobs.filter(Q(state=Job.State.DUE, next_due_at__gt=now) | Job.CLAIMED)
        ids = list(free.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
        jobs.filter(pk__in=ids).update(next_due_at=F("next_due_at") - back, claimed_until=F("claimed_until") - back)
    Heartbeat.objects.filter(seen_at__gt=now + CLOCK_TOLERANCE).update(seen_at=F("seen_at") - back)
    logger.warning("PostgreSQL's clock was set back by %d seconds.", back.total_seconds())
    return back
