"""The guard of Destiny's pages: they exist while Destiny is on, for players who are signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


def destiny_page(view: View) -> View:
    """Answer 404 while Destiny is off, and let visitors sign in first."""
    guarded = require_safe(login_required(view))

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DESTINY_ENABLED:
            raise Http404
        return guarded(request, *args, **kwargs)

    return page
