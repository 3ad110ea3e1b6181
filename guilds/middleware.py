"""Middleware of guilds."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guilds.access import UnconfirmedLink

FORBIDDEN = 403


class UnconfirmedLinkMiddleware:
    """Says on a page of its own why a player's character gives no permissions at present, and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer in place of the page for all other refusals."""
        if not isinstance(exception, UnconfirmedLink):
            return None
        return render(request, "guilds/unconfirmed_link.html", {"place": exception.place}, status=FORBIDDEN)
