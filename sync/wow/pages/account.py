"""The overview of a player's account."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import BattlenetToken, User
from sync.wow.pages.player_jobs import account_jobs


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show who the player is, what Battle.net shares, and how old the list of characters is."""
    user = cast(User, request.user)
    context = {
        "token": BattlenetToken.objects.filter(user=user).first(),
        "character_count": user.characters.count(),
        "jobs": account_jobs(user),
    }
    return render(request, "sync/account.html", context)
