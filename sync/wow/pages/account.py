"""The overview of a player's account."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import BattlenetToken
from accounts.signed_in import SignedInRequest, signed_in
from sync.wow.pages.player_jobs import account_jobs


@require_safe
@signed_in
def account(request: SignedInRequest) -> HttpResponse:
    """Show who the player is, what Battle.net shares, and how old the list of characters is."""
    user = request.user
    context = {
        "token": BattlenetToken.objects.filter(user=user).first(),
        "character_count": user.characters.count(),
        "jobs": account_jobs(user),
    }
    return render(request, "sync/account.html", context)
