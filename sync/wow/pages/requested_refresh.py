"""Refreshing on request, with a message to the player."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.templatetags.freshness import in_words
from sync.wow.refresh import TooSoon


def request_refresh(request: HttpRequest, refresh: Callable[[], None], done: str) -> None:
    """Call `refresh`, and tell the player that it is done or when they can try again."""
    try:
        refresh()
    except TooSoon as error:
        span = in_words(timezone.now() - error.again_at)
        messages.error(request, _("Refreshed a moment ago. You can refresh again %(span)s.") % {"span": span})
    else:
        messages.success(request, done)
