"""The guard of pages about a player's own Destiny data. Who looks gets newer data, and sees how old it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.live_updates import update_response
from accounts.signed_in import SignedInRequest, signed_in
from destiny.door import OwnDestiny, own_destiny
from destiny.models import DestinyProfile
from sync.destiny.failure_reasons import reason
from sync.destiny.jobs import BungieJob
from sync.destiny.pages.notices import notices_of
from sync.destiny.refresh import refresh_profile

P = ParamSpec("P")
FORM_METHODS = ("GET", "HEAD", "POST")
OF_MEMBERSHIPS = (BungieJob.Kind.PROFILE, BungieJob.Kind.PROGRESS, BungieJob.Kind.VENDORS)
View = Callable[Concatenate[SignedInRequest, OwnDestiny, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class Freshness:
    """The age of data, and the reason why it is not newer. `live` is the address to ask while it is being fetched."""

    minted_at: datetime | None
    checked_at: datetime | None
    failure: str
    next_attempt_at: datetime | None
    live: str
    version: str


def own_page(view: View[P]) -> Callable[..., HttpResponse]:
    """Guard a page about the player's own guardians and items, and have them fetched if the last answer is old.

    Without a Bungie account it says how to connect one; an address of one thing, such as an item, is not found.
    """

    return require_safe(_guarded(view))


def own_form(view: View[P]) -> Callable[..., HttpResponse]:
    """Guard a page with a form in the same way."""
    return require_http_methods(FORM_METHODS)(_guarded(view))


def own_action(view: View[P]) -> Callable[..., HttpResponse]:
    """Guard a button in the same way."""
    return require_POST(_guarded(view))


def _guarded(view: View[P]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        own = own_destiny(request.user)
        if own is not None:
            if request.method != "POST":
                refresh_profile(own.membership)
            return view(request, own, *args, **kwargs)
        if kwargs or request.method == "POST":
            raise Http404
        return render(
            request, "destiny/not_connected.html", {"freshness": freshness_of(None, _jobs_of(request.user.pk))}
        )

    return signed_in(cast(Any, guarded))


def head_of(own: OwnDestiny, kind: BungieJob.Kind = BungieJob.Kind.PROFILE) -> dict[str, Any]:
    """Return what `destiny/_head.html` shows: whose data it is, how old that of this kind is, and what Bungie hides."""
    profile = own.profile
    freshness = freshness_of(profile, _jobs_of(own.account.user_id), kind)
    return {"own": own, "profile": profile, "freshness": freshness, "notices": notices_of(profile)}


@require_safe
@signed_in
def updates(request: SignedInRequest) -> HttpResponse:
    """Say whether the player's Destiny data is being fetched."""
    jobs = _jobs_of(request.user.pk)
    if not jobs:
        raise Http404
    return update_response(request, version=_version_of(jobs), is_busy=any(map(_is_busy, jobs)))


def _jobs_of(user: UUID) -> list[BungieJob]:
    """Return the jobs that the pages show, in one statement."""
    of_memberships = Q(kind__in=OF_MEMBERSHIPS, membership__account__user_id=user)
    memberships = Q(kind=BungieJob.Kind.MEMBERSHIPS, account__user_id=user)
    return list(BungieJob.objects.filter(of_memberships | memberships).order_by("kind"))


def freshness_of(
    profile: DestinyProfile | None, jobs: Sequence[BungieJob], kind: BungieJob.Kind = BungieJob.Kind.PROFILE
) -> Freshness:
    """Return how old the data of this kind of the profile's membership is."""
    own = [job for job in jobs if profile is not None and job.membership_id == profile.membership_id]
    job = next((one for one in own if one.kind == kind), None) or (jobs[0] if jobs and not own else None)
    checked_at = job.succeeded_at if job else None
    return Freshness(
        # Only a profile says when Bungie made it.
        minted_at=(profile.minted_at if profile else None) if kind == BungieJob.Kind.PROFILE else checked_at,
        checked_at=checked_at,
        failure=reason(job),
        next_attempt_at=job.next_due_at if job and job.state == BungieJob.State.DUE else None,
        live=reverse("destiny:updates") if any(map(_is_busy, jobs)) else "",
        version=_version_of(jobs),
    )


def _is_busy(job: BungieJob) -> bool:
    """Return whether it runs or is about to, and does not wait after an error."""
    return job.is_in_flight or (job.state == BungieJob.State.DUE and not job.error_kind)


def _version_of(jobs: Sequence[BungieJob]) -> str:
    """Return a text that changes when data has been fetched."""
    attempts = [job.attempted_at.timestamp() for job in jobs if job.attempted_at is not None]
    return f"{max(attempts, default=0)}-{int(any(map(_is_busy, jobs)))}"
