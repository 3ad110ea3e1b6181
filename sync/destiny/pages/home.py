"""The first page of Destiny: the player's guardians."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.signed_in import SignedInRequest
from destiny.door import OwnDestiny
from sync.destiny.pages.own import head_of, own_page


@own_page
def home(request: SignedInRequest, own: OwnDestiny) -> HttpResponse:
    """Show the player's guardians."""
    return render(request, "destiny/home.html", {**head_of(own), "guardians": own.guardians})
