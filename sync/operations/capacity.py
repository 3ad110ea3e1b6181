"""What keeping everything in step costs a day, against what Blizzard allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min
from django_celery_beat.models import PeriodicTask

from sync.engine.schedules import Tier, rows_of
from sync.models import BlizzardJob
from sync.wow import revalidation

# Requests for one row. A roster that changed costs a second one; a region's game data about one for each race,
# specialization and connected realm; every
# character is asked about from time to time before its details are fetched.
CALLS_FOR_ONE = {
    Tier.ACTIVE_CHARACTERS: 1,
    Tier.OTHER_CHARACTERS: 1,
    Tier.ROSTERS_IN_USE: 2,
    Tier.ALL_ROSTERS: 2,
    Tier.GAME_DATA: 200,
    Tier.UNCONFIRMED: 2,
}
HOURS_A_DAY = 24
# Beyond this share of the day's limit too little is left for people and for whatever fails and comes again.
FULL = 0.8


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One schedule: how many rows, how often a day, how many requests that is, and the age of its oldest figure."""

    tier: Tier
    rows: int
    runs_a_day: float
    calls_a_day: float
    oldest: datetime | None

    @property
    def share(self) -> float:
        """Of what Blizzard allows in a day."""
        return self.calls_a_day / calls_allowed_a_day()


def calls_allowed_a_day() -> int:
    """864,000 with Blizzard's usual limit of 36,000 an hour."""
    return int(settings.BLIZZARD_RATE_PER_HOUR) * HOURS_A_DAY


def plan() -> list[PlanLine]:
    """A line for each schedule, for the database and the schedules as they are now."""
    return list(_lines())


def fits(lines: list[PlanLine]) -> bool:
    """Return whether all of it together leaves room for people."""
    return sum(line.share for line in lines) <= FULL


def _lines() -> Iterator[PlanLine]:
    for tier in Tier:
        runs = _runs_a_day(tier)
        planned = rows_of(tier)
        if tier == Tier.UNCONFIRMED:
            # A run takes those whose time has come, so each character is in one run of so many.
            planned = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.PROFILE)
            runs = min(runs, timedelta(days=1) / revalidation.interval())
        rows = planned.count()
        oldest = planned.aggregate(oldest=Min("succeeded_at"))["oldest"]
        yield PlanLine(tier, rows, runs, rows * runs * CALLS_FOR_ONE[tier], oldest)


def _runs_a_day(tier: Tier) -> float:
    """From the crontab in the admin's tables; 0 for a schedule that was switched off or deleted."""
    task = PeriodicTask.objects.filter(name=f"Due: {tier}", enabled=True).select_related("crontab").first()
    if task is None or task.crontab is None:
        return 0.0
    times = task.crontab.schedule
    a_day = len(times.minute) * len(times.hour)
    return float(a_day * len(times.day_of_week) / 7 * len(times.day_of_month) / 31 * len(times.month_of_year) / 12)
