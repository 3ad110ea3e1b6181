"""What a refresh button answers, on the pages of all games."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.templatetags.freshness import in_words
from sync.engine.refresh import TooSoon


def start_refresh(request: HttpRequest, start: Callable[[], None], done: str) -> None:
    """Start a refresh, and tell the player that it is `done` or when they can try again."""
    try:
        start()
    except TooSoon as error:
        span = in_words(timezone.now() - error.again_at)
        messages.error(request, _("Refreshed a moment ago. You can refresh again %(span)s.") % {"span": span})
    else:
        # Not a success yet: the provider can still refuse, and then the page asks to sign in again.
        messages.info(request, done)
