"""The language and time zone of the reader of a page."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.signals import request_finished
from django.db import Error
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User


class ReaderLocale:
    """Activates what a player chose; for everybody else Django's LocaleMiddleware has chosen by cookie or browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = _reader(request)
        if user is None:
            return self.get_response(request)
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zone_of(user.time_zone)):
            return self.get_response(request)


@receiver(request_finished, dispatch_uid="accounts.deactivate_language")
def deactivate_language(**kwargs: Any) -> None:
    """Give the thread the site's own language back, once the response is sent; LocaleMiddleware leaves the reader's."""
    translation.deactivate()


def _reader(request: HttpRequest) -> User | None:
    # Without a session there is no user to read.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    try:
        return request.user if isinstance(request.user, User) else None
    except Error:
        # A page that needs no database, such as that of an error, is answered without it.
        return None


@lru_cache(maxsize=1000)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone; None, which is the site's own, for an empty name or one that no longer exists."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
