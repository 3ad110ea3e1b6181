"""A player's own Destiny data in the API: found as on the pages, and fetched if the last answer is old."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, cast

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from accounts.models import User
from api.authentication import require
from destiny.api.area import VIEW
from destiny.door import OwnDestiny, own_destiny
from destiny.manifest.readers import manifest_of
from destiny.models import DestinyMembership, DestinyProfile
from sync.destiny.jobs import BungieJob
from sync.destiny.pages.own import freshness_of
from sync.destiny.refresh import refresh_profile

MembershipId = Annotated[
    str, Query(max_length=20, description="The id of one of your memberships; by default that which you play.")
]


class Freshness(BaseModel):
    """The age of a membership's data. Requesting it also has newer data fetched, at most once a minute."""

    as_of: datetime | None = Field(description="When Bungie made it; null before the first answer.")
    checked_at: datetime | None = Field(description="When it was last fetched with success.")
    is_being_fetched: bool
    failure: str = Field(description="Why the last attempt failed; empty if it did not.")
    next_attempt_at: datetime | None
    hidden: dict[str, str] = Field(
        description="The parts that Bungie's answer lacks, and why: private, disabled or missing. They are as before."
    )


def own_or_none(request: HttpRequest, membership: str = "") -> OwnDestiny | None:
    """Return what the reader owns, None without a Bungie account or memberships.

    Raises PermissionDenied if the token does not include it, and Http404 for somebody else's membership.
    """
    user = cast(User, request.user)
    require(user, VIEW)
    return own_destiny(user, membership)


def own_or_404(request: HttpRequest, membership: str = "") -> OwnDestiny:
    """Return what the reader owns, and have it fetched if it is old.

    Raises PermissionDenied, and Http404 also if there is nothing.
    """
    own = own_or_none(request, membership)
    if own is None:
        raise Http404
    refresh_profile(own.membership)
    return own


def freshness_by_membership(memberships: Sequence[DestinyMembership]) -> dict[DestinyMembership, Freshness]:
    """Return how old the data of each membership is; their profiles must be loaded."""
    jobs = BungieJob.objects.filter(kind=BungieJob.Kind.PROFILE, membership__in=memberships)
    by_membership = {job.membership_id: job for job in jobs}
    return {one: _freshness(_profile_of(one), by_membership.get(one.pk)) for one in memberships}


def _profile_of(membership: DestinyMembership) -> DestinyProfile | None:
    return getattr(membership, "profile", None)


def _freshness(profile: DestinyProfile | None, job: BungieJob | None) -> Freshness:
    found = freshness_of(profile, [job] if job else [])
    return Freshness(
        as_of=found.minted_at,
        checked_at=found.checked_at,
        is_being_fetched=bool(found.live),
        failure=found.failure,
        next_attempt_at=found.next_attempt_at,
        hidden=profile.hidden if profile else {},
    )


def names_of(request: HttpRequest, wanted: Mapping[str, set[int]]) -> dict[tuple[str, int], str]:
    """Return the names of definitions by table and hash, empty before the manifest is loaded."""
    manifest = manifest_of(request)
    places = {(table, str(one)) for table, hashes in wanted.items() for one in hashes}
    found = manifest.names_at(places) if manifest is not None else {}
    return {(table, int(key)): name for (table, key), name in found.items()}


def picture(path: str) -> str | None:
    """Return the address of a picture on Bungie's site."""
    return f"{settings.BUNGIE_URL}{path}" if path else None
