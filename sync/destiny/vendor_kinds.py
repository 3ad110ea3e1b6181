"""The kinds of job of vendors, milestones and collections: of a membership, and of the whole game.

Bungie has new stock after the daily reset, and shows the new dates some minutes before it. So each is fetched shortly
after the reset and again when the stock has settled; players who open their own page get a newer answer immediately.
"""

from functools import partial

from django.db.models import Q
from django.utils import timezone

from destiny.vendors.reset import SETTLES, last_reset
from sync.bungie.client import MILESTONES, PROFILE, PUBLIC_VENDORS, TOKEN, VENDORS
from sync.destiny import milestones, vendors
from sync.destiny.failures import give_up
from sync.destiny.jobs import BungieJob, BungieJobQuerySet, add_membership_jobs, open_game_job
from sync.destiny.provider import client_for
from sync.engine.claims import Claim
from sync.engine.errors import ApiError
from sync.engine.kinds import JobKind, Tier
from sync.engine.rate_limiter import Lane

Kind = BungieJob.Kind
Priority = BungieJob.Priority
# The schedules of these tiers follow the reset (see schedules).
OF_MEMBERSHIPS = ("Destiny vendors", "Destiny progress")
OF_THE_GAME = ("public vendors of Destiny", "milestones of Destiny")
# A vendors job sends one for each guardian; an account has at most three.
GUARDIANS = 3


def run_vendors(claim: Claim, lane: Lane) -> None:
    """Sync the vendors of each guardian of a membership."""
    job = claim.jobs.select_related("membership").first()
    if job is None or job.membership is None:
        return
    try:
        fetched = vendors.fetch(job.membership, client_for(lane))
    except ApiError as error:
        give_up(claim, error)
        raise
    vendors.apply(job.membership.pk, fetched, claim)


def run_progress(claim: Claim, lane: Lane) -> None:
    """Sync what a membership has done this week, and what its collections lack."""
    job = claim.jobs.select_related("membership").first()
    if job is None or job.membership is None:
        return
    try:
        answer = milestones.fetch_progress(job.membership, client_for(lane))
    except ApiError as error:
        give_up(claim, error)
        raise
    milestones.apply_progress(job.membership.pk, answer, claim)


def run_public_vendors(claim: Claim, lane: Lane) -> None:
    """Sync the vendors that are the same for everybody."""
    try:
        answer = vendors.fetch_public(client_for(lane))
    except ApiError as error:
        give_up(claim, error)
        raise
    vendors.apply_public(answer, claim)


def run_milestones(claim: Claim, lane: Lane) -> None:
    """Sync the milestones of the week."""
    try:
        listed = milestones.fetch(client_for(lane))
    except ApiError as error:
        give_up(claim, error)
        raise
    milestones.apply(listed, claim)


def of_memberships(kind: BungieJob.Kind) -> BungieJobQuerySet:
    """Return the jobs of this kind that have no answer since the stock settled after the last reset."""
    settled = last_reset(timezone.now()) + SETTLES
    listed = BungieJob.objects.filter(kind=kind, membership__unlinked_at=None)
    return listed.filter(Q(succeeded_at=None) | Q(succeeded_at__lt=settled), membership__account__lost_tokens_at=None)


def of_the_game(kind: BungieJob.Kind) -> BungieJobQuerySet:
    """Return the job of this kind for the whole game."""
    return BungieJob.objects.filter(Q(account=None, membership=None), kind=kind)


def _for_memberships(tier: str, kind: BungieJob.Kind, requests: int) -> tuple[Tier, ...]:
    jobs, add = partial(of_memberships, kind), partial(add_membership_jobs, kind)
    return (Tier(tier, jobs, Priority.LOW, requests, add_missing=add),)


def _for_the_game(tier: str, kind: BungieJob.Kind) -> tuple[Tier, ...]:
    jobs, add = partial(of_the_game, kind), partial(open_game_job, kind)
    return (Tier(tier, jobs, Priority.NORMAL, requests=1, add_missing=add),)


OWN_VENDORS = JobKind(
    provider="bungie",
    name=Kind.VENDORS,
    model=BungieJob,
    run=run_vendors,
    endpoints=(TOKEN, VENDORS),
    tiers=_for_memberships(OF_MEMBERSHIPS[0], Kind.VENDORS, GUARDIANS),
)
PROGRESS = JobKind(
    provider="bungie",
    name=Kind.PROGRESS,
    model=BungieJob,
    run=run_progress,
    endpoints=(TOKEN, PROFILE),
    tiers=_for_memberships(OF_MEMBERSHIPS[1], Kind.PROGRESS, 1),
)
EVERYBODYS_VENDORS = JobKind(
    provider="bungie",
    name=Kind.PUBLIC_VENDORS,
    model=BungieJob,
    run=run_public_vendors,
    endpoints=(PUBLIC_VENDORS,),
    tiers=_for_the_game(OF_THE_GAME[0], Kind.PUBLIC_VENDORS),
)
OF_THE_WEEK = JobKind(
    provider="bungie",
    name=Kind.MILESTONES,
    model=BungieJob,
    run=run_milestones,
    endpoints=(MILESTONES,),
    tiers=_for_the_game(OF_THE_GAME[1], Kind.MILESTONES),
)
KINDS = (OWN_VENDORS, PROGRESS, EVERYBODYS_VENDORS, OF_THE_WEEK)
