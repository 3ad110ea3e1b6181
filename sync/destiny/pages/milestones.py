"""The milestones of the week with their rewards, and what the player's guardians have done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from destiny.door import own_destiny
from destiny.manifest.readers import manifest_of
from destiny.vendors.weekly import milestone_lines
from sync.destiny.jobs import BungieJob
from sync.destiny.pages.own import head_of
from sync.destiny.refresh import refresh
from sync.destiny.vendor_kinds import of_the_game

Kind = BungieJob.Kind


@require_safe
def milestones(request: HttpRequest) -> HttpResponse:
    """Show the milestones, also to visitors; to players with what their guardians have done."""
    own = own_destiny(request.user) if request.user.is_authenticated else None
    guardians = list(own.guardians) if own else []
    if own and guardians:
        refresh(Kind.PROGRESS, own.membership)
    manifest = manifest_of(request)
    context = {
        **(head_of(own, Kind.PROGRESS) if own else {}),
        "manifest": manifest,
        "guardians": guardians,
        "lines": milestone_lines(manifest, guardians) if manifest else [],
        "job": of_the_game(Kind.MILESTONES).first(),
    }
    return render(request, "destiny/milestones.html", context)
