"""The page for players whose link gives no permissions."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guilds.access import UnconfirmedLink

FORBIDDEN = 403


class UnconfirmedLinkMiddleware:
    """Answers UnconfirmedLink with a page that says why, and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, UnconfirmedLink):
            return None
        return render(request, "guilds/unconfirmed_link.html", {"place": exception.place}, status=FORBIDDEN)
