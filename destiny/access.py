"""The guard of Destiny's pages. That they exist only while Destiny is on is decided by their URLs."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


def destiny_page(view: View) -> View:
    """Guard a page for players who are signed in."""
    return require_safe(login_required(view))
