"""The addresses with which other clients of Bungie's API begin and end a sign-in; both lead to the site's own."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from ninja import Router

from api.errors import ERRORS
from api.problem import Problem

router = Router(tags=["sign-in"])


@router.get("/login", response={302: None, ERRORS: Problem}, auth=None, url_name="bungie_login")
def login(request: HttpRequest) -> HttpResponse:
    """Redirect to the page with the button that signs in with Bungie, or connects an account of who is signed in.

    The page sends the player to Bungie by POST: nobody is signed in, and no account connected, by following a link.
    """
    return cast(HttpResponse, redirect("account_bungie" if request.user.is_authenticated else "bungie_login"))


@router.get("/callback", response={302: None, ERRORS: Problem}, auth=None, url_name="bungie_callback")
def callback(request: HttpRequest) -> HttpResponse:
    """Redirect to the redirect URL that is registered with Bungie, with the code and the state of the query."""
    return redirect(f"{reverse('bungie_callback')}?{request.GET.urlencode()}")
