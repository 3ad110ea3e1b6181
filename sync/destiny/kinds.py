"""The kinds of job of Destiny: tokens and memberships of Bungie accounts, and the manifest."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import BrowserSession
from sync.bungie.client import LINKED_PROFILES, MEMBERSHIPS, TOKEN
from sync.bungie.errors import ConnectAgain
from sync.destiny import memberships
from sync.destiny.jobs import BungieJob, BungieJobQuerySet
from sync.destiny.manifest.kind import KIND as MANIFEST
from sync.destiny.provider import client_for
from sync.destiny.tokens import fresh_token
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
        _give_up(claim, error)
        raise
    transitions.succeed(claim.jobs, claim=claim, changed=False)


def run_memberships(claim: Claim, lane: Lane) -> None:
    """Sync an account's memberships."""
    job = claim.jobs.select_related("account").first()
    if job is None or job.account is None:
        return
    try:
        fetched = memberships.fetch(job.account, client_for(lane))
    except ApiError as error:
        _give_up(claim, error)
        raise
    memberships.apply(job.account.pk, fetched, claim)


def _give_up(claim: Claim, error: ApiError) -> None:
    """Note the error. That a player has to connect the account again is no failure of the site."""
    if isinstance(error, ConnectAgain):
        transitions.park(claim.jobs, claim=claim, error_kind=error.kind)
    else:
        transitions.fail(claim.jobs, error, claim=claim)


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
KINDS = (TOKENS, PLAYERS, MANIFEST)
