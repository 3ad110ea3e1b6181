"""The jobs of a player's account: one for each region, which fail and are retried independently."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from sync.models import BlizzardJob, BlizzardJobQuerySet

# A region that was read less than this ago is not fetched again at a sign-in.
FRESH = timedelta(minutes=5)


def open_jobs(user: User, regions: Collection[str] | None = None) -> BlizzardJobQuerySet:
    """Return the account's jobs in these regions, by default in all configured ones; creates missing ones."""
    wanted = settings.BLIZZARD_REGIONS if regions is None else regions
    jobs = BlizzardJob.objects.filter(kind=BlizzardJob.Kind.ACCOUNT, user=user, region__in=wanted).order_by("region")
    known = set(jobs.values_list("region", flat=True))
    missing = [BlizzardJob(kind=BlizzardJob.Kind.ACCOUNT, user=user, region=one) for one in sorted(set(wanted) - known)]
    BlizzardJob.objects.bulk_create(missing, ignore_conflicts=True)
    return jobs


def open_job(user: User, region: str) -> BlizzardJob:
    """Return the account's job in one region."""
    return open_jobs(user, [region]).get()


def without_fresh(jobs: BlizzardJobQuerySet) -> BlizzardJobQuerySet:
    """Return the jobs without those that rest and have just succeeded."""
    return jobs.exclude(Q(state=BlizzardJob.State.RESTING, error_kind="", succeeded_at__gt=timezone.now() - FRESH))


def is_fresh(job: BlizzardJob) -> bool:
    """Return whether the region has just been read, whatever state the job is in."""
    return not job.error_kind and job.succeeded_at is not None and job.succeeded_at > timezone.now() - FRESH
