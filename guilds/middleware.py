"""The page for players whose link gives no permissions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from guilds.access import UnconfirmedLink

FORBIDDEN = 403


class UnconfirmedLinkMiddleware(MiddlewareMixin):
    """Answers UnconfirmedLink with a page that says why, and what to do."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, UnconfirmedLink):
            return None
        return render(request, "guilds/unconfirmed_link.html", {"place": exception.place}, status=FORBIDDEN)
