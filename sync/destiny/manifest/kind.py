"""The kind of job that keeps the manifest up to date, and its only job."""

from django.db.models import Q

from sync.bungie.client import CONTENT, MANIFEST
from sync.destiny.manifest.sync import sync_manifest
from sync.destiny.provider import client_for
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.kinds import JobKind, Tier
from sync.engine.rate_limiter import Lane
from sync.models import BungieJob, BungieJobQuerySet

TIER = "manifest"


def run_manifest(claim: Claim, lane: Lane) -> None:
    """Bring the manifest up to date."""
    sync_manifest(client=client_for(lane), claim=claim)


def manifest_jobs() -> BungieJobQuerySet:
    """Return the job, as far as it exists."""
    return BungieJob.objects.filter(Q(account=None, membership=None), kind=BungieJob.Kind.MANIFEST)


def manifest_job() -> BungieJob:
    """Return the job; a missing one is created, and due."""
    return BungieJob.objects.get_or_create(kind=BungieJob.Kind.MANIFEST, account=None, membership=None)[0]


def request_manifest() -> None:
    """Have a worker bring the manifest up to date now, unless one is about to."""
    if not manifest_job().is_in_flight:
        transitions.mark_due(manifest_jobs(), BungieJob.Priority.INTERACTIVE)


KIND = JobKind(
    provider="bungie",
    name=BungieJob.Kind.MANIFEST,
    model=BungieJob,
    run=run_manifest,
    endpoints=(MANIFEST, CONTENT),
    # The index, and a content file of each language when there is a new one.
    tiers=(Tier(TIER, manifest_jobs, BungieJob.Priority.LOW, requests=1),),
)
