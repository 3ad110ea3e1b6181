"""The first page of Destiny: the player's guardians, of all memberships that can count."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.signed_in import SignedInRequest
from destiny import game
from destiny.door import OwnDestiny
from destiny.guardian_cards import cards_of
from destiny.manifest.readers import manifest_of
from sync.destiny.pages.own import head_of, own_page
from sync.destiny.refresh import refresh_profile


@own_page
def home(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Show the player's guardians."""
    for one in own.memberships:
        if one != own.membership:
            refresh_profile(one)
    manifest = manifest_of(request)
    cards = cards_of(own.memberships, manifest)
    context = {
        **head_of(own),
        "manifest": manifest,
        "memberships": [(one, cards[one.pk]) for one in own.memberships],
        "has_guardians": any(cards.values()),
        "postmaster_size": game.LOST_ITEMS_SIZE,
    }
    return render(request, "destiny/home.html", context)
