"""Make jobs due again that an outage interrupted or refused, and choose the job whose request tests whether it is over.

Jobs that the circuit breaker pauses wait far in the future. A minute after the circuit opened, one of them is due, as a
probe; when it succeeds, all of them are, and also those whose answers counted until the circuit breaker saw that there
were too many refusals.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from sync.engine import transitions
from sync.engine.circuit_breaker import EndedOutage, Pause
from sync.engine.errors import ApplicationRefused, Forbidden, NotFound, Paused, TokenExpired, Unavailable
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.kinds import JobKind, kinds_of
from sync.engine.providers import Provider

logger = logging.getLogger(__name__)

# How far the clocks of Redis and the workers can differ, plus the length of a transaction.
SLACK = timedelta(minutes=1)
INTERRUPTED = [error.kind for error in (ApplicationRefused, Forbidden, NotFound, Paused, TokenExpired, Unavailable)]


def end_outages(provider: Provider[object]) -> int:
    """Make due what outages that are over interrupted, and a probe for each that is not; returns how many jobs.

    It is repeated if it fails.
    """
    count, breaker = 0, provider.circuit_breaker()
    try:
        ended = list(breaker.ended_outages())
        for outage in ended:
            count += sum(_resume(kind, outage) for kind in _kinds_of(provider, outage))
            breaker.forget(outage)
        if pauses := breaker.pauses():
            count += sum(_send_probe(provider, pause) for pause in pauses if pause.awaits_probe)
        else:
            if ended:
                began = min(outage.began for outage in ended)
                count += sum(_resume_refused(kind, began) for kind in kinds_of(provider.name))
            for outage in breaker.recently_ended_outages():
                count += sum(_resume_last(kind, outage) for kind in _kinds_of(provider, outage))
            count += _resume_forgotten(provider)
    except RedisError as error:
        logger.warning("Redis does not tell which outages are over: %s", type(error).__name__)
    return count


@transaction.atomic
def resume_paused(provider: Provider[object]) -> int:
    """Make all paused jobs due, since Redis does not know any more which circuits are open; returns how many."""
    return sum(_resume_free(kind, Q(error_kind=Paused.kind)) for kind in kinds_of(provider.name))


@transaction.atomic
def _resume(kind: JobKind, outage: EndedOutage) -> int:
    """Make due what was interrupted of one kind; of every kind if the application itself was refused."""
    count = _resume_free(
        kind, _of_region(kind, outage), error_kind__in=INTERRUPTED, attempted_at__gte=outage.began - SLACK
    )
    logger.warning("%s %s is answered again: %d %s jobs are due.", outage.endpoint, outage.region, count, kind.name)
    return count


@transaction.atomic
def _resume_last(kind: JobKind, outage: EndedOutage) -> int:
    """Make due those that were paused by processes that had not heard yet that the outage is over."""
    return _resume_free(kind, _of_region(kind, outage), error_kind=Paused.kind, attempted_at__gte=outage.began - SLACK)


@transaction.atomic
def _resume_forgotten(provider: Provider[object]) -> int:
    """Make due whatever else is paused: no circuit is open, so nothing would ever end its pause before its time."""
    jobs: JobQuerySet[Job] = JobQuerySet(provider.jobs)
    paused = jobs.filter(state=Job.State.DUE, error_kind=Paused.kind, next_due_at__gt=timezone.now())
    free = list(paused.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    return transitions.resume(jobs.filter(pk__in=free), Job.Priority.LOW) if free else 0


@transaction.atomic
def _resume_refused(kind: JobKind, began: datetime) -> int:
    """Make due, once, those of endpoints that were asked too seldom for the circuit breaker to see their outage."""
    return _resume_free(kind, error_kind=Unavailable.kind, attempted_at__gte=began - SLACK)


def _resume_free(kind: JobKind, *conditions: Q, **lookups: object) -> int:
    """Make due those that are not running, rosters before profiles, as their schedules do."""
    waiting = kind.jobs.filter(*conditions, **lookups).exclude(Job.IN_FLIGHT)
    free = waiting.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    return transitions.resume(kind.jobs.filter(pk__in=list(free)), kind.priority)


@transaction.atomic
def _send_probe(provider: Provider[object], pause: Pause) -> int:
    """Make one of the paused jobs due, a roster if there is one. The request of any other job would do as well."""
    for kind in sorted(_kinds_of(provider, pause), key=lambda kind: kind.priority):
        paused = kind.jobs.filter(
            _of_region(kind, pause), state=Job.State.DUE, error_kind=Paused.kind, next_due_at__gt=timezone.now()
        )
        # Each time another one: some subjects are refused whether there is an outage or not.
        first = paused.order_by("attempted_at").select_for_update(skip_locked=True, of=("self",))
        if chosen := list(first.values_list("pk", flat=True)[:1]):
            return transitions.resume(kind.jobs.filter(pk__in=chosen), Job.Priority.HIGH)
    return 0


def _kinds_of(provider: Provider[object], outage: EndedOutage | Pause) -> list[JobKind]:
    kinds = kinds_of(provider.name)
    return [kind for kind in kinds if not outage.endpoint or outage.endpoint in kind.endpoints]


def _of_region(kind: JobKind, outage: EndedOutage | Pause) -> Q:
    return Q(**{kind.region: outage.region}) if outage.endpoint and kind.region else Q()
