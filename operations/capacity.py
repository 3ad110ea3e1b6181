"""Capacity: the cost of the schedules per day, compared with each provider's limits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django_celery_beat.models import PeriodicTask

from sync.engine.kinds import JobKind, Tier, kinds_of
from sync.engine.providers import Provider, providers

A_DAY = timedelta(days=1)
# Beyond this share of the limit too little is left for interactive requests and retries.
FULL = 0.8


@dataclass(frozen=True, slots=True)
class ScheduleCost:
    """One schedule: its jobs, how often a day it makes them due, the requests, and when the oldest job succeeded.

    If people's rights depend on its data, it `carries_rights`.
    """

    tier: str
    jobs: int
    runs_a_day: float
    requests_a_day: float
    oldest: datetime | None
    carries_rights: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """The schedules of one provider."""

    provider: Provider[object]
    schedules: list[ScheduleCost]

    @property
    def allowed_a_day(self) -> int:
        """The requests that the provider allows: 864,000 with 36,000 an hour."""
        return int(min(one.requests * A_DAY.total_seconds() / one.seconds for one in self.provider.windows))

    @property
    def requests_a_day(self) -> float:
        return sum(one.requests_a_day for one in self.schedules)

    @property
    def requests_for_rights_a_day(self) -> float:
        return sum(one.requests_a_day for one in self.schedules if one.carries_rights)

    @property
    def reserved_for_rights_a_day(self) -> int:
        """The requests that no other schedule can use; 43,200 with 5 % of 36,000 an hour."""
        windows = self.provider.windows
        reserved = [
            one.requests * one.reserve_for_rights / 100 * A_DAY.total_seconds() / one.seconds for one in windows
        ]
        return int(max(reserved))

    @property
    def share(self) -> float:
        return self.share_of(self.requests_a_day)

    @property
    def is_within_limits(self) -> bool:
        """Return whether the schedules leave room for interactive requests."""
        return self.share <= FULL

    def share_of(self, requests_a_day: float) -> float:
        return requests_a_day / self.allowed_a_day


def capacities() -> list[Capacity]:
    """Return the capacity of each provider, for the jobs and the schedules as they are now."""
    return [
        Capacity(one, [_cost(kind, tier) for kind in kinds_of(one.name) for tier in kind.tiers]) for one in providers()
    ]


def _cost(kind: JobKind, tier: Tier) -> ScheduleCost:
    jobs, runs = tier.jobs(), _runs_a_day(tier)
    if tier.each_every is not None:
        # A run takes only jobs that are due, so each job of the kind is in one of several runs.
        jobs, runs = kind.jobs, min(runs, A_DAY / tier.each_every())
    count = jobs.count()
    oldest = jobs.aggregate(oldest=Min("succeeded_at"))["oldest"]
    return ScheduleCost(tier.name, count, runs, count * runs * tier.requests, oldest, kind.carries_rights)


def _runs_a_day(tier: Tier) -> float:
    """Return how often the schedule runs; 0 when it was switched off or deleted in the admin."""
    task = PeriodicTask.objects.filter(name=f"Due: {tier.name}", enabled=True).select_related("crontab").first()
    if task is None or task.crontab is None:
        return 0.0
    times = task.crontab.schedule
    a_day = len(times.minute) * len(times.hour)
    return float(a_day * len(times.day_of_week) / 7 * len(times.day_of_month) / 31 * len(times.month_of_year) / 12)
