"""The state of the sync at one moment, for the status page and for Prometheus."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Count, Min, Sum
from django.utils import timezone
from redis.exceptions import RedisError

from operations.backup.history import BackupStatus, read_status
from sync.engine.circuit_breaker import Pause
from sync.engine.jobs import Job, JobQuerySet
from sync.engine.liveness import Liveness, read_liveness
from sync.engine.providers import Provider, providers
from sync.engine.rate_limiter import Budget, Lane
from sync.engine.request_metrics import Counts


@dataclass(frozen=True, slots=True)
class DueJobs:
    """The number of due jobs of one priority, and since when the oldest waits."""

    priority: Job.Priority
    rows: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The jobs of one provider, as PostgreSQL knows them."""

    due: list[DueJobs]
    in_flight: int
    failed: "Counter[tuple[str, str]]"
    unreadable: "Counter[str]"


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """One provider. A part is None when the server that knows it does not answer."""

    provider: Provider[object]
    jobs: JobStatus | None
    counts: Counts | None
    budget: Budget | None
    pauses: list[Pause] | None


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """All providers, the processes that work for them, and backups; None when PostgreSQL does not answer."""

    liveness: Liveness | None
    backups: BackupStatus | None
    providers: list[ProviderStatus]
    at: datetime = field(default_factory=timezone.now)


def gather(*, has_redis: bool = True) -> SyncStatus:
    """Ask PostgreSQL, in a constant number of statements and four for each provider, and Redis, if it answers.

    The connections of the rate limiter wait for a Redis that is frozen.
    """
    try:
        with transaction.atomic():
            liveness, backups = read_liveness(), read_status()
            jobs = {one.name: _jobs(one) for one in providers()}
    except DatabaseError:
        liveness, backups, jobs = None, None, {}
    return SyncStatus(liveness, backups, [_status_of(one, jobs.get(one.name), has_redis) for one in providers()])


def _status_of(provider: Provider[object], jobs: JobStatus | None, has_redis: bool) -> ProviderStatus:
    if not has_redis:
        return ProviderStatus(provider, jobs, counts=None, budget=None, pauses=None)
    try:
        counts = provider.request_metrics().counts()
        pauses = provider.circuit_breaker().pauses()
    except RedisError:
        return ProviderStatus(provider, jobs, counts=None, budget=None, pauses=None)
    try:
        budget = provider.rate_limiter(Lane.INTERACTIVE).budget()
    except ConnectionError:
        budget = None
    return ProviderStatus(provider, jobs, counts, budget, pauses)


def _jobs(provider: Provider[object]) -> JobStatus:
    jobs: JobQuerySet[Job] = JobQuerySet(provider.jobs)
    failed = jobs.failed().values_list("kind", "error_kind").annotate(Count("pk"))
    unreadable = jobs.filter(unreadable_entries__gt=0).values_list("kind").annotate(Sum("unreadable_entries"))
    waiting = jobs.due().values_list("priority")
    due = {priority: (rows, oldest) for priority, rows, oldest in waiting.annotate(Count("pk"), Min("next_due_at"))}
    return JobStatus(
        due=[DueJobs(one, *due.get(one.value, ())) for one in Job.Priority],
        in_flight=jobs.in_flight().count(),
        failed=Counter({(kind, error): rows for kind, error, rows in failed}),
        unreadable=Counter(dict(unreadable)),
    )
