"""Refreshes and retries that people request with a button, for the jobs of any provider."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from sync.engine import transitions
from sync.engine.dispatch import send_now
from sync.engine.jobs import Job, JobQuerySet

# A job can be refreshed once in this time.
PAUSE = timedelta(minutes=5)


class TooSoon(Exception):
    """It has just been refreshed; `again_at` is when it can be refreshed again."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(f"not before {again_at}")


def can_refresh_at(job: Any) -> datetime | None:
    """Return when a job, if there is one, can be refreshed again; None for now."""
    if job is None or job.refresh_requested_at is None or job.refresh_requested_at + PAUSE <= timezone.now():
        return None
    again_at: datetime = job.refresh_requested_at + PAUSE
    return again_at


@transaction.atomic
def request_refresh(jobs: JobQuerySet[Any]) -> None:
    """Run jobs, of a table with `refresh_requested_at`, now and before all background work. Raises TooSoon."""
    # Of two simultaneous requests the second waits for the first one's lock, and is too soon.
    locked = list(jobs.order_by("pk").select_for_update(of=("self",)))
    if waits := [again_at for one in locked if (again_at := can_refresh_at(one)) is not None]:
        raise TooSoon(max(waits))
    jobs.update(refresh_requested_at=timezone.now())
    wanted = [one.pk for one in locked if not one.is_in_flight]
    transitions.mark_due(_rows(jobs, wanted), Job.Priority.INTERACTIVE)
    transaction.on_commit(partial(_send, jobs, [one.pk for one in locked]))


@transaction.atomic
def retry(*, failed: JobQuerySet[Any]) -> int:
    """Make failed jobs due again, before all other background work; returns how many."""
    # A locked job is being retried already.
    free = failed.failed().select_for_update(skip_locked=True, of=("self",)).values("pk")
    return transitions.mark_due(_rows(failed, free), Job.Priority.HIGH)


def _send(jobs: JobQuerySet[Any], keys: list[UUID]) -> None:
    send_now(_rows(jobs, keys).filter(state=Job.State.DUE))


def _rows(jobs: JobQuerySet[Any], keys: Any) -> JobQuerySet[Any]:
    """Return the rows with these ids of the same table, whatever the jobs were filtered by."""
    return JobQuerySet(jobs.model).filter(pk__in=keys)
