"""The language and time zone of whoever reads a page."""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User


class ReaderLocale:
    """Activates what a player chose; for everybody else Django's LocaleMiddleware has chosen by cookie or browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session there is no user to read.
        user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if not isinstance(user, User):
            return self.get_response(request)
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zone_of(user.time_zone)):
            return self.get_response(request)


@lru_cache(maxsize=1000)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone; None, which is the site's own, for an empty name or one that no longer exists."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
