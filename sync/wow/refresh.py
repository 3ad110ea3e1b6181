"""Refreshes and retries that players request with a button."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts.models import User
from guilds.models import Guild
from sync.engine import transitions
from sync.engine.dispatch import send_now
from sync.models import BlizzardJob, BlizzardJobQuerySet
from sync.wow.jobs import FRESH_FOR, open_account_jobs, roster_job, without_fresh

# A guild or account can be refreshed once in this time.
PAUSE = timedelta(minutes=5)


class TooSoon(Exception):
    """It has just been refreshed; `again_at` is when it can be refreshed again."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(f"not before {again_at}")


def refresh_guild(*, guild: Guild) -> None:
    """Fetch the guild's roster now, before all background work. Raises TooSoon."""
    _request(BlizzardJob.objects.filter(pk=roster_job(guild).pk))


def refresh_account(*, user: User) -> None:
    """Fetch the player's characters and their guilds now. Raises TooSoon, also when all regions have just been read."""
    jobs = open_account_jobs(user)
    wanted = without_fresh(jobs)
    oldest = jobs.aggregate(oldest=Min("succeeded_at"))["oldest"]
    if oldest is not None and not wanted.exists():
        raise TooSoon(oldest + FRESH_FOR)
    _request(wanted)


def retry(*, failed: BlizzardJobQuerySet) -> int:
    """Make failed jobs due again, before all other background work; returns how many."""
    with transaction.atomic():
        # A locked job is being retried already.
        free = failed.failed().select_for_update(skip_locked=True, of=("self",)).values("pk")
        return transitions.mark_due(BlizzardJob.objects.filter(pk__in=free), BlizzardJob.Priority.HIGH)


def can_refresh_at(job: BlizzardJob | None) -> datetime | None:
    """Return when it can be refreshed again; None for now."""
    if job is None or job.refresh_requested_at is None or job.refresh_requested_at + PAUSE <= timezone.now():
        return None
    return job.refresh_requested_at + PAUSE


@transaction.atomic
def _request(jobs: BlizzardJobQuerySet) -> None:
    # Of two simultaneous requests the second waits for the first one's lock, and is too soon.
    locked = list(jobs.order_by("pk").select_for_update())
    if waits := [again_at for one in locked if (again_at := can_refresh_at(one)) is not None]:
        raise TooSoon(max(waits))
    jobs.update(refresh_requested_at=timezone.now())
    wanted = [one.pk for one in locked if not one.is_in_flight]
    transitions.mark_due(BlizzardJob.objects.filter(pk__in=wanted), BlizzardJob.Priority.INTERACTIVE)
    transaction.on_commit(partial(_send, [one.pk for one in locked]))


def _send(keys: list[UUID]) -> None:
    send_now(BlizzardJob.objects.filter(pk__in=keys, state=BlizzardJob.State.DUE))
