"""Fetches that a player causes by looking at a page, and by the button on it."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from destiny.models import DestinyMembership
from sync.destiny.jobs import BungieJob, open_membership_jobs
from sync.engine import transitions
from sync.engine.dispatch import send_now

# Bungie itself keeps an answer for so long.
FRESH_FOR = timedelta(minutes=1)


def refresh_profile(membership: DestinyMembership) -> BungieJob:
    """Return the job of the membership's guardians and items, and have it run now if the last answer is older."""
    return refresh(BungieJob.Kind.PROFILE, membership)


def refresh(kind: BungieJob.Kind, membership: DestinyMembership) -> BungieJob:
    """Return the job of this kind of the membership, and have it run now if the last answer is older than a minute."""
    job = BungieJob.objects.filter(kind=kind, membership=membership).first()
    job = job or open_membership_jobs(kind, [membership]).get()
    if not _is_wanted(job):
        return job
    with transaction.atomic():
        # Another page that is loaded at the same time has requested it if the row is locked.
        locked = BungieJob.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=job.pk).first()
        if locked is not None and _is_wanted(locked):
            transitions.mark_due(BungieJob.objects.filter(pk=job.pk), BungieJob.Priority.INTERACTIVE)
            transaction.on_commit(partial(_send, job.pk))
    job.refresh_from_db()
    return job


def _is_wanted(job: BungieJob) -> bool:
    if job.is_in_flight:
        return False
    if job.state == BungieJob.State.DUE:
        # It waits for its turn, or after an error for the next attempt: pages do not shorten that pause.
        return job.priority != BungieJob.Priority.INTERACTIVE and not job.error_kind
    return job.attempted_at is None or job.attempted_at <= timezone.now() - FRESH_FOR


def _send(key: UUID) -> None:
    send_now(BungieJob.objects.filter(pk=key, state=BungieJob.State.DUE))
