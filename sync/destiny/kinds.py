"""The kinds of job of Destiny: tokens and memberships of Bungie accounts, guardians with items; and all others."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import BrowserSession
from destiny.accounts import candidates
from destiny.models import DestinyMembership
from sync.bungie.client import LINKED_PROFILES, MEMBERSHIPS, PROFILE, TOKEN
from sync.destiny import memberships, profiles
from sync.destiny.failures import give_up
from sync.destiny.jobs import BungieJob, BungieJobQuerySet, add_profile_jobs, open_profile_jobs
from sync.destiny.manifest.kind import KIND as MANIFEST
from sync.destiny.moves.job import KIND as PLANS
from sync.destiny.provider import client_for
from sync.destiny.tokens import fresh_token
from sync.destiny.vendor_kinds import KINDS as VENDORS_AND_MILESTONES
from sync.engine import transitions
from sync.engine.claims import Claim
from sync.engine.errors import ApiError
from sync.engine.kinds import JobKind, Tier
from sync.engine.rate_limiter import Lane

Kind = BungieJob.Kind
Priority = BungieJob.Priority

# Access tokens last an hour. Those of players who use the site are refreshed this long before they expire, so that
# nobody waits for it; the schedule runs twice in that time.
AHEAD = timedelta(minutes=25)
IN_USE = timedelta(hours=2)
REFRESHED_EVERY = timedelta(minutes=35)
# All others are refreshed when their data is fetched, daily; those that were not for so long have their own schedule.
# Refresh tokens last 90 days.
IDLE = timedelta(days=30)


def run_tokens(claim: Claim, lane: Lane) -> None:
    """Refresh an account's tokens, if they expire soon or were not used for long."""
    job = claim.jobs.select_related("account").first()
    if job is None or job.account is None:
        return
    account = job.account
    is_idle = account.refreshed_at is None or account.refreshed_at <= timezone.now() - IDLE
    try:
        fresh_token(account.pk, client_for(lane), ahead=timedelta(days=1) if is_idle else AHEAD)
    except ApiError as error:
        give_up(claim, error)
        raise
    transitions.succeed(claim.jobs, claim=claim, changed=False)


def run_memberships(claim: Claim, lane: Lane) -> BungieJobQuerySet | None:
    """Sync an account's memberships; returns the jobs of those whose guardians were never read."""
    job = claim.jobs.select_related("account").first()
    if job is None or job.account is None:
        return None
    try:
        fetched = memberships.fetch(job.account, client_for(lane))
    except ApiError as error:
        give_up(claim, error)
        raise
    memberships.apply(job.account.pk, fetched, claim)
    current = candidates(DestinyMembership.objects.filter(account=job.account_id))
    unread = open_profile_jobs(current).filter(attempted_at=None)
    transitions.mark_due(unread, Priority.INTERACTIVE)
    return unread


def run_profile(claim: Claim, lane: Lane) -> None:
    """Sync the guardians and items of a membership."""
    job = claim.jobs.select_related("membership").first()
    if job is None or job.membership is None:
        return
    try:
        answer = profiles.fetch(job.membership, client_for(lane))
    except ApiError as error:
        give_up(claim, error)
        raise
    profiles.apply(job.membership.pk, answer, claim)


def tokens_in_use() -> BungieJobQuerySet:
    """Return the tokens that expire soon, of those who used the site lately."""
    now = timezone.now()
    used = BrowserSession.objects.filter(user=OuterRef("account__user"), last_used_at__gte=now - IN_USE)
    return _tokens().filter(Exists(used), account__expires_at__lte=now + AHEAD)


def idle_tokens() -> BungieJobQuerySet:
    """Return the tokens that were not refreshed for long; they would expire."""
    return _tokens().filter(account__refreshed_at__lte=timezone.now() - IDLE)


def memberships_of_players() -> BungieJobQuerySet:
    """Return the memberships of all connected accounts."""
    return _connected(BungieJob.objects.filter(kind=Kind.MEMBERSHIPS))


def profiles_of_players() -> BungieJobQuerySet:
    """Return the guardians and items of all memberships that Bungie still lists, of connected accounts."""
    listed = BungieJob.objects.filter(kind=Kind.PROFILE, membership__unlinked_at=None)
    return listed.filter(membership__account__lost_tokens_at=None)


def _tokens() -> BungieJobQuerySet:
    return _connected(BungieJob.objects.filter(kind=Kind.TOKENS))


def _connected(jobs: BungieJobQuerySet) -> BungieJobQuerySet:
    """Without those whose player has to connect the account again."""
    return jobs.filter(account__lost_tokens_at=None)


TOKENS = JobKind(
    provider="bungie",
    name=Kind.TOKENS,
    model=BungieJob,
    run=run_tokens,
    endpoints=(TOKEN,),
    tiers=(
        Tier("Bungie tokens in use", tokens_in_use, Priority.HIGH, requests=1, each_every=lambda: REFRESHED_EVERY),
        Tier("idle Bungie tokens", idle_tokens, Priority.LOW, requests=1, each_every=lambda: IDLE),
    ),
)
PLAYERS = JobKind(
    provider="bungie",
    name=Kind.MEMBERSHIPS,
    model=BungieJob,
    run=run_memberships,
    endpoints=(TOKEN, MEMBERSHIPS, LINKED_PROFILES),
    tiers=(Tier("Destiny memberships", memberships_of_players, Priority.LOW, requests=2),),
)
PROFILES = JobKind(
    provider="bungie",
    name=Kind.PROFILE,
    model=BungieJob,
    run=run_profile,
    endpoints=(TOKEN, PROFILE),
    tiers=(
        # A player who opens a page gets a newer answer immediately (see refresh).
        Tier("Destiny profiles", profiles_of_players, Priority.LOW, requests=1, add_missing=add_profile_jobs),
    ),
)
KINDS = (TOKENS, PLAYERS, PROFILES, PLANS, MANIFEST, *VENDORS_AND_MILESTONES)
