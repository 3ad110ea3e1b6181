"""A person's account at Battle.net as pages show it: each region has a job of its own, whose row is `sync`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils import timezone

from accounts.models import User

# Battle.net refuses this kind of request, or this site: nothing is sent for a while, which costs no try.
HELD_BACK = {"paused", "application_refused"}


class Job(Protocol):
    """A job of the sync, as far as pages show it."""

    state: str
    attempted_at: datetime | None
    succeeded_at: datetime | None
    updated_at: datetime
    next_due_at: datetime | None
    tries: int
    error_kind: str
    error_text: str

    @property
    def is_busy(self) -> bool:
        """Return True while the job is due or running."""


@dataclass(frozen=True, slots=True)
class RegionJobs:
    """The jobs of one person's account, by region."""

    jobs: Sequence[Job]

    @property
    def is_busy(self) -> bool:
        """Return True while a region is due or running and has not failed."""
        return any(is_under_way(job) for job in self.jobs)

    @property
    def checked_at(self) -> datetime | None:
        """When the whole list was last right: the oldest success of the regions that were ever read."""
        return min((job.succeeded_at for job in self.jobs if job.succeeded_at), default=None)

    @property
    def failed(self) -> list[Job]:
        """The regions that are not tried again without help."""
        return [job for job in self.jobs if job.state == "FAILED"]

    @property
    def unread(self) -> list[Job]:
        """The regions whose last answer was no use: they failed, or are tried again."""
        return [job for job in self.jobs if job.state == "FAILED" or is_retried(job)]

    @property
    def missing(self) -> list[Job]:
        """The regions of which Battle.net said once that the account has no characters any more."""
        return [job for job in self.jobs if job.state == "RESTING" and job.error_kind == "account_missing"]

    @property
    def postponed_until(self) -> datetime | None:
        """When the list is fetched again that was fetched too often within an hour."""
        return max((job.next_due_at for job in self.jobs if is_postponed(job) and job.next_due_at), default=None)

    @property
    def retried(self) -> list[Job]:
        """The regions that are being retried."""
        return [job for job in self.jobs if is_retried(job)]


def is_retried(job: Job) -> bool:
    """Return True for a job that is retried, after a failure of its own or during an outage."""
    return job.is_busy and (job.tries > 0 or job.error_kind in HELD_BACK)


def is_under_way(job: Job) -> bool:
    """Return True for a job that is due or running and has not failed."""
    return job.is_busy and not is_retried(job) and not is_postponed(job)


def is_postponed(job: Job) -> bool:
    """Whether its owner caused so many requests that it has to wait."""
    is_over_budget = job.state == "DUE" and job.error_kind == "over_budget"
    return is_over_budget and job.next_due_at is not None and job.next_due_at > timezone.now()


def jobs_of(user: User) -> RegionJobs:
    """Return the jobs in the regions that the site asks today; one statement."""
    rows = cast(Any, user).account_jobs.filter(region__in=settings.BLIZZARD_REGIONS)
    return RegionJobs(list(rows.order_by("region")))
