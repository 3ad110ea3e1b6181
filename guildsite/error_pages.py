"""Error pages, which must work whatever else is broken."""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape

from api.problem import problem

# Programs get these errors in the shape of all errors of the API.
API = "/api/"
logger = logging.getLogger(__name__)
# Used when no template can be rendered.
LAST_RESORT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title} · Guildsite</title>
<h1>{title}</h1>
<p>Try again in a minute.</p>
<p><a href="/">Home page</a></p>
</html>
"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return a 400 without reading more than the path of the request, which can be what is broken."""
    return _page(request, HTTPStatus.BAD_REQUEST, "400.html")


def too_large(request: HttpRequest) -> HttpResponse:
    """Return a 413 for a body larger than DATA_UPLOAD_MAX_MEMORY_SIZE."""
    return _page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "413.html")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return a 403 with the user's menu."""
    return _page(request, HTTPStatus.FORBIDDEN, "403.html", with_menu=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return a 403 for a missing or wrong CSRF token."""
    return _page(request, HTTPStatus.FORBIDDEN, "403_csrf.html", with_menu=True)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return a 404 with the user's menu."""
    return _page(request, HTTPStatus.NOT_FOUND, "404.html", with_menu=True)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return a 500 without database, session and context processors."""
    return _page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "500.html")


def took_too_long(request: HttpRequest) -> HttpResponse:
    """Return a 503 for a statement timeout."""
    return _page(request, HTTPStatus.SERVICE_UNAVAILABLE, "503.html")


def _page(request: HttpRequest, status: HTTPStatus, template: str, *, with_menu: bool = False) -> HttpResponse:
    if request.path_info.startswith(API):
        return problem(status)
    # If the page can't be rendered with the user's menu, it is rendered without.
    for context in [request, None] if with_menu else [None]:
        try:
            return HttpResponse(render_to_string(template, request=context), status=status)
        except Exception as error:
            # Any error: an error page must not fail because of another error.
            logger.warning("The page %s could not be rendered: %s", template, type(error).__name__)
    return HttpResponse(LAST_RESORT.format(title=escape(status.phrase)), status=status)
