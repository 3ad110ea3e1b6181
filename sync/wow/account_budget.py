"""How many requests one person may cause by signing in or refreshing again and again.

Within an hour at most as many as ONBOARDINGS whole onboardings: an account index for each region, two collections where
there are characters, and the details of each character.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from characters.models import Character
from sync.engine import claims
from sync.engine.errors import ApiError, Forbidden, Postponed, RateLimited, TokenExpired
from sync.models import AccountFetch
from sync.wow.locks import lock_account

ONBOARDINGS = 3
WINDOW = timedelta(hours=1)


class OverBudget(RateLimited):
    """The person has caused all the requests that they may cause for now."""

    kind = "over_budget"


@transaction.atomic
def reserve(*, user: User, region: str) -> AccountFetch:
    """Count a fetch of the region at what it is expected to cost. Raises OverBudget, with the time to wait."""
    # A person whose account is being deleted has no job any more.
    claims.ensure_held()
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
    """Count the fetch at what it did cost."""
    requests = 1 + (2 + details if has_characters else 0)
    AccountFetch.objects.filter(pk=fetch.pk).update(requests=requests)


def correct_failed(fetch: AccountFetch, error: ApiError) -> None:
    """Count a fetch that failed: without details, and not at all when nothing was sent."""
    is_unsent = error.status is None and isinstance(error, TokenExpired | Forbidden | Postponed)
    AccountFetch.objects.filter(pk=fetch.pk).update(requests=0 if is_unsent else min(fetch.requests, 3))


def _costs(user: User) -> dict[str, int]:
    """Requests of a whole fetch, by region. No details are asked of characters that await a rename."""
    known = Character.objects.of(user).exclude(name__regex=r"\d").order_by()
    counts = dict(known.values_list("region").annotate(Count("pk")))
    return {region: 1 + (2 + counts[region] if region in counts else 0) for region in settings.BLIZZARD_REGIONS}
