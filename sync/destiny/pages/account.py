"""The page where players connect their Bungie account, choose a membership and disconnect it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.signed_in import SignedInRequest, signed_in
from destiny import accounts
from destiny.models import BungieAccount
from sync.destiny.failure_reasons import reason
from sync.destiny.jobs import BungieJob
from sync.engine.refresh import can_refresh_at, request_refresh
from sync.refresh_button import start_refresh


@require_safe
@signed_in
def bungie(request: SignedInRequest) -> HttpResponse:
    """Show the player's own Bungie account, or the button that connects one."""
    account = BungieAccount.objects.filter(user=request.user).first()
    return render(request, "destiny/account.html", _context(account) if account else {"account": None})


def _context(account: BungieAccount) -> dict[str, object]:
    memberships = [one for one in account.memberships.all() if one.unlinked_at is None]
    candidates = accounts.candidates(memberships)
    job = BungieJob.objects.filter(account=account, kind=BungieJob.Kind.MEMBERSHIPS).first()
    return {
        "account": account,
        "memberships": memberships,
        "current": accounts.current_membership(account, memberships),
        "candidates": candidates if len(candidates) > 1 else [],
        "job": job,
        "reason": reason(job),
        "again_at": can_refresh_at(job),
    }


@require_POST
@signed_in
def refresh(request: SignedInRequest) -> HttpResponse:
    """Read the memberships, and the guardians and items of those that count, from Bungie now."""
    account = BungieAccount.objects.filter(user=request.user).first()
    if account is None or not account.is_connected:
        messages.error(request, _("Connect your Bungie account first."))
    else:
        own = Q(account=account, kind=BungieJob.Kind.MEMBERSHIPS)
        counting = accounts.candidates(account.memberships.all())
        jobs = BungieJob.objects.filter(own | Q(membership__in=counting, kind=BungieJob.Kind.PROFILE))
        start_refresh(request, lambda: request_refresh(jobs), _("Your Destiny data is being fetched."))
    return redirect("account_bungie")


@require_POST
@signed_in
def choose(request: SignedInRequest) -> HttpResponse:
    """Let one of the player's memberships count."""
    try:
        chosen = UUID(request.POST.get("membership", ""))
    except ValueError:
        chosen = UUID(int=0)
    if accounts.choose_membership(user=request.user, membership_id=chosen):
        messages.success(request, _("Membership saved."))
    else:
        messages.error(request, _("Choose one of your memberships."))
    return redirect("destiny:home" if request.POST.get("next") == "destiny" else "account_bungie")


@require_POST
@signed_in
def disconnect(request: SignedInRequest) -> HttpResponse:
    """Delete the player's Bungie account here, with its tokens and its data."""
    try:
        if accounts.disconnect(user=request.user):
            messages.success(request, _("Bungie account disconnected. Its data is deleted here."))
    except accounts.OnlyWayIn:
        text = _("You sign in with this Bungie account. To remove it, delete your account.")
        messages.error(request, text)
    return redirect("account_bungie")
