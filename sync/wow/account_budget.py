"""A limit on the requests that one player can cause by signing in or refreshing repeatedly.

Within an hour, the requests of ONBOARDINGS complete onboardings: an account index for each region, two collections
where there are characters, and the profile of each character.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from sync.engine.claims import Claim
from sync.engine.errors import ApiError, Forbidden, Postponed, RateLimited, TokenExpired
from sync.models import AccountFetch
from sync.wow.matching import lock_account

ONBOARDINGS = 3
WINDOW = timedelta(hours=1)


class OverBudget(RateLimited):
    """The player has used up the requests of the last hour."""

    kind = "over_budget"


@transaction.atomic
def reserve(*, user: User, region: str, claim: Claim) -> AccountFetch:
    """Reserve the expected requests of a region's fetch. Raises OverBudget, with the time to wait."""
    # There is no job any more while the player's account is being deleted.
    claim.ensure_held()
    lock_account(user)
    now = timezone.now()
    AccountFetch.objects.filter(user=user, started_at__lte=now - WINDOW).delete()
    costs = _costs(user)
    cost = costs.get(region, 1)
    excess = sum(AccountFetch.objects.filter(user=user).values_list("requests", flat=True)) + cost
    excess -= ONBOARDINGS * sum(costs.values())
    if excess <= 0:
        return AccountFetch.objects.create(user=user, started_at=now, requests=cost)
    ends = now
    for fetch in AccountFetch.objects.filter(user=user).order_by("started_at"):
        ends = fetch.started_at + WINDOW
        excess -= fetch.requests
        if excess <= 0:
            break
    raise OverBudget("/profile/user/wow", retry_after=max((ends - now).total_seconds(), 1.0))


def correct(fetch: AccountFetch, *, details: int, has_characters: bool) -> None:
    """Set what the fetch has really cost."""
    requests = 1 + (2 + details if has_characters else 0)
    AccountFetch.objects.filter(pk=fetch.pk).update(requests=requests)


def correct_failed(fetch: AccountFetch, error: ApiError) -> None:
    """Set what a failed fetch has cost: no profiles, and nothing at all when no request was sent."""
    is_unsent = error.status is None and isinstance(error, TokenExpired | Forbidden | Postponed)
    AccountFetch.objects.filter(pk=fetch.pk).update(requests=0 if is_unsent else min(fetch.requests, 3))


def _costs(user: User) -> dict[str, int]:
    """Return the requests of a complete fetch by region; characters that need a rename have no profile."""
    known = Character.objects.of(user).exclude(name__regex=r"\d").order_by()
    counts = dict(known.values_list("region").annotate(Count("pk")))
    return {region: 1 + (2 + counts[region] if region in counts else 0) for region in settings.BLIZZARD_REGIONS}
